"""The data of the benchmarks, made once and kept as Parquet files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.timing import PLACES, ROOT

FLIGHTS = ROOT / "examples" / "flights.parquet"


def frame(rows: int, columns: int = 20, seed: int = 0) -> pl.DataFrame:
    """Of 20 columns 15 are floats, 2 integers, and 3 labels: 5, 5,000, and all distinct. Wider frames repeat that."""
    rng = np.random.default_rng(seed)
    made: dict[str, object] = {}
    for part in range(-(-columns // 20)):
        made |= {f"float_{part}_{i}": rng.normal(size=rows) for i in range(15)}
        made |= {f"int_{part}_{i}": rng.integers(0, 1000, rows) for i in range(2)}
        for distinct in (5, 5000):
            labels = np.array([f"v{i}" for i in range(distinct)])
            made[f"label_{part}_{distinct}"] = labels[rng.integers(0, distinct, rows)]
        made[f"label_{part}_all"] = pl.select(pl.format("id-{}", pl.int_range(rows)).shuffle(seed)).to_series()
    return pl.DataFrame(made)[:, :columns]


def parquet(rows: int, columns: int = 20, seed: int = 0) -> Path:
    """The frame as a file."""
    path = PLACES / "data" / f"{rows}x{columns}-{seed}.parquet"
    return _written(path, lambda: frame(rows, columns, seed))


def flights(times: int = 10) -> Path:
    """All columns of the flights, so many times."""
    path = PLACES / "data" / f"flights-{times}.parquet"
    return _written(path, lambda: pl.concat([pl.read_parquet(FLIGHTS)] * times))


def _written(path: Path, make) -> Path:  # type: ignore[no-untyped-def]
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        make().write_parquet(unfinished)
        unfinished.rename(path)
    return path
