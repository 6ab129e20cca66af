"""Reports from profiles alone, with calibrated verdicts: the first, and those that find the noise of no drift kept."""

from __future__ import annotations

import polars as pl

from barograph import Baseline, Profile
from benchmarks import data
from benchmarks.rows import Row, at_most
from benchmarks.timing import PLACES, alternate, ours, spread

TITLE = "A drift report from profiles alone, as JSON, verdicts calibrated"
MOST = {20: 0.05, 200: 0.4}  # without verdicts; with them three times that is allowed


def run(quick: bool = False) -> list[Row]:
    rows = []
    for columns, limit in MOST.items():
        n = 2000 if quick else 100_000
        paths = PLACES / "data" / f"{n}x{columns}.baseline", PLACES / "data" / f"{n}x{columns}.profile"
        known = Baseline.of(pl.read_parquet(data.parquet(n, columns)))
        known.write(paths[0])
        Profile.of(pl.read_parquet(data.parquet(n, columns, seed=1)), known).write(paths[1])
        first, cached = (ours("report", *paths, name=name) for name in ("first", "cached"))
        alternate(first, rounds=1, few={"first": 1})
        alternate(cached, rounds=3 if quick else 9)
        form = "{:.0f} ms"
        rows += [
            at_most(f"{columns} columns", cached.median() * 1e3, limit * 1e3, "all of it, with verdicts", form),
            Row(f"{columns} columns, the first in a process", spread(first), "imports and noise drawn"),
        ]
    return rows
