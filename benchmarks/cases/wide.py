"""A million rows of two hundred columns."""

from __future__ import annotations

from benchmarks import data
from benchmarks.cases.beside import compared
from benchmarks.rows import Row

TITLE = "Profile of 1,000,000 rows x 200 columns"


def run(quick: bool = False) -> list[Row]:
    path = data.parquet(2000 if quick else 1_000_000, 200)
    return compared(path, 3, quick, whylogs=False)  # ten times the case before, for whylogs half an hour
