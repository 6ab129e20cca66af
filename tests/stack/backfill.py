"""Hours of a fleet under watch, as Prometheus would have scraped them: real monitors and counters, a simulated clock.

The pages are what the live package's own objects say at each minute, so that a metric that is renamed there is renamed
in Prometheus too. The fleet: a classifier whose version 3 gives way to 4 (a new baseline), which then meets drift and
broken data; a monitor of the same classifier where outcomes arrive late; a regressor with a column of text; and a
classifier of three classes that gives no score.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import numpy as np
from prometheus_client.core import Metric

from barograph import Baseline, Schema
from barograph.live import Monitor, MonitorCollector
from barograph.live.exposition import merged
from barograph.live.service import Endpoint, Http, Predictions, number, value_buckets

sys.path.append(str(Path(__file__).parent.parent / "live"))

from prometheus import binary, history

MINUTE, JOB = 60.0, "ml-api"
START = 1_750_003_200.0
DEPLOYED, DRIFTED, MINUTES = 60, 90, 150
END = START + MINUTES * MINUTE
LATE = 20
FLUSH_EVERY = 5
PER_MINUTE = 40
FLIGHTS = Schema(target="late", prediction="said", score="p")
FARES = Schema(target="paid", prediction="fare", task="regression", kinds={"note": "text"})
PORTS = Schema(target="came", prediction="said")
Rows = list[dict[str, Any]]


def flights(n: int, seed: int, shift: float = 0.0) -> Rows:
    """Rows of the classifier; with a shift: longer distances, an unknown airport, holes."""
    rng = np.random.default_rng(seed)
    distance, hour = rng.normal(1000 + 600 * shift, 250, n), rng.integers(0, 24, n)
    airports, shares = ["EWR", "JFK", "LGA", "SWF"], [0.4, 0.3, 0.3 - 0.2 * min(shift, 1), 0.2 * min(shift, 1)]
    airport, wind = rng.choice(airports, n, p=shares), rng.gamma(2, 4, n)
    wind[rng.random(n) < 0.02 + 0.3 * shift] = np.nan
    p = 1 / (1 + np.exp(-(hour - 14) / 4 - (wind - 8) / 8))
    score = np.where(np.isfinite(p), p, 0.4)
    late = rng.random(n) < score * (1 - 0.5 * shift)
    names = ("distance", "hour", "airport", "wind", "p", "said", "late")
    columns = (distance, hour, airport, wind, score, score > 0.5, late)
    return [dict(zip(names, row, strict=True)) for row in zip(*(c.tolist() for c in columns), strict=True)]


def fares(n: int, seed: int) -> Rows:
    """Rows of the regressor."""
    rng = np.random.default_rng(seed)
    miles, bags = rng.gamma(4, 250, n), rng.integers(0, 4, n)
    fare = 40 + 0.11 * miles + 25 * bags
    paid = fare + rng.normal(0, 20, n)
    notes = np.char.add(rng.choice(["window seat please", "no", "travels with a small dog"], n), " 7")
    columns = (miles, bags, notes, fare, paid)
    return [
        dict(zip(("miles", "bags", "note", "fare", "paid"), row, strict=True))
        for row in zip(*(c.tolist() for c in columns), strict=True)
    ]


def ports(n: int, seed: int) -> Rows:
    """Rows of the classifier of three classes."""
    rng = np.random.default_rng(seed)
    tons = rng.normal(300, 80, n)
    came = np.where(tons < 260, "Bonn", np.where(tons < 340, "Kiel", "Ulm"))
    said = np.where(rng.random(n) < 0.15, "Kiel", came)
    return [
        {"tons": t, "said": s, "came": c} for t, s, c in zip(tons.tolist(), said.tolist(), came.tolist(), strict=True)
    ]


class Clock:
    """Seconds since 1970, moved by hand; stands for the module `time` too."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


