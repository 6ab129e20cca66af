"""Prediction minus target."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from barograph.summaries import wire
from barograph.summaries.quantiles import Quantiles
from barograph.types import Floats, Numbers, Regressed


@dataclass
class Residuals:
    """Weighted sums of the error e = prediction - target and of its relatives; error quantiles (of rows, unweighted).

    State: sums (reading divides), the centred moment of the target (Chan et al. 1979), the largest |e|. Exact up to
    rounding; quantiles within their own bound. `n_zero` targets are 0: they have no percentage error, and are left out
    of `ape` and counted.
    """

    n: int = 0
    n_dropped: int = 0
    n_zero: int = 0
    weight: float = 0.0
    weight2: float = 0.0
    error: float = 0.0
    absolute: float = 0.0
    squared: float = 0.0
    fourth: float = 0.0
    ape_weight: float = 0.0
    ape: float = 0.0
    ape2: float = 0.0
    smape: float = 0.0
    smape2: float = 0.0
    target_mean: float = 0.0
    target_m2: float = 0.0
    largest: float = 0.0
    quantiles: Quantiles = field(default_factory=Quantiles)

    def update(self, batch: Regressed) -> None:
        merged = self.merge(_of(batch))
        merged.quantiles = self.quantiles
        with np.errstate(over="ignore"):
            error = batch.prediction - batch.target
        merged.quantiles.update(Numbers(np.sort(error[np.isfinite(error)])))
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(merged, name))

    def merge(self, other: Residuals) -> Residuals:
        weight = self.weight + other.weight
        added: dict[str, Any] = {name: getattr(self, name) + getattr(other, name) for name in _ADDED}
        merged = Residuals(**added, largest=max(self.largest, other.largest))
        merged.quantiles = self.quantiles.merge(other.quantiles)
        if weight > 0:
            a, b = self.weight / weight, other.weight / weight
            delta = other.target_mean - self.target_mean
            merged.target_mean = self.target_mean * a + other.target_mean * b
            merged.target_m2 = self.target_m2 + other.target_m2 + delta * delta * self.weight * b
        return merged

    def to_state(self) -> wire.State:
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "quantiles"}
        return {**plain, "quantiles": self.quantiles.to_state()}

    @classmethod
    def from_state(cls, state: wire.State) -> Residuals:
        plain: dict[str, Any] = {name: wire.count(state, name) for name in ("n", "n_dropped", "n_zero")}
        for f in fields(cls):
            if f.name not in {*plain, "quantiles"}:
                plain[f.name] = wire.field(state, f.name, float)
        return cls(**plain, quantiles=Quantiles.from_state(wire.field(state, "quantiles", dict)))


_ADDED = tuple(f.name for f in fields(Residuals) if f.name not in ("target_mean", "target_m2", "largest", "quantiles"))


def _of(batch: Regressed) -> Residuals:
    """The sums of one batch."""
    y, e = batch.target, batch.prediction - batch.target
    w = np.ones_like(e) if batch.weight is None else batch.weight
    size, other = np.abs(e), np.abs(batch.prediction)
    nonzero = y != 0
    ape = np.divide(size, np.abs(y), out=np.zeros_like(e), where=nonzero)
    both = np.abs(y) + other
    smape = np.divide(2 * size, both, out=np.zeros_like(e), where=both > 0)
    weight = float(w.sum())
    mean = _dot(w, y) / weight if weight > 0 else 0.0
    return Residuals(
        n=e.size,
        n_dropped=batch.n_dropped,
        n_zero=int((~nonzero).sum()),
        weight=weight,
        weight2=_dot(w, w),
        error=_dot(w, e),
        absolute=_dot(w, size),
        squared=_dot(w, e * e),
        fourth=_dot(w, e**4),
        ape_weight=float(w[nonzero].sum()),
        ape=_dot(w, ape),
        ape2=_dot(w, ape * ape),
        smape=_dot(w, smape),
        smape2=_dot(w, smape * smape),
        target_mean=mean,
        target_m2=_dot(w, (y - mean) ** 2),
        largest=float(size.max(initial=0.0)),
    )


def _dot(a: Floats, b: Floats) -> float:
    return float(np.dot(a, b))
