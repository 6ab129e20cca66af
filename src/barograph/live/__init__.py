"""Watching a model service from inside: rows in, windows of profiles and metrics out.

    buffer, rows       logged rows, bounded; rows -> columns
    windows            event time: which window a row belongs to
    drain, monitor     the thread that counts rows; what a service calls
    spool, accounts    shards of all workers, and what became of every row
    asgi, watch        requests and calls of predict functions; `service` counts them
    collector, cells   windows, and rows in the baseline's bins, as metrics; `promql` asks for drift in them
    exposition         `/metrics`, of one process or of all `workers`

>>> from barograph import Baseline
>>> baseline = Baseline.of({"age": [31, 45, 52], "city": ["Ulm", "Bonn", "Ulm"]})
>>> with Monitor(baseline, window="1h") as monitor:
...     monitor.log({"age": 40, "city": "Bonn"})
>>> monitor.stats().rows_profiled, [monitor.spool.read(start).n_rows for start in monitor.spool.windows()]
(1, [1])
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from barograph.live import workers as _workers
from barograph.live.accounts import MonitorStats
from barograph.live.monitor import Monitor
from barograph.live.spool import Spool

_workers.prepare()  # before anybody imports prometheus_client

if TYPE_CHECKING:
    from barograph.live.asgi import instrument
    from barograph.live.cells import cell_collector
    from barograph.live.collector import MonitorCollector
    from barograph.live.exposition import metrics_endpoint
    from barograph.live.promql import queries, rules

__all__ = [
    "Monitor", "MonitorCollector", "MonitorStats", "Spool", "cell_collector", "instrument", "metrics_endpoint",
    "queries", "rules",
]  # fmt: skip

_HOMES = {
    "MonitorCollector": "collector", "cell_collector": "cells", "instrument": "asgi", "metrics_endpoint": "exposition",
    "queries": "promql", "rules": "promql",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load what needs prometheus_client or starlette when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'barograph.live' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"barograph.live.{_HOMES[name]}"), name)
