"""The year's flights through real HTTP, month by month, and what `/metrics` says after each."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl
from examples.flights_service.page import Key, Page, quantile
from examples.flights_service.server import Connection, Service, until
from examples.flights_service.train import INPUTS

from barograph.live.families import STATUS_CODES

INPUTS_MODEL, OUTCOMES_MODEL = "flights", "flights-outcomes"
MODELS = (INPUTS_MODEL, OUTCOMES_MODEL)
SCRAPES = 2  # of each worker, after each month
COUNTED_AT_MOST = 60.0
LEFT_OUT = ("rows_late", "rows_sampled_out", "rows_bad", "rows_lost")


@dataclass(frozen=True)
class Month:
    """What the page said when a month's flights were all counted; only `sent` and `name` are our own."""

    name: str
    start: float
    sent: int  # since the beginning
    n: int
    pages: list[Page]  # several from each worker
    before: Page  # the page when the month began

    @property
    def page(self) -> Page:
        return self.pages[0]

    @property
    def differences(self) -> list[Key]:
        """Series that not all pages agree on."""
        return [key for other in self.pages[1:] for key in self.page.differences(other)]

    def value(self, name: str, model: str = INPUTS_MODEL, **labels: str) -> float | None:
        """A value in this month's window; names end in the unit where there is one."""
        return self.page.value(f"barograph_{name}", **self._labels(model), **labels)

    def failed(self, name: str, model: str = INPUTS_MODEL, **labels: str) -> bool:
        """Whether the check of a value says fail; it bears the metric's name without the unit."""
        metric = name.removesuffix("_ratio")
        states = self.page.find("barograph_check_status", metric=metric, **self._labels(model), **labels)
        return any(state == STATUS_CODES["fail"] for _, state in states)

    def _labels(self, model: str) -> dict[str, str]:
        return {"model": model, "window": self.page.window(model, self.start) or "not shown"}

    @property
    def predictions(self) -> float:
        """All that were answered since the service began."""
        return self.page.total("predictions_total")

    @property
    def latency(self) -> float | None:
        """The 95th percentile of this month's, in seconds."""
        return quantile(0.95, "prediction_latency_seconds", self.page, self.before)

    def rows(self, what: str, model: str | None = None) -> float:
        """A count of the monitors' accounts since the service began; of both where no model is named."""
        labels = {} if model is None else {"model": model}
        return self.page.total(f"barograph_{what}_total", **labels)

    @property
    def left_out(self) -> list[int]:
        """Rows that were late, sampled out, bad or lost."""
        return [int(self.rows(what)) for what in LEFT_OUT]

    @property
    def accounted(self) -> bool:
        """Whether every row that was sent was logged, and every row logged is accounted for, by each monitor."""
        return all(
            self.rows("rows_logged", model)
            == self.sent
            == sum(self.rows(what, model) for what in ("rows_profiled", *LEFT_OUT))
            for model in MODELS
        )


class Replay:
    """Sends flights in the order of their departure, over all connections at once."""

    def __init__(self, service: Service, seconds: float, n_days: int) -> None:
        self.service = service
        self.sent = 0
        self.page = Page(service.connections[0].text("/metrics"))
        self._began, self._day_lasts, self._n_days = time.monotonic(), seconds / max(n_days, 1), 0

    def month(self, flights: pl.DataFrame, day_over: Callable[[], None]) -> Month:
        """Replay one month and wait until it is counted; `day_over` is called after each day with flights."""
        first: datetime = flights["ts"][0]
        start = datetime(first.year, first.month, 1, tzinfo=UTC).timestamp()
        with ThreadPoolExecutor(len(self.service.connections)) as pool:
            for day in days(flights):
                self._wait()
                self._day(day, pool)
                day_over()
        before, self.sent = self.page, self.sent + flights.height
        until(self._counted, COUNTED_AT_MOST, f"all rows of {first:%B} are counted")
        until(
            lambda: all(self._shown(Page(c.text("/metrics")), start, flights.height) for c in self.service.each_worker),
            COUNTED_AT_MOST, f"each worker shows all rows of {first:%B}",
        )  # fmt: skip
        pages = [Page(c.text("/metrics")) for _ in range(SCRAPES) for c in self.service.each_worker]
        self.page = pages[0]
        return Month(f"{first:%B}", start, self.sent, flights.height, pages, before)

    def _wait(self) -> None:
        """Hold the pace: time itself is what is waited for."""
        ahead = self._began + self._n_days * self._day_lasts - time.monotonic()
        self._n_days += 1
        if ahead > 0:
            time.sleep(ahead)

    def _day(self, flights: pl.DataFrame, pool: ThreadPoolExecutor) -> None:
        """Have a day's flights predicted, each connection an equal share; when all have landed, tell how it went."""
        connections = self.service.connections
        rows = [{**row, "ts": row["ts"].isoformat()} for row in flights.iter_rows(named=True)]
        shares = [rows[i :: len(connections)] for i in range(len(connections))]
        landed = [outcome for share in pool.map(predicted, connections, shares) for outcome in share]
        reporter = connections[self._n_days % len(connections)]
        reporter.post("/outcomes", json.dumps(landed).encode())

    def _counted(self) -> bool:
        """Whether the accounts of both monitors have all rows that were sent, and none waits in a worker's memory."""
        page = Page(self.service.connections[0].text("/metrics"))
        return all(
            page.value("barograph_rows_logged_total", model=model) == self.sent
            and page.value("barograph_buffer_rows", model=model) == 0
            for model in MODELS
        )

    def _shown(self, page: Page, start: float, n: int) -> bool:
        """Whether a worker has evaluated a month with all rows that count: while Prometheus has it evaluate, it shows
        others what it knew before.
        """

        def rows(model: str) -> float:
            names = [f"barograph_{what}_total" for what in LEFT_OUT]
            return n - sum(page.total(name, model=model) - self.page.total(name, model=model) for name in names)

        windows = {model: page.window(model, start) for model in MODELS}
        return all(
            window is not None and page.value("barograph_window_rows", model=model, window=window) == rows(model)
            for model, window in windows.items()
        )


def days(flights: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The flights of each day, in the order of their departure."""
    by_day = flights.sort("ts").group_by(pl.col("ts").dt.date().alias("day"), maintain_order=True)
    return (rows for _, rows in by_day)


def predicted(connection: Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Ask for predictions, and say what will be known of each when its flight has landed."""
    outcomes = []
    for row in rows:
        request = {name: row[name] for name in ("ts", *INPUTS)}
        answer = connection.post("/predict", json.dumps(request).encode())
        outcomes.append(
            {"ts": row["ts"], "score": answer["score"], "late_pred": answer["late"], "late": bool(row["late"])}
        )
    return outcomes
