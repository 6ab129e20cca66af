"""Scores of one class against the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from barograph.errors import FormatError, MergeError, ParameterError
from barograph.summaries import wire
from barograph.types import Floats, Scored

# log loss is finite: scores are kept this far from 0 and 1, as scikit-learn does for float64
EPSILON = float(np.finfo(np.float64).eps)
_ARRAYS = ("positive", "negative", "positive2", "negative2", "total")
_SUMS = ("logloss", "logloss2", "positive_loss", "positive_loss2", "brier", "brier2")


def grid(*thresholds: float) -> Floats:
    """Edges that suit any probability: hundredths, and steps of 1/8 in log-odds towards both ends.

    Each edge lies just below its number, so that "score >= threshold" is a sum of whole cells.
    """
    hundredths = np.arange(1, 101) / 100
    odds = 1 / (1 + np.exp(-np.arange(-128, 129) / 8))
    return np.unique(np.nextafter(np.concatenate([hundredths, odds, np.array(thresholds)]), -np.inf))


@dataclass
class Scores:
    """Weights of positives and negatives per score cell `(-inf, e0], ... (em, inf)`, and sums of the losses.

    Thresholds that are edges, log loss and Brier score are exact; ROC AUC, average precision and calibration come
    from the cells with a bound (`metrics/performance`). `total` is the sum of weight x score per cell. `n_outside`
    scores are no probabilities (below 0 or above 1): with any of them log loss and Brier mean nothing. `positive_loss`
    is the log loss of the positives alone: over all classes it adds up to the multiclass log loss.
    """

    edges: Floats = field(default_factory=grid)
    positive: Floats = field(default_factory=lambda: np.zeros(0))
    negative: Floats = field(default_factory=lambda: np.zeros(0))
    positive2: Floats = field(default_factory=lambda: np.zeros(0))
    negative2: Floats = field(default_factory=lambda: np.zeros(0))
    total: Floats = field(default_factory=lambda: np.zeros(0))
    logloss: float = 0.0
    logloss2: float = 0.0
    positive_loss: float = 0.0
    positive_loss2: float = 0.0
    brier: float = 0.0
    brier2: float = 0.0
    n: int = 0
    n_outside: int = 0
    n_dropped: int = 0

    def __post_init__(self) -> None:
        if not np.isfinite(self.edges).all() or (self.edges[1:] <= self.edges[:-1]).any():
            raise ParameterError("score edges must be finite and ascending")
        for name in _ARRAYS:
            if getattr(self, name).size == 0:
                setattr(self, name, np.zeros(self.edges.size + 1))

    def update(self, batch: Scored) -> None:
        cell = np.searchsorted(self.edges, batch.score, side="left")
        w = np.ones(batch.score.size) if batch.weight is None else batch.weight
        y = batch.positive
        size = self.edges.size + 1
        p = np.clip(batch.score, EPSILON, 1 - EPSILON)
        loss = -np.log(np.where(y, p, 1 - p))
        with np.errstate(over="ignore", invalid="ignore"):  # what overflows is infinite, and read as such
            squared = (batch.score - y) ** 2
            arrays = {
                "positive": np.bincount(cell[y], w[y], minlength=size),
                "negative": np.bincount(cell[~y], w[~y], minlength=size),
                "positive2": np.bincount(cell[y], w[y] ** 2, minlength=size),
                "negative2": np.bincount(cell[~y], w[~y] ** 2, minlength=size),
                "total": np.bincount(cell, w * batch.score, minlength=size),
            }
            losses = {"logloss": loss, "logloss2": loss * loss, "brier": squared, "brier2": squared * squared}
            sums = {name: float(np.dot(w, values)) for name, values in losses.items()}
            sums["positive_loss"] = float(np.dot(w[y], loss[y]))
            sums["positive_loss2"] = float(np.dot(w[y], loss[y] ** 2))
            for name, more in {**arrays, **sums}.items():
                setattr(self, name, getattr(self, name) + more)
        self.n += batch.score.size
        self.n_outside += int(((batch.score < 0) | (batch.score > 1)).sum())
        self.n_dropped += batch.n_dropped

    @property
    def weight(self) -> float:
        """Sum of all weights (the number of rows without weights)."""
        return float(self.positive.sum() + self.negative.sum())

    @property
    def shrink(self) -> float:
        """Effective rows per unit of weight: 1 without weights (Kish 1965)."""
        squares = float(self.positive2.sum() + self.negative2.sum())
        return self.weight / squares if squares > 0 else 1.0

    def merge(self, other: Scores) -> Scores:
        if not np.array_equal(self.edges, other.edges):
            raise MergeError(
                f"scores counted at {self.edges.size} and {other.edges.size} edges, not the same ones, do not merge; "
                "profile both sides against one baseline"
            )
        names = (*_ARRAYS, *_SUMS, "n", "n_outside", "n_dropped")
        return Scores(self.edges, **{name: getattr(self, name) + getattr(other, name) for name in names})

    def to_state(self) -> wire.State:
        arrays = {name: wire.pack(getattr(self, name)) for name in ("edges", *_ARRAYS)}
        return {**arrays, **{name: getattr(self, name) for name in (*_SUMS, "n", "n_outside", "n_dropped")}}

    @classmethod
    def from_state(cls, state: wire.State) -> Scores:
        edges = wire.unpack(state, "edges", "f")
        size = edges.size + 1
        arrays: dict[str, Any] = {name: wire.weights(state, name, size) for name in _ARRAYS if name != "total"}
        arrays["total"] = wire.unpack(state, "total", "f", size)
        plain: dict[str, Any] = {name: wire.total(state, name, 0.0) for name in _SUMS}
        plain |= {name: wire.count(state, name) for name in ("n", "n_outside", "n_dropped")}
        if plain["n_outside"] > plain["n"]:
            raise FormatError(f"n_outside: {plain['n_outside']} of {plain['n']} rows")
        try:
            return cls(edges, **arrays, **plain)
        except ParameterError as error:
            raise FormatError(str(error)) from error
