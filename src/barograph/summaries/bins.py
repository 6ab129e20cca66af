"""Counts of numbers between frozen edges."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from barograph.errors import FormatError, MergeError, ParameterError
from barograph.summaries import wire
from barograph.types import Floats, Ints, Numbers


@dataclass
class Bins:
    """Counts of finite numbers in the cells that `edges` cut: `(-inf, e0], (e0, e1], ... (em, inf)`.

    Cells are closed on the right, as Prometheus' `le` buckets and SQL's `<=` are. A value of its own (an atom `v`)
    has the edges `(nextafter(v, -inf), v]`. Exact; merge adds; unlike edges refuse. Cost: one binary search per edge in
    the sorted batch, microseconds; of a large one that is not sorted, a pass over it.

    >>> b = Bins(np.array([0.0, 10.0])); b.update(Numbers(np.array([-1.0, 0.0, 3.0, 99.0]))); b.counts.tolist()
    [2, 1, 1]
    """

    edges: Floats
    counts: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    def __post_init__(self) -> None:
        self.edges = np.asarray(self.edges, np.float64)
        if not np.isfinite(self.edges).all() or (self.edges[1:] <= self.edges[:-1]).any():
            raise ParameterError("bin edges must be finite and ascending")
        if self.counts.size == 0:
            self.counts = np.zeros(self.edges.size + 1, np.int64)

    def update(self, batch: Numbers) -> None:
        upto = batch.upto(self.edges)
        counts = self.counts.copy()
        counts[:-1] += upto
        counts[1:] -= upto
        counts[-1] += batch.size
        self.counts = counts

    @property
    def n(self) -> int:
        """Values counted."""
        return int(self.counts.sum())

    def merge(self, other: Bins) -> Bins:
        if self.edges is not other.edges and not np.array_equal(self.edges, other.edges):
            raise MergeError(
                f"bins with {self.edges.size} and {other.edges.size} edges, not the same ones, do not merge; "
                "profile both sides against one baseline"
            )
        merged = copy(self)  # whose edges are known to be sound
        merged.counts = self.counts + other.counts
        return merged

    def to_state(self) -> wire.State:
        return {"edges": wire.pack(self.edges), "counts": wire.pack(self.counts)}

    @classmethod
    def from_state(cls, state: wire.State) -> Bins:
        edges = wire.unpack(state, "edges", "f")
        try:
            return cls(edges, wire.counts(state, "counts", edges.size + 1))
        except ParameterError as error:
            raise FormatError(str(error)) from error


def atoms(edges: Floats) -> npt.NDArray[np.bool_]:
    """Which of the `len(edges) + 1` cells hold one value only."""
    single = np.zeros(edges.size + 1, bool)
    single[1:-1] = np.nextafter(edges[1:], -np.inf) == edges[:-1]
    return single
