"""More rows than one wants to hold: is time in proportion to them, and memory not?"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks import data
from benchmarks.rows import Row, at_most
from benchmarks.timing import alternate, ours, spread

TITLE = "Folders of Parquet files, streamed"
COLUMNS = 20
NARROW = 5  # columns of the hundred million rows


def folder(of: Path, times: int, within: str) -> Path:
    """A folder in which a file is so many times, by links: Barograph reads each."""
    made = Path(tempfile.mkdtemp(dir=within))
    for at in range(times):
        (made / f"{at:04}.parquet").symlink_to(of)
    return made


def run(quick: bool = False) -> list[Row]:
    n = 10_000 if quick else 1_000_000
    wide, narrow = data.parquet(n), data.parquet(n, NARROW)
    with tempfile.TemporaryDirectory() as place:
        few, many = (ours("files", folder(wide, k, place), name=f"{k}") for k in (1, 3 if quick else 30))
        alternate(few, many, rounds=1 if quick else 3)
        times = 3 if quick else 30
        grown = many.median() / few.median() / times
        ten, hundred = (ours("files", folder(narrow, k, place), name=f"{k}") for k in ((1, 2) if quick else (10, 100)))
        alternate(ten, hundred, rounds=1, few={"1": 1, "2": 1, "10": 1, "100": 1})
    peaks = [worker.most("peak_mb") for worker in (ten, hundred)]
    linear = f"{times} files over one, divided by {times}: {spread(many)} and {spread(few)}"
    rows = (
        f"{100 * n // 10**6} million rows x {NARROW} columns over a tenth of them: {peaks[1]:.0f} and {peaks[0]:.0f} MB"
    )
    return [
        at_most(f"time of {times * n // 10**6} million rows x {COLUMNS} columns", grown, 1.1, linear),
        at_most("peak memory of the whole process", peaks[1] / peaks[0], 1.1, rows),
    ]
