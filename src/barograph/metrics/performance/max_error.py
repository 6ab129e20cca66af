"""Largest error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.performance.estimates import Estimate
from barograph.metrics.performance.residual import OfResiduals
from barograph.results import Spec
from barograph.summaries import Quantiles, Residuals


@dataclass(frozen=True)
class MaxError(OfResiduals):
    """Largest absolute error: max |prediction - target|.

    Range 0 to infinity, in the target's units, lower is better; about the reference's under no change. It grows with n:
    compare like with like. Exact; weights play no part. Without skill: half the target's range. No rows: `None`. No
    standard error.

    >>> from barograph import Profile, Schema
    >>> rows = {"y": [1.0, 2.0, 4.5], "said": [1.5, 2.0, 3.5]}
    >>> profile = Profile.of(rows, schema=Schema(target="y", prediction="said"))
    >>> MaxError().compute(profile, None).values[0].value
    1.0
    """

    spec: ClassVar[Spec] = Spec(
        name="max_error",
        title="Largest error",
        group="performance",
        help="Largest |prediction - target|.",
        direction="lower",
        range=(0.0, None),
        reference="optional",
    )
    of_targets: ClassVar[bool] = True

    def estimate(self, residuals: Residuals) -> Estimate:
        return Estimate(residuals.largest)

    def by_constant(self, residuals: Residuals, targets: Quantiles | None) -> float | None:
        return None if targets is None else targets.high / 2 - targets.low / 2
