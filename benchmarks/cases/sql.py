"""A table counted by DuckDB, beside Python's count of the same rows."""

from __future__ import annotations

from benchmarks import data
from benchmarks.rows import Row
from benchmarks.timing import alternate, ours, ratio, spread

TITLE = "The flights ten times as a table in DuckDB, against a baseline"


def run(quick: bool = False) -> list[Row]:
    path = data.flights(1 if quick else 10)
    counted, python = ours("sql", path), ours("against_a_baseline", path)
    alternate(counted, python, rounds=1 if quick else 5)
    return [
        Row("counted by DuckDB", f"{ratio(counted, python):.1f} x; {spread(counted)}", f"in Python {spread(python)}"),
        Row("added memory", f"{counted.most():.0f} MB", "of DuckDB in the same process"),
    ]
