"""Target against prediction, class by class."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from barograph.errors import FormatError
from barograph.summaries import wire
from barograph.types import Classified, Floats

CLASSES_AT_MOST = 200


@dataclass
class Confusion:
    """Sums of weights per (target, prediction) pair: `weights[target, prediction]`, and of their squares.

    Without weights these are counts, exact in float64 up to 2**53. Merge joins the classes of both sides and adds.
    `n_dropped` are rows without a target, a prediction or a weight. Cost: one `bincount`.
    """

    classes: tuple[str, ...] = ()
    weights: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    squares: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    n: int = 0
    n_dropped: int = 0

    def update(self, batch: Classified) -> None:
        k = len(batch.classes)
        cell = batch.target * k + batch.prediction
        with np.errstate(over="ignore"):  # what overflows is infinite, and read as such
            square = None if batch.weight is None else batch.weight**2
        weights = np.bincount(cell, batch.weight, minlength=k * k).reshape(k, k).astype(float)
        squares = np.bincount(cell, square, minlength=k * k).reshape(k, k).astype(float)
        merged = self.merge(Confusion(batch.classes, weights, squares, batch.target.size, batch.n_dropped))
        self.classes, self.weights, self.squares = merged.classes, merged.weights, merged.squares
        self.n, self.n_dropped = merged.n, merged.n_dropped

    def at(self, classes: tuple[str, ...]) -> tuple[Floats, Floats]:
        """Weights and squares laid out for a superset of the classes."""
        index = np.array([classes.index(c) for c in self.classes], dtype=np.int64)
        weights, squares = np.zeros((len(classes),) * 2), np.zeros((len(classes),) * 2)
        if index.size:
            weights[np.ix_(index, index)] = self.weights
            squares[np.ix_(index, index)] = self.squares
        return weights, squares

    @property
    def shrink(self) -> float:
        """Effective rows per unit of weight: 1 without weights (Kish 1965: n_eff = (sum w)^2 / sum w^2)."""
        total, squares = float(self.weights.sum()), float(self.squares.sum())
        return total / squares if squares > 0 else 1.0

    def merge(self, other: Confusion) -> Confusion:
        classes = self.classes if self.classes == other.classes else _joined(self.classes, other.classes)
        (w1, s1), (w2, s2) = self.at(classes), other.at(classes)
        return Confusion(classes, w1 + w2, s1 + s2, self.n + other.n, self.n_dropped + other.n_dropped)

    def to_state(self) -> wire.State:
        arrays = {"weights": wire.pack(self.weights), "squares": wire.pack(self.squares)}
        return {"classes": list(self.classes), "n": self.n, "n_dropped": self.n_dropped, **arrays}

    @classmethod
    def from_state(cls, state: wire.State) -> Confusion:
        classes = tuple(wire.field(state, "classes", list))
        k = len(classes)
        if k > 2 * CLASSES_AT_MOST or not all(isinstance(c, str) for c in classes) or len(set(classes)) < k:
            raise FormatError(f"classes: {k} of them; they must be different texts, at most {2 * CLASSES_AT_MOST}")
        weights, squares = (wire.weights(state, s, k * k).reshape(k, k) for s in ("weights", "squares"))
        return cls(classes, weights, squares, wire.count(state, "n"), wire.count(state, "n_dropped"))


def _joined(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
    """All classes: in the order given where that is one, else ascending (as numbers where all are).

    Only so does the order depend neither on which side came first nor on what was merged before.
    """
    if not a or not b:
        return a or b
    both = sorted({*a, *b})
    try:
        numbers = {c: float(c) for c in both}
    except ValueError:
        return tuple(both)
    if any(math.isnan(number) for number in numbers.values()):  # a class "nan" has no place among numbers
        return tuple(both)
    return tuple(sorted(both, key=lambda c: (numbers[c], c)))
