"""What many models cost: bytes and processor time of windows, merges and series, measured, and multiplied out.

    python -m benchmarks.scale            # prints it, and writes it into docs/scale.md

One model has 100 features (80 numbers, 20 labels of 8), and windows of a minute with 1,000 rows.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from barograph import Baseline, Profile, ProfileWindows, Report, Schema
from barograph.live.collector import MonitorCollector
from barograph.live.monitor import Monitor
from barograph.needs import counted_needs
from benchmarks.__main__ import machine, write
from benchmarks.live_metrics import scrape
from benchmarks.timing import ROOT

MODELS, FEATURES, ROWS = 10_000, 100, 1000
BYTES_A_SAMPLE = 2  # of Prometheus on disk: "an average of 1-2 bytes per sample", its documentation on storage
SCRAPE = 15  # seconds
PAGE = ROOT / "docs" / "scale.md"


class Cost(NamedTuple):
    """Of one model: bytes, seconds of a core, and series."""

    baseline: int
    minutes: int  # bytes of an hour of minutes
    hour: int
    day: int  # bytes of a day of hours
    count: float
    merge: float
    write: float
    read: float
    report: float
    series: int


def frame(minutes: int, seed: int, rows: int = ROWS) -> pl.DataFrame:
    """A model's rows, evenly over some minutes."""
    rng = np.random.default_rng(seed)
    n = minutes * rows
    start = np.datetime64("2024-05-01T00:00")
    made: dict[str, object] = {"ts": (start + np.arange(n) // rows).astype("datetime64[us]")}
    made |= {f"number_{i}": rng.normal(size=n) for i in range(80)}
    made |= {f"label_{i}": np.array(list("abcdefgh"))[rng.integers(0, 8, n)] for i in range(20)}
    return pl.DataFrame(made)


def timed(work: Callable[[], object], rounds: int = 5) -> float:
    """Median seconds of processor time."""
    taken = []
    for _ in range(rounds + 1):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return statistics.median(taken[1:])


def measured(minutes: int = 60) -> Cost:
    """What one model costs."""
    baseline = Baseline.of(frame(100, 0), schema=Schema(timestamp="ts"), every=0)
    rows = frame(minutes, 1)
    windows = ProfileWindows.of(rows, baseline, every="1m")
    one, other = list(windows.profiles.values())[:2]
    hours = windows.rollup("1h")
    data = windows.to_bytes()
    hour = next(iter(hours.profiles.values()))
    day = ProfileWindows("1h", {f"2024-05-01T{at:02}:00:00+00:00": hour for at in range(24)})
    minute = rows.head(ROWS)
    report = Report(["data_drift"])
    with (
        tempfile.TemporaryDirectory() as folder,
        Monitor(baseline, spool=Path(folder), clock=lambda: 7200.0) as monitor,
    ):
        monitor.log_batch({name: rows[name].to_list()[:5000] for name in rows.columns if name != "ts"})
        monitor.flush()
        series = sum(not line.startswith("#") for line in scrape(MonitorCollector(monitor)).decode().splitlines())
    return Cost(
        len(baseline.to_bytes()),
        len(data) * 60 // minutes,
        len(hours.to_bytes()),
        len(day.to_bytes()),
        timed(lambda: Profile.of(minute, baseline, needs=counted_needs)),
        timed(lambda: one.merge(other), 50),
        timed(windows.to_bytes) / minutes,
        timed(lambda: ProfileWindows.from_bytes(data)) / minutes,
        timed(lambda: report.run(hour, baseline)),
        series,
    )


def table(cost: Cost) -> str:
    """The measured numbers, and those of all models, as Markdown."""
    gb = 1e9
    day_minutes = cost.minutes * 24
    per_feature = f"{cost.count / FEATURES * 1e6:.0f} µs a feature"
    one = [
        ("a baseline", f"{cost.baseline / 1e3:,.0f} KB", "once"),
        ("an hour of minutes, one file", f"{cost.minutes / 1e3:,.0f} KB", f"{cost.minutes / 60 / 1e3:.1f} KB a window"),
        ("an hour", f"{cost.hour / 1e3:,.0f} KB", ""),
        ("a day of hours, one file", f"{cost.day / 1e3:,.0f} KB", f"{cost.day / 24 / 1e3:.1f} KB a window"),
        (f"counting a window of {ROWS:,} rows", f"{cost.count * 1e3:.1f} ms", per_feature),
        ("merging two windows", f"{cost.merge * 1e3:.1f} ms", ""),
        ("writing and reading a window, in a file of 60", f"{cost.write * 1e3:.1f} and {cost.read * 1e3:.1f} ms", ""),
        ("a drift report of a window, its noise known", f"{cost.report * 1e3:.0f} ms", ""),
        ("series on `/metrics`", f"{cost.series:,}", "one window"),
    ]
    cores = MODELS * cost.count / 60
    merging = MODELS * cost.merge * 24 * 60 / 86_400
    samples = MODELS * cost.series * 86_400 / SCRAPE
    all_of = [
        ("counting, each minute", f"{cores:,.0f} cores", "beside the services: each counts its own"),
        ("rolling minutes up to hours", f"{merging:.1f} cores", "one process an hour for each model, or each core"),
        ("minutes, kept for a day", f"{MODELS * day_minutes / gb:,.0f} GB", "files in a folder or an object store"),
        ("minutes, kept for a year", f"{MODELS * day_minutes * 365 / gb / 1e3:,.0f} TB", "nobody needs them"),
        ("hours, kept for 30 days", f"{MODELS * cost.day * 30 / gb:,.0f} GB", ""),
        ("days, kept for 5 years", f"{MODELS * cost.hour * 365 * 5 / gb:,.0f} GB", "a day is as large as an hour"),
        (
            "series in Prometheus, all of each model's page",
            f"{MODELS * cost.series / 1e6:,.1f} million",
            "too many for one",
        ),
        (f"their samples, every {SCRAPE} s", f"{samples * BYTES_A_SAMPLE / gb:,.0f} GB a day", "at 2 bytes a sample"),
        (
            "series, only the verdict and rows of each model",
            f"{MODELS * 10 / 1e6:.1f} million",
            "10 a model: one Prometheus",
        ),
    ]
    text = "| one model | | |\n|---|---|---|\n" + "".join(f"| {a} | {b} | {c} |\n" for a, b, c in one)
    head = f"| {MODELS:,} models, {FEATURES} features, windows of a minute | | |\n|---|---|---|\n"
    return text + "\n" + head + "".join(f"| {a} | {b} | {c} |\n" for a, b, c in all_of)


def main() -> None:
    found = table(measured())
    print(f"{machine()}\n\n{found}")
    write(found, PAGE)


if __name__ == "__main__":
    main()
