"""Columns to draw references and windows of, as counts in the reference's frozen cells.

A window is a multinomial draw with the exact probabilities of the cells, so that a million rows cost what fifty do. An
ordered column is cut at quantiles of its reference: the probabilities between them are not the shares that the
reference has there, but a Dirichlet draw around them, as spacings of order statistics are. Whoever takes the
reference's shares for the truth is wrong by just that, and a benchmark that did would not see it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from barograph.metrics.drift.cells import Cells, group_starts
from barograph.types import Floats, Ints

FINE = 256
COARSE = 10
LABELS_AT_MOST, BUCKETS = 256, 64


class Pairs(NamedTuple):
    """Counts of many columns, each with a reference of its own: shape `(columns, cells)`.

    `rows` are how many rows of either side are absent or present, where some are absent. `singles` are how many labels
    each reference saw once, `doubles` twice, where the last cell is that of labels it never saw.
    """

    current: Ints
    reference: Ints
    edges: Floats | None = None
    singles: Ints | None = None
    doubles: Ints | None = None
    rows: tuple[Ints, Ints] | None = None

    def fine(self, i: int) -> Cells:
        """All cells of one column."""
        return Cells(self.current[i], self.reference[i], self.edges)

    def coarse(self, i: int) -> Cells:
        """The cells that PSI has of it, as `coarse_cells` finds them."""
        ours, theirs = self.current[i], self.reference[i]
        if self.edges is not None:
            starts = group_starts(theirs, self.edges, COARSE)
            ours, theirs = np.add.reduceat(ours, starts), np.add.reduceat(theirs, starts)
        used = ours + theirs > 0
        used[-1] |= self.singles is not None
        singles = None if self.singles is None or not used[-1] else int(self.singles[i])
        doubles = 0 if self.doubles is None else int(self.doubles[i])
        return Cells(ours[used], theirs[used], singles=singles, doubles=doubles)

    def absent(self, i: int) -> Cells | None:
        """Present and absent rows of it."""
        return None if self.rows is None else Cells(self.rows[0][i], self.rows[1][i])


@dataclass(frozen=True)
class Ordered:
    """A continuous column. Monotone changes of its values change nothing that is counted: normal is lognormal.

    `zeros` are the share of one value that stands alone, `nulls` of absent ones.
    """

    name: str
    zeros: float = 0.0
    nulls: float = 0.0

    def draw(self, n: int, m: int, count: int, rng: np.random.Generator) -> Pairs:
        rows = None
        if self.nulls:
            theirs, ours = rng.binomial(m, 1 - self.nulls, count), rng.binomial(n, 1 - self.nulls, count)
            rows = np.stack([ours, n - ours], axis=1), np.stack([theirs, m - theirs], axis=1)
        else:
            theirs, ours = np.full(count, m), np.full(count, n)
        zeros = rng.binomial(theirs, self.zeros) if self.zeros else np.zeros(count, np.int64)
        cells = FINE - int(FINE * self.zeros)
        ends = np.floor(np.linspace(0, 1, cells + 1) * (theirs - zeros)[:, None] + 1e-6)
        spread = np.diff(ends, axis=1).astype(np.int64)
        spacings = rng.standard_gamma(spread)
        p = (1 - self.zeros) * spacings / spacings.sum(axis=1, keepdims=True)
        reference, edges = spread, np.arange(1.0, cells)
        if self.zeros:
            p = np.concatenate([np.full((count, 1), self.zeros), p], axis=1)
            reference = np.concatenate([zeros[:, None], spread], axis=1)
            # the lowest cell is empty, the next holds zero alone
            edges = np.concatenate([[np.nextafter(0.0, -1.0), 0.0], edges])
            p, reference = (np.pad(a, ((0, 0), (1, 0))) for a in (p, reference))
        return Pairs(rng.multinomial(ours, p), reference, edges, rows=rows)


@dataclass(frozen=True)
class Labelled:
    """A column of labels, the frequency of the i-th proportional to i to the power of `-steep`."""

    name: str
    labels: int
    steep: float = 0.0

    @property
    def p(self) -> Floats:
        weights: Floats = np.arange(1.0, self.labels + 1) ** -self.steep
        return weights / weights.sum()

    def draw(self, n: int, m: int, count: int, rng: np.random.Generator) -> Pairs:
        if self.labels <= LABELS_AT_MOST:
            return Pairs(*(rng.multinomial(size, self.p, size=count) for size in (n, m)))
        reference = rng.multinomial(m, self.p, size=count)
        frequent = reference >= max(30, m / LABELS_AT_MOST)
        own = np.where(frequent.any(axis=0))[0]
        bucket = np.random.default_rng(1).integers(0, BUCKETS, self.labels)
        # of each reference: a cell for each frequent label (empty where it is not), 64 for the others, one for unseen
        p, theirs = (np.zeros((count, own.size + BUCKETS + 1)) for _ in range(2))
        p[:, : own.size], theirs[:, : own.size] = self.p[own] * frequent[:, own], (reference * frequent)[:, own]
        rare = (reference > 0) & ~frequent
        shared = np.zeros((self.labels, BUCKETS))
        shared[np.arange(self.labels), bucket] = 1
        p[:, own.size : -1], theirs[:, own.size : -1] = (rare * self.p) @ shared, (reference * rare) @ shared
        p[:, -1] = np.maximum(1 - p.sum(axis=1), 0)
        current = rng.multinomial(n, p / p.sum(axis=1, keepdims=True))
        singles, doubles = ((reference == times).sum(axis=1) for times in (1, 2))
        return Pairs(current, theirs.astype(np.int64), singles=singles, doubles=doubles)


Column = Ordered | Labelled
COLUMNS: tuple[Column, ...] = (
    Ordered("normal"),
    Ordered("lognormal"),
    Ordered("zero-inflated", zeros=0.6),
    Labelled("2 labels", 2, 1.2),
    Labelled("20 labels", 20, 0.5),
    Labelled("200 labels", 200, 0.5),
    Labelled("5,000 labels", 5_000, 1.0),
    Ordered("60 % null", nulls=0.6),
)
