"""Whether there are as many different values as the numbers of rows let expect."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from barograph.errors import ParameterError
from barograph.metric import Metric
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Result, Spec, Value
from barograph.schema import Schema
from barograph.special import log_factorials, normal_tail
from barograph.summaries import Repeats
from barograph.types import Floats, Ints

SIDES = ("both", "fewer", "more")
NORMAL_FROM = 100  # of the variance: below, Poisson's law
LARGEST = 512


@dataclass(frozen=True)
class DistinctDrift(Metric):
    """How far the number of different rows (of `columns`, or all) is from what the numbers of rows let expect.

    Distinct counts and shares change with the number of rows by their nature; this does not. Under no change all rows
    of both sides are dealt at random, n to the current side and m to the reference, so a value that occurs t times in
    all comes only in the reference with chance q = (m / (n + m))^t, only in the current rows with r = (n / (n + m))^t.
    With d the number of different values of the current rows and b that of the reference, d - b is then the sum of
    r - q over all values in the mean, and the metric is |d - b - that| / E d, where E d is the sum of 1 - q.

    Range 0 to infinity, lower is better; 0 for the reference itself, and under no drift about the standard error.
    `only="fewer"` counts fewer different ones alone, that is more repeated rows, and `only="more"` the other side.
    `p_value` is that of the normal law where many values can come on one side only, else that of the difference of two
    Poisson numbers, whose tails are the heavier: identities may all be new, a label in a single row of many may come or
    go, and one that had many rows may not. Which labels they are plays no part: see `unseen_share`.

    Exact up to 16,384 different values on a side; beyond that from a uniform sample of these. Rows without any value in
    `columns` are left out. No rows on a side: `None`. Cost: one hash a row, only where this metric is asked for.

    Hurlbert (1971) for numbers of kinds at unlike sizes; Skellam (1946) for the difference.

    >>> from barograph import Report
    >>> metric = DistinctDrift(("city",))
    >>> rows = {"city": ["Ulm", "Bonn"] * 50}
    >>> runs = [Report([metric]).run({"city": now}, rows) for now in (["Bonn", "Ulm"] * 20, ["Ulm"] * 40)]
    >>> [round(run.value("distinct_drift", column="city"), 3) for run in runs]
    [0.0, 0.5]
    """

    columns: tuple[str, ...] = ()
    only: Literal["both", "fewer", "more"] = "both"

    spec: ClassVar[Spec] = Spec(
        name="distinct_drift",
        title="Change in the number of different values",
        group="drift",
        help="How far the number of different values is from what the numbers of rows let expect.",
        unit="ratio",
        direction="lower",
        range=(0.0, None),
        reference="required",
    )

    def __post_init__(self) -> None:
        given: Any = self.columns
        object.__setattr__(self, "columns", (given,) if isinstance(given, str) else tuple(given))
        if self.only not in SIDES:
            raise ParameterError(f"only is {self.only!r}; it is one of {', '.join(SIDES)}")

    def needs(self, schema: Schema) -> Iterable[Need]:
        return [Need("repeats", self.columns)] if all(c in schema.kinds for c in self.columns) else []

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        if reference is None:
            return self.result([], note="distinct_drift needs a reference")
        labels = {"column": ", ".join(self.columns)} if self.columns else {}
        ours, theirs = (p.summaries.get(Need("repeats", self.columns)) for p in (current, reference))
        if ours is None or theirs is None:
            unknown = [c for c in self.columns if c not in reference.schema.kinds]
            held = "the profile was not asked for distinct_drift; profile the rows with needs=metric.needs"
            note = f"the schema has no column {unknown[0]!r}" if unknown else held
            return self.result([Value(None, labels, note=note)])
        if not ours.n or not theirs.n:
            note = f"no values {'in the current rows' if theirs.n else 'in the reference'}"
            return self.result([Value(None, labels, ours.n, note=note)])
        return self.result([self._value(ours, theirs, labels)])

    def _value(self, ours: Repeats, theirs: Repeats, labels: dict[str, str]) -> Value:
        now, then = _aligned(ours, theirs)
        total, n = now + then, ours.n + theirs.n
        gone, new = (np.exp(total * math.log(side.n / n)) for side in (theirs, ours))
        expected = float((1 - gone).sum())
        away = float((now > 0).sum() - (then > 0).sum()) - float((new - gone).sum())
        note = f"{int((now > 0).sum()):,} different, {int((then > 0).sum()):,} in the reference"
        if ours.thinned or theirs.thinned:
            note += ", in a sample of them"
        if (self.only == "fewer" and away > 0) or (self.only == "more" and away < 0) or abs(away) < 1e-9 * expected:
            return Value(0.0, labels, ours.n, p_value=1.0, note=note)
        chance = _chance(away, new, gone) if away > 0 else _chance(-away, gone, new)
        p_value = min(1.0, chance * (2 if self.only == "both" else 1))
        return Value(abs(away) / expected, labels, ours.n, p_value=p_value, note=note)


def _chance(away: float, up: Floats, down: Floats) -> float:
    """Chance of a difference that is at least `away` above its mean: each value adds 1 with chance `up`, takes 1 away
    with `down`, and else does nothing."""
    variance, means = float((up + down - (up - down) ** 2).sum()), (float(up.sum()), float(down.sum()))
    if variance > NORMAL_FROM or max(means) > LARGEST / 2:
        return normal_tail((away - 0.5) / math.sqrt(max(variance, NORMAL_FROM)))
    at = np.arange(float(LARGEST))
    more, less = (np.exp(at * math.log(max(m, 1e-300)) - m - log_factorials(at)) for m in means)
    least = math.ceil(means[0] - means[1] + away - 1e-6)
    return float(min(np.convolve(more, less[::-1])[min(max(least, 1 - LARGEST), LARGEST) + LARGEST - 1 :].sum(), 1.0))


def _aligned(ours: Repeats, theirs: Repeats) -> tuple[Ints, Ints]:
    """Counts of the same values on both sides; of samples, as far as both go."""
    ends = [side.keys[-1] for side in (ours, theirs) if side.thinned]
    keys = np.union1d(ours.keys, theirs.keys)
    keys = keys[keys <= min(ends)] if ends else keys
    sides = []
    for side in (ours, theirs):
        counts = np.zeros(keys.size, np.int64)
        at = np.searchsorted(side.keys, keys)
        there = (at < side.keys.size) & (side.keys[np.minimum(at, side.keys.size - 1)] == keys)
        counts[there] = side.counts[at[there]]
        sides.append(counts)
    return sides[0], sides[1]
