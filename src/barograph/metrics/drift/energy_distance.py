"""Energy distance, without a unit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.drift.cells import WIDEST, Cells, OrderedComparison, gap_bounds, shares, too_wide, widths
from barograph.profile import Profile
from barograph.results import Spec
from barograph.types import Floats


@dataclass(frozen=True)
class EnergyDistance(OrderedComparison):
    """Energy distance sqrt(2 integral (F - G)^2), in units of the reference's own spread, so that no unit matters.

    Its square is divided by the reference's mean absolute difference E|X - X'| = 2 integral F (1 - F) (Gini 1912),
    which one outlier moves far less than a standard deviation; `scaled=False` gives it in the root of the column's
    units. Range 0 to infinity, lower is better; for ordered columns. About 0.71 of a small shift in standard deviations
    of a normal column; of a far one sqrt(2 shift / E|X - X'|). Under no drift its square is about 1/n + 1/m. The
    distributions are taken as straight inside a cell, and `low` and `high` bound the distance whatever they are (`high`
    is left open where the cells do not tell the reference's spread). Exact where each value has its own cell. A
    constant reference has no spread: `None` when scaled, unless nothing differs. Empty on either side, a column without
    order or a range of 1e300: `None`.

    Other tools: in Evidently 0.7.23 it depends on the unit: the same rows score 0.05, and 0.96 when multiplied by
    1,000.

    Szekely & Rizzo, Energy statistics (2013); Cramer (1928) for the integral.

    >>> from barograph import Baseline, Profile
    >>> base = Baseline.of({"age": [1, 2, 3, 4]})
    >>> now = Profile.of({"age": [3, 4]}, base)
    >>> round(EnergyDistance("age").compute(now, base.profile).values[0].value, 4)
    0.7746
    """

    column: str | None = None
    scaled: bool = True

    spec: ClassVar[Spec] = Spec(
        name="energy_distance",
        title="Energy distance",
        group="drift",
        help="Root of twice the area of the squared gap of the distributions, in units of the reference's spread.",
        direction="lower",
        range=(0.0, None),
        reference="required",
    )

    def cells(self, current: Profile, reference: Profile, column: str, view: str) -> Cells | str:
        found = super().cells(current, reference, column, view)
        if isinstance(found, str):
            return found
        if too_wide(found):
            return f"the values range over more than {WIDEST:g}"
        if self.scaled and not found.std and found.high > found.low:
            return "the reference is constant or one row: it has no spread to divide by"
        return found

    def statistic(self, current: Floats, reference: Floats, cells: Cells) -> Floats:
        width, unit = _relative_widths(cells)
        p = shares(reference)
        gap = np.cumsum(p - shares(current), axis=-1)
        area = 2 * (_straight(gap) * width).sum(axis=-1)
        if self.scaled:
            upto = np.cumsum(p, axis=-1)
            spread = 2 * ((upto - p / 2 - _straight(upto)) * width).sum(axis=-1)
            area = np.divide(area, spread, out=np.zeros_like(area), where=spread > 0)
        else:
            area = area * unit
        distance: Floats = np.sqrt(area)
        return distance

    def bounds(self, cells: Cells) -> tuple[float | None, float | None]:
        width, unit = _relative_widths(cells)
        least, most = gap_bounds(cells)
        areas = [2 * float((gap**2 * width).sum()) for gap in (least, most)]
        low, high = 1.0 / unit, 1.0 / unit
        if self.scaled:
            upto = np.concatenate([[0.0], np.cumsum(shares(cells.reference.astype(float)))])
            ends = upto * (1 - upto)
            flattest, steepest = np.minimum(ends[1:], ends[:-1]), np.maximum(ends[1:], ends[:-1])
            steepest = np.where((upto[:-1] <= 0.5) & (upto[1:] >= 0.5), 0.25, steepest)
            low, high = (2 * float((mass * width).sum()) for mass in (flattest, steepest))
        found = self.observed(cells)
        nearest = math.sqrt(areas[0] / high) if high > 0 else 0.0
        farthest = max(found, math.sqrt(areas[1] / low)) if low > 0 else None
        return min(found, nearest), found if areas[1] == 0 else farthest


def _relative_widths(cells: Cells) -> tuple[Floats, float]:
    """Widths of the cells as shares of the range, and the range: tiny units do not vanish in squares, nor huge ones."""
    width = widths(cells)
    unit = float(width.max(initial=0.0)) or 1.0
    return width / unit, unit


def _straight(height: Floats) -> Floats:
    """Mean over each cell of the square of a line from the last cell's end to its own."""
    before = np.concatenate([np.zeros_like(height[..., :1]), height[..., :-1]], axis=-1)
    square: Floats = (before**2 + before * height + height**2) / 3
    return square
