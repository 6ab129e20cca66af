"""The counters and histograms of a model service.

`predictions_total{model_version,status}`       watched calls, or requests on predict routes; ok, rejected (4xx), error
`prediction_latency_seconds{model_version}`     how long they took
`prediction_value{model_version}`               logged scores (of several classes the highest), else predicted numbers
`http_requests_total{route,method,status}`      answered requests; status is its class, such as `2xx`
`http_request_duration_seconds{route,method}`   until the last byte was handed to the server
`http_requests_in_progress{route,method}`
`http_exceptions_total{route,method}`           exceptions that no handler turned into an answer
`barograph_internal_errors_total{where}`        failures of the monitoring itself, which never reach the service

Children are made once and kept: a look-up by label values costs more than the counting. The objects stand in no
registry, so that they cannot clash with other libraries' metrics of the same name; `exposition` collects them. In the
workers' files names do clash: with several workers leave out what else counts under these names.
"""

from __future__ import annotations

import itertools
import logging
import math
import os
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from barograph.baseline import Baseline
from barograph.errors import MissingExtraError, ParameterError
from barograph.live import workers
from barograph.live.calls import CURRENT
from barograph.schema import label_of

if TYPE_CHECKING:
    from barograph.live.monitor import Monitor

try:
    workers.prepare()
    import prometheus_client
    from prometheus_client import Counter, Gauge, Histogram
except ImportError as error:  # pragma: no cover
    raise MissingExtraError("a monitored service needs prometheus_client: pip install 'barograph[serve]'") from error

if "PROMETHEUS_DISABLE_CREATED_SERIES" not in os.environ:  # a `_created` gauge for each child doubles the small series
    prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]

LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""0.01, 0.05, 0.1, 0.5, 1 and 5 are the usual ones; those between and beyond let quantiles of fast models be read."""

HTTP_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""Those of OpenTelemetry's `http.server.request.duration` (semantic conventions 1.44)."""

SCORE_BUCKETS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
STATUSES = ("ok", "rejected", "error")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"})
OTHER = "_OTHER"
EXEMPLAR_LABEL = "prediction_id"
EXEMPLAR_AT_MOST = 128 - len(EXEMPLAR_LABEL)  # OpenMetrics: names and values together, in characters

_log = logging.getLogger("barograph.live")
_said: set[str] = set()


def value_buckets(baseline: Baseline | None) -> tuple[float, ...]:
    """Cuts of `prediction_value`: 0, 0.1 ... 1 for scores, the baseline's deciles (4 digits) for predicted numbers."""
    schema = baseline.schema if baseline else None
    column = schema and (schema.prediction or schema.target)
    if baseline is None or schema is None or schema.task != "regression" or not column:
        return SCORE_BUCKETS
    quantiles = baseline.profile.get("quantiles", column)
    cuts = None if quantiles is None else quantiles.quantiles(np.linspace(0, 1, 11))
    if cuts is None:
        return SCORE_BUCKETS
    return tuple(sorted({float(f"{cut:.4g}") + 0.0 for cut in cuts.tolist()}))


def exemplar(identity: object) -> dict[str, str] | None:
    """The exemplar of a prediction; none for an id that is too long, for the client would raise in the request.

    None either for one that must be escaped: ids may come from strangers, and not every parser of exemplars reads that.
    """
    if identity is None:
        return None
    text = str(identity)
    plain = 0 < len(text) <= EXEMPLAR_AT_MOST and text.isprintable() and '"' not in text and "\\" not in text
    return {EXEMPLAR_LABEL: text} if plain else None


def failed(where: str, why: str = "") -> None:
    """Count a failure of the monitoring itself; the log hears of the first one at each place.

    Without `why` it is the exception that is being handled.
    """
    http().errors[where].inc()
    if where not in _said:
        _said.add(where)
        told = f": {why}" if why else ""
        message = "monitoring failed in %s%s; the service goes on, further failures are only counted"
        _log.error(message, where, told, exc_info=not why)


class Predictions:
    """What is counted of one version of a model."""

    def __init__(self, version: str, latency: Sequence[float], values: Sequence[float], *, exemplars: bool) -> None:
        self.version, self.latency_buckets, self.value_buckets = version, tuple(latency), tuple(values)
        self.exemplars = exemplars and workers.folder() is None
        labels = ["model_version"]
        total = Counter("predictions_total", "Predictions by how they ended.", [*labels, "status"], registry=None)
        seconds = Histogram(
            "prediction_latency_seconds", "Time that a prediction took.", labels, buckets=self.latency_buckets,
            registry=None,
        )  # fmt: skip
        value = Histogram(
            "prediction_value", "Predicted scores or numbers.", labels, buckets=self.value_buckets, registry=None
        )
        self._most = 1e6 * max(1.0, *map(abs, self.value_buckets))
        self.metrics = (total, seconds, value)
        self._totals = {status: total.labels(version, status) for status in STATUSES}
        self._seconds, self._value = seconds.labels(version), value.labels(version)

    def count(self, status: str, seconds: float | None = None, identity: object = None) -> None:
        """One prediction, and the time it took where that is known."""
        self._totals[status].inc()
        if seconds is not None:
            self._seconds.observe(seconds, exemplar(identity) if self.exemplars else None)

    def logged(self, prediction: object, score: object, identity: object, positive: str | None = None) -> None:
        """One logged row: its value, and itself where neither a request nor a watched call stands for it."""
        if prediction is None and score is None:
            return  # the label of an earlier prediction
        call = CURRENT.get()
        if call is None or (call.finished and not call.counted):
            self.count("ok")
        if call is not None:
            call.logged, call.id = self.version, identity
            if call.finished:
                call.counted = call.counted or self.version
        value = number(score, positive) if score is not None else number(prediction)
        if value is not None:
            # 1e200 would leave nothing of all other values in the sum, for good
            value = min(max(value, -self._most), self._most)
            self._value.observe(value, exemplar(identity) if self.exemplars else None)


