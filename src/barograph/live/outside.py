"""Numbers outside the baseline's range, counted with the id of the last one: from an alarm to a row, by an exemplar."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from prometheus_client import Metric
from prometheus_client.samples import Exemplar

from barograph import frame
from barograph.live.families import label_value
from barograph.live.service import exemplar
from barograph.schema import Kind

if TYPE_CHECKING:
    from barograph.live.monitor import Monitor


class OutsideCollector:
    """Custom collector of `barograph_outside_range_total{column}`, of one process.

    The numeric columns of a monitor's baseline, `columns_at_most` of them. Rows logged one by one with an id bear it as
    exemplar: of the rows counted since the last scrape the latest.
    """

    def __init__(self, monitor: Monitor, columns_at_most: int = 100) -> None:
        self.labels = {"model": label_value(monitor.model), "model_version": label_value(monitor.version)}
        schema, profile = monitor.schema, monitor.baseline.profile
        numeric = [c for c in schema.profiled if schema.kinds[c] is Kind.NUMERIC and c != schema.timestamp]
        found = {column: profile.get("moments", column) for column in numeric}
        ends = [(c, (m.minimum, m.maximum)) for c, m in found.items() if m is not None and m.n]
        self._ends = dict(ends[:columns_at_most])
        self._counts = dict.fromkeys(self._ends, 0)
        self._last: dict[str, Exemplar] = {}
        self._lock = threading.Lock()
        monitor.row_listeners.append(self.add)

    def add(self, batch: frame.Batch, ids: Sequence[Any]) -> None:
        """Count some rows, each once."""
        for column in self._ends.keys() & set(batch.columns):
            at = frame.beyond(batch, column, *self._ends[column])
            if at.size:
                named = ((i, label) for i in at[::-1].tolist() if ids and (label := exemplar(ids[i])))
                latest = next(named, None)
                with self._lock:
                    self._counts[column] += at.size
                    if latest is not None:
                        self._last[column] = Exemplar(latest[1], 1.0, time.time())

    def describe(self) -> list[Metric]:
        """Nothing: registering must not count."""
        return []

    def collect(self) -> Iterator[Metric]:
        """One counter with a series for each column."""
        family = Metric("barograph_outside_range", "Numbers outside the range of the baseline.", "counter")
        with self._lock:
            counts, last, self._last = dict(self._counts), self._last, {}
        for column, n in counts.items():
            labels = {**self.labels, "column": label_value(column)}
            family.add_sample("barograph_outside_range_total", labels, n, exemplar=last.get(column))
        if family.samples:
            yield family
