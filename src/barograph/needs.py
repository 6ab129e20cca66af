"""What a metric asks of a profile, and what a profile holds when nobody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

import msgspec

from barograph.schema import Kind, Schema
from barograph.summaries.holds import EXAMPLES_AT_MOST

TEXT_VIEWS = ("length", "letters", "digits", "spaces", "others")
AXES = ("axis_1", "axis_2", "axis_3", "axis_4")
EMBEDDING_VIEWS = ("norm", "cosine", *AXES)

# Views that are seen through what a baseline learned of the reference: the summary that holds it, and its own view.
LEARNED = dict.fromkeys(("cosine", *AXES), ("embedding", "vector")) | {"unseen_words": ("vocabulary", "all_words")}

# What a text can be described by; a profile holds only `TEXT_VIEWS` of it unless a metric asks for more.
DESCRIPTORS = (*TEXT_VIEWS, "non_letters", "words", "sentences", "unseen_words")


class Need(msgspec.Struct, frozen=True, order=True):
    """One summary over one or more columns: what a metric asks, and the key under which a profile keeps it.

    `view` is what of the column is summarised: its `value`; of text its `length` in characters and the shares of
    `letters`, `digits`, `spaces` and `others` among them, the share of `non_letters`, the number of `words` and
    `sentences`, the share of words that the reference did not have (`unseen_words`), or how many characters lie in a
    range of Unicode (`characters ...`); of an embedding its Euclidean `norm`, its `cosine` to the centroid of the
    reference, and how far it lies from there along four principal directions of the reference (`axis_1` to `axis_4`).
    `label` is the class that a score column belongs to, or says that only a baseline keeps it (`of_reference`).
    Of `holds` the label is the condition, and the view how many examples are kept. Equal needs are computed once.
    """

    summary: str
    columns: tuple[str, ...] = ()
    view: str = "value"
    label: str = ""


ROWWISE = frozenset({"holds", "incomplete", "repeats", "types"})
"""Summaries that read rows as they were stored, of whatever columns: fed one by one, they suit columns of any kind."""

Needs: TypeAlias = Callable[[Schema], Iterable[Need]]  # what is wanted of a completed schema


REFERENCE = "reference"


def of_reference(need: Need) -> bool:
    """Whether only a baseline keeps a summary, and never the profiles that are held against it.

    >>> of_reference(Need("cellmoments", ("age",), label="reference")), of_reference(Need("bins", ("age",)))
    (True, False)
    """
    return need.summary == "cellmoments" and need.label == REFERENCE


def condition_need(text: str, columns: tuple[str, ...], examples: int = 0) -> Need:
    """How many rows hold a condition, with a few that break it where they are asked for."""
    return Need("holds", columns, f"{examples} examples" if examples else "value", text)


def kept_examples(need: Need) -> int:
    """How many examples the need of a condition asks for; 0 where a file says something else."""
    number = need.view.removesuffix(" examples")
    return min(int(number), EXAMPLES_AT_MOST) if number.isdecimal() and len(number) < 3 else 0


def views(kind: Kind) -> tuple[str, ...]:
    """The views of a column in which it can drift.

    >>> views(Kind.NUMERIC), views(Kind.TEXT)
    (('value',), ('length', 'letters', 'digits', 'spaces', 'others'))
    """
    return {Kind.TEXT: TEXT_VIEWS, Kind.EMBEDDING: EMBEDDING_VIEWS}.get(kind, ("value",))


def with_learned(needs: Iterable[Need]) -> dict[Need, None]:
    """Needs, each once, with those of what their views are seen through.

    >>> [need.summary for need in with_learned([Need("moments", ("e",), "cosine")])]
    ['embedding', 'moments']
    """
    found: dict[Need, None] = {}
    for need in needs:
        if need.view in LEARNED:
            summary, view = LEARNED[need.view]
            found[Need(summary, need.columns, view)] = None
        found[need] = None
    return found


def default_needs(schema: Schema, anchored: bool) -> tuple[Need, ...]:
    """Everything that drift, quality and performance metrics of a completed schema read.

    `anchored` adds the counts in a baseline's bins.
    """
    needs = [Need("columns")]
    for column in schema.profiled:
        needs += _column_needs(schema, column, anchored)
    return tuple(dict.fromkeys(needs + performance_needs(schema)))


def _column_needs(schema: Schema, column: str, anchored: bool) -> list[Need]:
    kind, names = schema.kinds[column], (column,)
    needs = [Need("counts", names), Need("distinct", names)]
    if schema.roles.get(column) == "id":
        return needs
    for view in views(kind):
        if view in LEARNED and not anchored:
            continue
        if kind.ordered:
            needs += [Need("moments", names, view), Need("quantiles", names, view)]
        if anchored:
            needs.append(Need("bins" if kind.ordered else "categories", names, view))
    if kind not in (Kind.TEXT, Kind.EMBEDDING):
        needs.append(Need("topk", names))
    if kind is Kind.EMBEDDING and anchored:
        needs.append(Need("embedding", names, "vector"))
    if kind is Kind.CATEGORICAL:
        needs.append(Need("moments", names, "length"))
    return needs


def counted_needs(schema: Schema) -> tuple[Need, ...]:
    """`default_needs` against a baseline without sketches of numbers: cells and sums, which are small in small windows.

    >>> schema = Schema(kinds={"age": "numeric"})
    >>> [need.summary for need in counted_needs(schema)]
    ['columns', 'counts', 'moments', 'bins']
    """

    def sketch(need: Need) -> bool:
        kind = schema.kinds.get(need.columns[0]) if len(need.columns) == 1 else None
        few = need.summary in ("distinct", "topk") and kind is not None and not kind.ordered
        return need.summary in ("quantiles", "distinct", "topk") and not few

    return tuple(need for need in default_needs(schema, anchored=True) if not sketch(need))


def performance_needs(schema: Schema) -> list[Need]:
    """Target beside prediction or score: what the performance metrics of a completed schema read."""
    if schema.target is None or schema.task == "ranking":
        return []
    if schema.task == "regression":
        return [Need("residuals", (schema.target, schema.prediction))] if schema.prediction else []
    needs = []
    if schema.prediction:
        needs.append(Need("confusion", (schema.target, schema.prediction)))
    elif schema.binary and schema.score:
        needs.append(Need("confusion", (schema.target, *schema.scores.values())))
    return needs + [Need("scores", (schema.target, column), label=label) for label, column in schema.scores.items()]
