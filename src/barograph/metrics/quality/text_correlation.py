"""How numbers go together with what texts are like."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.errors import ParameterError
from barograph.joint import described, held
from barograph.metric import Metric, selected
from barograph.metrics.quality.association import fisher
from barograph.metrics.quality.pairs import DRAWN_AT_MOST, ROWS_AT_LEAST, number
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Figure, Heat, Result, Spec, Value
from barograph.schema import Kind, Schema
from barograph.summaries import CrossMoments

VIEWS = ("length", "words", "sentences", "non_letters")


@dataclass(frozen=True)
class TextCorrelation(Metric):
    """Pearson's r between each numeric column and the length, words, sentences and share of non-letters of a text.

    Range -1 to 1, 0 where neither rises with the other; neither direction is better, and it stays as it was when
    nothing has changed. Of rows with both; an empty text has no share of non-letters. Numbers are those of `pearson`:
    target, prediction, scores and features, true is 1. The `pairs` strongest have values, with the labels `column` (the
    text), `view` and `other`; the figure has all, up to 40 columns. Exact up to rounding; standard error (1 - r^2) /
    sqrt(n - 3), of a normal law. Fewer than three rows with both, or one that does not vary: `None`. Cost: see
    `CrossMoments`, four of them, and some passes over the texts; up to 256 columns.

    Pearson (1896); Fisher (1915) for the error.

    >>> from barograph import Report, Schema
    >>> rows = {"note": ["Late.", "Late. Again.", "Late. Again. So."], "days": [1, 2, 3]}
    >>> run = Report([TextCorrelation()]).run(rows, schema=Schema(kinds={"note": "text"}))
    >>> round(run.value("text_correlation", column="note", view="words", other="days"), 9)
    1.0
    """

    column: str | None = None
    pairs: int = 100

    spec: ClassVar[Spec] = Spec(
        name="text_correlation",
        title="Correlation with texts",
        group="quality",
        help="Pearson's r of each number with the length, words, sentences and non-letters of a text.",
        range=(-1.0, 1.0),
        reference="optional",
    )

    def __post_init__(self) -> None:
        if isinstance(self.pairs, bool) or not isinstance(self.pairs, int) or self.pairs < 1:
            raise ParameterError(f"{self.pairs!r} pairs cannot be listed; give 1 or more")

    def needs(self, schema: Schema) -> Iterable[Need]:
        return [need for view in VIEWS for need in described(schema, self._texts(schema), view)]

    def _texts(self, schema: Schema) -> tuple[str, ...]:
        texts = selected(schema, self.column, schema.features)
        return tuple(c for c in texts if schema.kinds.get(c) is Kind.TEXT)

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        schema = (reference or current).schema
        texts = self._texts(schema)
        if not texts:
            why = "there is no text column" if self.column is None else f"{self.column!r} is no text column"
            return self.result([], note=why)
        needs = list(self.needs(schema))
        if not needs:
            return self.result([], note="there is no column of numbers beside the texts")
        if any(held(current.summaries, need) is None for need in needs):
            return self.result(
                [], note="the profile was made without texts beside numbers: Profile.of(rows, needs=...) with this "
                "metric's needs"
            )  # fmt: skip
        found: list[tuple[float, Value]] = []
        figures: list[Figure] = []
        sides = {"current": current} if reference is None else {"reference": reference, "current": current}
        others = [c for c in needs[0].columns if schema.kinds[c] is not Kind.TEXT]
        for text in (t for t in texts if t in needs[0].columns):
            tables = {name: [_side(profile, need, text, others) for need in needs] for name, profile in sides.items()}
            found += _values(text, others, tables)
            figures += [f for name, side in tables.items() if (f := _heat(text, others, name, side)) is not None]
        ranked = sorted(found, key=lambda pair: -round(pair[0], 9))[: self.pairs]
        note = f"the {self.pairs} strongest of {len(found):,} pairs are listed" if len(found) > self.pairs else ""
        return self.result([value for _, value in ranked], figures, note)


_Row = tuple[list[float | None], list[float | None], list[int]]


def _side(profile: Profile, need: Need, text: str, others: list[str]) -> _Row:
    """Of one view of a text and each number: the correlation, its standard error, and the rows with both."""
    key = held(profile.summaries, need)
    moments: CrossMoments | None = None if key is None else profile.summaries[key]
    if key is None or moments is None or not moments.n_rows:
        return [None] * len(others), [None] * len(others), [0] * len(others)
    i, at = key.columns.index(text), [key.columns.index(other) for other in others]
    n = moments.n[i, at]
    r = np.where(n < ROWS_AT_LEAST, np.nan, moments.correlation[i, at])
    return [number(x) for x in r], [number(x) for x in fisher(r, n)], n.tolist()


def _values(text: str, others: list[str], tables: dict[str, list[_Row]]) -> list[tuple[float, Value]]:
    found = []
    for v, view in enumerate(VIEWS):
        r, se, n = tables["current"][v]
        before = tables["reference"][v] if "reference" in tables else None
        for at, other in enumerate(others):
            then = None if before is None else before[0][at]
            few = f"only {n[at]} rows have both; at least {ROWS_AT_LEAST} are needed"
            why = few if n[at] < ROWS_AT_LEAST else "one of the two does not vary"
            value = Value(
                r[at],
                {"column": text, "view": view, "other": other},
                n[at],
                se=se[at],
                reference=then,
                reference_se=None if before is None else before[1][at],
                note="" if r[at] is not None else why,
            )
            found.append((max((abs(x) for x in (r[at], then) if x is not None), default=-1.0), value))
    return found


def _heat(text: str, others: list[str], name: str, side: list[_Row]) -> Figure | None:
    values = [r for r, _, _ in side]
    if len(others) > DRAWN_AT_MOST or all(x is None for row in values for x in row):
        return None
    return Heat(f"Correlation with {text}, {name}", list(VIEWS), others, values, "", "", {"column": text})
