"""How many rows there are, and what they lose, in the cells of single columns and of pairs of columns."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from barograph.errors import FormatError, MergeError
from barograph.summaries import wire
from barograph.summaries.cuts import MISSING, OTHER, Cut, agree, cuts_of
from barograph.types import Floats, Ints, Measured

LABELS_AT_MOST = 6  # cells of a nominal column; labels without one share the next cell
GROUPS_AT_MOST = 7  # cells of an ordered one, which has no others
OTHERS = 6
LACKING = 7
SLICE_WIDTH = 8


@dataclass
class SliceMoments:
    """Rows, and the mean and spread of one measure, in each cell of each column and of each pair of columns.

    Table t is of the t-th of the pairs (0, 0), (0, 1), ... (1, 1), (1, 2), ...: 8 by 8 cells, a column beside itself on
    its diagonal. Of an ordered column the cells are at most seven groups, of a nominal one six labels and the others;
    the last cell is of what is absent. `rows` are all rows, `n` those in which the measure is known, `mean` and `m2`
    its mean and its summed squared deviations there (merge: Chan, Golub & LeVeque 1979). Without a measure (an empty
    name) only rows are counted. Rows count once, whatever they weigh. Exact up to rounding; unlike cells or measures
    refuse. Cost: four `bincount`s a table, 0.15 s for 100,000 rows of 12 columns; 2 KB a table, 160 KB for 12 columns.

    >>> s = SliceMoments([Cut(np.array([0.0]), None, ["low", "high"])] * 2, "error")
    >>> error = {"error": np.array([9.0, 1.0, 2.0])}
    >>> s.update(Measured((np.array([-1.0, 1.0, 1.0]), np.array([-2.0, 5.0, 5.0])), 3, error))
    >>> s.rows[s.table(0, 1), :2, :2].tolist(), float(s.mean[s.table(0, 1), 1, 1])
    ([[1, 0], [0, 2]], 1.5)
    """

    cuts: list[Cut]
    measure: str = ""
    n_rows: int = 0
    rows: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    n: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    mean: Floats = field(default_factory=lambda: np.zeros(0))
    m2: Floats = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        if self.rows.ndim == 1:
            shape = (_tables(len(self.cuts)), SLICE_WIDTH, SLICE_WIDTH)
            self.rows, self.n = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
            self.mean, self.m2 = np.zeros(shape), np.zeros(shape)

    def table(self, first: int, second: int) -> int:
        """Where the table of two columns is, the first of them not after the second."""
        return first * len(self.cuts) - first * (first - 1) // 2 + second - first

    def name(self, column: int, cell: int) -> str:
        """What a cell of a column is called."""
        cut = self.cuts[column]
        if cell == LACKING:
            return cut.name(MISSING)
        return cut.name(OTHER if cell == OTHERS and not cut.ordered else cell)

    def blank(self) -> SliceMoments:
        """No rows, the same cells and measure."""
        return SliceMoments(self.cuts, self.measure)

    def update(self, batch: Measured) -> None:
        merged = self.merge(self._of(batch))
        self.n_rows, self.rows = merged.n_rows, merged.rows
        self.n, self.mean, self.m2 = merged.n, merged.mean, merged.m2

    def merge(self, other: SliceMoments) -> SliceMoments:
        agree(self.cuts, other.cuts)
        if self.measure != other.measure:
            raise MergeError(
                f"slices of {self.measure or 'no measure'!r} and of {other.measure or 'no measure'!r} do not merge; "
                "profile both sides against one baseline"
            )
        n = self.n + other.n
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            delta = other.mean - self.mean
            fewer, more = np.minimum(self.n, other.n), np.maximum(self.n, other.n)
            mean = self.mean * (self.n / n) + other.mean * (other.n / n)
            mean = np.where(delta == 0, self.mean, mean)
            m2 = self.m2 + other.m2 + delta * delta * (fewer * (more / n))
        mine, theirs = other.n == 0, self.n == 0
        return SliceMoments(
            self.cuts,
            self.measure,
            self.n_rows + other.n_rows,
            self.rows + other.rows,
            n,
            wire.canonical(np.where(mine, self.mean, np.where(theirs, other.mean, mean))),
            wire.canonical(np.where(mine, self.m2, np.where(theirs, other.m2, m2))),
        )

    def to_state(self) -> wire.State:
        arrays = {name: wire.pack(getattr(self, name)) for name in ("rows", "n", "mean", "m2")}
        return {"cuts": [c.to_state() for c in self.cuts], "measure": self.measure, "n_rows": self.n_rows, **arrays}

    @classmethod
    def from_state(cls, state: wire.State) -> SliceMoments:
        cuts, measure, n_rows = cuts_of(state), wire.field(state, "measure", str), wire.count(state, "n_rows")
        if any(len(cut.names) > (GROUPS_AT_MOST if cut.ordered else LABELS_AT_MOST) for cut in cuts):
            raise FormatError(f"cuts: more than {LABELS_AT_MOST} labels or {GROUPS_AT_MOST} groups in a column")
        shape = (_tables(len(cuts)), SLICE_WIDTH, SLICE_WIDTH)
        size = shape[0] * SLICE_WIDTH**2
        rows, n = (wire.counts(state, name, size).reshape(shape) for name in ("rows", "n"))
        mean, m2 = (wire.unpack(state, name, "f", size).reshape(shape) for name in ("mean", "m2"))
        if (rows.sum(axis=(1, 2)) != n_rows).any() or (n > rows).any():
            raise FormatError(f"rows: not {n_rows} in each table, or fewer than were measured")
        if (m2 < 0).any():
            raise FormatError(f"m2: squares cannot sum to {m2.min()}")
        return cls(cuts, measure, n_rows, rows, n, mean, m2)

    def _of(self, batch: Measured) -> SliceMoments:
        """The moments of one batch."""
        found = SliceMoments(self.cuts, self.measure, batch.n_rows)
        codes = [_narrow(cut.codes(column)) for cut, column in zip(self.cuts, batch.columns, strict=True)]
        values = batch.measures.get(self.measure, np.full(batch.n_rows, np.nan))
        known = np.isfinite(values)
        v = values[known]
        origin = float(v[0]) if v.size else 0.0  # a constant deviates by nothing
        every, shape = bool(known.all()), (SLICE_WIDTH, SLICE_WIDTH)
        table = 0
        with np.errstate(over="ignore", invalid="ignore"):
            v = v - origin
            for i, first in enumerate(codes):
                for second in codes[i:]:
                    cell = first * SLICE_WIDTH + second
                    found.rows[table] = _summed(cell).reshape(shape)
                    cell = cell if every else cell[known]
                    n = found.rows[table].ravel() if every else _summed(cell)
                    middle = _summed(cell, v) / np.maximum(n, 1)
                    found.n[table] = n.reshape(shape)
                    found.mean[table] = np.where(n > 0, origin + middle, 0.0).reshape(shape)
                    found.m2[table] = _summed(cell, (v - middle[cell]) ** 2).reshape(shape)
                    table += 1
        found.mean, found.m2 = wire.canonical(found.mean), wire.canonical(found.m2)
        return found


def _tables(columns: int) -> int:
    return columns * (columns + 1) // 2


def _narrow(codes: Ints) -> Ints:
    """Cells of a cut, eight to a row."""
    return np.where(codes >= OTHER, codes - (OTHER - OTHERS), codes)


def _summed(cell: Ints, values: Floats | None = None) -> np.ndarray:
    return np.bincount(cell, values, SLICE_WIDTH**2)
