"""Real data: the flights of the demo ten times."""

from __future__ import annotations

from benchmarks import data
from benchmarks.cases.beside import compared
from benchmarks.rows import Row

TITLE = "Profile of the flights ten times, 3,273,460 rows x 18 columns"


def run(quick: bool = False) -> list[Row]:
    return compared(data.flights(1 if quick else 10), 5, quick)
