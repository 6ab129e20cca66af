"""Mean error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.performance.estimates import Estimate
from barograph.metrics.performance.residual import OfResiduals, mean
from barograph.results import Spec
from barograph.summaries import Residuals


@dataclass(frozen=True)
class MeanError(OfResiduals):
    """Mean error (bias): sum of w (prediction - target) / sum of w.

    Any number, best at 0: above, predictions are too high; unchanged when nothing has changed. Exact up to rounding. No
    rows: `None`. Standard error from the second moment, with Kish's number of rows; none of one row.

    Kish (1965).

    >>> from barograph import Profile, Schema
    >>> rows = {"y": [1.0, 2.0, 4.5], "said": [1.5, 2.0, 3.5]}
    >>> profile = Profile.of(rows, schema=Schema(target="y", prediction="said"))
    >>> round(MeanError().compute(profile, None).values[0].value, 4)
    -0.1667
    """

    spec: ClassVar[Spec] = Spec(
        name="mean_error",
        title="Mean error",
        group="performance",
        help="Mean of prediction - target: above 0, predictions are too high.",
        direction="zero",
        range=(None, None),
        reference="optional",
    )

    def estimate(self, residuals: Residuals) -> Estimate:
        return mean(residuals, residuals.error, residuals.squared)
