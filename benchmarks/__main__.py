"""Timings as ratios to named limits, each pair measured in one run: `make bench`.

A ratio holds where an absolute time does not: machines differ, and share their cores. Every pair alternates, and the
median of the ratios is printed.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import polars as pl

from barograph import Baseline, Profile, Report

ROWS = 1_000_000
ROUNDS = 5


def frame(rows: int) -> pl.DataFrame:
    """15 float, 2 integer and 3 string columns: 5, 5,000 and all distinct labels."""
    rng = np.random.default_rng(0)
    columns: dict[str, object] = {f"float_{i}": rng.normal(size=rows) for i in range(15)}
    columns |= {f"int_{i}": rng.integers(0, 1000, rows) for i in range(2)}
    for distinct in (5, 5000):
        columns[f"label_{distinct}"] = np.array([f"v{i}" for i in range(distinct)])[rng.integers(0, distinct, rows)]
    columns["label_all"] = [f"id-{i}" for i in range(rows)]
    return pl.DataFrame(columns)


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare(name: str, ours: Callable[[], object], limit_name: str, limit: Callable[[], object]) -> None:
    ours(), limit()  # warm both up
    pairs = [(timed(ours), timed(limit)) for _ in range(ROUNDS)]
    ratio = statistics.median(a / b for a, b in pairs)
    a, b = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"{name:<42} {a * 1e3:>9.1f} ms   {limit_name:<32} {b * 1e3:>9.1f} ms   x {ratio:.2f}")


def interpreter(code: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, "-c", code], check=True)


def main() -> None:
    rows = frame(ROWS)
    numbers = [rows[c].to_numpy() for c in rows.columns[:17]]
    baseline = Baseline.of(rows.head(ROWS // 2))
    profile = Profile.of(rows, baseline)
    small = rows.head(1000)
    parts = [Profile.of(small.slice(i, 10), baseline) for i in range(0, 1000, 10)]
    print(f"{ROWS:,} rows x {rows.width} columns; medians of {ROUNDS} alternating rounds\n")
    describe = ("polars describe()", rows.describe)
    sort = ("numpy.sort of the 17 numeric columns", lambda: [np.sort(values) for values in numbers])
    compare("profile, sketches only", lambda: Profile.of(rows), *describe)
    compare("profile against a baseline", lambda: Profile.of(rows, baseline), *describe)
    compare("profile against a baseline", lambda: Profile.of(rows, baseline), *sort)
    compare("baseline", lambda: Baseline.of(rows), *describe)
    compare(
        "merging 100 profiles", lambda: sum(parts), "profiling their 1,000 rows", lambda: Profile.of(small, baseline)
    )
    report = Report(["data_drift"])
    compare(
        "drift report from profiles",
        lambda: report.run(profile, baseline),
        "profiling the rows",
        lambda: Profile.of(rows, baseline),
    )
    imports = "numpy, polars, msgspec"
    compare(
        "from barograph import *",
        interpreter("from barograph import *"),
        f"import {imports}",
        interpreter(f"import {imports}"),
    )
    sizes = [len(made.to_bytes()) / 1e3 for made in (profile, baseline)]
    print(f"\na profile of {rows.width} columns takes {sizes[0]:.0f} KB, its baseline {sizes[1]:.0f} KB")


if __name__ == "__main__":
    main()
