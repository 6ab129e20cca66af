"""KLL quantile sketches of Apache DataSketches, as whylogs writes them."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.errors import FormatError
from barograph.summaries import Quantiles
from barograph.types import Floats, Ints

FAMILY = 15
LEVELS_AT_MOST = 60
_EMPTY = 1


@dataclass(frozen=True)
class Kll:
    """A quantile sketch: items on levels, one on level i standing for 2**i values.

    Exact while nothing was compacted (up to about `k` values). Else a rank is off by `rank_error` at most with 99 %
    confidence: 2.296 / k**0.9723, 0.27 % at k = 1024 (Karnin, Lang & Liberty 2016; constants of Apache DataSketches).
    """

    k: int
    n: int
    levels: tuple[Floats, ...]
    low: float = math.nan
    high: float = math.nan

    @property
    def exact(self) -> bool:
        """Whether every value is still here."""
        return len(self.levels) <= 1

    @property
    def rank_error(self) -> float:
        """Error of a rank as a share of n, with 99 % confidence; 0 where exact."""
        return 0.0 if self.exact or self.n == 0 else 2.296 / self.k**0.9723

    def weighted(self) -> tuple[Floats, Ints]:
        """Items ascending, and how many values each stands for."""
        values = np.concatenate([np.zeros(0), *self.levels])
        weights = np.concatenate([np.zeros(0, np.int64), *(np.full(v.size, 1 << i) for i, v in enumerate(self.levels))])
        order = np.argsort(values, kind="stable")
        return values[order], weights[order].astype(np.int64)

    def quantiles(self, q: Floats) -> Floats | None:
        """Values at the shares `q`, by whylogs' own rule: the first item with floor(q n) or more values before it.

        The ends are the smallest and the largest value. `None` of nothing.

        >>> Kll(8, 3, (np.array([1.0, 2.0, 9.0]),), 1.0, 9.0).quantiles(np.array([0.0, 0.5, 1.0])).tolist()
        [1.0, 2.0, 9.0]
        """
        if self.n == 0:
            return None
        values, weights = self.weighted()
        before = np.cumsum(weights) - weights
        at = np.searchsorted(before, np.floor(np.asarray(q, float) * self.n), side="left")
        found = values[np.minimum(at, values.size - 1)]
        return np.where(q == 0.0, self.low, np.where(q == 1.0, self.high, found))

    def quantile(self, q: float) -> float | None:
        """The value at the share `q`, by whylogs' own rule; `None` of nothing."""
        found = self.quantiles(np.array([q]))
        return None if found is None else float(found[0])

    def summary(self) -> Quantiles:
        """The same as our own quantile summary: same items, same weights; infinite values are left out.

        Its `error` is the sketch's 99 % confidence bound, where our own summaries have a certain one.
        """
        finite = [level[np.isfinite(level)] + 0.0 for level in self.levels]
        n = sum(level.size << i for i, level in enumerate(finite))
        k = 4 * self.k  # a level holds at most all that a sketch does, which is about 3 k
        if n == 0:
            return Quantiles(k=k)
        low, high = self.low, self.high
        if not (math.isfinite(low) and math.isfinite(high)):
            low, high = (float(pick(level[at] for level in finite if level.size)) for pick, at in ((min, 0), (max, -1)))
        error = 0 if self.exact else max(1, math.ceil(self.rank_error * n))
        held = Quantiles(k=k, n=n, error=error, levels=finite, low=low + 0.0, high=high + 0.0)
        return Quantiles(k=k).merge(held)  # compacts what a foreign writer overfilled

    def merge(self, other: Kll) -> Kll:
        """The sketch of both, compacted like our own quantile summaries; the smaller k is kept."""
        if self.n == 0 or other.n == 0:
            return other if self.n == 0 else self
        k = min(self.k, other.k)
        low, high = min(self.low, other.low), max(self.high, other.high)
        held = [Quantiles(k=k, n=s.n, levels=list(s.levels), low=low, high=high) for s in (self, other)]
        merged = held[0].merge(held[1])
        return Kll(k, merged.n, tuple(merged.levels), low, high)

    @classmethod
    def parse(cls, data: memoryview, item: str = "<f8") -> Kll:
        """The sketch from its bytes; `item` is the type of its items where the bytes do not tell.

        Raises `FormatError` for anything that does not add up.
        """
        if len(data) < 8:
            raise FormatError(f"a KLL sketch of {len(data)} bytes")
        ints, version, family, flags, k, _m = struct.unpack_from("<BBBBHB", data)
        if family != FAMILY or version not in (1, 2) or k < 8:
            raise FormatError(f"no KLL sketch: family {family}, version {version}, k {k}")
        if flags & _EMPTY:
            return cls(k, 0, ())
        if ints == 2:
            return _single(k, data)
        if ints not in (5, 6) or len(data) < 4 * ints:
            raise FormatError(f"a KLL sketch with a preamble of {ints} words in {len(data)} bytes")
        n, _min_k, n_levels = struct.unpack_from("<QHB", data, 8)
        if not 1 <= n_levels <= LEVELS_AT_MOST or not 0 < n < 2**62:
            raise FormatError(f"a KLL sketch of {n} values on {n_levels} levels")
        start = 4 * ints
        if len(data) < start + 4 * n_levels:
            raise FormatError("a KLL sketch is cut off inside its levels")
        offsets = np.frombuffer(data, "<u4", n_levels, start).astype(np.int64)
        rest = data[start + 4 * n_levels :]
        items = ("<f8",) if ints == 6 else (item, "<f4" if item == "<f8" else "<f8")
        for dtype in items:
            found = _leveled(rest, np.dtype(dtype), offsets - offsets[0], n)
            if found is not None:
                return _checked(k, n, *found)
        raise FormatError(f"a KLL sketch whose items do not stand for the {n:,} values it says")


def _single(k: int, data: memoryview) -> Kll:
    if len(data) not in (12, 16):
        raise FormatError(f"a KLL sketch of one value in {len(data)} bytes")
    value = np.frombuffer(data[8:], "<f4" if len(data) == 12 else "<f8").astype(float)
    return _checked(k, 1, [value], float(value[0]), float(value[0]))


def _leveled(
    rest: memoryview, dtype: np.dtype[np.floating], offsets: Ints, n: int
) -> tuple[list[Floats], float, float] | None:
    """Items by level, smallest and largest value; `None` where they would not stand for `n` values."""
    if len(rest) % dtype.itemsize or len(rest) < 3 * dtype.itemsize:
        return None
    numbers: npt.NDArray[np.float64] = np.frombuffer(rest, dtype).astype(np.float64)
    low, high, items = float(numbers[0]), float(numbers[1]), numbers[2:]
    ends = np.append(offsets[1:], items.size)
    sizes = ends - offsets
    if (sizes < 0).any() or sum(int(size) << i for i, size in enumerate(sizes)) != n:
        return None
    levels = [np.sort(items[a:b]) for a, b in zip(offsets.tolist(), ends.tolist(), strict=True)]
    return levels, low, high


def _checked(k: int, n: int, levels: list[Floats], low: float, high: float) -> Kll:
    held = np.concatenate(levels)
    if np.isnan(held).any() or not low <= float(held.min()) or not float(held.max()) <= high:
        raise FormatError(f"a KLL sketch with items that are not between its ends {low:g} and {high:g}")
    return Kll(k, n, tuple(levels), low, high)
