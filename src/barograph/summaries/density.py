"""Two numbers of each row, counted in squares."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from barograph.errors import FormatError
from barograph.summaries import wire
from barograph.types import Floats, Ints, Regressed

SQUARES_AT_MOST = 1024
BITS = 52  # a place is a whole number that float64 holds
_LOWEST, _HIGHEST = -1074, 1024


@dataclass
class Density:
    """Sums of weights in the squares of a grid over target and prediction, of which no more than 1024 are kept.

    A square is `[i 2^e, (i + 1) 2^e) x [j 2^e, (j + 1) 2^e)`, with one `exponent` e for all: the smallest at which the
    rows lie in at most 1024 squares and the largest number lies at a place below 2^52. Both conditions hold for a part
    where they hold for the whole, and halving the grid moves each row to the same square whenever it is done: so the
    squares depend on the rows alone, and merge is exact. Only squares with rows are kept: one outlier costs one square,
    and the others stay small. `rows` and `columns` are the places of target and prediction, ascending by row, then
    column. `n_dropped` rows lack a side or a weight. Cost: one sort of the batch.
    """

    exponent: int = _LOWEST
    rows: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    columns: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    weights: Floats = field(default_factory=lambda: np.zeros(0))
    n: int = 0
    n_dropped: int = 0

    def update(self, batch: Regressed) -> None:
        largest = max(np.abs(batch.target).max(initial=0.0), np.abs(batch.prediction).max(initial=0.0))
        exponent = max(math.frexp(largest)[1] - BITS, _LOWEST) if largest else _LOWEST
        rows, columns = _places(batch.target, exponent), _places(batch.prediction, exponent)
        weights = np.ones(batch.target.size) if batch.weight is None else batch.weight
        merged = self.merge(_kept(exponent, rows, columns, weights, batch.target.size, batch.n_dropped))
        self.exponent, self.rows, self.columns = merged.exponent, merged.rows, merged.columns
        self.weights, self.n, self.n_dropped = merged.weights, merged.n, merged.n_dropped

    @property
    def width(self) -> float:
        """Side of a square."""
        return math.ldexp(1.0, self.exponent)

    def merge(self, other: Density) -> Density:
        exponent = max(self.exponent, other.exponent)
        # places are below 2**53: shifting by 62 leaves nothing of them but their sign
        shifts = [min(exponent - side.exponent, 62) for side in (self, other)]
        rows, columns = (
            np.concatenate([getattr(side, name) >> shift for side, shift in zip((self, other), shifts, strict=True)])
            for name in ("rows", "columns")
        )
        weights = np.concatenate([self.weights, other.weights])
        return _kept(exponent, rows, columns, weights, self.n + other.n, self.n_dropped + other.n_dropped)

    def to_state(self) -> wire.State:
        arrays = {name: wire.pack(getattr(self, name)) for name in ("rows", "columns", "weights")}
        return {"halvings": self.exponent - _LOWEST, "n": self.n, "n_dropped": self.n_dropped, **arrays}

    @classmethod
    def from_state(cls, state: wire.State) -> Density:
        exponent = wire.count(state, "halvings") + _LOWEST
        if exponent > _HIGHEST:
            raise FormatError(f"halvings: {exponent - _LOWEST} where at most {_HIGHEST - _LOWEST} belong")
        rows = wire.unpack(state, "rows", "i")
        size = rows.size
        columns, weights = wire.unpack(state, "columns", "i", size), wire.weights(state, "weights", size)
        if size > SQUARES_AT_MOST:
            raise FormatError(f"rows: {size} squares where at most {SQUARES_AT_MOST} belong")
        if any(size and (places.min() < -(2**53) or places.max() > 2**53) for places in (rows, columns)):
            raise FormatError("rows: places beyond 2**53")
        again = (rows[1:] > rows[:-1]) | ((rows[1:] == rows[:-1]) & (columns[1:] > columns[:-1]))
        if not again.all():
            raise FormatError("rows: not ascending")
        n = wire.count(state, "n")
        if size > n:
            raise FormatError(f"n: {n} rows in {size} squares")
        return cls(exponent, rows, columns, weights, n, wire.count(state, "n_dropped"))


def _places(x: Floats, exponent: int) -> Ints:
    """In which interval of the grid each number lies."""
    places: Ints = np.floor(np.ldexp(x, -exponent)).astype(np.int64)
    places[(x < 0) & (places == 0)] = -1  # what is too small for a float stays below 0
    return places


def _kept(exponent: int, rows: Ints, columns: Ints, weights: Floats, n: int, n_dropped: int) -> Density:
    """Rows in squares, halving the grid until there are few enough."""
    while True:
        order = np.lexsort((columns, rows))
        rows, columns, weights = rows[order], columns[order], weights[order]
        new = np.ones(rows.size, bool)
        new[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
        starts = np.flatnonzero(new)
        if starts.size:
            weights = np.add.reduceat(weights, starts)
        rows, columns = rows[starts], columns[starts]
        if rows.size <= SQUARES_AT_MOST:
            return Density(exponent, rows, columns, weights, n, n_dropped)
        exponent, rows, columns = exponent + 1, rows >> 1, columns >> 1
