"""`/metrics`: what this process or all workers counted, and what the monitor's profiles say, in one answer.

Where several workers share a folder, counters and histograms are summed over it, the dead included, so that no sum goes
down; gauges over the living. prometheus_client then leaves out the default registry's own collectors (`process_*`,
`python_*`) and exemplars. The monitors' collectors read the spools of all workers and are asked as they are: what they
say under one name of several models is one family. A collector that fails is left out of this answer and counted; the
rest is answered.
"""

from __future__ import annotations

import hmac
import struct
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from barograph.errors import ParameterError
from barograph.live import leftovers, service, workers

if TYPE_CHECKING:
    from prometheus_client import Metric
    from prometheus_client.samples import Sample
    from starlette.requests import Request
    from starlette.responses import Response

    from barograph.live.monitor import Monitor


class Collector(Protocol):
    """What prometheus_client can ask for families."""

    def collect(self) -> Iterable[Metric]:
        """The families of metrics, with their current values."""
        ...


class Everything:
    """All families for one answer, each name once: ours, the collectors', then those of the default registry.

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
            counted = [family for metric in service.all_metrics() for family in metric.collect()]
        else:
            with self._lock:
                counted = shared(folder)
        ours = merged([*counted, *extra])
        yield from ours
        if folder is None:
            taken = {_shown_as(family) for family in ours}
            yield from (family for family in self._asked([REGISTRY]) if _shown_as(family) not in taken)

    def _asked(self, collectors: Iterable[Collector]) -> list[Metric]:
        found: list[Metric] = []
        for collector in collectors:
            try:
                found += collector.collect()
            except Exception:  # noqa: BLE001 - whatever it is, the other metrics must still be seen
                service.failed("scrape")
        return found


def merged(families: Iterable[Metric]) -> list[Metric]:
    """Families of one name, such as several models', in one, in the order of the first of each.

    What cannot stand beside the first, another type or a series that is there already, is left out and counted as a
    failure. The families given stay as they are: collectors keep theirs for the next scrape.
    """
    found: dict[str, list[Metric]] = {}
    for family in families:
        found.setdefault(_shown_as(family), []).append(family)
    return [_joined(*same) for same in found.values()]


def _shown_as(family: Metric) -> str:
    """The name that stands in the text's TYPE line, which may be there once."""
    return family.name + {"counter": "_total", "info": "_info"}.get(family.type, "")


def _joined(first: Metric, *others: Metric) -> Metric:
    if not others:
        return first
    from prometheus_client import Metric

    whole = Metric(first.name, first.documentation, first.type, first.unit)
    whole.samples = list(first.samples)
    there = set(map(_identity, first.samples))
    for family in others:
        fresh = [s for s in family.samples if family.type == first.type and _identity(s) not in there]
        if len(fresh) < len(family.samples):
            service.failed("scrape", f"{family.name} is there already, with another type or the same labels")
        there.update(map(_identity, fresh))
        whole.samples += fresh
    return whole


def _identity(sample: Sample) -> Hashable:
    return sample.name, frozenset(sample.labels.items())


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


def listed(monitors: Monitor | Sequence[Monitor] | None) -> list[Monitor]:
    """None, one or several monitors as a list."""
    if monitors is None:
        return []
    found = list(monitors) if isinstance(monitors, Sequence) else [monitors]
    for one in found:
        if not hasattr(one, "spool"):
            raise ParameterError(f"the monitor is {one!r}; give a Monitor, or a list of them")
    return found


def monitor_collectors(
    monitors: Monitor | Sequence[Monitor] | None, model: str | None = None, version: str | None = None
) -> list[Collector]:
    """The collectors that read monitors' spools; `model` and `version` name the first."""
    found = listed(monitors)
    if not found:
        return []
    from barograph.live.collector import MonitorCollector

    first, *others = found
    return [MonitorCollector(first, model=model, version=version), *map(MonitorCollector, others)]


def check_distinct(collectors: Iterable[Collector]) -> None:
    """Refuse collectors that would show the same series. Raises `ParameterError`."""
    claimed: set[str] = set()
    for collector in collectors:
        for claim in getattr(collector, "claims", tuple)():
            if claim in claimed:
                raise ParameterError(
                    f"{claim} would be shown twice, every series of it with two values; give each monitor a model or "
                    "version of its own, and each collector once"
                )
            claimed.add(claim)


def metrics_endpoint(
    monitor: Monitor | Sequence[Monitor] | None = None,
    *,
    token: str | None = None,
    model: str | None = None,
    version: str | None = None,
    collectors: Iterable[Collector] = (),
) -> Callable[[Request], Response]:
    """A plain endpoint for Starlette and FastAPI: `app.add_route("/metrics", metrics_endpoint(monitor))`.

    Not `async`, so it runs in the thread pool and stops no request. With `token`, a scrape without
    `Authorization: Bearer <token>` is answered by 401. Of several monitors `model` and `version` name the first.

    Raises `ParameterError` where two monitors or collectors would show the same series, where one is none, and for an
    empty token.
    """
    from starlette.responses import Response

    if token == "":  # a secret that was not set
        raise ParameterError("the token is empty: is the secret set that it comes from? Nobody could show it")
    asked = [*monitor_collectors(monitor, model, version), *collectors]
    for one in asked:
        if not callable(getattr(one, "collect", None)):
            raise ParameterError(f"{one!r} is no collector: it has no collect()")
    check_distinct(asked)
    wanted = None if token is None else token.encode()

    def metrics(request: Request) -> Response:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        shown = scheme.lower() == "bearer" and hmac.compare_digest(given.encode("latin-1", "replace"), wanted or b"")
        if wanted is not None and not shown:
            return Response("a bearer token is needed\n", 401, {"WWW-Authenticate": "Bearer"}, "text/plain")
        body, kind = render(asked, request.headers.get("accept", ""))
        return Response(body, headers={"Content-Type": kind, "Cache-Control": "no-store", "Vary": "Accept"})

    return metrics
