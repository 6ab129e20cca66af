"""Rows per cell of the baseline as Prometheus counters, so that drift can be computed in PromQL (see `promql`).

    barograph_column_values_bucket{column,le}           a classic histogram on the baseline's bins: ordered columns
    barograph_column_labels_total{column,cell,label}    categories; `cell` is label, rare (all others known) or unseen
    barograph_column_missing_total{column}              null, NaN, infinite, unreadable
    barograph_baseline_upto_rows{column,upto,above}     the reference's rows up to an `le`, and the `le` below it
    barograph_baseline_label_rows{column,cell,label}    the reference's rows by category

Everything carries the baseline's hash: counts in other cells are other series and are never added up. All series are
there from the start, at 0, because a counter that appears with a number loses that number in `increase()`.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from prometheus_client.core import Metric
from prometheus_client.utils import floatToGoString

from barograph.baseline import Baseline
from barograph.errors import ParameterError
from barograph.live import workers
from barograph.live.families import label_value
from barograph.live.spool import new_worker
from barograph.metrics.drift.cells import group_starts
from barograph.needs import views
from barograph.profile import Profile
from barograph.summaries import Bins, Categories
from barograph.types import Floats, Ints

if TYPE_CHECKING:
    from barograph.live.monitor import Monitor

_LOG = logging.getLogger("barograph.live")

BINS = 10
CELLS_AT_MOST = 24
NAME_AT_MOST = 60


@dataclass(frozen=True)
class ColumnCells:
    """The cells of one view of one column, and how many rows the reference has in each.

    Ordered columns have `upto`, the `le` of each cell; nominal ones `labels`, pairs of cell and label. `group` is the
    cell to which each of the baseline's own cells belongs.
    """

    column: str
    view: str
    group: Ints
    reference: Ints
    upto: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()

    def count(self, profile: Profile) -> Ints | None:
        """Rows of a profile per cell; `None` where it was not counted in these cells."""
        found = profile.get("bins" if self.upto else "categories", self.column, view=self.view)
        counts = None if found is None else found.counts if self.upto else found.cells
        return None if counts is None or counts.size != self.group.size else _joined(counts, self.group)


def column_cells(
    baseline: Baseline, columns: Iterable[str] | None = None, bins: int = BINS, cells_at_most: int = CELLS_AT_MOST
) -> list[ColumnCells]:
    """Cells of the features, prediction and scores, or of the columns named.

    Ordered columns are cut into `bins` cells of about equal mass, the values of a discrete one are cells of their own,
    as in `PSI`. Where that makes more than `cells_at_most`, cells that are empty in the reference join the one above,
    then neighbours join. Of more labels than there is room for, the frequent ones keep a cell.
    """
    if bins < 2 or cells_at_most < bins + 2:
        raise ParameterError(f"{bins} bins in {cells_at_most} cells do not go; give at least 2 bins and 2 cells more")
    schema = baseline.schema
    chosen = columns
    if chosen is None:
        chosen = [*schema.features, *(c for c in (schema.prediction, *schema.scores.values()) if c)]
    made = []
    for column in chosen:
        if column not in schema.kinds:
            raise ParameterError(f"the baseline has no column {column!r}; it has {', '.join(schema.kinds)}")
        for view in views(schema.kinds[column]):
            found = baseline.profile.get("bins", column, view=view) or baseline.profile.get("categories", column)
            if isinstance(found, Bins) and found.n:
                made.append(_ordered(column, view, found, bins, cells_at_most))
            elif isinstance(found, Categories) and found.n:
                made.append(_nominal(column, found, cells_at_most))
    return made


def _ordered(column: str, view: str, bins: Bins, wanted: int, at_most: int) -> ColumnCells:
    starts = group_starts(bins.counts, bins.edges, wanted)
    if starts.size > at_most:
        empty = np.add.reduceat(bins.counts, starts) == 0
        empty[0] = False  # what lies below the reference stays apart from it
        starts = np.concatenate([starts[:1], starts[1:][~empty[:-1]]])
    if starts.size > at_most:
        before = (np.cumsum(bins.counts) - bins.counts)[starts]
        starts = starts[np.unique(before * wanted // max(bins.n, 1), return_index=True)[1]]
    group = np.zeros(bins.counts.size, np.int64)
    group[starts[1:]] = 1
    group = np.cumsum(group)
    upto = (*(_le(edge) for edge in bins.edges[starts[1:] - 1]), "+Inf")
    return ColumnCells(column, view, group, _joined(bins.counts, group), upto)


def _nominal(column: str, categories: Categories, at_most: int) -> ColumnCells:
    """Cells of the most frequent labels, of all other known ones, and of those the reference never saw."""
    kept = np.argsort(-categories.counts, kind="stable")[: at_most - 2]
    group = np.full(categories.cells.size, kept.size)
    group[kept] = np.arange(kept.size)
    group[-1] = kept.size + 1
    names = [("label", label_value(categories.names[i], NAME_AT_MOST)) for i in kept]
    labels = (*names, ("rare", ""), ("unseen", ""))
    return ColumnCells(column, "value", group, _joined(categories.cells, group, len(labels)), labels=labels)


def _joined(counts: Ints, group: Ints, n: int = 0) -> Ints:
    return np.bincount(group, counts, minlength=n).astype(np.int64)


def _le(edge: float) -> str:
    """A number as Go writes it, because Prometheus 3 rewrites `le` and must find in it what `upto` says."""
    written: str = floatToGoString(abs(edge))  # type: ignore[no-untyped-call]
    return f"-{written}" if edge < 0 else written


class CellCounts:
    """Rows per cell since the process started: never decreasing, fed with parts as they are profiled.

    With a `folder`, each process keeps its totals in a file there, written with every part so that its end costs
    nothing, and serves the sum of all files; those of processes that are gone stay, as counters must. Without, it
    counts for itself.
    """

    def __init__(
        self,
        baseline: Baseline,
        columns: list[ColumnCells] | None = None,
        *,
        model: str = "model",
        version: str = "1",
        folder: Path | None = None,
    ) -> None:
        self.baseline, self.model, self.version = baseline, model, version
        self.columns = column_cells(baseline) if columns is None else columns
        self.folder = folder
        self._missing = list(dict.fromkeys(c.column for c in self.columns))
        sizes = [c.reference.size for c in self.columns]
        self._starts = np.cumsum([0, *sizes])
        whole = repr((model, version, baseline.id, [(c.column, c.view, c.upto, c.labels) for c in self.columns]))
        self._prefix = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        self._lock = threading.Lock()
        self._read: dict[str, tuple[tuple[int, int], Floats]] = {}
        self._reset()

    def _reset(self) -> None:
        self._pid, self._worker = os.getpid(), new_worker()
        self._totals = np.zeros(int(self._starts[-1]) + len(self._missing))
        self._unwritten = False

    def add(self, part: Profile) -> None:
        """Count the rows of a profile, each row once: what a monitor merges into its windows, part by part."""
        more = self._counted(part)
        with self._lock:
            if self._pid != os.getpid():  # forked: what the parent counted it still has itself
                self._reset()
            self._totals = self._totals + more
            self._unwritten = True
            self._write()

    def totals(self) -> Floats:
        """Rows per cell and absent values per column, over all processes."""
        with self._lock:
            if self._pid != os.getpid():
                self._reset()
            self._write()  # where it failed before: whoever is asked next must not say less than this process says now
            if self.folder is None:
                return self._totals
            others = [file for file in sorted(self.folder.glob(f"{self._prefix}-*.cells")) if file != self._file]
            sums: Floats = np.sum([self._totals, *(self._of(file) for file in others)], axis=0, dtype=float)
            return sums

    @property
    def _file(self) -> Path | None:
        return None if self.folder is None else self.folder / f"{self._prefix}-{self._worker}.cells"

    def _write(self) -> None:
        file = self._file
        if file is None or not self._unwritten:
            return
        beside = file.with_suffix(".tmp")
        try:
            beside.write_bytes(self._totals.tobytes())
            beside.replace(file)
        except OSError as error:
            _LOG.debug("%s cannot be written: %s", file, error)
            return
        self._unwritten = False

    def _of(self, file: Path) -> Floats:
        """Another process's totals; read again only when they changed."""
        status = file.stat()
        changed = (status.st_mtime_ns, status.st_ino)
        known = self._read.get(file.name)
        if known is None or known[0] != changed:
            known = self._read[file.name] = changed, np.frombuffer(file.read_bytes())
        return known[1]

    def _counted(self, profile: Profile) -> Floats:
        parts = [c.count(profile) for c in self.columns]
        cells = [np.zeros(c.reference.size) if p is None else p for c, p in zip(self.columns, parts, strict=True)]
        counts = [profile.get("counts", column) for column in self._missing]
        # rows without the column lack it too
        absent = [profile.n_rows - (0 if c is None else c.n_present) for c in counts]
        return np.concatenate([*cells, np.array(absent, float)]).astype(float)

    def split(self, totals: Floats) -> tuple[list[Ints], dict[str, int]]:
        """Totals as counts per cell of each of `columns`, and absent values by column."""
        whole = np.rint(totals).astype(np.int64)
        ends = zip(self._starts[:-1], self._starts[1:], strict=True)
        missing = whole[self._starts[-1] :].tolist()
        return [whole[a:b] for a, b in ends], dict(zip(self._missing, missing, strict=True))


