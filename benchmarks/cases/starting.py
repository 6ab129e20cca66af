"""What an import costs."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from benchmarks.rows import Row, at_most

TITLE = "Starting"
LIMIT = "numpy, polars, msgspec"


def _timed(code: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - began


def run(quick: bool = False) -> list[Row]:
    rows = []
    for name, code, limit in (
        ("import barograph", "import barograph", 1.25),
        ("from barograph import *", "from barograph import *", None),
    ):
        pairs = [(_timed(code), _timed(f"import {LIMIT}")) for _ in range(3 if quick else 21)]
        found = statistics.median(a / b for a, b in pairs)
        beside = f"import {LIMIT}: {statistics.median(b for _, b in pairs) * 1e3:.0f} ms"
        rows.append(Row(name, f"{found:.2f} x", beside) if limit is None else at_most(name, found, limit, beside))
    return rows
