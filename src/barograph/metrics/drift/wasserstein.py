"""Wasserstein distance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from barograph.metrics.drift.cells import (
    WIDEST,
    Cells,
    OrderedComparison,
    drift_needs,
    gap_bounds,
    shares,
    too_wide,
    widths,
)
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Spec
from barograph.schema import Schema
from barograph.summaries import Quantiles
from barograph.summaries.bins import atoms
from barograph.types import Floats


@dataclass(frozen=True)
class Wasserstein(OrderedComparison):
    """Wasserstein-1 (earth mover's) distance: the area between the cumulative distributions.

    In standard deviations of the reference, or in the column's own units with `scaled=False`. Range 0 to infinity,
    lower is better; for ordered columns; a pure shift by s has distance s; under no drift about 1.3 sqrt(1/n + 1/m) for
    a normal column. Exact where the reference has no more distinct values than the baseline has bins and the current
    rows no others, and where all rows moved one way (it is the difference of the means then); else the distributions
    are taken as straight inside a cell, the current one beyond the reference's range is read from its quantile summary,
    and `low` and `high` bound the distance whatever they are. A constant reference has no standard deviation: `None`
    when scaled. Empty on either side, or a range of 1e300: `None`.

    Other tools: Evidently 0.7.23 divides by at least 0.001, so that a move by 100 standard deviations of 1e-6 passes;
    and its fixed limit of 0.1 alarms for 96 % of unchanged normal columns with 1,001 reference and 50 current rows.

    Kantorovich (1942), Vallender (1974).

    >>> from barograph import Baseline, Profile
    >>> base = Baseline.of({"age": [1, 2, 3, 4]})
    >>> Wasserstein("age", scaled=False).compute(Profile.of({"age": [2, 3, 4, 4]}, base), base.profile).values[0].value
    0.75
    """

    column: str | None = None
    scaled: bool = True

    spec: ClassVar[Spec] = Spec(
        name="wasserstein",
        title="Wasserstein distance",
        group="drift",
        help="Area between the cumulative distributions, in standard deviations of the reference unless scaled=False.",
        direction="lower",
        range=(0.0, None),
        reference="required",
    )

    def needs(self, schema: Schema) -> Iterator[Need]:
        for need in drift_needs(schema, self.column):
            yield need
            if need.summary == "bins":
                yield Need("quantiles", need.columns, need.view)

    def cells(self, current: Profile, reference: Profile, column: str, view: str) -> Cells | str:
        found = super().cells(current, reference, column, view)
        if isinstance(found, str):
            return found
        if too_wide(found):
            return f"the values range over more than {WIDEST:g}"
        if self.scaled and not found.std and found.high > found.low:
            return "the reference is constant or one row: it has no standard deviation to divide by"
        return replace(found, beyond=_beyond(current.get("quantiles", column, view=view), found))

    def statistic(self, current: Floats, reference: Floats, cells: Cells) -> Floats:
        area: Floats = self._areas(current, reference, cells).sum(axis=-1)
        return area

    def _areas(self, current: Floats, reference: Floats, cells: Cells) -> Floats:
        """The area in each cell, in the unit of the result."""
        gap = np.cumsum(shares(reference), axis=-1)
        gap -= np.cumsum(shares(current), axis=-1)
        signed = np.zeros_like(gap)  # the gap where a cell begins
        signed[..., 1:] = gap[..., :-1]
        twice = np.abs(gap) + np.abs(signed)
        # the area under |a straight line| from signed to gap: a trapezoid, or two triangles where it crosses zero
        crossing = signed * gap < 0
        before, after = signed[crossing], gap[crossing]
        twice[crossing] = (before**2 + after**2) / np.abs(after - before)
        twice *= widths(cells) / (2 * self._scale(cells))
        areas: Floats = twice
        return areas

    def observed(self, cells: Cells) -> float:
        low, high = self.bounds(cells)
        current, reference = cells.current.astype(float), cells.reference.astype(float)
        gap = np.cumsum(shares(reference) - shares(current))[:-1]
        if (gap >= -ROUNDING).all() or (gap <= ROUNDING).all():  # one way: the means say it all
            return low
        areas = self._areas(current, reference, cells)
        if cells.beyond is not None:
            areas[[0, -1]] = np.array(cells.beyond) / self._scale(cells)
        return float(np.clip(areas.sum(), low, high))

    def bounds(self, cells: Cells) -> tuple[float, float]:
        assert cells.edges is not None
        least, most = gap_bounds(cells)
        width = np.where(atoms(cells.edges), 0.0, widths(cells)) / self._scale(cells)
        low, high = float((least * width).sum()), float((most * widths(cells)).sum() / self._scale(cells))
        # no way of moving the rows is shorter than the way of their mean
        low = max(low, abs(cells.shift) / self._scale(cells))
        return low, max(low, high)

    def _scale(self, cells: Cells) -> float:
        return cells.std if self.scaled and cells.std else 1.0


ROUNDING = 1e-12


def _beyond(quantiles: Quantiles | None, cells: Cells) -> tuple[float, float] | None:
    """Mean distance of the current rows below the first and above the last edge, where the reference has no rows."""
    if quantiles is None or cells.edges is None or not cells.edges.size or cells.reference[0] or cells.reference[-1]:
        return None
    first, last = cells.edges[0], cells.edges[-1]
    below = above = 0.0
    for i, level in enumerate(quantiles.levels):
        weight = (1 << i) / quantiles.n
        below += weight * float(np.maximum(first - level, 0.0).sum())
        above += weight * float(np.maximum(level - last, 0.0).sum())
    return below, above
