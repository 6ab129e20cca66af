"""What a whylogs profile knows of one column, typed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from barograph.foreign.frequent import FrequentItems
from barograph.foreign.hll import Hll
from barograph.foreign.kll import Kll

COUNTS = ("n", "null", "nan", "inf", "true")
TYPES = ("integral", "fractional", "boolean", "string", "object", "tensor")
SHOWN = {
    "q_01": 0.01, "q_05": 0.05, "q_10": 0.10, "q_25": 0.25, "median": 0.50, "q_75": 0.75, "q_90": 0.90, "q_95": 0.95,
    "q_99": 0.99,
}  # fmt: skip

T = TypeVar("T", bound=Any)


@dataclass(frozen=True)
class Distribution:
    """Quantile sketch, mean and sum of squared deviations of a column's numbers."""

    kll: Kll
    mean: float = 0.0
    m2: float = 0.0

    @property
    def n(self) -> int:
        """Numbers counted."""
        return self.kll.n

    @property
    def std(self) -> float:
        """Standard deviation (ddof 1); 0 of fewer than two numbers, as whylogs has it."""
        return math.sqrt(self.m2 / (self.n - 1)) if self.n > 1 and self.m2 > 0 else self.m2 * 0.0

    def merge(self, other: Distribution) -> Distribution:
        """Both together; mean and deviations after Chan, Golub & LeVeque (1979)."""
        if self.n == 0 or other.n == 0:
            return other if self.n == 0 else self
        n, delta = self.n + other.n, other.mean - self.mean
        mean = self.mean * (self.n / n) + other.mean * (other.n / n)
        m2 = self.m2 + other.m2 + delta * delta * (self.n * other.n / n)
        return Distribution(self.kll.merge(other.kll), mean, m2)


@dataclass(frozen=True)
class WhylogsColumn:
    """One column: counts, types and sketches; `None` where the file has none.

    `counts` are `n` (all rows), `null` (with NaN in it where a frame was logged), `nan`, `inf`, `true`; `types` how
    many values were of which type. `ranges` are the unicode ranges, each like a column of its own; `conditions` how
    many values met a condition; `skipped` the metrics that are not read.
    """

    name: str
    counts: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    types: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(TYPES, 0))
    distribution: Distribution | None = None
    ints: tuple[int, int] | None = None
    cardinality: Hll | None = None
    frequent: FrequentItems | None = None
    conditions: Mapping[str, int] = field(default_factory=dict)
    ranges: Mapping[str, WhylogsColumn] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()

    @property
    def n_rows(self) -> int:
        """Rows logged."""
        return self.counts["n"]

    def merge(self, other: WhylogsColumn) -> WhylogsColumn:
        """The column of both."""
        ranges = dict(self.ranges)
        for name, theirs in other.ranges.items():
            ranges[name] = ranges[name].merge(theirs) if name in ranges else theirs
        return WhylogsColumn(
            self.name,
            _added(self.counts, other.counts),
            _added(self.types, other.types),
            _both(self.distribution, other.distribution, Distribution.merge),
            _both(self.ints, other.ints, lambda a, b: (min(a[0], b[0]), max(a[1], b[1]))),
            _both(self.cardinality, other.cardinality, Hll.merge),
            _both(self.frequent, other.frequent, FrequentItems.merge),
            _added(self.conditions, other.conditions),
            ranges,
            tuple(sorted({*self.skipped, *other.skipped})),
        )

    def readings(self) -> dict[str, Any]:
        """One row of whylogs' own summary, under its names."""
        row: dict[str, Any] = {}
        if self.cardinality is not None:
            lower, upper = self.cardinality.bounds
            row |= {"cardinality/est": self.cardinality.estimate}
            row |= {"cardinality/lower_1": lower, "cardinality/upper_1": upper}
        row |= {f"condition_count/{name}": n for name, n in sorted(self.conditions.items())}
        row |= {f"counts/{name}": self.counts[name] for name in sorted(COUNTS)}
        if self.distribution is not None:
            row |= _distribution(self.distribution)
        if self.frequent is not None:
            row["frequent_items/frequent_strings"] = self.frequent.items()
        if self.ints is not None:
            row |= {"ints/max": self.ints[1], "ints/min": self.ints[0]}
        row |= {f"types/{name}": self.types[name] for name in sorted(TYPES)}
        for name, part in sorted(self.ranges.items()):
            row |= {f"unicode_range/{name}:{key}": value for key, value in part.readings().items()}
        return row


def _distribution(held: Distribution) -> dict[str, Any]:
    kll = held.kll
    row: dict[str, Any] = {"max": kll.high, "mean": held.mean, "min": kll.low, "n": kll.n, "stddev": held.std}
    row |= {name: kll.quantile(q) for name, q in SHOWN.items()}
    return {f"distribution/{name}": row[name] for name in sorted(row)}


def _added(mine: Mapping[str, int], theirs: Mapping[str, int]) -> dict[str, int]:
    return {name: mine.get(name, 0) + theirs.get(name, 0) for name in {**mine, **theirs}}


def _both(mine: T | None, theirs: T | None, merge: Callable[[T, T], T]) -> T | None:
    if mine is None or theirs is None:
        return theirs if mine is None else mine
    return merge(mine, theirs)
