"""What the tests of homogeneity share: a table of two samples, and whether it is too thin for the chi-square law."""

from __future__ import annotations

from typing import ClassVar

from barograph.metrics.drift.cells import Cells, CoarseComparison
from barograph.special import gamma_tail
from barograph.types import Floats

EXPECTED_AT_LEAST = 5.0
FEW_AT_MOST = 0.2


class Homogeneity(CoarseComparison):
    """A statistic of two rows of counts, about chi-square with cells - 1 degrees of freedom under no drift.

    Nothing is pooled: cells that were joined because they are thin could not be told apart any more.
    """

    degree: ClassVar[int] = 2
    grows: ClassVar[bool] = True

    def p_value(self, cells: Cells) -> float | None:
        freedom = cells.current.size - 1
        if freedom < 1:
            return 1.0
        if cells.singles is not None or not _lawful(cells):
            return None
        return gamma_tail(freedom / 2, self.observed(cells) / self.inflation(cells) / 2)

    def inflation(self, cells: Cells) -> float:
        """By what the statistic exceeds its chi-square law in the mean."""
        return 1.0


def expected(current: Floats, reference: Floats) -> tuple[Floats, Floats]:
    """Rows to expect in each cell of either side, when both are samples of one law."""
    both = current + reference
    total = both.sum(axis=-1, keepdims=True).clip(1.0)
    ours: Floats = both * current.sum(axis=-1, keepdims=True) / total
    theirs: Floats = both * reference.sum(axis=-1, keepdims=True) / total
    return ours, theirs


def _lawful(cells: Cells) -> bool:
    """Cochran's rule: on the smaller side at least 5 rows expected in four of five cells, and one in each."""
    both = (cells.current + cells.reference).astype(float)
    hoped = both * min(cells.n_current, cells.n_reference) / both.sum()
    return bool((hoped < EXPECTED_AT_LEAST).mean() <= FEW_AT_MOST and hoped.min() >= 1)
