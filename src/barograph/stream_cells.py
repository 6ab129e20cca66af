"""The cells in which a column is watched over a stream, and how much its counts vary by nature."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from barograph.metrics.drift.cells import group_starts
from barograph.profile import Profile
from barograph.reference_windows import ReferenceWindows, span
from barograph.special import normal_shares
from barograph.summaries import Bins, Categories
from barograph.types import Floats, Ints
from barograph.variation import likeness

ORDERED_CELLS, ALONE_AT_MOST = 16, 7
LABELS_AT_MOST, ROWS_IN_EACH = 30, 5
FREQUENT_SHARE, FREQUENT_ROWS, GROUPS = 1 / 16, 30, 14
WINDOWS_AT_LEAST = 4


class StreamCells(NamedTuple):
    """Where a view of a column is counted: cell 0 has the rows without a value, then come groups of the reference's own
    cells. `group` is the group of each of these, `reference` the counts.

    Cells of ordered columns are cut at quantiles of the reference, of which a share of new rows is Dirichlet. Labels
    have cells of their own where there are few; of many only those with over a sixteenth of the rows, and the others
    share cells by their hash: cells chosen for the rows that they happened to have would not be fair. Labels never seen
    are expected as often as labels seen once (Good 1953).
    """

    column: str
    view: str
    group: Ints
    reference: Floats
    ordered: bool
    absent: bool = True

    def counts(self, profile: Profile) -> Floats | None:
        """A profile's rows in these cells; `None` where it does not have the column."""
        summary = _summary(profile, self.column, self.view)
        counts = profile.get("counts", self.column)
        if summary is None or (counts is not None and counts.n_rows == 0):
            return None
        cells = _fine(summary)
        found = np.bincount(self.group, cells, minlength=self.reference.size)
        found[0] = max(profile.n_rows - summary.n, 0) if self.absent else 0
        return found.astype(float)


def stream_cells(reference: Profile, column: str, view: str) -> StreamCells | None:
    """The cells of a view of a column; `None` where the reference has no counts of it. Labels that come later than the
    rows are not missing: of the target only values are counted."""
    summary = _summary(reference, column, view)
    if summary is None or summary.n == 0:
        return None
    group, counts = _by_order(summary) if isinstance(summary, Bins) else _by_label(summary)
    found = np.bincount(group, counts, minlength=int(group.max()) + 1).astype(float)
    absent = column != reference.schema.target
    found[0] = max(reference.n_rows - summary.n, 0) if absent else 0
    return StreamCells(column, view, group, found, isinstance(summary, Bins), absent)


def _summary(profile: Profile, column: str, view: str) -> Any:
    kind = profile.schema.kinds.get(column)
    ordered = kind is not None and (kind.ordered or view != "value")
    return profile.get("bins" if ordered else "categories", column, view=view)


def _fine(summary: Bins | Categories) -> Ints:
    return summary.counts if isinstance(summary, Bins) else summary.cells


def _by_order(bins: Bins) -> tuple[Ints, Floats]:
    starts = group_starts(bins.counts, bins.edges, ORDERED_CELLS, ALONE_AT_MOST)
    group = np.zeros(bins.counts.size, np.int64)
    group[starts[1:]] = 1
    return np.cumsum(group) + 1, bins.counts.astype(float)


def _by_label(labels: Categories) -> tuple[Ints, Floats]:
    """Groups of the labels' own cells, of the buckets of rare ones, and of those never seen, which come last."""
    counts = labels.cells.astype(float)
    own = labels.counts.size
    n_rare = labels.n_rare
    group = np.zeros(counts.size, np.int64)
    if own <= LABELS_AT_MOST and not n_rare:
        alone = labels.counts >= ROWS_IN_EACH
        group[:own] = np.where(alone, np.cumsum(alone), 0)
        group[group == 0] = int(alone.sum()) + 1
        return group, counts
    alone = labels.counts > max(FREQUENT_SHARE * labels.n, FREQUENT_ROWS)
    n_alone = int(alone.sum())
    hashed = np.concatenate([labels.keys % np.uint64(64), np.arange(64, dtype=np.uint64)]).astype(np.int64) % GROUPS
    group[:-1] = n_alone + 1 + hashed
    group[:own] = np.where(alone, np.cumsum(alone), group[:own])
    group[-1] = n_alone + 1 + GROUPS
    once = labels.counts == 1
    counts[:own] -= once
    counts[own:-1] *= 1 - labels.singles / max(n_rare, 1)
    counts[-1] = labels.singles + once.sum()
    return group, counts


