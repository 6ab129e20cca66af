"""What the comparisons of means share: count, mean and spread of either side, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from barograph.metric import Metric, label
from barograph.metrics.drift.cells import all_views
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Result, Value
from barograph.schema import Schema
from barograph.special import beta_distribution
from barograph.summaries import Moments


class Means(NamedTuple):
    """What a comparison of means says of one column; `None` with a note where it cannot be known."""

    value: float | None
    se: float | None = None
    p_value: float | None = None
    note: str = ""


class MeansComparison(Metric):
    """A metric of the moments of either side. Needs no bins: any two profiles of one schema will do."""

    column: str | None

    def needs(self, schema: Schema) -> Iterable[Need]:
        views = all_views(schema, self.column, ordered_only=True)
        return [Need("moments", (c,), view) for c, view in views if c in schema.kinds and schema.kinds[c].ordered]

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        if reference is None:
            return self.result([], note="drift needs a reference")
        views = all_views(reference.schema, self.column, ordered_only=True)
        return self.result([self._value(current, reference, column, view) for column, view in views])

    def said(self, current: Moments, reference: Moments) -> Means:
        """The number for two sides that have values, and finite sums."""
        raise NotImplementedError  # pragma: no cover - abstract

    def _value(self, current: Profile, reference: Profile, column: str, view: str) -> Value:
        labels, kind = label(column, view), reference.schema.kinds.get(column)
        if kind is None:
            return Value(None, labels, note=f"the schema has no column {column!r}")
        if not kind.ordered:
            return Value(None, labels, note=f"column {column!r} is {kind.value}: it has no mean")
        ours, theirs = (side.get("moments", column, view=view) for side in (current, reference))
        for side, name in ((theirs, "reference has"), (ours, "current rows have")):
            if side is None:
                return Value(None, labels, note=f"a profile holds no moments of {column!r}")
            if side.n == 0:
                return Value(None, labels, note=f"the {name} no values")
            if not math.isfinite(side.m2) or not math.isfinite(side.mean_):
                return Value(None, labels, side.n, note="its sums are beyond float64")
        found = self.said(ours, theirs)
        if found.value is not None and not math.isfinite(found.value):
            return Value(None, labels, ours.n, note="the result is beyond float64")
        return Value(found.value, labels, ours.n, se=found.se, p_value=found.p_value, note=found.note)


def student_tail(t: float, freedom: float) -> float:
    """Chance that a Student variable is as far from 0 as `t`, on either side.

    >>> round(student_tail(2.228, 10), 3)
    0.05
    """
    return beta_distribution(freedom / 2, 0.5, freedom / (freedom + t * t)) if math.isfinite(t * t) else 0.0


def studentised(current: Moments, reference: Moments, se: float, freedom: float) -> Means:
    """The difference of the means in standard errors; of sides that do not vary only whether they are equal."""
    if current.low == current.high == reference.low == reference.high:
        return Means(0.0, p_value=1.0)
    if not se > 0:
        return Means(None, note="no side varies: there is no standard error to divide by")
    t = abs(current.mean_ - reference.mean_) / se
    return Means(t, p_value=student_tail(t, freedom))


def pooled(current: Moments, reference: Moments) -> tuple[float, float]:
    """Standard error of the difference of the means with one variance for both sides, and its degrees of freedom."""
    freedom = current.n + reference.n - 2
    variance = current.m2 / freedom + reference.m2 / freedom
    return math.sqrt(variance * (1 / current.n + 1 / reference.n)), freedom


def welch(current: Moments, reference: Moments) -> tuple[float, float]:
    """Standard error of the difference of the means, and its degrees of freedom, for at least two values a side."""
    ours, theirs = (side.m2 / (side.n - 1) / side.n for side in (current, reference))
    both = ours + theirs
    if both == 0 or not math.isfinite(both):
        return math.sqrt(both), 1.0
    share = ours / both
    freedom = 1 / (share**2 / (current.n - 1) + (1 - share) ** 2 / (reference.n - 1))
    return math.sqrt(both), freedom
