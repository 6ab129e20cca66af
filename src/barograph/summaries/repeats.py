"""Rows that occur more than once, and those with more than one outcome."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from barograph.errors import FormatError, MergeError
from barograph.summaries import wire
from barograph.types import Ints, Keys, RowKeys

CAPACITY = 1 << 14


class Estimate(NamedTuple):
    """A number of rows, with `low <= truth <= high` at three standard errors (all the same where it is exact)."""

    value: float
    low: float
    high: float


def _no_keys() -> Keys:
    return np.zeros(0, np.uint64)


@dataclass
class Repeats:
    """How often different rows occur: exact for up to 16,384 different ones, then from a sample of them.

    Rows are known by an evenly spread 64-bit hash. Kept are the `capacity` smallest hashes, each with its full count,
    and the smallest and largest hash of its outcomes (different, where there are several): a uniform sample of the
    *different* rows (Bar-Yossef et al. 2002; Beyer et al. 2007). Which ones these are depends on the set of rows alone,
    so merge is exact in its state: commutative and associative. `thinned` says that some were dropped. The number of
    different rows then has the standard error 1 / sqrt(capacity - 2) = 0.8 %; a few rows that repeat very often may
    escape the sample, which the bounds of `repeated` allow for and those of the others do not. At most 512 KB.

    >>> r = Repeats(); r.update(RowKeys(np.array([7, 7, 9], np.uint64), np.array([1, 2, 1], np.uint64)))
    >>> r.repeated().value, r.conflicting().value
    (1.0, 2.0)
    """

    capacity: int = CAPACITY
    n: int = 0
    keys: Keys = field(default_factory=_no_keys)
    counts: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    least: Keys = field(default_factory=_no_keys)
    most: Keys = field(default_factory=_no_keys)
    thinned: bool = False

    def update(self, batch: RowKeys) -> None:
        ones = np.ones(batch.keys.size, np.int64)
        new = Repeats(self.capacity, batch.keys.size, batch.keys, ones, batch.outcomes, batch.outcomes)
        merged = self.merge(new)
        self.n, self.keys, self.counts, self.thinned = merged.n, merged.keys, merged.counts, merged.thinned
        self.least, self.most = merged.least, merged.most

    def merge(self, other: Repeats) -> Repeats:
        if self.capacity != other.capacity:
            raise MergeError(f"repeated rows of capacity {self.capacity} and {other.capacity} do not merge")
        keys, at = np.unique(np.concatenate([self.keys, other.keys]), return_inverse=True)
        counts = np.zeros(keys.size, np.int64)
        np.add.at(counts, at, np.concatenate([self.counts, other.counts]))
        least, most = np.full(keys.size, np.iinfo(np.uint64).max, np.uint64), np.zeros(keys.size, np.uint64)
        np.minimum.at(least, at, np.concatenate([self.least, other.least]))
        np.maximum.at(most, at, np.concatenate([self.most, other.most]))
        kept = slice(self.capacity)
        thinned = self.thinned or other.thinned or keys.size > self.capacity
        n = self.n + other.n
        return Repeats(self.capacity, n, keys[kept], counts[kept], least[kept], most[kept], thinned)

    def different(self) -> Estimate:
        """Number of different rows."""
        k = self.keys.size
        if not self.thinned:
            return Estimate(float(k), float(k), float(k))
        estimate = (k - 1) / ((float(self.keys[-1]) + 1) / 2.0**64)
        error = 3 / math.sqrt(max(k - 2, 1))
        low, high = max(k, estimate / (1 + error)), estimate / max(1 - error, 1e-9)
        return Estimate(min(max(estimate, low), self.n), min(low, self.n), min(high, self.n))

    def repeated(self) -> Estimate:
        """Rows that an equal one came before: all rows less the different ones."""
        different, k, seen = self.different(), self.keys.size, int(self.counts.sum())
        low, high = max(self.n - different.high, seen - k), max(self.n - different.low, seen - k)
        value = self.n * (1 - k / seen) if self.thinned else self.n - different.value
        return Estimate(float(min(max(value, low), high)), float(low), float(high))

    def conflicting(self) -> Estimate:
        """Rows of which an equal one has another outcome."""
        return self._rows_where(self.least != self.most)

    def alone(self) -> Estimate:
        """Rows that no other one equals."""
        return self._rows_where(self.counts == 1)

    def _rows_where(self, flag: npt.NDArray[np.bool_]) -> Estimate:
        found, seen, k = int(self.counts[flag].sum()), int(self.counts.sum()), self.keys.size
        if not self.thinned:
            return Estimate(float(found), float(found), float(found))
        share = found / seen
        # rows come in clusters of equal ones: the error of a ratio (Cochran 1977); 3 / k where none was found
        spread = self.counts * (flag - share)
        error = max(3 * math.sqrt(float(spread @ spread)) / seen, 3 / k)
        low, high = max(found, self.n * (share - error)), min(self.n - (seen - found), self.n * (share + error))
        return Estimate(min(max(self.n * share, low), high), float(low), float(high))

    def to_state(self) -> wire.State:
        arrays = {name: wire.pack(getattr(self, name)) for name in ("keys", "counts", "least", "most")}
        return {"capacity": self.capacity, "n": self.n, "thinned": self.thinned, **arrays}

    @classmethod
    def from_state(cls, state: wire.State) -> Repeats:
        capacity, n = wire.count(state, "capacity"), wire.count(state, "n")
        thinned, keys = wire.field(state, "thinned", bool), wire.unpack(state, "keys", "u")
        wire.ascending("keys", keys)
        counts = wire.counts(state, "counts", keys.size)
        least, most = (wire.unpack(state, name, "u", keys.size) for name in ("least", "most"))
        if keys.size > capacity or (thinned and (keys.size < capacity or capacity < 3)):
            raise FormatError(f"keys: {keys.size} of capacity {capacity}, thinned: {thinned}")
        seen = int(counts.sum())
        if not counts.all() or seen > n or (seen < n) != thinned:
            raise FormatError(f"counts: of {n} rows {seen}, thinned: {thinned}")
        if (least > most).any():
            raise FormatError("least: above most")
        return cls(capacity, n, keys, counts, least, most, thinned)
