"""Numbers read from the errors of a regression."""

from __future__ import annotations

from dataclasses import dataclass

from barograph.metrics.performance.estimates import (
    Estimate,
    Key,
    Performance,
    dropped,
    joined,
    mean_of,
    nothing,
    of_kind,
)  # fmt: skip
from barograph.needs import Need
from barograph.profile import Profile
from barograph.schema import Schema
from barograph.summaries import Residuals


@dataclass(frozen=True)
class OfResiduals(Performance):
    """A metric of prediction - target."""

    def sources(self, schema: Schema) -> tuple[Need, ...] | str:
        return of_kind(schema, "regression", "residuals")

    def estimates(self, profile: Profile, schema: Schema) -> dict[Key, Estimate]:
        residuals = residuals_of(self, profile, schema)
        empty = nothing(residuals, "prediction")
        if empty is not None:
            return {(): empty}
        found = self.estimate(residuals)
        note = joined(found.note, dropped(residuals.n_dropped, "prediction"))
        return {(): found._replace(n=found.n or residuals.n, note=note)}

    def estimate(self, residuals: Residuals) -> Estimate:
        """The number, of rows that weigh something."""
        raise NotImplementedError  # pragma: no cover - abstract


def residuals_of(metric: Performance, profile: Profile, schema: Schema) -> Residuals:
    """The only summary that such a metric reads."""
    needs = metric.sources(schema)
    assert not isinstance(needs, str)
    found: Residuals = profile.summaries[needs[0]]
    return found


def shrink(r: Residuals) -> float:
    """Effective rows per unit of weight: 1 without weights (Kish 1965)."""
    return r.weight / r.weight2 if r.weight2 > 0 else 1.0


def mean(r: Residuals, total: float, squares: float) -> Estimate:
    """A mean over all rows, from the sums of the values and of their squares."""
    value, se = mean_of(total, squares, r.weight, r.weight * shrink(r))
    return Estimate(value, se=se)
