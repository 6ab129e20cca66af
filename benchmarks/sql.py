"""What counting in a database costs beside reading there, and beside counting the same rows in Python.

    python -m benchmarks.sql [rounds] [rows]

DuckDB in memory. Rounds alternate, after one round each that is not timed; medians and their ratios.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

import barograph as bg
from barograph.engines import sql

FLIGHTS = Path(__file__).parent.parent / "examples" / "flights.parquet"
COLUMNS = (
    "ts", "late", "hour", "dow", "distance", "temp", "wind_speed", "pressure", "carrier", "origin", "dest",
)  # fmt: skip


def drawn_flights(rows: int) -> pl.DataFrame:
    """Flights drawn with replacement; two of the measurements jittered, so that their values differ as real ones do."""
    flights = pl.read_parquet(FLIGHTS, columns=list(COLUMNS))
    rng = np.random.default_rng(0)
    drawn = flights[rng.integers(0, flights.height, rows)]
    jitter = [pl.col(c) + pl.Series(rng.normal(0, 0.1, rows)) for c in ("temp", "pressure")]
    return drawn.with_columns(jitter)


def main(rounds: int = 5, rows: int = 1_000_000) -> None:
    frame = drawn_flights(rows)
    schema = bg.Schema(target="late", timestamp="ts")
    baseline = bg.Baseline.of(pl.read_parquet(FLIGHTS, columns=list(COLUMNS)), schema=schema, every=0)
    with duckdb.connect() as connection:
        given = frame.to_arrow()
        connection.register("given", given)
        connection.execute("CREATE TABLE flights AS SELECT * FROM given")
        ends = ", ".join(f'min("{c}"), max("{c}")' for c in COLUMNS)
        jobs: dict[str, Callable[[], object]] = {
            "SELECT count(*)": lambda: connection.execute("SELECT count(*) FROM flights").fetchall(),
            "min and max of every column": lambda: connection.execute(f"SELECT {ends} FROM flights").fetchall(),
            "SUMMARIZE": lambda: connection.execute("SUMMARIZE flights").fetchall(),
            "sql.profile": lambda: sql.profile(connection, "flights", baseline),
            "Profile.of, rows in memory": lambda: bg.Profile.of(frame, baseline),
            "Profile.of, rows fetched": lambda: bg.Profile.of(pl.from_arrow(_fetched(connection)), baseline),
        }
        taken: dict[str, list[float]] = {name: [] for name in jobs}
        for at in range(rounds + 1):
            for name, job in jobs.items():
                began = time.perf_counter()
                job()
                if at:
                    taken[name].append(time.perf_counter() - began)
    floor = statistics.median(taken["sql.profile"])
    print(f"{rows:,} rows x {len(COLUMNS)} columns, DuckDB {duckdb.__version__}, median of {rounds} rounds")
    for name, times in taken.items():
        median = statistics.median(times)
        print(f"{name:<30} {median * 1000:8.1f} ms   {median / floor:6.3f} x sql.profile")


def _fetched(connection: duckdb.DuckDBPyConnection) -> object:
    return connection.sql("SELECT * FROM flights").to_arrow_table()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
