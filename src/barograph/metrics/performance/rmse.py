"""Root mean squared error."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.performance.estimates import Estimate
from barograph.metrics.performance.residual import OfResiduals, mean
from barograph.results import Spec
from barograph.summaries import Quantiles, Residuals


@dataclass(frozen=True)
class RMSE(OfResiduals):
    """Root mean squared error: sqrt(sum of w (prediction - target)^2 / sum of w).

    Range 0 to infinity, in the target's units, lower is better; unchanged when nothing has changed. Exact up to
    rounding. Without skill: that of the mean, the target's standard deviation. No rows, or errors whose squares
    overflow: `None`. Standard error by the delta method, se(MSE) / (2 RMSE).

    Gauss (1823).

    >>> from barograph import Profile, Schema
    >>> rows = {"y": [1.0, 2.0, 4.5], "said": [1.5, 2.0, 3.5]}
    >>> profile = Profile.of(rows, schema=Schema(target="y", prediction="said"))
    >>> round(RMSE().compute(profile, None).values[0].value, 4)
    0.6455
    """

    spec: ClassVar[Spec] = Spec(
        name="rmse",
        title="Root mean squared error",
        group="performance",
        help="Square root of the mean of (prediction - target) squared.",
        direction="lower",
        range=(0.0, None),
        reference="optional",
    )

    def estimate(self, residuals: Residuals) -> Estimate:
        squared = mean(residuals, residuals.squared, residuals.fourth)
        assert squared.value is not None
        root = math.sqrt(squared.value)
        return Estimate(root, se=squared.se / (2 * root) if squared.se is not None and root > 0 else squared.se)

    def by_constant(self, residuals: Residuals, targets: Quantiles | None) -> float | None:
        return math.sqrt(residuals.target_m2 / residuals.weight)
