"""Mann-Whitney U test, two-sided."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.drift.cells import Cells, OrderedComparison, shares
from barograph.results import Spec
from barograph.special import normal_tail
from barograph.summaries.bins import atoms
from barograph.types import Floats


@dataclass(frozen=True)
class MannWhitney(OrderedComparison):
    """Mann-Whitney U (Wilcoxon's rank sum), two-sided, as the rank-biserial correlation |2 U / (n m) - 1|.

    U / (n m) is the chance that a current value is above a reference value, ties counting half. Range 0 (no side is
    higher) to 1 (all values of one side above all of the other), lower is better; a move up and a move down count
    alike; for ordered columns. Under no drift about 0.46 sqrt(1/n + 1/m) in the mean. It sees moves, not changes of
    spread: see `cramer_von_mises`. Exact where each value has its own cell; else rows of one cell are taken as tied,
    and `low` and `high` bound the statistic of all rows. `p_value` by the normal law with ties and continuity taken
    in. All values alike: 0 with a p-value of 1. Empty on either side, or a column without order: `None`.

    Other tools: in Evidently 0.7.23 it is one-sided, though documented as two-tailed: a fall by one standard deviation
    has a p-value of 1.

    Wilcoxon (1945); Mann & Whitney (1947); Kerby (2014) for the correlation.

    >>> from barograph import Baseline, Profile
    >>> base = Baseline.of({"age": [1, 2, 3, 4]})
    >>> MannWhitney("age").compute(Profile.of({"age": [3, 4]}, base), base.profile).values[0].value
    0.5
    """

    column: str | None = None

    spec: ClassVar[Spec] = Spec(
        name="mann_whitney",
        title="Mann-Whitney rank correlation",
        group="drift",
        help="How far one side's values rank above the other's, either way: 0 not at all, 1 all of them.",
        direction="lower",
        range=(0.0, 1.0),
        reference="required",
    )

    def statistic(self, current: Floats, reference: Floats, cells: Cells) -> Floats:
        p = shares(reference)
        above = (shares(current) * (np.cumsum(p, axis=-1) - p / 2)).sum(axis=-1)
        correlation: Floats = np.clip(np.abs(2 * above - 1), 0.0, 1.0)
        return correlation

    def bounds(self, cells: Cells) -> tuple[float | None, float | None]:
        assert cells.edges is not None
        found = self.observed(cells)
        # inside a cell all rows of one side may be above all of the other
        p, q = shares(cells.reference.astype(float)), shares(cells.current.astype(float))
        blur = float((p * q)[~atoms(cells.edges)].sum())
        return max(0.0, found - blur), min(1.0, found + blur)

    def p_value(self, cells: Cells) -> float | None:
        n, m = cells.n_current, cells.n_reference
        total = n + m
        tied = (cells.current + cells.reference).astype(float)
        variance = n * m / 12 * (total + 1 - float((tied**3 - tied).sum()) / (total * max(total - 1, 1)))
        if variance <= 0:
            return 1.0
        beyond = self.observed(cells) * n * m / 2 - 0.5
        return min(1.0, 2 * normal_tail(beyond / math.sqrt(variance)))
