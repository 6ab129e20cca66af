"""Mean absolute percentage error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.performance.estimates import Estimate, mean_of
from barograph.metrics.performance.residual import OfResiduals, shrink
from barograph.results import Spec
from barograph.summaries import Quantiles, Residuals


@dataclass(frozen=True)
class MAPE(OfResiduals):
    """Mean absolute percentage error: the weighted mean of |prediction - target| / |target|, as a ratio (0.1 is 10 %).

    Range 0 to infinity, lower is better; unchanged when nothing has changed. Rows whose target is 0 have none: they are
    left out, and `note` says how many (scikit-learn divides them by 2e-16). Exact up to rounding. Without skill: that
    of the best constant, the median of the targets weighted by 1 / |target| (exact up to 512 rows; not of weighted
    rows); at most 1, which predicting 0 gets. No rows, or only targets of 0: `None`. Standard error from the second
    moment, with Kish's number of rows; none of one row.

    Other tools: in Evidently 0.7.23 the denominator is not the absolute target: targets around 0 give 2e16 %; targets
    of 0 are dropped on one side and replaced on the other, so that identical rows differ.

    Hyndman & Koehler (2006) on its asymmetry.

    >>> from barograph import Profile, Schema
    >>> rows = {"y": [1.0, 2.0, 4.5], "said": [1.5, 2.0, 3.5]}
    >>> profile = Profile.of(rows, schema=Schema(target="y", prediction="said"))
    >>> round(MAPE().compute(profile, None).values[0].value, 4)
    0.2407
    """

    spec: ClassVar[Spec] = Spec(
        name="mape",
        title="Mean absolute percentage error",
        group="performance",
        help="Mean of |prediction - target| / |target|, 0.1 being 10 %.",
        direction="lower",
        range=(0.0, None),
        reference="optional",
    )
    of_targets: ClassVar[bool] = True

    def estimate(self, residuals: Residuals) -> Estimate:
        zeros = residuals.n_zero
        note = f"{zeros:,} {'row' if zeros == 1 else 'rows'} with a target of 0 left out" if zeros else ""
        weight = residuals.ape_weight
        if weight <= 0:
            return Estimate(None, note=note or "the weights of all rows are 0")
        value, se = mean_of(residuals.ape, residuals.ape2, weight, weight * shrink(residuals))
        return Estimate(value, residuals.n - zeros, se=se, note=note)

    def by_constant(self, residuals: Residuals, targets: Quantiles | None) -> float | None:
        values, weights = (np.zeros(0),) * 2 if targets is None else targets.weighted()
        values, weights = values[values != 0], weights[values != 0]
        if not values.size:
            return None
        pull = weights / np.abs(values)
        upto = np.cumsum(pull)
        best = values[np.searchsorted(upto, upto[-1] / 2)] if np.isfinite(upto[-1]) else 0.0
        return min(float(pull @ np.abs(values - best)) / float(weights.sum()), 1.0)
