"""Days that differ by nature: how often a day like any other alarms, with and without the reference's windows.

Each day has effects of its own, from a stationary autoregression of order one: the mean of a number and the share of a
label move a little. Reports are run as users run them, on rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
import polars as pl

from barograph import Baseline, Report, Schema
from barograph.results import Run
from barograph.types import Floats
from benchmarks.shares import Rate

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
SECONDS = 86_400
REFERENCE_DAYS = 60
APART = 5  # days between the reference and the first window, and between windows
ROWS = 1000
MEMORY = 0.6
SPREAD = 0.15  # standard deviation of the days' means, in those of the rows
LABELS = np.array(["a", "b", "c", "d"])
COLUMNS = "x", "y", "z", "label"
INDEPENDENT, NATURAL = "rows independent", 'every="1d"'


def effects(count: int, rng: np.random.Generator) -> Floats:
    """Of so many neighbouring days, one a column: shape `(days, columns)`."""
    found = np.empty((count, len(COLUMNS)))
    found[0] = rng.standard_normal(len(COLUMNS))
    for day in range(1, count):
        found[day] = MEMORY * found[day - 1] + np.sqrt(1 - MEMORY**2) * rng.standard_normal(len(COLUMNS))
    return SPREAD * found


def rows(first: int, each: Floats, rng: np.random.Generator) -> pl.DataFrame:
    """Rows of neighbouring days with these effects."""
    count = ROWS * each.shape[0]
    day = np.repeat(np.arange(each.shape[0]), ROWS)
    at = first * SECONDS + day * SECONDS + np.tile(np.arange(ROWS) * SECONDS // ROWS, each.shape[0])
    base = int(START.timestamp())
    numbers = {name: rng.standard_normal(count) + each[day, i] for i, name in enumerate(COLUMNS[:-1])}
    odds = np.exp(np.stack([each[:, -1], *[np.zeros(each.shape[0])] * (LABELS.size - 1)], axis=1))
    ends = np.cumsum(odds / odds.sum(axis=1, keepdims=True), axis=1)[day]
    labels = LABELS[(rng.random(count)[:, None] > ends[:, :-1]).sum(axis=1)]
    times = pl.Series("t", (base + at) * 1_000_000).cast(pl.Datetime("us", "UTC"))
    return pl.DataFrame({"t": times, **numbers, "label": labels})


def runs(references: int, windows: int, seed: int) -> Iterator[tuple[str, Run]]:
    """Reports of days against references of their own, by what is known of the reference."""
    rng = np.random.default_rng(seed)
    report = Report(["data_drift"])
    for _ in range(references):
        each = effects(REFERENCE_DAYS + APART * (windows + 1), rng)
        before = rows(0, each[:REFERENCE_DAYS], rng)
        schema = Schema(timestamp="t")
        known = {INDEPENDENT: Baseline.of(before, schema=schema, every=0)}
        known[NATURAL] = Baseline.of(before, schema=schema, every="1d")
        for i in range(windows):
            day = REFERENCE_DAYS + APART * (i + 1)
            now = rows(day, each[day : day + 1], rng)
            for name, baseline in known.items():
                yield name, report.run(now, baseline)


def days(references: int, windows: int, seed: int) -> dict[str, Rate]:
    """How often a day like any other alarms, by what is known of the reference."""
    counted = dict.fromkeys((INDEPENDENT, NATURAL), Rate(0, 0, 0))
    for name, run in runs(references, windows, seed):
        before, found = counted[name], [v.finding for v in run.verdicts]
        evident = any(finding in ("drift", "real but small") for finding in found)
        counted[name] = Rate(before.windows + 1, before.evidence + evident, before.drift + ("drift" in found))
    return counted
