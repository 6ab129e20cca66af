"""Prediction minus target."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from barograph.errors import FormatError
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
        with np.errstate(over="ignore", invalid="ignore"):  # what overflows is infinite, and read as such
            error = batch.prediction - batch.target
            batch_sums = _of(batch, error)
        batch_sums.quantiles = Quantiles(k=self.quantiles.k)
        merged = self.merge(batch_sums)
        merged.quantiles = self.quantiles
        merged.quantiles.update(Numbers(np.sort(error[np.isfinite(error)])))
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(merged, name))

    def merge(self, other: Residuals) -> Residuals:
        weight = self.weight + other.weight
        added: dict[str, Any] = {name: getattr(self, name) + getattr(other, name) for name in _ADDED}
        merged = Residuals(**added, largest=max(self.largest, other.largest))
        merged.quantiles = self.quantiles.merge(other.quantiles)
        if self.weight == 0 or other.weight == 0:
            weighed = other if self.weight == 0 else self
            merged.target_mean, merged.target_m2 = weighed.target_mean, weighed.target_m2
            return merged
        # each term the same in either order; a constant target stays one
        delta = other.target_mean - self.target_mean
        fewer, more = min(self.weight, other.weight), max(self.weight, other.weight)
        mean = self.target_mean * (self.weight / weight) + other.target_mean * (other.weight / weight)
        merged.target_mean = mean if delta else self.target_mean
        merged.target_m2 = self.target_m2 + other.target_m2 + delta * delta * (fewer * (more / weight))
        return merged

    def to_state(self) -> wire.State:
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "quantiles"}
        return {**plain, "quantiles": self.quantiles.to_state()}

    @classmethod
    def from_state(cls, state: wire.State) -> Residuals:
        plain: dict[str, Any] = {name: wire.count(state, name) for name in ("n", "n_dropped", "n_zero")}
        for f in fields(cls):
            if f.name not in {*plain, "quantiles"}:
                plain[f.name] = wire.total(state, f.name, -math.inf if f.name in ("error", "target_mean") else 0.0)
        if plain["n_zero"] > plain["n"]:
            raise FormatError(f"n_zero: {plain['n_zero']} of {plain['n']} rows")
        return cls(**plain, quantiles=Quantiles.from_state(wire.field(state, "quantiles", dict)))


_ADDED = tuple(f.name for f in fields(Residuals) if f.name not in ("target_mean", "target_m2", "largest", "quantiles"))


def _of(batch: Regressed, e: Floats) -> Residuals:
    """The sums of one batch with the errors `e`."""
    y = batch.target
    w = np.ones_like(e) if batch.weight is None else batch.weight
    size, other = np.abs(e), np.abs(batch.prediction)
    nonzero = y != 0
    ape = np.divide(size, np.abs(y), out=np.zeros_like(e), where=nonzero)
    both = np.abs(y) + other
    smape = np.divide(2 * size, both, out=np.zeros_like(e), where=both > 0)
    weight = float(w.sum())
    # as a distance from one of them, so that a constant target has no variance at all
    origin = float(y[0]) if y.size else 0.0
    mean = origin + _dot(w, y - origin) / weight if weight > 0 else 0.0
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
