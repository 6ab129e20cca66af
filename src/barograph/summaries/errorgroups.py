"""What the rows are like of which the model says by far too little, by far too much, or neither."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from barograph.errors import FormatError, MergeError
from barograph.summaries import wire
from barograph.summaries.cuts import MISSING, WIDTH, Cut, agree, cuts_of
from barograph.types import Floats, Ints, Measured

GROUPS = ("underestimated", "majority", "overestimated")
UNKNOWN = 3  # the place of rows without an error


@dataclass
class ErrorGroups:
    """Counts in the cells of each column, and its means, in three groups of rows told by frozen cut-offs of the error.

    A row whose error is at most `edges[0]` is underestimated, one with an error above `edges[1]` overestimated; without
    cut-offs all are the majority. `counts[c, g, x]` are rows of group g (the fourth: no error) in cell x of column c
    (see `Cut`); of an ordered column `mean[c, g]` is the mean of its values in each of the three groups, and `low[c]`,
    `high[c]` are the least and the largest of them. Counts and extremes are exact, means up to rounding (Chan et al.
    1979); unlike cells or cut-offs refuse. Weights play no part. Cost: one `bincount` a column, two of an ordered one;
    424 bytes a column.

    >>> groups = ErrorGroups(np.array([-1.0, 1.0]), [Cut(np.array([0.0]), None, ["low", "high"])])
    >>> groups.update(Measured((np.array([-5.0, 3.0, 1.0, 7.0]),), 4, {"error": np.array([-2.0, 0.0, 0.5, 9.0])}))
    >>> groups.counts[0, :, :2].tolist(), groups.mean[0].tolist()
    ([[1, 0], [0, 2], [0, 1], [0, 0]], [-5.0, 2.0, 7.0])
    """

    edges: Floats
    cuts: list[Cut]
    n_rows: int = 0
    counts: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    mean: Floats = field(default_factory=lambda: np.zeros(0))
    low: Floats = field(default_factory=lambda: np.zeros(0))
    high: Floats = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        if self.counts.ndim == 1:
            k = len(self.cuts)
            self.counts, self.mean = np.zeros((k, UNKNOWN + 1, WIDTH), np.int64), np.zeros((k, UNKNOWN))
            self.low, self.high = np.full(k, np.inf), np.full(k, -np.inf)

    def update(self, batch: Measured) -> None:
        merged = self.merge(self._of(batch))
        self.n_rows, self.counts, self.mean = merged.n_rows, merged.counts, merged.mean
        self.low, self.high = merged.low, merged.high

    def blank(self) -> ErrorGroups:
        """No rows, the same cells and cut-offs."""
        return ErrorGroups(self.edges, self.cuts)

    @property
    def present(self) -> Ints:
        """Rows of each group in which each column has a value."""
        found: Ints = self.counts[:, :UNKNOWN, :MISSING].sum(axis=2)
        return found

    @property
    def sizes(self) -> Ints:
        """Rows of each of the three groups."""
        found: Ints = self.counts[:1, :UNKNOWN].sum(axis=(0, 2))
        return found

    def merge(self, other: ErrorGroups) -> ErrorGroups:
        agree(self.cuts, other.cuts)
        if not np.array_equal(self.edges, other.edges):
            cut = [" and ".join(f"{edge:g}" for edge in side.edges) or "nothing" for side in (self, other)]
            raise MergeError(
                f"groups of errors cut at {cut[0]}, and at {cut[1]}, are not the same ones and do not merge; "
                "profile both sides against one baseline"
            )
        mine, theirs = self.present, other.present
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            n = np.maximum(mine + theirs, 1)
            mean = self.mean * (mine / n) + other.mean * (theirs / n)
            mean = np.where(self.mean == other.mean, self.mean, mean)
        mean = np.where(theirs == 0, self.mean, np.where(mine == 0, other.mean, mean))
        return ErrorGroups(
            self.edges,
            self.cuts,
            self.n_rows + other.n_rows,
            self.counts + other.counts,
            wire.canonical(mean),
            np.minimum(self.low, other.low),
            np.maximum(self.high, other.high),
        )

    def to_state(self) -> wire.State:
        arrays = {name: wire.pack(getattr(self, name)) for name in ("edges", "counts", "mean", "low", "high")}
        return {"cuts": [cut.to_state() for cut in self.cuts], "n_rows": self.n_rows, **arrays}

    @classmethod
    def from_state(cls, state: wire.State) -> ErrorGroups:
        edges, cuts, n_rows = wire.unpack(state, "edges", "f"), cuts_of(state), wire.count(state, "n_rows")
        wire.ascending("edges", edges)
        if edges.size not in (0, 2) or not np.isfinite(edges).all():
            raise FormatError(f"edges: {edges.size} cut-offs, or infinite ones, where two belong")
        k = len(cuts)
        counts = wire.counts(state, "counts", k * (UNKNOWN + 1) * WIDTH).reshape(k, UNKNOWN + 1, WIDTH)
        mean = wire.unpack(state, "mean", "f", k * UNKNOWN).reshape(k, UNKNOWN)
        low, high = (wire.unpack(state, name, "f", k) for name in ("low", "high"))
        sizes = counts.sum(axis=2)
        if (sizes != sizes[:1]).any() or (k and sizes[0].sum() != n_rows):
            raise FormatError(f"counts: the columns have other rows in a group, or not {n_rows} in all")
        if np.isnan(low).any() or np.isnan(high).any() or ((low > high) & np.isfinite(low)).any():
            raise FormatError("low: above the largest, or no number")
        return cls(edges, cuts, n_rows, counts, mean, low, high)

    def _of(self, batch: Measured) -> ErrorGroups:
        """The groups of one batch."""
        found = ErrorGroups(self.edges, self.cuts, batch.n_rows)
        error = batch.measures.get("error", np.full(batch.n_rows, np.nan))
        told = np.searchsorted(self.edges, error, side="left") if self.edges.size else np.ones(error.size, np.int64)
        group = np.where(np.isnan(error), UNKNOWN, told)
        for c, (cut, column) in enumerate(zip(self.cuts, batch.columns, strict=True)):
            code = cut.codes(column)
            cells = (UNKNOWN + 1) * WIDTH
            found.counts[c] = np.bincount(group * WIDTH + code, minlength=cells).reshape(UNKNOWN + 1, WIDTH)
            if not isinstance(column, np.ndarray):
                continue
            known = (code != MISSING) & (group != UNKNOWN)
            found.low[c], found.high[c] = column[known].min(initial=np.inf), column[known].max(initial=-np.inf)
            values, at = column[known] / 2, group[known]  # halves, whose differences do not overflow
            origin = float(values[0]) if values.size else 0.0  # a constant is its own mean
            n = np.bincount(at, minlength=UNKNOWN)
            middle = np.bincount(at, (values - origin) / np.maximum(n, 1)[at], UNKNOWN)
            found.mean[c] = wire.canonical(np.where(n > 0, 2 * (origin + middle), 0.0))
        return found
