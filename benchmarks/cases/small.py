"""A hundred thousand rows of twenty columns, and batches of a hundred rows."""

from __future__ import annotations

from benchmarks import data
from benchmarks.cases.beside import compared
from benchmarks.rows import Row, at_most
from benchmarks.timing import alternate, ours

TITLE = "Profile of 100,000 rows x 20 columns"


def run(quick: bool = False) -> list[Row]:
    path = data.parquet(20_000 if quick else 100_000)
    batches = ours("hundred_rows", path)
    alternate(batches, rounds=2 if quick else 7)
    each = batches.median() / 200 / 20 * 1e6
    told = at_most("a batch of 100 rows, each column", each, 1000, "200 batches against a baseline", "{:.0f} µs")
    return [*compared(path, 9, quick), told]
