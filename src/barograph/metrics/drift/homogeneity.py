"""What the tests of homogeneity share: a table of two samples, in cells that are not too thin for its law."""

from __future__ import annotations

import numpy as np

from barograph.metrics.drift.cells import Cells, CoarseComparison
from barograph.profile import Profile
from barograph.special import gamma_tail
from barograph.types import Floats

EXPECTED_AT_LEAST = 5.0


class Homogeneity(CoarseComparison):
    """A statistic of two rows of counts, about chi-square with cells - 1 degrees of freedom under no drift."""

    def cells(self, current: Profile, reference: Profile, column: str, view: str) -> Cells | str:
        found = super().cells(current, reference, column, view)
        # the cell of unseen labels is empty in the reference by its making: no chi-square law, and no pooling for one
        return found if isinstance(found, str) or found.singles is not None else _pooled(found)

    def p_value(self, cells: Cells) -> float | None:
        if cells.singles is not None:
            return None
        freedom = cells.current.size - 1
        if freedom < 1:
            return 1.0
        return gamma_tail(freedom / 2, self.observed(cells) / self.inflation(cells) / 2)

    def inflation(self, cells: Cells) -> float:
        """By what the statistic exceeds its chi-square law in the mean."""
        return 1.0


def expected(current: Floats, reference: Floats) -> tuple[Floats, Floats]:
    """Rows to expect in each cell of either side, when both are samples of one law."""
    both = current + reference
    total = np.maximum(both.sum(axis=-1, keepdims=True), 1.0)
    ours: Floats = both * current.sum(axis=-1, keepdims=True) / total
    theirs: Floats = both * reference.sum(axis=-1, keepdims=True) / total
    return ours, theirs


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
