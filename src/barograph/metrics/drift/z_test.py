"""Two-proportion z test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.drift.cells import Cells, shares
from barograph.metrics.drift.homogeneity import EXPECTED_AT_LEAST, expected
from barograph.metrics.drift.two_values import TwoValues
from barograph.results import Spec
from barograph.special import normal_tail
from barograph.types import Floats


@dataclass(frozen=True)
class ZTest(TwoValues):
    """Two-proportion z test, for columns of two values: |p - q| / sqrt(r (1 - r)(1/n + 1/m)), r the pooled share.

    Range 0 to infinity, lower is better; under no drift the size of a standard normal number, whichever of the values
    is counted; its square is `chi_square`. `p_value` two-sided by the normal law; with fewer than 5 expected rows in a
    cell that law does not hold: there is none, the noise is found by dealing the rows out again, and `fisher_exact` has
    an exact one. It grows with n: compare p-values. One value on both sides: 0 with a p-value of 1. More than two
    values, or empty on either side: `None`. Exact.

    Pearson (1900); Cochran (1954) for the rule of five.

    >>> from barograph import Baseline, Profile
    >>> base = Baseline.of({"late": [True] * 20 + [False] * 80})
    >>> now = Profile.of({"late": [True] * 15 + [False] * 25}, base)
    >>> value = ZTest("late").compute(now, base.profile).values[0]
    >>> round(value.value, 3), round(value.p_value, 4)
    (2.16, 0.0308)
    """

    column: str | None = None

    grows: ClassVar[bool] = True
    spec: ClassVar[Spec] = Spec(
        name="z_test",
        title="Two-proportion z",
        group="drift",
        help="How many standard errors the share of one of two values has moved; judge it by its p-value.",
        direction="lower",
        range=(0.0, None),
        reference="required",
    )

    def statistic(self, current: Floats, reference: Floats, cells: Cells) -> Floats:
        n, m = current.sum(axis=-1), reference.sum(axis=-1)
        pooled = shares(current + reference)[..., 0]
        apart = np.abs(shares(current)[..., 0] - shares(reference)[..., 0])
        se = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
        z: Floats = np.divide(apart, se, out=np.zeros_like(apart), where=se > 0)
        return z

    def p_value(self, cells: Cells) -> float | None:
        if cells.current.size < 2:
            return 1.0
        thinnest = min(side.min() for side in expected(cells.current.astype(float), cells.reference.astype(float)))
        return None if thinnest < EXPECTED_AT_LEAST else min(1.0, 2 * normal_tail(self.observed(cells)))
