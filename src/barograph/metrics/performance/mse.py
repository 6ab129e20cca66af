"""Mean squared error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.performance.estimates import Estimate
from barograph.metrics.performance.residual import OfResiduals, mean
from barograph.results import Spec
from barograph.summaries import Quantiles, Residuals


@dataclass(frozen=True)
class MSE(OfResiduals):
    """Mean squared error: sum of w (prediction - target)^2 / sum of w.

    Range 0 to infinity, in squares of the target's units, lower is better; unchanged when nothing has changed. Exact up
    to rounding. Without skill: that of the mean, the target's variance. No rows, or errors whose squares overflow:
    `None`. Standard error from the fourth moment, with Kish's number of rows; none of one row.

    Gauss (1823); Kish (1965).

    >>> from barograph import Profile, Schema
    >>> rows = {"y": [1.0, 2.0, 4.5], "said": [1.5, 2.0, 3.5]}
    >>> profile = Profile.of(rows, schema=Schema(target="y", prediction="said"))
    >>> round(MSE().compute(profile, None).values[0].value, 4)
    0.4167
    """

    spec: ClassVar[Spec] = Spec(
        name="mse",
        title="Mean squared error",
        group="performance",
        help="Mean of (prediction - target) squared.",
        direction="lower",
        range=(0.0, None),
        reference="optional",
    )

    def estimate(self, residuals: Residuals) -> Estimate:
        return mean(residuals, residuals.squared, residuals.fourth)

    def by_constant(self, residuals: Residuals, targets: Quantiles | None) -> float | None:
        return residuals.target_m2 / residuals.weight
