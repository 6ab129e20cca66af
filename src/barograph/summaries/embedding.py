"""Where a cloud of vectors lies, and the directions in which it is looked at."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from barograph.errors import FormatError, MergeError
from barograph.schema import DIMENSIONS_AT_MOST
from barograph.summaries import wire
from barograph.types import Floats, Vectors

AXES = 4
LARGEST = 1e50  # of larger numbers the third powers are beyond float64


def _none() -> Floats:
    return np.zeros(0)


@dataclass
class Embedding:
    """Number, mean and spread of vectors, beside what a baseline froze: centroid, axes, and the traces of its spread.

    `centroid` has shape `(d,)` and `axes` `(4, d)`, the reference's principal directions (fewer where d or the rows are
    fewer; then zeros). `traces` are those of the covariance, its square and its cube: the mean of so many vectors is
    off by chance as a sum of chi-square variables with just these moments. Frozen of nothing, all are empty.

    State: n, mean, the sum of squared distances from it; merge as Chan, Golub & LeVeque (1979), exact up to rounding.
    Unlike frozen parts refuse. d is at most 4096; (6 d + 6) numbers, 200 KB at most. Cost: a pass over the numbers.

    >>> e = Embedding(centroid=np.zeros(2), axes=np.zeros((4, 2)), traces=np.ones(3))
    >>> e.update(Vectors(np.array([[1.0, 0.0], [3.0, 0.0]]), np.arange(2))); e.mean_.tolist(), e.m2
    ([2.0, 0.0], 2.0)
    """

    centroid: Floats = field(default_factory=_none)
    axes: Floats = field(default_factory=lambda: np.zeros((AXES, 0)))
    traces: Floats = field(default_factory=lambda: np.zeros(3))
    n: int = 0
    mean_: Floats = field(default_factory=_none)
    m2: float = 0.0

    @property
    def dimension(self) -> int:
        """Length of the vectors; 0 where nothing is frozen."""
        return self.centroid.size

    def update(self, batch: Vectors) -> None:
        values = batch.values
        if values.shape[0] == 0 or values.shape[1] != self.dimension:
            return
        with np.errstate(over="ignore", invalid="ignore"):
            mean = values.mean(axis=0)
            m2 = float(((values - mean) ** 2).sum())
        merged = self.merge(Embedding(self.centroid, self.axes, self.traces, values.shape[0], mean, m2))
        self.n, self.mean_, self.m2 = merged.n, merged.mean_, merged.m2

    @property
    def spread(self) -> float | None:
        """Root mean squared distance from the mean (the square root of the trace of the covariance), from two on."""
        variance = self.m2 / max(self.n - 1, 1)
        return math.sqrt(variance) if self.n > 1 and math.isfinite(variance) else None

    def blank(self) -> Embedding:
        """An empty one with the same frozen parts."""
        return Embedding(self.centroid, self.axes, self.traces)

    def merge(self, other: Embedding) -> Embedding:
        same = [np.array_equal(getattr(self, f), getattr(other, f)) for f in ("centroid", "axes", "traces")]
        if not all(same):
            raise MergeError(
                f"embeddings of {self.dimension} and {other.dimension} numbers, not the same centroid and axes, do not "
                "merge; profile both sides against one baseline"
            )
        n = self.n + other.n
        if not self.n or not other.n:
            full = self if self.n else other
            return Embedding(self.centroid, self.axes, self.traces, n, full.mean_, full.m2)
        with np.errstate(over="ignore", invalid="ignore"):
            delta = self.mean_ - other.mean_
            mean = self.mean_ * (self.n / n) + other.mean_ * (other.n / n)
            m2 = self.m2 + other.m2 + float((delta * delta).sum()) * (self.n * other.n / n)
        return Embedding(self.centroid, self.axes, self.traces, n, mean, m2)

    def to_state(self) -> wire.State:
        arrays = {name: wire.pack(getattr(self, name)) for name in ("centroid", "axes", "traces", "mean_")}
        return {**arrays, "n": self.n, "m2": self.m2}

    @classmethod
    def from_state(cls, state: wire.State) -> Embedding:
        centroid = wire.unpack(state, "centroid", "f")
        if centroid.size > DIMENSIONS_AT_MOST:
            raise FormatError(f"centroid: {centroid.size} numbers where at most {DIMENSIONS_AT_MOST} belong")
        axes = wire.unpack(state, "axes", "f", AXES * centroid.size).reshape(AXES, -1)
        traces, n = wire.unpack(state, "traces", "f", 3), wire.count(state, "n")
        mean, m2 = wire.unpack(state, "mean_", "f", centroid.size if n else 0), wire.total(state, "m2", 0.0)
        frozen = np.concatenate([centroid, axes.ravel(), traces])
        if not np.isfinite(frozen).all() or (traces < 0).any():
            raise FormatError("centroid: what is frozen must be finite, and its traces not negative")
        if math.isnan(m2) or (n == 0 and m2 != 0) or (n and not centroid.size):
            raise FormatError(f"m2: no {n} vectors of {centroid.size} numbers have {m2}")
        return cls(centroid, axes, traces, n, mean, m2)


def frozen(values: Floats) -> Embedding:
    """Centroid, principal directions and traces of vectors, shape `(n, d)`.

    The traces of the squared and cubed covariance are taken between thirds of the rows, whose errors are independent:
    so they are unbiased, however few the rows are for the dimension.
    """
    n, d = values.shape
    centroid = values.mean(axis=0) if n else np.zeros(d)
    centred = values - centroid
    if n < 6 or np.abs(centred).max() > LARGEST:
        return Embedding(centroid, np.zeros((AXES, d)))
    axes = np.zeros((AXES, d))
    directions = _directions(centred)
    axes[: directions.shape[0]] = directions
    return Embedding(centroid, axes, _traces(values, float((centred**2).sum()) / (n - 1)))


def _directions(centred: Floats) -> Floats:
    """Principal directions, largest variance first, their largest number positive; through the smaller Gram matrix."""
    n, d = centred.shape
    wide = d > n
    values, found = np.linalg.eigh(centred @ centred.T if wide else centred.T @ centred)
    most = values[::-1][:AXES]
    kept = found[:, ::-1][:, :AXES][:, most > 1e-12 * max(float(most[0]), 1e-300)]
    directions = (centred.T @ kept if wide else kept).T
    directions /= np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-300)
    largest = np.abs(directions).argmax(axis=1)
    flip: Floats = directions * np.sign(directions[np.arange(directions.shape[0]), largest])[:, None]
    return flip


def _traces(values: Floats, first: float) -> Floats:
    thirds = [part - part.mean(axis=0) for part in (values[0::3], values[1::3], values[2::3])]
    a, b, c = (part / math.sqrt(part.shape[0] - 1) for part in thirds)
    ab, bc, ca = a @ b.T, b @ c.T, c @ a.T
    second = sum(float((m * m).sum()) for m in (ab, bc, ca)) / 3
    second = min(max(second, first * first / values.shape[1]), first * first)
    third = max(float(np.trace(ab @ bc @ ca)), second * second / first if first > 0 else 0.0)  # Cauchy & Schwarz
    return np.array([first, second, third])
