"""Drift, quality and performance of the last and the running window, as Prometheus metrics at scrape time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any, Protocol

from prometheus_client import Counter
from prometheus_client.core import CounterMetricFamily, InfoMetricFamily, Metric

from barograph.baseline import Baseline
from barograph.checks import Check
from barograph.live import workers
from barograph.live.accounts import MonitorStats
from barograph.live.families import Exported, Series, exported, gauges, label_value
from barograph.live.interpreter import uncollected
from barograph.metrics.performance.impact import ExpectedChange
from barograph.needs import Needs
from barograph.presets import Item, resolve, usual
from barograph.profile import Profile
from barograph.results import Run
from barograph.run import ALPHA, evaluate, needed

_log = logging.getLogger("barograph.live")

SERIES_AT_MOST = 1_700  # of the 2,000 of a page: requests and predictions need some too
SERIES_BESIDE = 60  # what is exported besides the runs' own series: counters, timestamps, info
ROWS = {
    "rows_logged": "Rows given to log and log_batch.",
    "rows_profiled": "Rows counted in a window's profile.",
    "rows_sampled_out": "Rows left out because more came than could be profiled.",
    "rows_late": "Rows that came too late for their window.",
    "rows_bad": "Rows left out because they could not be read.",
    "rows_lost": "Rows in the memory of workers that died, or given up because the spool stayed broken.",
    "flushes": "Times that profiles were written to the spool.",
    "flush_errors": "Times that profiles could not be written to the spool.",
}


class Shards(Protocol):
    """What is read of a spool."""

    def windows(self) -> Sequence[float]: ...
    def finished(self, now: float | None = None) -> Sequence[float]: ...
    def end(self, start: float) -> float: ...
    def accounting(self) -> MonitorStats: ...
    def read(self, start: float, needs: Needs | None = None) -> Profile | None: ...
    def signature(self, start: float) -> Hashable: ...


@dataclass(frozen=True)
class Evaluated:
    """One window's run, and what it was made of."""

    signature: Hashable
    run: Run
    seconds: float
    at: float


