"""Numbers read from the errors of a regression."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

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
from barograph.schema import Kind, Schema
from barograph.summaries import Quantiles, Residuals


@dataclass(frozen=True)
class OfResiduals(Performance):
    """A metric of prediction - target."""

    of_targets: ClassVar[bool] = False  # whether the best constant is read from the quantiles of the target

    def sources(self, schema: Schema) -> tuple[Need, ...] | str:
        return of_kind(schema, "regression", "residuals")

    def needs(self, schema: Schema) -> Iterable[Need]:
        found = self.sources(schema)
        return () if isinstance(found, str) else (*found, *(target_needs(schema) if self.of_targets else ()))

    def estimates(self, profile: Profile, schema: Schema) -> dict[Key, Estimate]:
        residuals = residuals_of(self, profile, schema)
        empty = nothing(residuals, "prediction")
        if empty is not None:
            return {(): empty}
        found = self.estimate(residuals)
        note = joined(found.note, dropped(residuals.n_dropped, "prediction"))
        targets = next((profile.summaries.get(need) for need in target_needs(schema)), None)
        known = self.of_targets and targets is not None and targets.n > 0 and residuals.weight == residuals.n
        dummy = self.by_constant(residuals, targets if known else None)
        return {(): found._replace(n=found.n or residuals.n, note=note, dummy=dummy)}

    def estimate(self, residuals: Residuals) -> Estimate:
        """The number, of rows that weigh something."""
        raise NotImplementedError  # pragma: no cover - abstract

    def by_constant(self, residuals: Residuals, targets: Quantiles | None) -> float | None:
        """The number if one constant, the best there is, were predicted for all rows; `None` where it is not known.

        `targets` are there where the metric asks for them, and rows have no weights: quantiles are of rows."""
        return None


def target_needs(schema: Schema) -> tuple[Need, ...]:
    """The quantiles of the target, where it is numeric."""
    if schema.target is None or schema.kinds.get(schema.target) is not Kind.NUMERIC:
        return ()
    return (Need("quantiles", (schema.target,)),)


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
