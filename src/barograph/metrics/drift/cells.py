"""The two sides of a comparison, counted in the same cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from barograph.errors import ParameterError
from barograph.metric import Metric, label, missing_need, selected
from barograph.needs import Need, views
from barograph.profile import Profile
from barograph.results import Result, Value
from barograph.schema import Schema
from barograph.summaries import Bins
from barograph.summaries.bins import atoms
from barograph.types import Floats, Ints

WIDEST = 1e300  # of wider columns the sums of areas can leave float64


@dataclass(frozen=True)
class Cells:
    """Counts of one view of one column, shape `(n_cells,)` on either side.

    `edges` are the right ends of all cells but the last, for ordered columns; `low` and `high` the ends of the data,
    `std` the reference's standard deviation and `shift` the difference of the means. `beyond` is how far the current
    rows lie below the first and above the last edge, in the mean over all of them, where that is known. `singles` is
    given where the last cell holds the labels that the reference never saw: how many it saw once, and in
    `doubles` how many twice.
    """

    current: Ints
    reference: Ints
    edges: Floats | None = None
    low: float = 0.0
    high: float = 0.0
    std: float | None = None
    shift: float = 0.0
    beyond: tuple[float, float] | None = None
    singles: int | None = None
    doubles: int = 0

    @property
    def n_current(self) -> int:
        return int(self.current.sum())

    @property
    def n_reference(self) -> int:
        return int(self.reference.sum())


class Comparison(Metric):
    """A metric that is a statistic of two sets of counts; calibration evaluates it for many draws at once.

    Of a small change its value goes with the change to the power of `degree`: 1 like a distance, 2 like the square of
    one. Where it `grows`, it is that times sqrt(n m / (n + m)) to the same power, as test statistics are.
    """

    column: str | None
    degree: ClassVar[int] = 1
    grows: ClassVar[bool] = False

    def needs(self, schema: Schema) -> Iterable[Need]:
        return drift_needs(schema, self.column)

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        return compare(self, current, reference)

    def compared(self, schema: Schema) -> Iterable[tuple[str, str]]:
        """Columns and views it speaks of."""
        return all_views(schema, self.column)

    def cells(self, current: Profile, reference: Profile, column: str, view: str) -> Cells | str:
        """The cells it compares, or why there are none."""
        return fine_cells(current, reference, column, view)

    def statistic(self, current: Floats, reference: Floats, cells: Cells) -> Floats:
        """Its value for counts of shape `(..., n_cells)`; `cells` tells where they lie."""
        raise NotImplementedError  # pragma: no cover - abstract

    def observed(self, cells: Cells) -> float:
        """The statistic of the counts at hand."""
        return float(self.statistic(cells.current.astype(float), cells.reference.astype(float), cells))

    def bounds(self, cells: Cells) -> tuple[float | None, float | None]:
        """Between what the statistic of all rows lies, where the cells blur it."""
        return None, None

    def p_value(self, cells: Cells) -> float | None:
        """The chance of at least this statistic when nothing has changed, where it has a closed form."""
        return None


@dataclass(frozen=True)
class CoarseComparison(Comparison):
    """A comparison of shares: continuous columns are joined to `bins` cells of about equal mass in the reference."""

    column: str | None = None
    bins: int = 10

    def __post_init__(self) -> None:
        if self.bins < 2:
            raise ParameterError(f"{self.spec.name} over {self.bins} bins says nothing; give at least 2")

    def cells(self, current: Profile, reference: Profile, column: str, view: str) -> Cells | str:
        return coarse_cells(current, reference, column, view, self.bins)


class OrderedComparison(Comparison):
    """A comparison of cumulative distributions or ranks, over all fine cells of ordered columns."""

    def compared(self, schema: Schema) -> Iterable[tuple[str, str]]:
        return all_views(schema, self.column, ordered_only=True)

    def cells(self, current: Profile, reference: Profile, column: str, view: str) -> Cells | str:
        found = fine_cells(current, reference, column, view)
        return "the column is not ordered" if isinstance(found, Cells) and found.edges is None else found


def all_views(schema: Schema, column: str | None, ordered_only: bool = False) -> Iterable[tuple[str, str]]:
    """Columns and views that can drift: those of one column, or of all features."""
    for name in selected(schema, column):
        kind = schema.kinds.get(name)
        if kind is None:
            yield name, "value"
        elif kind.ordered or not ordered_only or column is not None:
            yield from ((name, view) for view in views(kind))


def drift_needs(schema: Schema, column: str | None) -> Iterator[Need]:
    """The counts in frozen cells of each view of each column, and the ends of what is ordered."""
    for name in selected(schema, column):
        kind = schema.kinds.get(name)
        if kind is None:
            continue
        for view in views(kind):
            cells = ("bins", "moments") if kind.ordered else ("categories",)
            yield from (Need(summary, (name,), view) for summary in cells)
            if view == "value":
                yield Need("topk", (name,))


def fine_cells(current: Profile, reference: Profile, column: str, view: str) -> Cells | str:
    """All cells of a column, or why there are none."""
    kind = reference.schema.kinds.get(column)
    name = "bins" if kind is not None and kind.ordered else "categories"
    ours, theirs = current.get(name, column, view=view), reference.get(name, column, view=view)
    if ours is None or theirs is None:
        return missing_need(reference if theirs is None else current, column)
    if theirs.n == 0:
        return "the reference has no values"
    if ours.n == 0:
        return "no values in the current rows"
    if not isinstance(ours, Bins):
        singles, doubles = (
            rare + int((theirs.counts == times).sum()) for rare, times in ((theirs.singles, 1), (theirs.doubles, 2))
        )
        whole = Cells(ours.cells, theirs.cells, singles=singles, doubles=doubles)
        return value_cells(current, reference, column) or whole
    a, b = current.get("moments", column, view=view), reference.get("moments", column, view=view)
    if a is None or b is None:
        return missing_need(reference if b is None else current, column)
    low, high, shift = min(a.low, b.low), max(a.high, b.high), a.mean_ - b.mean_
    return Cells(ours.counts, theirs.counts, theirs.edges, low, high, b.std, shift)


def value_cells(current: Profile, reference: Profile, column: str) -> Cells | None:
    """A cell for each value or label of either side, where both know all of theirs; the values are in no order.

    Cells that only the reference chose would not be fair to it: what it saw once the current rows need not see at all.
    """
    ours, theirs = current.get("topk", column), reference.get("topk", column)
    if ours is None or theirs is None or not (ours.exact and theirs.exact):
        return None
    keys = np.union1d(ours.keys, theirs.keys)
    current_counts, reference_counts = np.zeros(keys.size, np.int64), np.zeros(keys.size, np.int64)
    current_counts[np.searchsorted(keys, ours.keys)] = ours.counts
    reference_counts[np.searchsorted(keys, theirs.keys)] = theirs.counts
    return Cells(current_counts, reference_counts)


VALUES_AT_MOST = 50
ROWS_AT_LEAST = 5
SINGLES_AT_MOST = 0.05
ROWS_TO_TELL = 20


def _discrete(cells: Cells) -> bool:
    """Whether values are repeated as those of a discrete column are: few values, hardly any of them once only."""
    both = cells.current + cells.reference
    n = int(both.sum())
    few = both.size <= VALUES_AT_MOST
    return few and (n < ROWS_TO_TELL or float((both == 1).sum()) <= SINGLES_AT_MOST * n)


def coarse_cells(current: Profile, reference: Profile, column: str, view: str, bins: int) -> Cells | str:
    """The cells of a column, those of a continuous one joined to `bins` of about equal mass in the reference.

    A column of at most 50 values that are repeated keeps a cell for each. Of others, values that the reference has at
    least 5 times stand alone if there are at most 50 of them (else those with more than a bin's share). Cells that both
    sides leave empty are dropped.
    """
    found = fine_cells(current, reference, column, view)
    if isinstance(found, str):
        return found
    ours, theirs, edges = found.current, found.reference, found.edges
    if edges is not None:
        values = value_cells(current, reference, column) if view == "value" else None
        if values is not None and _discrete(values):
            return values
        starts = _starts(theirs.tobytes(), edges.tobytes(), bins)
        ours, theirs = np.add.reduceat(ours, starts), np.add.reduceat(theirs, starts)
    used = (ours + theirs) > 0
    used[-1] |= bool(found.singles)  # that no label is unseen now is chance too
    return Cells(ours[used], theirs[used], singles=found.singles if used[-1] else None, doubles=found.doubles)


@lru_cache(maxsize=4096)  # of a reference, which is frozen
def _starts(reference: bytes, edges: bytes, bins: int) -> Ints:
    return group_starts(np.frombuffer(reference, np.int64), np.frombuffer(edges), bins)


def group_starts(reference: Ints, edges: Floats, bins: int, alone_at_most: int = VALUES_AT_MOST) -> Ints:
    """Where each group of cells starts: frequent values stand alone, all between them is cut by mass.

    Of more than `alone_at_most` such values only those with over a group's share of the rows stand alone."""
    single = atoms(edges)
    alone = single & (reference >= ROWS_AT_LEAST)
    share = reference.sum() / bins
    if alone.sum() > alone_at_most:
        alone = single & (reference > share)
    # a run is all cells between two that stand alone; inside, a new group starts with each further bin's share of mass
    begins = alone.copy()
    begins[1:] |= alone[:-1]
    begins[0] = True
    before = np.cumsum(reference) - reference
    since = before - np.maximum.accumulate(np.where(begins, before, 0))
    step = np.floor(since / max(share, 1.0) + 1e-9)
    cut = begins.copy()
    cut[1:] |= step[1:] > step[:-1]
    starts = np.flatnonzero(cut)
    filled: Ints = starts[begins[starts] | (np.add.reduceat(reference, starts) > 0)]
    return filled


def compare(metric: Comparison, current: Profile, reference: Profile | None) -> Result:
    """The result of a metric that is one statistic of the cells of each view of each column."""
    if reference is None:
        return metric.result([], note="drift needs a reference")
    values = []
    for column, view in metric.compared(reference.schema):
        cells = metric.cells(current, reference, column, view)
        if isinstance(cells, str):
            values.append(Value(None, label(column, view), note=cells))
            continue
        low, high = metric.bounds(cells)
        note = "over 256 labels: the rare ones share cells" if cells.singles is not None else ""
        p, n = metric.p_value(cells), cells.n_current
        values.append(Value(metric.observed(cells), label(column, view), n, low, high, p_value=p, note=note))
    return metric.result(values, note="" if values else "there is no column of a kind that it is for")


def widths(cells: Cells) -> Floats:
    """How wide each cell of an ordered column is inside the data."""
    assert cells.edges is not None
    ends = np.concatenate([[cells.low], np.clip(cells.edges, cells.low, cells.high), [cells.high]])
    return np.diff(ends)


def too_wide(cells: Cells) -> bool:
    """Whether areas between distributions cannot be summed in float64."""
    return not abs(cells.high / 2 - cells.low / 2) < WIDEST / 2  # halves: their difference may be beyond float64


def gap_bounds(cells: Cells) -> tuple[Floats, Floats]:
    """The least and the most that the cumulative distributions can be apart inside each cell.

    Inside a cell either side may have all its rows first. A cell of one value has no inside: only its ends count.
    """
    assert cells.edges is not None
    f, g = (np.concatenate([[0.0], np.cumsum(shares(c.astype(float)))]) for c in (cells.reference, cells.current))
    most = np.maximum(f[1:] - g[:-1], g[1:] - f[:-1])
    least = np.maximum(0.0, np.maximum(f[:-1] - g[1:], g[:-1] - f[1:]))
    return least, most


def shares(counts: Floats) -> Floats:
    """Counts as shares of their sum over the last axis; zeros of nothing."""
    total = counts.sum(axis=-1, keepdims=True)
    of_all: Floats = np.divide(counts, total, out=np.zeros_like(counts, dtype=float), where=total > 0)
    return of_all
