"""What counting on Spark costs beside reading: the same rows through `mapInArrow`, counted or only numbered.

    python -m benchmarks.spark [rounds] [rows]

Rounds alternate in one session of local[2], after one round each that is not timed; medians and their ratio.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

import barograph as bg

FLIGHTS = Path(__file__).parent.parent / "examples" / "flights.parquet"
COLUMNS = (
    "ts", "late", "hour", "dow", "distance", "temp", "wind_speed", "pressure", "carrier", "origin", "dest",
)  # fmt: skip


def write_flights(path: Path, rows: int) -> None:
    """Flights drawn with replacement; two of the measurements jittered, so that their values differ as real ones do."""
    flights = pl.read_parquet(FLIGHTS, columns=list(COLUMNS))
    rng = np.random.default_rng(0)
    drawn = flights[rng.integers(0, flights.height, rows)]
    jitter = [pl.col(c) + pl.Series(rng.normal(0, 0.1, rows)) for c in ("temp", "pressure")]
    drawn.with_columns(jitter).write_parquet(path, row_group_size=250_000)


def number(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """All columns come to Python, and nothing is done with them: what Spark itself costs."""
    yield pa.RecordBatch.from_pydict({"n": [sum(batch.num_rows for batch in batches)]})


def main(rounds: int = 7, rows: int = 4_000_000) -> None:
    warnings.simplefilter("ignore", FutureWarning)
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    from barograph.engines import spark as engine

    builder = SparkSession.builder.master("local[2]")
    for key, value in {
        "spark.ui.enabled": "false", "spark.driver.memory": "2g", "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1", "spark.ui.showConsoleProgress": "false",
    }.items():  # fmt: skip
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flights.parquet"
        write_flights(path, rows)
        schema = bg.Schema(target="late", timestamp="ts")
        baseline = bg.Baseline.of(pl.read_parquet(FLIGHTS, columns=list(COLUMNS)), schema=schema, every=0)
        df = session.read.parquet(str(path))
        jobs: dict[str, Callable[[], object]] = {
            "rows only": lambda: df.mapInArrow(number, "n long").toArrow(),
            "against a baseline": lambda: engine.profile(df, baseline),
            "without one": lambda: engine.profile(df, schema=schema),
        }
        taken: dict[str, list[float]] = {name: [] for name in jobs}
        for at in range(rounds + 1):
            for name, job in jobs.items():
                began = time.perf_counter()
                job()
                if at:
                    taken[name].append(time.perf_counter() - began)
    floor = statistics.median(taken["rows only"])
    print(f"{rows:,} rows x {len(COLUMNS)} columns, local[2], median of {rounds} rounds")
    for name, times in taken.items():
        ratios = sorted(t / f for t, f in zip(times, taken["rows only"], strict=True))
        print(
            f"{name:20} {statistics.median(times):6.2f} s   {statistics.median(times) / floor:5.2f} x   "
            f"paired {statistics.median(ratios):5.2f} x"
        )
    session.stop()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
