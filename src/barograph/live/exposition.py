"""`/metrics`: what this process or all workers counted, and what the monitor's profiles say, in one answer.

Where several workers share a folder, counters and histograms are summed over it, the dead included, so that no sum goes
down; gauges over the living. prometheus_client then leaves out the default registry's own collectors (`process_*`,
`python_*`) and exemplars. The monitor's collector reads the spool of all workers and is asked as it is. A collector
that fails is left out of this answer and counted; the rest is answered.
"""

from __future__ import annotations

import hmac
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from barograph.live import leftovers, service, workers

if TYPE_CHECKING:
    from prometheus_client import Metric
    from starlette.requests import Request
    from starlette.responses import Response

    from barograph.live.monitor import Monitor


class Collector(Protocol):
    """What prometheus_client can ask for families."""

    def collect(self) -> Iterable[Metric]:
        """The families of metrics, with their current values."""
        ...


class Everything:
    """All families for one answer, each name once: ours first, then the extra collectors', then the default registry's.

    With one process the families of the default registry are those that the user's code and libraries made. One that
    bears a name of ours (prometheus-fastapi-instrumentator has `http_requests_total` too) is left out.
    """

    def __init__(self, collectors: Iterable[Collector] = ()) -> None:
        self.collectors = tuple(collectors)
        self._lock = threading.Lock()  # removing files while another scrape of this process reads them gains nothing

    def collect(self) -> Iterator[Metric]:
        """Families in a fixed order."""
        from prometheus_client import REGISTRY

        extra = self._asked(self.collectors)  # first: what fails is counted in this answer already
        folder = workers.folder()
        if folder is None:
            families = [*merged(service.all_metrics()), *extra, *self._asked([REGISTRY])]
        else:
            with self._lock:
                families = [*shared(folder), *extra]
        seen: set[str] = set()
        for family in families:
            if family.name not in seen:
                seen.add(family.name)
                yield family

    def _asked(self, collectors: Iterable[Collector]) -> list[Metric]:
        found: list[Metric] = []
        for collector in collectors:
            try:
                found += collector.collect()
            except Exception:  # noqa: BLE001 - whatever it is, the other metrics must still be seen
                service.failed("scrape")
        return found


def merged(metrics: Iterable[Collector]) -> Iterable[Metric]:
    """Families of several metric objects, those of one name (versions of a model) in one."""
    found: dict[str, Metric] = {}
    for metric in metrics:
        for family in metric.collect():
            if family.name in found:
                found[family.name].samples.extend(family.samples)
            else:
                found[family.name] = family
    return found.values()


def shared(folder: Path, tries: int = 5) -> list[Metric]:
    """Families summed over the files of all workers, after what the dead left of living gauges is gone."""
    from prometheus_client import multiprocess

    reader: Any = multiprocess.MultiProcessCollector  # which has no types

    while True:
        tries -= 1
        try:
            with leftovers.reading(folder):
                families = list(reader(None, str(folder)).collect())
            return [_orderly(family) for family in sorted(families, key=lambda family: family.name)]
        except (struct.error, FileNotFoundError):  # a worker is just making its file, or another one removed it
            if not tries:
                raise
            time.sleep(0.005)


def _orderly(family: Metric) -> Metric:
    """As a single process would say it: no sum beside negative buckets, for it can go down."""
    negative = {
        tuple((k, v) for k, v in sample.labels.items() if k != "le")
        for sample in family.samples
        if family.type == "histogram" and "le" in sample.labels and float(sample.labels["le"]) < 0
    }
    if negative:
        family.samples = [
            s for s in family.samples if not (s.name.endswith("_sum") and tuple(s.labels.items()) in negative)
        ]
    return family


def render(collectors: Iterable[Collector] = (), accept: str = "") -> tuple[bytes, str]:
    """The answer to a scrape and its content type: OpenMetrics where `accept` asks for it, else Prometheus' text.

    For services that are not Starlette's: serve this under `/metrics`.
    """
    from prometheus_client.exposition import choose_encoder

    try:
        encode, kind = choose_encoder(accept)
    except (TypeError, ValueError):  # a version that is none
        encode, kind = choose_encoder("")
    everything: Any = Everything(collectors)
    return encode(everything), kind


def monitor_collectors(
    monitor: Monitor | None, model: str | None = None, version: str | None = None
) -> list[Collector]:
    """The collector that reads a monitor's spool."""
    if monitor is None:
        return []
    from barograph.live.collector import MonitorCollector

    named = model or monitor.model, version or monitor.version
    return [MonitorCollector(monitor, monitor.baseline, model=named[0], version=named[1])]


def metrics_endpoint(
    monitor: Monitor | None = None,
    *,
    token: str | None = None,
    model: str | None = None,
    version: str | None = None,
    collectors: Iterable[Collector] = (),
) -> Callable[[Request], Response]:
    """A plain endpoint for Starlette and FastAPI: `app.add_route("/metrics", metrics_endpoint(monitor))`.

    Not `async`, so it runs in the thread pool and stops no request. With `token`, a scrape without
    `Authorization: Bearer <token>` is answered by 401.
    """
    from starlette.responses import Response

    asked = [*monitor_collectors(monitor, model, version), *collectors]
    wanted = None if token is None else f"Bearer {token}".encode()

    def metrics(request: Request) -> Response:
        given = request.headers.get("authorization", "").encode("latin-1", "replace")
        if wanted is not None and not hmac.compare_digest(given, wanted):
            return Response("a bearer token is needed\n", 401, {"WWW-Authenticate": "Bearer"}, "text/plain")
        body, kind = render(asked, request.headers.get("accept", ""))
        return Response(body, headers={"Content-Type": kind, "Cache-Control": "no-store", "Vary": "Accept"})

    return metrics
