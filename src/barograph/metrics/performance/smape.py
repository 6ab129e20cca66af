"""Symmetric mean absolute percentage error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.performance.estimates import Estimate
from barograph.metrics.performance.residual import OfResiduals, mean
from barograph.results import Spec
from barograph.summaries import Residuals


@dataclass(frozen=True)
class SMAPE(OfResiduals):
    """Symmetric mean absolute percentage error: the weighted mean of 2 |e| / (|target| + |prediction|).

    e is prediction - target. A row where both are 0 counts 0. Range 0 to 2, lower is better; unchanged when nothing has
    changed. Exact up to rounding. No rows: `None`. Standard error from the second moment, with Kish's number of rows;
    none of one row.

    Makridakis (1993).

    >>> from barograph import Profile, Schema
    >>> rows = {"y": [1.0, 2.0, 4.5], "said": [1.5, 2.0, 3.5]}
    >>> profile = Profile.of(rows, schema=Schema(target="y", prediction="said"))
    >>> round(SMAPE().compute(profile, None).values[0].value, 4)
    0.2167
    """

    spec: ClassVar[Spec] = Spec(
        name="smape",
        title="Symmetric mean absolute percentage error",
        group="performance",
        help="Mean of 2 |prediction - target| / (|target| + |prediction|).",
        direction="lower",
        range=(0.0, 2.0),
        reference="optional",
    )

    def estimate(self, residuals: Residuals) -> Estimate:
        return mean(residuals, residuals.smape, residuals.smape2)
