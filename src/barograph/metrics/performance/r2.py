"""Coefficient of determination."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.performance.estimates import Estimate, Key
from barograph.metrics.performance.residual import OfResiduals, residuals_of, shrink, target_needs
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Spec
from barograph.schema import Kind, Schema
from barograph.summaries import Moments, Quantiles, Residuals

GRID = 2000


@dataclass(frozen=True)
class R2(OfResiduals):
    """Coefficient of determination: 1 - sum of w (prediction - target)^2 / sum of w (target - its mean)^2.

    Up to 1, higher is better, 0 for predicting the mean; it falls when the targets vary less, at the same errors;
    unchanged when nothing has changed. Exact up to rounding. No rows or a constant target: `None`. Standard error by
    the delta method with Kish's n: (1 - R2)^2 / n times (k_e - 1 + (k_y - 1)(1 - 2 s)), k the kurtosis of errors and of
    targets, s their squared correlation, as if the error were a line in the target and a part without it; from the
    profile's quantiles of the target and moments of the prediction, else as of normal and calibrated numbers, where it
    is 4 R2 (1 - R2)^2 / n.

    Wright (1921); Olkin & Finn (1995) for the error.

    >>> from barograph import Profile, Schema
    >>> rows = {"y": [1.0, 2.0, 4.5], "said": [1.5, 2.0, 3.5]}
    >>> profile = Profile.of(rows, schema=Schema(target="y", prediction="said"))
    >>> round(R2().compute(profile, None).values[0].value, 4)
    0.8077
    """

    spec: ClassVar[Spec] = Spec(
        name="r2",
        title="R squared",
        group="performance",
        help="Share of the target's variance that the predictions explain.",
        direction="higher",
        range=(None, 1.0),
        reference="optional",
    )

    def needs(self, schema: Schema) -> Iterable[Need]:
        found = self.sources(schema)
        return () if isinstance(found, str) else (*found, *_spread_needs(schema))

    def estimates(self, profile: Profile, schema: Schema) -> dict[Key, Estimate]:
        found = super().estimates(profile, schema)
        if found[()].value is None:
            return found
        se = _error(residuals_of(self, profile, schema), *(profile.summaries.get(n) for n in _spread_needs(schema)))
        return {(): found[()]._replace(se=se)}

    def estimate(self, residuals: Residuals) -> Estimate:
        if residuals.target_m2 <= 0:
            return Estimate(None, note="the target is constant")
        return Estimate(1 - residuals.squared / residuals.target_m2)

    def by_constant(self, residuals: Residuals, targets: Quantiles | None) -> float | None:
        return 0.0


def _spread_needs(schema: Schema) -> tuple[Need, ...]:
    """What the error is reckoned from, where the profile has it: the tails of the target, the spread of predictions."""
    targets = target_needs(schema)
    if not targets or schema.prediction is None or schema.kinds.get(schema.prediction) is not Kind.NUMERIC:
        return ()
    return (*targets, Need("moments", (schema.prediction,)))


def _error(r: Residuals, targets: Quantiles | None = None, predictions: Moments | None = None) -> float | None:
    """Standard error of R2 by the delta method."""
    left = r.squared / r.target_m2
    rows = r.weight * shrink(r)
    if rows <= 2 or left <= 0:
        return None
    errors = r.fourth / r.squared**2 * r.weight
    spread = (errors - 1) + (_kurtosis(targets) - 1) * (1 - 2 * _alike(r, predictions))
    return left * math.sqrt(max(spread, 4 / rows) / (rows - 2))


def _kurtosis(targets: Quantiles | None) -> float:
    """Of the target; 3, as of normal ones, where unknown."""
    values = None if targets is None else targets.quantiles((np.arange(GRID) + 0.5) / GRID)
    if values is None:
        return 3.0
    away = (values - values.mean()) / max(float(np.abs(values).max()), 1e-300)
    second = float((away**2).mean())
    return float((away**4).mean()) / second**2 if second > 0 else 3.0


def _alike(r: Residuals, predictions: Moments | None) -> float:
    """Squared correlation of error and target, by Var(p) = Var(y) + Var(e) + 2 Cov(y, e), or as of calibrated ones."""
    squared, of_target = r.squared / r.weight, r.target_m2 / r.weight
    variance = None if predictions is None or r.weight != r.n else predictions.variance
    if variance is None:
        return min(squared / of_target, of_target / squared)
    covariance = (variance - of_target - (squared - (r.error / r.weight) ** 2)) / 2
    return min(covariance**2 / (of_target * squared), 1.0)