class MonitorCollector:
    """Custom collector for a prometheus_client registry: one window's shards of all workers, evaluated once.

    Everything is built from the current result when it is scraped, so features and versions that are gone are gone
    from the output too, and any worker says the same. A scrape between two flushes costs no evaluation.

    Parameters
    ----------
    source
        A `Monitor` or its `Spool`.
    baseline, model, version
        Needed with a spool; a monitor knows its own.
    items
        Presets, metrics and checks; those that suit the schema when none are given.
    features_at_most, series_at_most
        Room: the most urgent columns come first, and `barograph_labels_left_out` counts the others. The last window is
        served before the running one.
    every_value
        Also values that no check judges: KS and Wasserstein, means, quantiles, ... (twice the series and more).
    alpha
        The chance that calibrated checks fail in one window when nothing has changed.
    """

    def __init__(
        self,
        source: Any,
        baseline: Baseline | None = None,
        *,
        model: str | None = None,
        version: str | None = None,
        items: Iterable[str | Item] = (),
        features_at_most: int = 100,
        series_at_most: int = SERIES_AT_MOST,
        every_value: bool = False,
        alpha: float = ALPHA,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.spool: Shards = getattr(source, "spool", source)
        known = baseline if baseline is not None else source.baseline
        assert isinstance(known, Baseline)
        self.baseline = known
        self.labels = {
            "model": label_value(str(model or getattr(source, "model", "model"))),
            "model_version": label_value(str(version or getattr(source, "version", "1"))),
        }
        self.features_at_most, self.series_at_most = features_at_most, series_at_most
        self.every_value, self.alpha, self.clock = every_value, alpha, clock
        schema = known.schema
        listed = resolve(list(items) or list(usual(schema, compared=True)), schema, compared=True)
        self.items = [item for item in listed if every_value or _wanted(item)]
        self._first = [c for c in (schema.prediction, *schema.scores.values(), schema.target) if c]
        self._lock = threading.Lock()
        self._evaluated: dict[float, Evaluated] = {}
        self._shown: dict[str, float] = {}  # "last" and "running" -> start
        self._exported: dict[str, tuple[Hashable, Exported]] = {}  # "last" seldom changes while "running" does
        self._key: Hashable = None
        self._families: list[Metric] = []
        self._failed: set[str] = set()
        self._errors = _errors().labels(**self.labels)

    def describe(self) -> list[Metric]:
        """Nothing: registering must not evaluate."""
        return []

    def claims(self) -> list[str]:
        """What only one collector of a page may show."""
        return ["the windows of model {model!r}, version {model_version!r}".format(**self.labels)]

    def collect(self) -> Iterator[Metric]:
        """All families, each once."""
        # one scrape evaluates; others meanwhile are served what was there before
        if self._lock.acquire(blocking=self._key is None):
            try:
                with uncollected:
                    self._refresh()
            finally:
                self._lock.release()
        yield from self._families
        yield from self._accounts()
        yield self._info()
        yield from gauges(self._reference())
        if workers.folder() is None:
            yield self._error_family()

    def _refresh(self) -> None:
        shown = self._attempt("listing the windows", self._windows)
        if shown is not None:
            for start in shown.values():
                self._attempt(f"evaluating the window from {start:.0f}", partial(self._evaluate, start))
            self._shown = shown
            self._evaluated = {s: e for s, e in self._evaluated.items() if s in shown.values()}
        key = tuple((w, s, e.signature) for w, s in self._shown.items() if (e := self._evaluated.get(s)))
        if key != self._key:
            self._families = gauges(self._series())
            self._key = key

    def _windows(self) -> dict[str, float]:
        """Starts of the newest window that no more rows are accepted for, and of the newest that is open."""
        finished = list(self.spool.finished(self.clock()))
        running = [start for start in self.spool.windows() if start not in finished]
        newest = {"last": finished[-1:], "running": running[-1:]}
        return {window: starts[0] for window, starts in newest.items() if starts}

    def _evaluate(self, start: float) -> None:
        signature, before = self.spool.signature(start), self._evaluated.get(start)
        if before is not None and before.signature == signature:
            return
        began = time.perf_counter()
        profile = self.spool.read(start, partial(needed, self.items))
        if profile is None or profile.n_rows == 0:
            return
        run = evaluate(self.items, profile, self.baseline.profile, alpha=self.alpha)
        self._evaluated[start] = Evaluated(signature, run, time.perf_counter() - began, self.clock())
        for failed in (result for result in run.results if result.status == "error"):
            self._count_error(f"computing {failed.spec.name}", failed.note)

    def _attempt(self, what: str, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except Exception as error:  # noqa: BLE001 - a broken spool must not take the service's other metrics with it
            self._count_error(what, f"{type(error).__name__}: {error}")
            return None

    def _count_error(self, what: str, why: str) -> None:
        self._errors.inc()
        if why not in self._failed and len(self._failed) < 100:
            self._failed.add(why)
            _log.warning("barograph: %s failed: %s", what, why)

    def _series(self) -> Iterator[Series]:
        room = self.series_at_most - SERIES_BESIDE
        for window, start in self._shown.items():
            found = self._evaluated.get(start)
            if found is None:
                continue
            key, labels = (start, found.signature, room), {**self.labels, "window": window}
            if window not in self._exported or self._exported[window][0] != key:
                made = self._export(found.run, labels, room)
                self._exported[window] = key, made
            made = self._exported[window][1]
            room -= len(made.series)
            yield from made.series
            yield from (Series(n, h, labels, v) for n, h, v in self._about(start, found, made.left_out))

    def _export(self, run: Run, labels: dict[str, str], room: int) -> Exported:
        return exported(
            run,
            labels,
            first=self._first,
            columns_at_most=self.features_at_most,
            series_at_most=room,
            every_value=self.every_value,
        )

    def _about(self, start: float, found: Evaluated, left_out: int) -> Iterator[tuple[str, str, float]]:
        rows = found.run.current.n_rows
        yield "barograph_window_rows", "Rows in the window.", rows
        yield "barograph_window_start_timestamp_seconds", "When the window starts (event time).", start
        yield "barograph_window_end_timestamp_seconds", "When the window ends (event time).", self.spool.end(start)
        yield "barograph_last_evaluation_timestamp_seconds", "When the window was last evaluated.", found.at
        yield "barograph_evaluation_duration_seconds", "Time to read and evaluate the window.", found.seconds
        yield "barograph_labels_left_out", "Columns and classes left out for want of room.", left_out

    def _accounts(self) -> Iterator[Metric]:
        """Counters of all workers, from the spool's accounts."""
        stats = self._attempt("reading the accounts", self.spool.accounting)
        if stats is None:
            return
        keys, values = list(self.labels), list(self.labels.values())
        for name, told in ROWS.items():
            family = CounterMetricFamily(f"barograph_{name}", told, labels=keys)
            family.add_metric(values, getattr(stats, name))
            yield family
        now = [Series("barograph_buffer_rows", "Rows that wait to be profiled.", self.labels, stats.buffer_rows)]
        told = "Share of the rows that are profiled under the present load."
        now.append(Series("barograph_sampling_ratio", told, self.labels, stats.sampling_rate))
        if stats.last_flush:
            told = "When profiles were last written to the spool."
            now.append(Series("barograph_last_flush_timestamp_seconds", told, self.labels, stats.last_flush))
        yield from gauges(now)

    def _info(self) -> Metric:
        profile = self.baseline.profile
        about = {"baseline": self.baseline.id, "name": label_value(profile.name), "rows": str(profile.n_rows)}
        if profile.time_range:
            about |= {"start": profile.time_range[0], "end": profile.time_range[1]}
        return InfoMetricFamily("barograph_baseline", "The reference.", value={**self.labels, **about})

    def _reference(self) -> Iterator[Series]:
        """Columns that are no features, and when the reference ends: what rules and dashboards cannot guess."""
        told = "Columns of the model that are no features, by their role."
        for column, role in self.baseline.schema.roles.items():
            if role in ("target", "prediction", "score"):
                about = {"column": label_value(column), "role": role}
                yield Series("barograph_column_role_info", told, {**self.labels, **about}, 1)
        if (end := reference_end(self.baseline)) is not None:
            told = "Last timestamp of the reference."
            labels = {**self.labels, "baseline": self.baseline.id}
            yield Series("barograph_baseline_end_timestamp_seconds", told, labels, end)

    def _error_family(self) -> Metric:
        family = CounterMetricFamily(
            "barograph_evaluation_errors", "Failures to read or evaluate a window.", labels=list(self.labels)
        )
        samples = (s for metric in self._errors.collect() for s in metric.samples if s.name.endswith("_total"))
        family.add_metric(list(self.labels.values()), sum(s.value for s in samples))
        return family


@cache
def _errors() -> Counter:
    """prometheus_client's own counter, because with several workers it must be the sum over them.

    One for all collectors of the process: two children of the same labels would overwrite each other's file.
    """
    told = "Failures to read or evaluate a window."
    return Counter("barograph_evaluation_errors", told, ["model", "model_version"], registry=None)


def reference_end(baseline: Baseline) -> float | None:
    """The last timestamp of the reference; none where there is none, or beyond what a calendar holds."""
    known = baseline.profile.time_range
    try:
        return datetime.fromisoformat(known[1]).timestamp() if known else None
    except (ValueError, OverflowError):
        return None


def _wanted(item: Item) -> bool:
    """Whether a metric's values are exported by default: those that are judged, and performance; not what the change of
    each column would do to it, for that would double the series."""
    return isinstance(item, Check) or (item.spec.group == "performance" and not isinstance(item, ExpectedChange))
