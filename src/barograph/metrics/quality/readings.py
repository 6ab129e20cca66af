"""What the quality metrics share: reading one number of one column from either side."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, NamedTuple

import numpy as np

from barograph.metric import Metric, label, selected
from barograph.needs import Need
from barograph.overview import iso
from barograph.profile import Profile
from barograph.results import Labels, Result, Scalar, Table, Value
from barograph.schema import Kind, Schema
from barograph.special import beta_distribution
from barograph.types import Floats

MEASURED = (Kind.NUMERIC, Kind.TEXT)  # text by its length in characters


class Reading(NamedTuple):
    """One number of one side, with its bounds and sampling error; `None` with a note where it cannot be known.

    `p_value` is the chance of at least this number when nothing has changed, where there is a law for it. A share is
    `counted` of `total` (of `n`, where that is not said).
    """

    value: float | None
    n: int = 0
    low: float | None = None
    high: float | None = None
    se: float | None = None
    note: str = ""
    p_value: float | None = None
    counted: int | None = None
    total: int | None = None

    def beside(self, then: Reading, labels: Labels) -> Value:
        """The value of this side, with that of the reference."""
        ends = self.low, self.high, self.se, self.p_value
        return Value(
            self.value, labels, self.n, *ends, then.value, then.se, self.note, count=self.counted, total=self.total
        )


class PerColumn(Metric):
    """A metric that reads one number of each column, the same way on either side.

    `summary` is what it reads and `beside` what else it looks at, `kinds` the kinds of columns it is for, `without` the
    roles it passes over unless the column is asked for.
    """

    column: str | None
    summary: ClassVar[str] = "counts"
    beside: ClassVar[tuple[str, ...]] = ()
    kinds: ClassVar[tuple[Kind, ...]] = tuple(Kind)
    without: ClassVar[tuple[str, ...]] = ()

    def read(self, summary: Any, profile: Profile, reference: Profile | None, column: str) -> Reading:
        """The number of a column whose `summary` holds at least one value."""
        raise NotImplementedError  # pragma: no cover - abstract

    def left_out(self, windows: list[Profile], column: str, view: str) -> Floats:
        """Of windows of the reference, the share of each that is beyond all others; none where that says nothing."""
        return np.zeros(0)

    def p_far(self, current: Profile, reference: Profile, column: str, view: str, n_windows: int) -> float:
        """Chance of values as far beyond the reference, of which `n_windows` windows are known."""
        return 1.0

    def needs(self, schema: Schema) -> Iterator[Need]:
        for column in self._columns(schema):
            kind = schema.kinds.get(column)
            if kind is not None:
                yield Need("counts", (column,))
            if kind in self.kinds:  # a column of another kind that was named has no such summary, and is told so
                view = self._view(kind)
                yield from (Need(name, (column,), view) for name in (self.summary, *self.beside))

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        if reference is None and self.spec.reference == "required":
            return self.result([], note=f"{self.spec.name} needs a reference")
        columns = self._columns((reference or current).schema)
        wanted = " or ".join(kind.value for kind in self.kinds)
        note = "" if columns else f"there is no {wanted} column"
        return self.result([self._value(current, reference, column) for column in columns], note=note)

    def _columns(self, schema: Schema) -> tuple[str, ...]:
        roles, kinds = schema.roles, schema.kinds
        eligible = (c for c in schema.profiled if kinds[c] in self.kinds and roles.get(c) not in self.without)
        return selected(schema, self.column, eligible)

    def _view(self, kind: Kind) -> str:
        by_length = kind is Kind.TEXT and self.summary not in ("counts", "distinct")
        return "length" if by_length else "value"

    def _value(self, current: Profile, reference: Profile | None, column: str) -> Value:
        kind = (reference or current).schema.kinds.get(column)
        if kind is None:
            return Value(None, label(column), note=f"the schema has no column {column!r}")
        labels = label(column, self._view(kind))
        if kind not in self.kinds:
            wanted = " and ".join(k.value for k in self.kinds)
            return Value(None, labels, note=f"column {column!r} is {kind.value}; {self.spec.name} is for {wanted}")
        now = self._reading(current, reference, column, kind)
        then = self._reading(reference, reference, column, kind) if reference else Reading(None)
        return now.beside(then, labels)

    def _reading(self, profile: Profile, reference: Profile | None, column: str, kind: Kind) -> Reading:
        summary = profile.get(self.summary, column, view=self._view(kind))
        why = lacking(profile, column, self.summary, summary)
        return Reading(None, note=why) if why else self.read(summary, profile, reference, column)


def lacking(profile: Profile, column: str, name: str, summary: Any) -> str:
    """Why a profile says nothing of a column, or nothing where it does."""
    if profile.n_rows == 0:
        return "no rows"
    counts = profile.get("counts", column)
    if counts is not None and counts.n_rows == 0:
        return f"the rows have no column {column!r}"
    if summary is None:
        unanchored = name in ("bins", "categories") and profile.baseline_id is None
        hint = "; it was made without a baseline: Profile.of(rows, baseline)" if unanchored else ""
        reason = profile.reasons.get((name, column))
        return f"the profile holds no {name} of column {column!r}{f': {reason}' if reason else hint}"
    if name != "counts" and counts is not None and counts.n_present == 0:
        return "every value is missing, infinite or unreadable"
    return ""


def share(count: int, n: int, low: float | None = None, high: float | None = None, note: str = "") -> Reading:
    """A share of `n` rows with its binomial standard error, at `(count + 1) / (n + 2)` so that 0 and 1 have one too.

    Agresti & Coull (1998).

    >>> share(0, 98)
    Reading(value=0.0, n=98, low=None, high=None, se=0.00994..., note='', p_value=None, counted=0, total=None)
    """
    shrunk = (count + 1) / (n + 2)
    return Reading(count / n, n, low, high, math.sqrt(shrunk * (1 - shrunk) / (n + 2)), note, counted=count)


def exceedance(count: int, n: int, n_reference: int, gaps: int) -> float:
    """Chance that `count` or more of `n` new values fall into `gaps` of the `n_reference + 1` gaps between old ones.

    Old and new values are in random order when nothing has changed, so the number is negative binomial (Gumbel & von
    Schelling, The Distribution of the Number of Exceedances, 1950).

    >>> round(exceedance(2, 100, 100, 2), 2)
    0.5
    """
    return 1.0 if count == 0 else beta_distribution(count, gaps, n / (n + n_reference))


def end(value: float | None, n: int, profile: Profile, column: str) -> Reading:
    """A smallest or largest value; the note says moments as ISO 8601."""
    moment = value is not None and profile.schema.kinds.get(column) is Kind.DATETIME
    return Reading(value, n, note=iso(value) if moment and value is not None else "")


def columns_where(
    metric: Metric,
    current: Profile,
    reference: Profile | None,
    summaries: tuple[str, ...],
    holds: Callable[[Profile, str], bool],
) -> Result:
    """The result of a metric that counts the columns of which something `holds`, with a table that names them."""
    now = _where(current, summaries, holds)
    if now is None:
        note = f"the profile holds no {' and '.join(summaries)}" if current.n_rows else "no rows"
        return metric.result([Value(None, n=current.n_rows, note=note)])
    then = _where(reference, summaries, holds) if reference else None
    known = [] if then is None else then
    rows: list[list[Scalar]] = [[c, current.schema.kinds[c].value, "yes" if c in known else "no"] for c in now]
    heads = ["column", "kind", "also in the reference"]
    table = Table(
        metric.spec.title, heads if then is not None else heads[:2], [row[: 2 + (then is not None)] for row in rows]
    )
    value = Value(
        float(len(now)), n=current.n_rows, reference=None if then is None else float(len(then)), note=", ".join(now[:5])
    )
    return metric.result([value], [table] if now else [])


def _where(profile: Profile, summaries: tuple[str, ...], holds: Callable[[Profile, str], bool]) -> list[str] | None:
    """Columns that the rows have and of which it holds; `None` where no column can be judged."""
    # the target is left out: labels that have not come yet, or are all alike, are no fault of the data
    columns = [c for c in profile.columns if c != profile.schema.target]
    judged = [c for c in columns if all(profile.get(name, c) is not None for name in summaries)]
    there = [c for c in judged if profile.get("counts", c).n_rows]
    return [c for c in there if holds(profile, c)] if there else None
