"""Count, mean, variance, minimum and maximum."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from barograph.errors import FormatError
from barograph.summaries import wire
from barograph.types import Floats, Numbers


@dataclass
class Moments:
    """Centred moments of finite numbers.

    State: n, mean, the sum of squared deviations (centred, never raw squares), min, max; merge is Chan, Golub &
    LeVeque (1979), exact up to rounding (relative 1e-12 in the laws). Cost: two passes over the batch.
    Readings of nothing are `None`; so are those that overflow float64. `least` and `most` are the smallest and largest
    value where these are integers of 64 bits that float64 has not: they stay exact beyond 2^53.

    >>> m = Moments(); m.update(Numbers(np.array([1.0, 2.0, 4.0]))); round(m.std, 4), m.maximum
    (1.5275, 4.0)
    """

    n: int = 0
    mean_: float = 0.0
    m2: float = 0.0
    low: float = math.inf
    high: float = -math.inf
    least: int | None = None
    most: int | None = None

    def update(self, batch: Numbers) -> None:
        if batch.size == 0:
            return
        new = _of(batch.in_any_order, batch.low, batch.high)
        if batch.ends is not None:
            new.least, new.most = (end if int(float(end)) != end else None for end in batch.ends)
        merged = self.merge(new)
        self.n, self.mean_, self.m2, self.low, self.high = merged.n, merged.mean_, merged.m2, merged.low, merged.high
        self.least, self.most = merged.least, merged.most

    @property
    def mean(self) -> float | None:
        """Arithmetic mean."""
        return self._reading(self.mean_, 1)

    @property
    def variance(self) -> float | None:
        """Unbiased variance (ddof 1), from two values on."""
        return self._reading(self.m2 / max(self.n - 1, 1), 2)

    @property
    def std(self) -> float | None:
        """Standard deviation (ddof 1)."""
        variance = self.variance
        return None if variance is None else math.sqrt(variance)

    @property
    def minimum(self) -> float | None:
        """Smallest value."""
        return self._reading(self.low, 1)

    @property
    def maximum(self) -> float | None:
        """Largest value."""
        return self._reading(self.high, 1)

    @property
    def smallest(self) -> float | None:
        """Smallest value, an integer where float64 has not the number."""
        return self.minimum if self.least is None else self.least

    @property
    def largest(self) -> float | None:
        """Largest value, an integer where float64 has not the number."""
        return self.maximum if self.most is None else self.most

    def _reading(self, value: float, at_least: int) -> float | None:
        return value if self.n >= at_least and math.isfinite(value) else None

    def merge(self, other: Moments) -> Moments:
        n = self.n + other.n
        if n == 0:
            return Moments()
        if self.n == 0 or other.n == 0:
            return replace(other if self.n == 0 else self)
        delta = other.mean_ - self.mean_  # Python's floats: what overflows is infinite
        # the mean as a weighted sum, not a step from one side: the same in either order
        mean = self.mean_ * (self.n / n) + other.mean_ * (other.n / n)
        m2 = self.m2 + other.m2 + delta * delta * (self.n * other.n / n)
        low, high = min(self.low, other.low), max(self.high, other.high)
        ends = min(self._low, other._low), max(self._high, other._high)  # an integer beside a float compares exactly
        least, most = (end if isinstance(end, int) else None for end in ends)
        return Moments(n, min(max(mean, low), high), m2, low, high, least, most)

    @property
    def _low(self) -> float:
        return self.low if self.least is None else self.least

    @property
    def _high(self) -> float:
        return self.high if self.most is None else self.most

    def to_state(self) -> wire.State:
        return {"n": self.n, "mean_": self.mean_, "m2": self.m2, "low": self._low, "high": self._high}

    @classmethod
    def from_state(cls, state: wire.State) -> Moments:
        floats = {name: wire.field(state, name, float) for name in ("mean_", "m2")}
        (low, least), (high, most) = _end(state, "low"), _end(state, "high")
        moments = cls(wire.count(state, "n"), **floats, low=low, high=high, least=least, most=most)
        finite = math.isfinite(moments.low) and math.isfinite(moments.high)
        within = finite and moments.low <= moments.mean_ <= moments.high and moments.m2 >= 0
        if not (within if moments.n else moments == cls()):
            raise FormatError(f"mean_: no numbers have {moments}")
        return moments


def _end(state: wire.State, name: str) -> tuple[float, int | None]:
    """An end as a float, and as itself where it is an integer that float64 has not."""
    end = state.get(name) if isinstance(state, Mapping) else None
    if isinstance(end, int) and -(2**63) <= end < 2**64 and int(float(end)) != end:
        return float(end), int(end)
    return wire.field(state, name, float), None


def _of(values: Floats, low: float, high: float) -> Moments:
    if low == high:  # a constant deviates by nothing, not by what rounding leaves
        return Moments(values.size, low, 0.0, low, high)
    scale = max(abs(low), abs(high))  # dividing by the largest keeps sums from overflowing
    mean = float(np.mean(values / scale)) * scale if scale > 1e300 else float(values.mean())
    mean = min(max(mean, low), high)
    m2 = rest = 0.0
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is infinite, and read as None
        for start in range(0, values.size, BLOCK):
            centred = values[start : start + BLOCK] - mean
            m2 += float(np.sum(centred * centred))
            rest += float(np.sum(centred))
        # what rounding left of the mean: the corrected two-pass algorithm (Chan, Golub & LeVeque 1983)
        if np.isfinite(m2):
            m2 = max(m2 - rest * rest / values.size, 0.0)
    return Moments(values.size, mean, m2, low, high)


BLOCK = 1 << 15  # numbers that fit the cache: five times faster than one pass through memory
