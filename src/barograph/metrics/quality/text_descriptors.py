"""What texts are like in the mean."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from barograph.metric import Metric, label, selected
from barograph.metrics.quality.readings import Reading, lacking
from barograph.needs import DESCRIPTORS, LEARNED, Need
from barograph.profile import Profile
from barograph.results import Result, Spec, Value
from barograph.schema import Kind, Schema


@dataclass(frozen=True)
class TextDescriptors(Metric):
    """Means over the texts of a column: of their length, words and sentences, and of what their characters are.

    - `length` in characters; the shares of `letters`, `digits`, `spaces` and `others` among them, and of `non_letters`
      (neither letters nor spaces), of texts that are not empty;
    - `words`: runs of letters, digits and inner apostrophes, in any script;
    - `sentences`: ends by `.`, `!`, `?` or `…` before a space or the end (`。` anywhere), and one more for a rest with
      words in it; abbreviations count as ends;
    - `unseen_words`: the share of a text's words, in lower case, that a vocabulary frozen from half of the reference's
      texts does not have (at most 20,000 words, kept as hashes). The reference's own is counted on the other half, and
      is what to expect under no change; without a baseline there is none.

    In the units named, none better. Exact up to rounding; `se` = std / sqrt(n). Nulls are left out; no texts: `None`.
    Cost: some passes over the texts, only where this metric is asked for.

    >>> from barograph import Profile, Schema
    >>> metric = TextDescriptors()
    >>> rows = {"note": ["It is late. Go!", "No 5"]}
    >>> profile = Profile.of(rows, schema=Schema(kinds={"note": "text"}), needs=metric.needs)
    >>> found = {v.labels["view"]: v.value for v in metric.compute(profile, None).values}
    >>> {view: found[view] for view in ("words", "sentences")}
    {'words': 3.0, 'sentences': 1.5}
    """

    column: str | None = None

    spec: ClassVar[Spec] = Spec(
        name="text_descriptors",
        title="Texts in the mean",
        group="quality",
        help="Means of length, words, sentences and kinds of characters of the texts.",
        reference="optional",
    )

    def needs(self, schema: Schema) -> Iterator[Need]:
        for column in self._columns(schema):
            if schema.kinds.get(column) is Kind.TEXT:
                yield Need("counts", (column,))
                yield from (Need("moments", (column,), view) for view in DESCRIPTORS)

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        columns = self._columns((reference or current).schema)
        values = [_value(current, reference, column, view) for column in columns for view in DESCRIPTORS]
        return self.result(values, note="" if columns else "there is no text column; kinds say which one is: note=text")

    def _columns(self, schema: Schema) -> tuple[str, ...]:
        return selected(schema, self.column, (c for c in schema.features if schema.kinds[c] is Kind.TEXT))


def _value(current: Profile, reference: Profile | None, column: str, view: str) -> Value:
    kind = (reference or current).schema.kinds.get(column)
    if kind is not Kind.TEXT:
        why = f"the schema has no column {column!r}"
        if kind is not None:
            why = f"column {column!r} is {kind.value}; text_descriptors is for text"
        return Value(None, label(column, view), note=why)
    now = _reading(current, column, view)
    then = _reading(reference, column, view) if reference else Reading(None)
    return Value(
        now.value, label(column, view), now.n, se=now.se, reference=then.value, reference_se=then.se, note=now.note
    )


def _reading(profile: Profile, column: str, view: str) -> Reading:
    moments = profile.get("moments", column, view=view)
    if moments is None and view in LEARNED and profile.baseline_id is None:
        return Reading(None, note="needs the words of a reference: Profile.of(rows, baseline)")
    why = lacking(profile, column, "moments", moments)
    if why or moments.mean is None:
        return Reading(None, note=why or "no text to tell it from")
    se = None if moments.std is None else moments.std / math.sqrt(moments.n)
    return Reading(moments.mean, moments.n, se=se)