def number(value: Any, positive: str | None = None) -> float | None:
    """A score or prediction as a finite number. NaN and infinities would spoil the sum for good; labels are no numbers.

    Of a dict of scores by class: the positive class's, else the highest.
    """
    if isinstance(value, dict):
        if positive is not None and (held := [v for k, v in value.items() if label_of(k) == positive]):
            return number(held[0])
        return max((n for v in value.values() if (n := number(v)) is not None), default=None)
    if isinstance(value, (str, bytes, bool)):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


class Endpoint:
    """The children of one route and method. Of those that nobody asked for yet only what may rise stands at 0."""

    __slots__ = ("_http", "_labels", "_statuses", "exceptions", "in_progress", "predicts", "route", "seconds")

    def __init__(self, http: Http, route: str, method: str, *, predicts: bool = False) -> None:
        self._http, self._labels, self.route, self.predicts = http, (route, method), route, predicts
        self._statuses: dict[int, Any] = {}
        self.in_progress = http.in_progress.labels(route, method)
        self.exceptions = http.exceptions.labels(route, method)
        self.seconds: Any = None
        for status in (200, 400, 500):
            self._child(status)

    def _child(self, status: int) -> Any:
        kind = f"{status // 100}xx" if 100 <= status < 600 else OTHER
        child = self._http.requests.labels(*self._labels, kind)
        if kind != OTHER:  # what a handler may invent is not remembered
            self._statuses[status] = child
        return child

    def answered(self, status: int, seconds: float) -> None:
        """One request is answered."""
        self.in_progress.dec()
        (self._statuses.get(status) or self._child(status)).inc()
        if self.seconds is None:
            self.seconds = self._http.seconds.labels(*self._labels)
        self.seconds.observe(seconds)


class Http:
    """What is counted of requests, and the failures of the monitoring itself."""

    def __init__(self) -> None:
        labels = ["route", "method"]
        self.requests = Counter(
            "http_requests_total", "Answered requests by class of status.", [*labels, "status"], registry=None
        )
        self.seconds = Histogram(
            "http_request_duration_seconds", "Time until a request was answered.", labels, buckets=HTTP_BUCKETS,
            registry=None,
        )  # fmt: skip
        self.in_progress = Gauge(
            "http_requests_in_progress", "Requests that are being answered.", labels, multiprocess_mode="livesum",
            registry=None,
        )  # fmt: skip
        self.exceptions = Counter(
            "http_exceptions_total", "Exceptions that no handler turned into an answer.", labels, registry=None
        )
        self.internal = Counter(
            "barograph_internal_errors_total", "Failures of the monitoring itself.", ["where"], registry=None
        )
        self.errors = {where: self.internal.labels(where) for where in ("request", "watch", "log", "scrape")}
        self.metrics = (self.requests, self.seconds, self.in_progress, self.exceptions, self.internal)


_lock = threading.Lock()
_http: list[Http] = []
_predictions: dict[str, Predictions] = {}


def http() -> Http:
    """The process's HTTP metrics: one set, for two of the same names would overwrite each other's files."""
    with _lock:
        if not _http:
            if folder := workers.folder():
                workers.forget(folder, os.getpid())  # of a dead worker with the same process id
            _http.append(Http())
        return _http[0]


def predictions(
    version: str,
    baseline: Baseline | None = None,
    latency: Sequence[float] | None = None,
    values: Sequence[float] | None = None,
    *,
    exemplars: bool | None = None,
) -> Predictions:
    """The process's metrics of a model version; made by the first call, and kept unless a later one says otherwise.

    Raises `ParameterError` where several workers have them with other buckets already: their files cannot hold both.
    """
    for what, given in (("latency_buckets", latency), ("value_buckets", values)):
        if given is not None and not (given and all(a < b for a, b in itertools.pairwise(given))):
            raise ParameterError(f"{what} is {given!r}; give ascending ends")
    http()
    with _lock:
        known = _predictions.get(version)
        cuts = tuple(latency or (known.latency_buckets if known else LATENCY_BUCKETS))
        grid = tuple(values or (known.value_buckets if known and baseline is None else value_buckets(baseline)))
        if known and (cuts, grid) == (known.latency_buckets, known.value_buckets):
            known.exemplars = known.exemplars if exemplars is None else exemplars and workers.folder() is None
            return known
        if known and workers.folder():
            raise ParameterError(
                f"model version {version!r} is counted in other buckets already: {known.latency_buckets} seconds and "
                f"values {known.value_buckets}; give each model its own version, or the same buckets"
            )
        _predictions[version] = Predictions(version, cuts, grid, exemplars=bool(exemplars))
        return _predictions[version]


def all_metrics() -> list[Any]:
    """Everything that this process counts."""
    return [*http().metrics, *(metric for known in _predictions.values() for metric in known.metrics)]


def of_monitor(monitor: Monitor) -> Predictions:
    """The metrics that a monitor's rows and watched calls are counted in."""
    return _predictions.get(monitor.version) or predictions(monitor.version, monitor.baseline)


def listen(monitor: Monitor) -> None:
    """Have a monitor tell of each row it logs."""
    schema = monitor.schema
    positive = None if schema.positive is None else label_of(schema.positive)

    def logged(prediction: object, score: object, identity: object) -> None:
        try:
            of_monitor(monitor).logged(prediction, score, identity, positive)
        except Exception:  # noqa: BLE001 - a prediction is never lost to its count
            failed("log")

    monitor.listener = logged