class Process:
    """One process of a service with its monitor, as one target of Prometheus."""

    def __init__(
        self, folder: Path, clock: Clock, instance: str, model: str, version: str, baseline: Baseline, **more: Any
    ) -> None:
        self.clock, self.target = clock, {"job": JOB, "instance": instance}
        self.http = Http()
        self.endpoint = Endpoint(self.http, "/predict", "POST", predicts=True)
        self.predictions = Predictions(version, (0.005, 0.01, 0.05, 0.1, 0.5), value_buckets(baseline), exemplars=False)
        usual = {"window": "30m", "lateness": "1m", "flush_every": 1e6, "handle_sigterm": False, "clock": clock}
        self.monitor = Monitor(baseline, model=model, version=version, spool=folder / instance, **(usual | more))
        self.collector = MonitorCollector(self.monitor, clock=clock)
        self.rng = np.random.default_rng(5)

    def serve(self, rows: Rows, *, outcome: str | None = None) -> None:
        """Answer a request for each row; the monitor learns no outcome unless it comes with the prediction."""
        for _ in rows:
            seconds = float(self.rng.gamma(2, 0.01))
            self.endpoint.in_progress.inc()
            status = 500 if seconds > 0.08 else 200
            if status == 500:
                self.endpoint.exceptions.inc()
            self.endpoint.answered(status, seconds + 0.001)
            self.predictions.count("error" if status == 500 else "ok", seconds)
        self._log(rows, outcome, None)

    def _log(self, rows: Rows, outcome: str | None, at: float | None) -> None:
        schema = self.monitor.schema
        for row in rows:
            features = {name: row[name] for name in schema.features}
            score = row[schema.score] if isinstance(schema.score, str) else None
            value = number(score if score is not None else row[str(schema.prediction)])
            if at is None and value is not None:
                self.predictions._value.observe(value)
            known = None if outcome is None else row[outcome]
            said = row[str(schema.prediction)]
            self.monitor.log(features, prediction=said, score=score, target=known, timestamp=at)

    def learn(self, rows: Rows, outcome: str, at: float) -> None:
        """Outcomes of predictions of an earlier time."""
        self._log(rows, outcome, at)

    def page(self) -> Iterator[Metric]:
        """All families, as a scrape gets them."""
        counted = [*self.http.metrics, *self.predictions.metrics]
        yield from merged(family for metric in counted for family in metric.collect())
        yield from self.collector.collect()


Page = tuple[float, dict[str, str], list[Metric]]


def pages(folder: Path, minutes: int = MINUTES) -> list[Page]:
    """Scrapes of the whole fleet, one a minute."""
    clock = Clock()
    stub = SimpleNamespace(time=clock, monotonic=_monotonic, sleep=lambda seconds: None)
    with mock.patch("barograph.live.drain.time", stub):
        return list(_pages(folder, clock, minutes))


def _monotonic() -> float:
    import time

    return time.monotonic()


def _pages(folder: Path, clock: Clock, minutes: int) -> Iterator[Page]:
    old, new = (Baseline.of(flights(3_000, seed), schema=FLIGHTS) for seed in (1, 2))
    third = Baseline.of(fares(3_000, 3), schema=FARES)
    service = Process(folder, clock, "api-1:8000", "flights", "3", old)
    labels = Process(folder, clock, "outcomes-1:8001", "flights", "3", old, lateness="25m")
    prices = Process(folder, clock, "fares-1:8000", "fares", "1", third)
    fourth = Baseline.of(ports(3_000, 4), schema=PORTS)
    harbours = Process(folder, clock, "ports-1:8000", "ports", "7", fourth)
    past: list[tuple[float, Rows, str]] = []
    try:
        for minute in range(minutes + 1):
            clock.now = START + minute * MINUTE
            if minute == DEPLOYED:
                service.monitor.close()
                service = Process(folder, clock, "api-1:8000", "flights", "4", new)
            if minute == DEPLOYED + LATE:
                labels.monitor.close()
                labels = Process(folder, clock, "outcomes-1:8001", "flights", "4", new, lateness="25m")
            rows = flights(PER_MINUTE, 100 + minute, 0.8 if minute >= DRIFTED else 0.0)
            service.serve(rows)
            past.append((clock.now, rows, service.monitor.version))
            prices.serve(fares(PER_MINUTE // 2, 900 + minute), outcome="paid")
            harbours.serve(ports(PER_MINUTE // 2, 1_500 + minute), outcome="came")
            if minute >= LATE:
                then, known, version = past[minute - LATE]
                if version == labels.monitor.version:
                    labels.learn(known[: int(0.7 * PER_MINUTE)], "late", then)
            for process in (service, labels, prices, harbours):
                if minute % FLUSH_EVERY == 0:
                    process.monitor.flush()
                yield clock.now, process.target, [*process.page(), *_of_prometheus(minute)]
    finally:
        for process in (service, labels, prices, harbours):
            process.monitor.close()


def _of_prometheus(minute: int) -> Iterator[Metric]:
    """What Prometheus itself writes beside the samples of a target."""
    up = Metric("up", "Whether the target could be scraped.", "gauge")
    up.add_sample("up", {}, 1)
    yield up
    if minute >= DRIFTED + 15:
        alerts = Metric("ALERTS", "Alerts.", "gauge")
        about = {"alertname": "FeatureDrift", "alertstate": "firing", "severity": "warning", "area": "drift"}
        alerts.add_sample("ALERTS", {**about, "model": "flights"}, 1)
        yield alerts


def backfill(folder: Path, found: list[Page]) -> None:
    """Write pages into a storage for Prometheus, in `folder/tsdb`."""
    (folder / "past.om").write_text(history(found))
    command = [
        binary("promtool"), "tsdb", "create-blocks-from", "openmetrics", str(folder / "past.om"), str(folder / "tsdb"),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
