"""Slices of rows, of one column's cell or of two: what the metrics that say where something changed share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from barograph.errors import ParameterError
from barograph.joint import SLICED_AT_MOST, held, reading
from barograph.needs import Need
from barograph.profile import Profile
from barograph.schema import Schema
from barograph.summaries import SliceMoments
from barograph.summaries.cuts import agree
from barograph.summaries.slicemoments import SLICE_WIDTH
from barograph.types import Floats, Ints

ROWS_AT_LEAST = 30  # on both sides, of a slice and of what it is held against
WEIGHED_AT_MOST = 300  # of those found, so many of the surest are told apart


class Slice(NamedTuple):
    """A cell of a column, or with `other` of two."""

    column: int
    cell: int
    other: int
    other_cell: int

    @property
    def single(self) -> bool:
        """Whether it is of one column alone."""
        return self.column == self.other

    @property
    def cells(self) -> set[tuple[int, int]]:
        """Its column and cell, or both of them."""
        return {(self.column, self.cell), (self.other, self.other_cell)}


class Sides(NamedTuple):
    """The slices of both sides, the columns that they are of, and which of these are asked for."""

    now: SliceMoments
    then: SliceMoments
    columns: tuple[str, ...]
    asked: tuple[int, ...]

    def among(self, wanted: npt.NDArray[np.bool_]) -> list[Slice]:
        """The slices at which a mask of tables is true; of a column beside itself only the diagonal is some."""
        first, second = np.triu_indices(len(self.columns))
        found = (Slice(int(first[t]), int(x), int(second[t]), int(y)) for t, x, y in np.argwhere(wanted))
        return [s for s in found if not (s.single and s.cell != s.other_cell)]

    def candidates(self) -> npt.NDArray[np.bool_]:
        """Which cells of all tables are slices of the columns asked for."""
        first, second = np.triu_indices(len(self.columns))
        asked = np.isin(first, self.asked) & np.isin(second, self.asked)
        found = (first != second)[:, None, None] | np.eye(SLICE_WIDTH, dtype=bool)
        mask: npt.NDArray[np.bool_] = asked[:, None, None] & found
        return mask

    def at(self, found: Slice) -> tuple[int, int, int]:
        """Where a slice is in the tables."""
        return self.now.table(found.column, found.other), found.cell, found.other_cell

    def name(self, found: Slice) -> str:
        """What people call a slice."""
        parts = [f"{self.columns[c]}: {self.now.name(c, cell)}" for c, cell in sorted(found.cells)]
        return " & ".join(parts)


def sides(need: Need | None, current: Profile, reference: Profile | None) -> Sides | str:
    """Both sides of a need; or why there are none."""
    if need is None:
        return "no feature with cells: identities, times of rows and texts have none"
    if reference is None:
        return "it compares with a reference"
    keys = [held(profile.summaries, need) for profile in (current, reference)]
    if keys[0] is None or keys[1] != keys[0]:
        return "the baseline was made without slices: Baseline.of(rows, needs=...) with this metric's needs"
    now, then = current.summaries[keys[0]], reference.summaries[keys[1]]
    agree(now.cuts, then.cuts)
    if not now.n_rows or not then.n_rows:
        return "no rows" if not now.n_rows else "no rows in the reference"
    return Sides(now, then, keys[0].columns, tuple(keys[0].columns.index(column) for column in need.columns))


def sliceable(columns: Iterable[str], most: int, alpha: float) -> None:
    """Raise `ParameterError` for too many columns, no number of slices, or what is no rate of false alarms."""
    if isinstance(columns, str) or len(tuple(columns)) > SLICED_AT_MOST:
        raise ParameterError(f"{columns!r} cannot be sliced by; give a tuple of up to {SLICED_AT_MOST} columns")
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise ParameterError(f"{most!r} slices cannot be listed; give 1 or more")
    if isinstance(alpha, bool) or not 0 < alpha < 1:
        raise ParameterError(f"alpha is {alpha!r}; it is a chance between 0 and 1, such as 0.01")


def left_out(schema: Schema, columns: tuple[str, ...]) -> str:
    """What a note says where there are more features than are sliced by, and none were named."""
    possible = sum(reading(schema, c) is not None for c in schema.features)
    if columns or possible <= SLICED_AT_MOST:
        return ""
    return f"; of {possible} features the first {SLICED_AT_MOST}, name others as columns=..."


def beside(tables: Floats, found: SliceMoments, column: int, other: int) -> Floats:
    """The table of two columns, in whatever order: cells of the first along the last axis but one."""
    if column <= other:
        return tables[..., found.table(column, other), :, :]
    return np.swapaxes(tables[..., found.table(other, column), :, :], -1, -2)


def told_apart(surest: Iterable[Slice], still: Callable[[Slice, list[Slice]], bool]) -> list[Slice]:
    """Those that others do not explain, the surest first: `still(slice, kept)` says whether one is there without them.

    A pair that comes after one of its columns can explain that in turn, so that all of one column are asked again.
    """
    kept: list[Slice] = []
    for found in surest:
        if still(found, kept):
            kept.append(found)
    for found in [s for s in reversed(kept) if s.single]:
        others = [s for s in kept if s != found]
        if not still(found, others):
            kept = others
    return kept


def explained_cells(single: Slice, other: int, kept: Iterable[Slice]) -> Ints:
    """Cells of another column in which the rows of a slice of one column belong to slices that are kept."""
    mine = (single.column, single.cell)
    cells: set[int] = set()
    for known in kept:
        rest = known.cells - {mine}
        if len(rest) == 1:
            cells |= {cell for column, cell in rest if column == other}
    return np.array(sorted(cells), np.int64)
