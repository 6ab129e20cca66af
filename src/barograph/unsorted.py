"""Large columns counted without a sort: a histogram of 65,536 places answers for ranks, cells and frequent values.

A million numbers are sorted in 10 to 60 ms, as the processor has it (numpy's AVX-512 sort is five times slower where
stores by mask are); placing and counting them takes 5 ms anywhere. The histogram says in which few places the wanted
ranks or edges lie, and only what is there is sorted: the answers are those of the sorted column, to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from barograph.types import Absent, Floats, Ints, Keys, Labels, Numbers, Strings, once

MANY = 1 << 16  # rows, from which a histogram is worth its 65,536 places
PLACES = 1 << 16
SAMPLE = 4096
DIFFERENT = 1024  # values of the sample: of fewer, each is counted
BLOCK = 1 << 15  # numbers that fit the cache
CROWD = 4096  # a value with over one of so many rows is found, as finely as the finest bins of a baseline ask
TAIL = SAMPLE // 1000  # of the sample at either end may share the outermost places

Places = npt.NDArray[np.uint16]
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_TOP = np.uint64(48)


def sample(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Evenly spaced ones of at least `SAMPLE` values, ascending."""
    return np.sort(values[:: values.size // SAMPLE][:SAMPLE])


def differ(ascending: npt.NDArray[Any]) -> bool:
    """Whether a sample holds so many different values that they are not worth counting one by one."""
    return int((ascending[1:] != ascending[:-1]).sum()) >= DIFFERENT


@dataclass(frozen=True)
class Scale:
    """Finite numbers to places: never a larger number to a lower place. What lies outside goes to the outermost.

    Even in the numbers themselves, or, of many orders of magnitude, in their bits, which are their logarithm.
    """

    low: Any
    high: Any
    by_bits: bool

    @classmethod
    def of(cls, ascending: Floats) -> Scale:
        """The scale on which a sample is the less crowded."""
        low, high = float(ascending[0]), float(ascending[-1])
        beyond = (high - low) / 8  # what lies outside the sample: few rows, unless the tails are long
        inner = float(ascending[TAIL]), float(ascending[-1 - TAIL])
        bits = _ordered(np.array(inner))
        scales = [cls(low - beyond, high + beyond, by_bits=False), cls(*inner, by_bits=False)]
        usable = [scale for scale in scales if 0 < scale.factor < np.inf]
        usable.append(cls(bits[0], bits[1], by_bits=True))
        crowding = [scale.crowding(ascending) for scale in usable]
        return next(scale for scale, n in zip(usable, crowding, strict=True) if n <= 2 * min(crowding))

    @property
    def factor(self) -> float:
        """Places a unit, of an even scale."""
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            return float((PLACES - 1) / (np.float64(self.high) - np.float64(self.low)))

    def crowding(self, ascending: Floats) -> int:
        """How many pairs of a sample lie close together, and 1."""
        return int((np.bincount(self.places(ascending) >> np.uint16(6)) ** 2).sum())

    def places(self, values: Floats) -> Places:
        found = np.empty(values.size, np.uint16)
        for start in range(0, values.size, BLOCK):
            block = values[start : start + BLOCK]
            found[start : start + BLOCK] = self._by_bits(block) if self.by_bits else self._evenly(block)
        return found

    def _evenly(self, block: Floats) -> Floats:
        with np.errstate(over="ignore"):  # what overflows is beyond the last place
            placed: Floats = block - self.low
            placed *= self.factor
        return np.clip(placed, 0, PLACES - 1, out=placed)

    def _by_bits(self, block: Floats) -> Ints:
        placed = np.clip(_ordered(block), self.low, self.high)
        placed -= self.low
        shift = max(0, (int(self.high) - int(self.low)).bit_length() - 16)
        shifted: Ints = placed.view(np.uint64) >> np.uint64(shift)  # type: ignore[assignment]
        return shifted


def _ordered(values: Floats) -> Ints:
    """Integers in the order of the floats."""
    bits = (values + 0.0).view(np.int64)
    ordered: Ints = bits ^ ((bits >> 63) & np.int64(2**63 - 1))
    return ordered


class _Histogram:
    """Items in the order of the rows, the place of each, and how many share it."""

    def __init__(self, items: npt.NDArray[Any], places: Places) -> None:
        self.items, self.places = items, places
        self.counts: Ints = np.bincount(places, minlength=PLACES)

    @once
    def before(self) -> Ints:
        """How many items have lower places, by place."""
        return np.cumsum(self.counts) - self.counts

    def marked(self, places: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        """Which items are in any of these places, by row."""
        marks = np.zeros(PLACES, np.bool_)
        marks[places] = True
        return marks[self.places]

    def within(self, places: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], Ints]:
        """The items of these places, ascending, and where each of the places starts among them."""
        used = np.unique(places)
        starts = np.cumsum(self.counts[used]) - self.counts[used]
        return np.sort(self.items[self.marked(used)]), starts[np.searchsorted(used, places)]

    def crowded(self) -> tuple[npt.NDArray[Any], Ints, int]:
        """Values more frequent than any left out, ascending, with their counts, and the most that one left out has."""
        full = np.flatnonzero(self.counts > self.items.size // CROWD)
        others = self.counts.copy()
        others[full] = 0
        most = int(others.max())
        values, counts = runs(self.within(full)[0]) if full.size else (self.items[:0], self.counts[:0])
        kept = counts > most
        if kept.all():
            return values, counts, most
        return values[kept], counts[kept], max(most, int(counts[~kept].max()))


class UnsortedNumbers(Numbers):
    """`Numbers` in the order of their rows, of which more than 512 differ; sorted only for who asks for `values`."""

    def __init__(self, rows: Floats, absent: Absent, scale: Scale) -> None:
        self.__dict__ |= {"rows": rows, "absent": absent, "scale": scale, "keys": None, "ends": None, "runs": None}

    rows: Floats
    scale: Scale

    @once
    def values(self) -> Floats:
        ascending: Floats = np.sort(self.rows)
        ascending += 0.0  # -0.0 is 0.0
        return ascending

    def with_absent(self, absent: Absent) -> Numbers:
        return UnsortedNumbers(self.rows, absent, self.scale)

    @once
    def _histogram(self) -> _Histogram:
        return _Histogram(self.rows, self.scale.places(self.rows))

    @property
    def size(self) -> int:
        return self.rows.size

    @once
    def low(self) -> float:
        return float(self.rows.min()) + 0.0

    @once
    def high(self) -> float:
        return float(self.rows.max()) + 0.0

    @property
    def in_any_order(self) -> Floats:
        return self.rows

    @property
    def each(self) -> Floats:
        return self.rows

    def upto(self, edges: Floats) -> Ints:
        if edges.size == 0:
            return np.zeros(0, np.int64)
        places = self.scale.places(edges)
        near, starts = self._histogram.within(places)
        found: Ints = self._histogram.before[places] + np.searchsorted(near, edges, side="right") - starts
        return found

    def ranked(self, ranks: Ints) -> Floats:
        histogram = self._histogram
        places = np.searchsorted(histogram.before, ranks, side="right") - 1
        near, starts = histogram.within(places)
        found: Floats = near[starts + ranks - histogram.before[places]] + 0.0
        return found

    def frequent(self) -> tuple[Floats, Ints, int]:
        values, counts, error = self._histogram.crowded()
        return values + 0.0, counts, error


class UnsortedLabels(Labels):
    """`Labels` by the hashes of their rows, of which more than 512 differ; sorted only for who asks for `keys`."""

    def __init__(self, rows: Keys, texts: Any, absent: Absent) -> None:
        """`texts(rows, keys)` gives the labels of some rows."""
        self.__dict__ |= {"rows": rows, "texts": texts, "absent": absent}

    rows: Keys
    texts: Any

    @once
    def _runs(self) -> tuple[Keys, Ints]:
        return runs(np.sort(self.rows))

    @property
    def keys(self) -> Keys:
        return self._runs[0]

    @property
    def counts(self) -> Ints:
        return self._runs[1]

    @property
    def n_rows(self) -> int:
        return self.rows.size + self.absent.total

    @property
    def each(self) -> Keys:
        return self.rows

    @once
    def _histogram(self) -> _Histogram:
        return _Histogram(self.rows, (self.rows >> _TOP).astype(np.uint16))

    @property
    def differ_at_least(self) -> int:
        return int((self._histogram.counts > 0).sum())

    def frequent(self) -> tuple[Keys, Ints, int]:
        return self._histogram.crowded()

    def counted(self, keys: Keys) -> Ints:
        found = self._rows_of(keys)[1]
        at = np.searchsorted(keys, found)
        return np.bincount(at, minlength=keys.size).astype(np.int64)

    def bucketed(self, n: int) -> Ints:
        counts = np.zeros(n, np.int64)
        for block in in_blocks(self.rows):
            counts += np.bincount((block & np.uint64(n - 1)).astype(np.int64), minlength=n)
        return counts

    def resolve(self, wanted: Keys) -> Strings:
        if wanted.size == 0:
            return []
        at, keys = self._rows_of(np.sort(wanted))
        distinct, first = np.unique(keys, return_index=True)
        near = np.searchsorted(distinct, wanted)
        if distinct.size < wanted.size:
            raise KeyError(f"{wanted.size - distinct.size} of {wanted.size} keys are not in this column")
        found: Strings = self.texts(at[first[near]], wanted)
        return found

    def _rows_of(self, keys: Keys) -> tuple[Ints, Keys]:
        """The rows with one of these keys, which ascend, and which it is."""
        at = np.flatnonzero(self._histogram.marked(keys >> _TOP))
        held = self.rows[at]
        near = np.minimum(np.searchsorted(keys, held), max(keys.size - 1, 0))
        same = keys[near] == held if keys.size else np.zeros(0, np.bool_)
        return at[same], held[same]


class Tally(NamedTuple):
    """Distinct keys, ascending, how often each is there, and a row of each."""

    keys: Keys
    counts: Ints
    rows: Ints


def tally(keys: Keys, hashes: Keys | None = None) -> Tally:
    """Count keys of which few differ, shape `(n,)`, by a table of 65,536 of them; `hashes` spread what is no hash.

    Exact: what meets another key in its place is sorted.

    >>> tally(np.array([7, 9, 7], np.uint64), np.array([1, 2, 1], np.uint64) << np.uint64(60)).counts
    array([2, 1])
    """
    places = ((keys if hashes is None else hashes) >> _TOP).astype(np.uint16)
    row: npt.NDArray[Any] = np.full(PLACES, -1, np.int32 if keys.size < 2**31 else np.int64)
    row[places] = np.arange(keys.size, dtype=row.dtype)
    held = keys[np.maximum(row, 0)]
    others = np.flatnonzero(held[places] != keys)
    counts = np.bincount(places, minlength=PLACES)
    counts -= np.bincount(places[others], minlength=PLACES)
    used = np.flatnonzero(row >= 0)
    if not others.size:
        order = np.argsort(held[used])
        return Tally(held[used][order], counts[used][order], row[used][order].astype(np.int64))
    apart, first, n = np.unique(keys[others], return_index=True, return_counts=True)
    both = np.concatenate([held[used], apart])
    order = np.argsort(both)
    rows = np.concatenate([row[used], others[first]])
    return Tally(both[order], np.concatenate([counts[used], n])[order], rows[order])


def runs(ascending: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], Ints]:
    """Distinct ones of ascending values, and how often each is there."""
    if not ascending.size:
        return ascending, np.zeros(0, np.int64)
    starts = np.flatnonzero(np.concatenate([[True], ascending[1:] != ascending[:-1]]))
    return ascending[starts], np.diff(starts, append=ascending.size).astype(np.int64)


def unsorted(rows: Floats, absent: Absent) -> Numbers:
    """`Numbers` of at least `MANY` finite floats in the order of their rows: counted where few differ, else placed."""
    ascending = sample(rows)
    if differ(ascending):
        return UnsortedNumbers(rows, absent, Scale.of(ascending))
    bits = (rows + 0.0).view(np.uint64)
    found = tally(bits, bits * GOLDEN)
    distinct = found.keys.view(np.float64)
    order = np.argsort(distinct)
    return counted(distinct[order], found.counts[order], absent)


def counted(distinct: Floats, counts: Ints, absent: Absent) -> Numbers:
    """`Numbers` of distinct values, ascending, that are there so often."""
    return Numbers(np.repeat(distinct, counts), absent, runs=(distinct, counts))


def in_blocks(values: npt.NDArray[Any]) -> Iterator[npt.NDArray[Any]]:
    """Views of values, each of which fits the cache."""
    for start in range(0, values.size, BLOCK):
        yield values[start : start + BLOCK]


__all__ = [
    "MANY", "Scale", "Tally", "UnsortedLabels", "UnsortedNumbers", "counted", "differ", "in_blocks", "runs", "sample",
    "tally", "unsorted",
]  # fmt: skip