class Variation(NamedTuple):
    """How many times as much as those of independent rows a reference window's counts vary, its rows, and its share of
    the reference; 1 and no rows where the reference has no windows."""

    effect: float = 1.0
    rows: float = 0.0

    def design_effect(self, profile: Profile, windows: ReferenceWindows | None) -> float:
        """By what the rows of a window are to be divided.

        What windows have beyond chance grows with their rows, and is spread over the windows of the reference that they
        cover.
        """
        if self.effect <= 1 or windows is None:
            return 1.0
        seconds, covered = windows.seconds, span(profile)
        count = profile.n_rows / self.rows if covered is None or seconds is None else covered / seconds
        return 1 + (self.effect - 1) * profile.n_rows / self.rows / max(count, 1.0)


def natural_variation(windows: ReferenceWindows | None, cells: StreamCells) -> Variation:
    """What the windows of a reference say of one column.

    The variance of counts between windows over that of independent rows: in the direction in which a shift of the
    column moves them, in that of missing values, and in the direction in which it is largest, as far as that lies
    beyond what is largest by chance (Johnstone 2001) and without what chance adds to it (Paul 2007). Where consecutive
    windows are alike, that of sums of many. The largest of all counts.
    """
    listed = list(windows.parts.values()) if windows is not None else []
    counted = [found for part in listed if (found := cells.counts(part)) is not None and found.sum() > 0]
    if len(counted) < WINDOWS_AT_LEAST:
        return Variation()
    counts = np.array(counted)
    rows = counts.sum(axis=1)
    pooled = counts.sum(axis=0) / counts.sum()
    often = pooled * float(rows.mean()) >= 1
    if often.sum() < 2:
        return Variation()
    # in units of chance, so that each direction of independent rows has the variance 1
    deviations = (counts - rows[:, None] * pooled)[:, often] / np.sqrt(rows[:, None] * pooled[often])
    known = [_largest(deviations, int(often.sum()) - 1)]
    known += [
        (direction, float(((deviations @ direction) ** 2).sum()) / (len(counted) - 1))
        for direction in _directions(cells, pooled, often)
    ]
    effects = [_lasting(deviations @ direction, variance) for direction, variance in known]
    return Variation(max(1.0, *effects), float(rows.mean()))


def _directions(cells: StreamCells, pooled: Floats, often: npt.NDArray[np.bool_]) -> list[Floats]:
    """Unit vectors: of a column's missing values, and of a shift of its normal score."""
    found = []
    missing = np.zeros(pooled.size)
    missing[0] = 1.0
    scores = [missing] if pooled[0] > 0 else []
    if cells.ordered and pooled.size > 2:
        present = pooled[1:] / pooled[1:].sum()
        upto = np.concatenate([[0.0], np.cumsum(present)])
        moved = normal_shares(upto, 0.01, 1.0) - normal_shares(upto, -0.01, 1.0)
        shift = np.zeros(pooled.size)
        shift[1:] = np.divide(moved, present, out=np.zeros_like(moved), where=present > 0)
        scores.append(shift)
    for score in scores:
        direction = ((score - score @ pooled) * np.sqrt(pooled))[often]
        length = float(np.linalg.norm(direction))
        if length > 0:
            found.append(direction / length)
    return found


def _lasting(scores: Floats, variance: float) -> float:
    """The variance of sums of many consecutive scores, each of the given variance, over that of independent ones.

    What is beyond chance is taken for an autoregression of first order.
    """
    beyond = variance - 1
    if beyond <= 0:
        return 1.0
    together = float(scores[1:] @ scores[:-1]) / (scores.size - 1)
    coefficient = likeness(together / beyond, scores.size, 1 / beyond)
    return 1 + beyond * (1 + coefficient) / (1 - coefficient)


def _largest(deviations: Floats, n_directions: int) -> tuple[Floats, float]:
    """The direction in which the variance is largest, and that; 1 where it is no more than chance makes it."""
    n = deviations.shape[0] - 1
    _, lengths, directions = np.linalg.svd(deviations, full_matrices=False)
    largest = float(lengths[0] ** 2) / n
    crowd = n_directions / n
    edge = (1 + math.sqrt(crowd)) ** 2
    spread = edge * n ** (-2 / 3) * (1 + 1 / math.sqrt(crowd)) ** (1 / 3)  # of what is largest by chance
    if largest <= edge + 2 * spread:
        return directions[0], 1.0
    half = (largest + 1 - crowd) / 2
    return directions[0], float(half + math.sqrt(max(half**2 - largest, 0.0)))
