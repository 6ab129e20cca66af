"""The data: flights that left New York City in 2013, with the weather at the airport they left from."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from barograph.errors import InputError

FILE = "flights.parquet"
PACKAGE = Path(__file__).parent.parent
FOLDERS = (PACKAGE / "examples", PACKAGE.parent.parent / "examples")  # of an installed wheel, of a checkout


def read() -> pl.DataFrame:
    """All flights, in the order of their scheduled departure. Raises `InputError` where the file is not found."""
    for folder in FOLDERS:
        if (folder / FILE).is_file():
            return pl.read_parquet(folder / FILE)
    looked = " nor in ".join(str(folder) for folder in FOLDERS)
    raise InputError(
        f"the demo's {FILE} is neither in {looked}; install Barograph again, "
        "or make the file with examples/make_flights.py of the source repository"
    )


def months(rows: pl.DataFrame, first: int, last: int | None = None) -> pl.DataFrame:
    """The rows of one month of 2013, or of `first` to `last`."""
    return rows.filter(pl.col("ts").dt.month().is_between(first, last or first))
