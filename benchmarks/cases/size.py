"""How large a profile is as a file."""

from __future__ import annotations

from benchmarks import data
from benchmarks.rows import Row, at_most
from benchmarks.timing import alternate, ours

TITLE = "A profile as a file"


def run(quick: bool = False) -> list[Row]:
    size = ours("size", data.parquet(20_000 if quick else 1_000_000))
    alternate(size, rounds=1)
    return [at_most("20 columns against a baseline", size.median("bytes") / 1e3, 200, "", "{:.0f} KB")]
