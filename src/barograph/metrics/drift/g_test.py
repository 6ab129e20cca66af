"""Two-sample G test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.drift.cells import Cells
from barograph.metrics.drift.homogeneity import Homogeneity, expected
from barograph.results import Spec
from barograph.types import Floats


@dataclass(frozen=True)
class GTest(Homogeneity):
    """G test (likelihood ratio) of homogeneity: 2 sum O ln(O / E) over the cells of both sides, E as for `chi_square`.

    Range 0 to infinity, lower is better; under no drift about its degrees of freedom, cells - 1. Sides of any sizes:
    both are samples, neither is the truth. Cells as for `psi`. `p_value` by the chi-square law of G over Williams'
    correction, without which it is too small in thin cells; there is none where `chi_square` has none. The statistic
    grows with n: compare p-values. One value on both sides: 0 with a p-value of 1. Empty on either side: `None`.

    Other tools: in Evidently 0.7.23 it raises an error for sides of unlike sizes, and alarms in 44 % of unchanged cases
    at a nominal 10 %.

    Wilks (1938); Woolf (1957); Williams, Improved likelihood ratio tests for complete contingency tables (1976).

    >>> from barograph import Baseline, Profile
    >>> base = Baseline.of({"city": ["Ulm"] * 50 + ["Bonn"] * 50})
    >>> now = Profile.of({"city": ["Ulm"] * 30 + ["Bonn"] * 10}, base)
    >>> value = GTest("city").compute(now, base.profile).values[0]
    >>> round(value.value, 3), round(value.p_value, 4)
    (7.598, 0.0062)
    """

    spec: ClassVar[Spec] = Spec(
        name="g_test",
        title="G test of homogeneity",
        group="drift",
        help="Two-sample likelihood-ratio statistic of current and reference counts; judge it by its p-value.",
        direction="lower",
        range=(0.0, None),
        reference="required",
    )

    def statistic(self, current: Floats, reference: Floats, cells: Cells) -> Floats:
        statistic = np.zeros(current.shape[:-1])
        for side, hoped in zip((current, reference), expected(current, reference), strict=True):
            ratio = np.divide(side, hoped, out=np.ones_like(hoped), where=side > 0)
            statistic = statistic + 2 * (side * np.log(ratio)).sum(axis=-1)
        return np.maximum(statistic, 0.0)

    def inflation(self, cells: Cells) -> float:
        n, m = cells.n_current, cells.n_reference
        total, k = n + m, cells.current.size
        cell = np.maximum(cells.current + cells.reference, 1).astype(float)
        rows, columns = total / n + total / m - 1, float((total / cell).sum()) - 1
        return 1 + rows * columns / (6 * total * (k - 1))
