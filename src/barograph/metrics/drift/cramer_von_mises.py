"""Two-sample Cramer-von Mises test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.drift.cells import Cells, OrderedComparison, gap_bounds, shares
from barograph.metrics.drift.weighted_chi_squares import bridge, tail, ties
from barograph.results import Spec
from barograph.summaries.bins import atoms
from barograph.types import Floats


@dataclass(frozen=True)
class CramerVonMises(OrderedComparison):
    """Two-sample Cramer-von Mises: n m / (n + m) times the mean of (F - G)^2 over the rows of both sides.

    Range 0 to infinity, lower is better; for ordered columns; 0 for like sides, about 1/6 under no drift. Sees moves
    and changes of shape, most in the middle. Equal rows have the mean of the squares before and after them, so that
    neither order is preferred; in a cell of several values the gap is taken as a straight line. Exact where each value
    has its own cell; else `low` and `high` bound the statistic of all rows. `p_value` by its limit law for the ties at
    hand: with few values that is not the one of the tables. The statistic grows with n: compare p-values. Empty on
    either side, or a column without order: `None`.

    Cramer (1928), von Mises (1928); Anderson (1962) for two samples.

    >>> from barograph import Baseline, Profile
    >>> base = Baseline.of({"age": list(range(20))})
    >>> value = CramerVonMises("age").compute(Profile.of({"age": [12, 15, 17, 18, 19]}, base), base.profile).values[0]
    >>> round(value.value, 3), round(value.p_value, 3)
    (0.573, 0.026)
    """

    column: str | None = None
    degree: ClassVar[int] = 2
    grows: ClassVar[bool] = True
    spec: ClassVar[Spec] = Spec(
        name="cramer_von_mises",
        title="Cramer-von Mises statistic",
        group="drift",
        help="Mean squared gap of the two cumulative distributions, times n m / (n + m); judge it by its p-value.",
        direction="lower",
        range=(0.0, None),
        reference="required",
    )

    def statistic(self, current: Floats, reference: Floats, cells: Cells) -> Floats:
        n, m = current.sum(axis=-1), reference.sum(axis=-1)
        square = _square(np.cumsum(shares(reference) - shares(current), axis=-1), cells)
        found: Floats = n * m / (n + m) * (shares(current + reference) * square).sum(axis=-1)
        return found

    def bounds(self, cells: Cells) -> tuple[float | None, float | None]:
        assert cells.edges is not None
        n, m = cells.n_current, cells.n_reference
        least, most = gap_bounds(cells)
        known = _square(np.cumsum(shares(cells.reference.astype(float)) - shares(cells.current.astype(float))), cells)
        single, weight = atoms(cells.edges), shares((cells.current + cells.reference).astype(float)) * (n * m / (n + m))
        low = float((np.where(single, known, least**2) * weight).sum())
        high = float((np.where(single, known, most**2) * weight).sum())
        found = self.observed(cells)
        return min(low, found), max(high, found)

    def p_value(self, cells: Cells) -> float | None:
        share = ties(cells.current + cells.reference)
        if share.size < 2:
            return 1.0
        root = np.sqrt((share[1:] + share[:-1]) / 2)
        weights = np.linalg.eigvalsh(root[:, None] * bridge(share) * root)
        return tail(self.observed(cells), weights)


def _square(gap: Floats, cells: Cells) -> Floats:
    """Mean square of the gap in each cell, of one value or of several, from the gap at the cells' ends."""
    assert cells.edges is not None
    before = np.concatenate([np.zeros_like(gap[..., :1]), gap[..., :-1]], axis=-1)
    stepped = (before**2 + gap**2) / 2
    return np.where(atoms(cells.edges), stepped, (2 * stepped + before * gap) / 3)
