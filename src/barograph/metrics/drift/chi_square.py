"""Two-sample chi-square."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.drift.cells import Cells, CoarseComparison
from barograph.profile import Profile
from barograph.results import Spec
from barograph.special import gamma_tail
from barograph.types import Floats

EXPECTED_AT_LEAST = 5.0


@dataclass(frozen=True)
class ChiSquare(CoarseComparison):
    """Chi-square test of homogeneity of current and reference counts: both are samples, neither is the truth.

    Range 0 to infinity, lower is better; under no drift about its degrees of freedom, cells - 1. Cells as for `psi`;
    those with fewer than 5 expected rows on either side are pooled into one (and left out where even that has none).
    `p_value` by the chi-square law; with over 256 labels there is none, and the noise is simulated. A statistic grows
    with n: compare p-values, not statistics. Fewer than two cells: 0 with a p-value of 1. Empty on either side: `None`.

    Pearson (1900); Cochran (1954) for the rule of five.

    >>> from barograph import Baseline, Profile
    >>> base = Baseline.of({"city": ["Ulm"] * 50 + ["Bonn"] * 50})
    >>> now = Profile.of({"city": ["Ulm"] * 30 + ["Bonn"] * 10}, base)
    >>> value = ChiSquare("city").compute(now, base.profile).values[0]
    >>> round(value.value, 3), round(value.p_value, 4)
    (7.292, 0.0069)
    """

    spec: ClassVar[Spec] = Spec(
        name="chi_square",
        title="Chi-square of homogeneity",
        group="drift",
        help="Two-sample chi-square statistic of current and reference counts; judge it by its p-value.",
        direction="lower",
        range=(0.0, None),
        reference="required",
    )

    def cells(self, current: Profile, reference: Profile, column: str, view: str) -> Cells | str:
        found = super().cells(current, reference, column, view)
        # the cell of unseen labels is empty in the reference by its making: no chi-square law, and no pooling for one
        return found if isinstance(found, str) or found.singles is not None else _pooled(found)

    def statistic(self, current: Floats, reference: Floats, cells: Cells) -> Floats:
        both = current + reference
        total = both.sum(axis=-1, keepdims=True)
        statistic = np.zeros(both.shape[:-1])
        for side in (current, reference):
            expected = both * side.sum(axis=-1, keepdims=True) / np.maximum(total, 1.0)
            statistic = statistic + np.divide(
                (side - expected) ** 2, expected, out=np.zeros_like(expected), where=expected > 0
            ).sum(axis=-1)
        return statistic

    def p_value(self, cells: Cells) -> float | None:
        if cells.singles is not None:
            return None
        freedom = cells.current.size - 1
        if freedom < 1:
            return 1.0
        statistic = self.observed(cells)
        return gamma_tail(freedom / 2, statistic / 2)


def _pooled(cells: Cells) -> Cells:
    """Cells with few expected rows joined into one, which is added to the smallest other where it is still small."""
    both = (cells.current + cells.reference).astype(float)
    smaller = min(cells.n_current, cells.n_reference) / both.sum()
    few = both * smaller < EXPECTED_AT_LEAST
    if few.all():
        return Cells(cells.current.sum(keepdims=True), cells.reference.sum(keepdims=True))
    if not few.any():
        return cells
    current, reference = (np.concatenate([c[~few], [c[few].sum()]]) for c in (cells.current, cells.reference))
    if (current[-1] + reference[-1]) * smaller < EXPECTED_AT_LEAST:
        into = int(np.argmin((current + reference)[:-1]))
        for counts in (current, reference):
            counts[into] += counts[-1]
        current, reference = current[:-1], reference[:-1]
    return Cells(current, reference)
