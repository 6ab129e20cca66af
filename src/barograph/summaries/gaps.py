"""The longest stretch of time without a value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from barograph.errors import FormatError
from barograph.summaries import wire
from barograph.types import Floats, Ints, Numbers

CELLS_AT_MOST = 1024
FURTHEST = 2.0**40  # seconds from 1970: some 35,000 years, beyond any calendar


class Gap(NamedTuple):
    """Seconds between two consecutive values: the longest is `low` at least and `high` at most; where it begins."""

    low: float
    high: float
    start: float


@dataclass
class Gaps:
    """First and last value (seconds since 1970) in each occupied cell of time, at most 1,024 cells.

    Cells are 1, 2, 4, ... seconds long, always the shortest with which there are not too many of them: a function of
    the set of values alone, so merge is exact in its state. Of a span of time a cell is at most 1/512. Gaps between
    values of unlike cells are exact, those inside a cell shorter than it: so the longest gap is exact wherever it is
    longer than all that the cells span. Values further than 2**40 seconds from 1970 are passed over. At most 24 KB.

    >>> g = Gaps(); g.update(Numbers(np.array([0.0, 10.0, 25.5, 30.0]))); g.longest
    Gap(low=15.5, high=15.5, start=10.0)
    """

    level: int = 0
    cells: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    first: Floats = field(default_factory=lambda: np.zeros(0))
    last: Floats = field(default_factory=lambda: np.zeros(0))

    def update(self, batch: Numbers) -> None:
        values = batch.values[np.abs(batch.values) <= FURTHEST]
        if values.size:
            self._take(self.merge(_fitted(self.level, np.floor(values).astype(np.int64) >> self.level, values, values)))

    def _take(self, other: Gaps) -> None:
        self.level, self.cells, self.first, self.last = other.level, other.cells, other.first, other.last

    @property
    def resolution(self) -> float:
        """Seconds that a cell is long."""
        return float(2**self.level)

    @property
    def longest(self) -> Gap | None:
        """The longest gap between consecutive values; `None` of fewer than two different values."""
        if not self.cells.size or self.first[0] == self.last[-1]:
            return None
        within = float((self.last - self.first).max())
        between = self.first[1:] - self.last[:-1]
        if not between.size:  # at least two values in one cell
            return Gap(0.0, within, float(self.first[0]))
        at = int(between.argmax())
        low = float(between[at])
        return Gap(low, max(low, within), float(self.last[at]))

    def merge(self, other: Gaps) -> Gaps:
        level = max(self.level, other.level)
        cells = [side.cells >> (level - side.level) for side in (self, other)]
        joined = np.concatenate(cells)
        firsts, lasts = (np.concatenate([getattr(s, name) for s in (self, other)]) for name in ("first", "last"))
        order = np.lexsort((lasts, firsts, joined))
        return _fitted(level, joined[order], firsts[order], lasts[order])

    def to_state(self) -> wire.State:
        return {"level": self.level, **{name: wire.pack(getattr(self, name)) for name in ("cells", "first", "last")}}

    @classmethod
    def from_state(cls, state: wire.State) -> Gaps:
        level, cells = wire.count(state, "level"), wire.unpack(state, "cells", "i")
        first, last = (wire.unpack(state, name, "f", cells.size) for name in ("first", "last"))
        wire.ascending("cells", cells)
        if level > 42 or cells.size > CELLS_AT_MOST:
            raise FormatError(f"level: {cells.size} cells of 2**{level} seconds")
        sound = (np.abs(first) <= FURTHEST) & (np.abs(last) <= FURTHEST) & (first <= last)
        if not sound.all():
            raise FormatError("first: not a moment before the last of its cell")
        if any((np.floor(ends).astype(np.int64) >> level != cells).any() for ends in (first, last)):
            raise FormatError("cells: not where their values lie")
        return cls(level, cells, first, last)


def _fitted(level: int, cells: Ints, first: Floats, last: Floats) -> Gaps:
    """Cells ascending, some more than once: each once, and so long that they are not too many."""
    while True:
        starts = np.flatnonzero(np.diff(cells, prepend=cells[:1] - 1)) if cells.size else np.zeros(0, np.int64)
        if starts.size:
            cells, first = cells[starts], np.minimum.reduceat(first, starts)
            last = np.maximum.reduceat(last, starts)
        if cells.size <= CELLS_AT_MOST:
            return Gaps(level, cells, first + 0.0, last + 0.0)
        level, cells = level + 1, cells >> 1