def cell_collector(
    monitor: Monitor, columns: Iterable[str] | None = None, *, bins: int = BINS, cells_at_most: int = CELLS_AT_MOST
) -> CellCollector:
    """Count what a monitor counts, in the cells of its baseline; give it to `metrics_endpoint(collectors=[...])`.

    With several workers, over all of them.
    """
    cells = column_cells(monitor.baseline, columns, bins, cells_at_most)
    counts = CellCounts(monitor.baseline, cells, model=monitor.model, version=monitor.version, folder=workers.folder())
    monitor.part_listeners.append(counts.add)
    return CellCollector(counts)


class CellCollector:
    """Custom collector of `CellCounts` and of the baseline's side of them."""

    def __init__(self, counts: CellCounts) -> None:
        self.counts = counts
        self.labels = {
            "model": label_value(counts.model),
            "model_version": label_value(counts.version),
            "baseline": counts.baseline.id,
        }
        self._reference = list(self._references())

    def describe(self) -> list[Metric]:
        """Nothing: registering must not read files."""
        return []

    def claims(self) -> list[str]:
        """What only one collector of a page may show."""
        whose = "of model {model!r}, version {model_version!r}, baseline {baseline}".format(**self.labels)
        columns = dict.fromkeys(c.column for c in self.counts.columns)
        return [f"the cells of column {label_value(column)!r} {whose}" for column in columns]

    def collect(self) -> Iterator[Metric]:
        """Counters of what came, gauges of the reference."""
        cells, missing = self.counts.split(self.counts.totals())
        values = Metric("barograph_column_values", "Values up to each of the baseline's bins.", "histogram")
        labels = Metric("barograph_column_labels", "Rows by category of the baseline.", "counter")
        absent = Metric("barograph_column_missing", "Rows without a usable value.", "counter")
        for column, counts in zip(self.counts.columns, cells, strict=True):
            own = self._labels(column)
            for upto, n in zip(column.upto, np.cumsum(counts).tolist(), strict=False):
                values.add_sample("barograph_column_values_bucket", {**own, "le": upto}, n)
            for (cell, label), n in zip(column.labels, counts.tolist(), strict=False):
                labels.add_sample("barograph_column_labels_total", {**own, "cell": cell, "label": label}, n)
        for name, n in missing.items():
            absent.add_sample("barograph_column_missing_total", {**self.labels, "column": label_value(name)}, n)
        yield from (family for family in (values, labels, absent, *self._reference) if family.samples)

    def _references(self) -> Iterator[Metric]:
        ordered = Metric("barograph_baseline_upto_rows", "Rows of the reference up to each of its bins.", "gauge")
        nominal = Metric("barograph_baseline_label_rows", "Rows of the reference by category.", "gauge")
        for column in self.counts.columns:
            own = self._labels(column)
            above = ("", *column.upto[:-1])
            for upto, lower, n in zip(column.upto, above, np.cumsum(column.reference).tolist(), strict=False):
                ordered.add_sample(ordered.name, {**own, "upto": upto, "above": lower}, n)
            for (cell, label), n in zip(column.labels, column.reference.tolist(), strict=False):
                nominal.add_sample(nominal.name, {**own, "cell": cell, "label": label}, n)
        yield from (ordered, nominal)

    def _labels(self, column: ColumnCells) -> dict[str, str]:
        own = {**self.labels, "column": label_value(column.column)}
        return own if column.view == "value" else {**own, "view": column.view}
