"""Mean absolute error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.performance.estimates import Estimate
from barograph.metrics.performance.residual import OfResiduals, mean
from barograph.results import Spec
from barograph.summaries import Quantiles, Residuals


@dataclass(frozen=True)
class MAE(OfResiduals):
    """Mean absolute error: sum of w |prediction - target| / sum of w.

    Range 0 to infinity, in the target's units, lower is better; unchanged when nothing has changed. Exact up to
    rounding. Without skill: that of the median, from the target's quantiles (exact up to 512 rows; not of weighted
    rows). No rows: `None`. Standard error from the second moment, with Kish's number of rows; none of one row.

    Other tools: in whylogs 1.6.4 one NaN in the target makes it NaN.

    Willmott & Matsuura (2005); Kish (1965).

    >>> from barograph import Profile, Schema
    >>> rows = {"y": [1.0, 2.0, 4.5], "said": [1.5, 2.0, 3.5]}
    >>> profile = Profile.of(rows, schema=Schema(target="y", prediction="said"))
    >>> MAE().compute(profile, None).values[0].value
    0.5
    """

    spec: ClassVar[Spec] = Spec(
        name="mae",
        title="Mean absolute error",
        group="performance",
        help="Mean of |prediction - target|.",
        direction="lower",
        range=(0.0, None),
        reference="optional",
    )
    of_targets: ClassVar[bool] = True

    def estimate(self, residuals: Residuals) -> Estimate:
        return mean(residuals, residuals.absolute, residuals.squared)

    def by_constant(self, residuals: Residuals, targets: Quantiles | None) -> float | None:
        if targets is None:
            return None
        values, weights = targets.weighted()
        return float(weights @ np.abs(values - (targets.quantile(0.5) or 0.0))) / targets.n
