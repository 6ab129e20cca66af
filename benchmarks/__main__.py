"""Barograph beside other tools and beside what no tool can do without, each pair measured in one run.

    python -m benchmarks                    # all cases, and the table into docs/benchmarks.md
    python -m benchmarks profile drift      # these, on the terminal alone
    python -m benchmarks --quick            # small data and no peers: whether it runs at all

A ratio holds where an absolute time does not: machines differ, and share their cores. Works of one pair run in
processes of their own, in alternating rounds; peers have virtual environments in `.bench`, made where they are lacking.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import polars as pl

from barograph import __version__
from benchmarks.cases import CASES
from benchmarks.rows import Row
from benchmarks.timing import ROOT, WANTED

PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- measured: written by make bench -->", "<!-- end of what was measured -->"


def table(title: str, case: str, rows: list[Row]) -> str:
    """The rows of a case as Markdown."""
    head = f"**{title}** (`python -m benchmarks {case}`)\n\n| | measured | beside | target | |\n|---|---|---|---|---|\n"
    return head + "\n".join(f"| {' | '.join(row.cells())} |" for row in rows) + "\n"


def machine() -> str:
    """What it was measured on."""
    info = Path("/proc/cpuinfo")
    names = [line.split(": ")[1] for line in info.read_text().splitlines() if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    peers = ", ".join(wanted[0].replace("==", " ") for wanted in WANTED.values())
    return (
        f"{time.strftime('%Y-%m-%d')}, {cores} cores of {names[0] if names else platform.machine()}, {memory:.0f} GB; "
        f"Barograph {__version__}, Python {platform.python_version()}, polars {version('polars')}, "
        f"numpy {np.__version__}; peers: {peers}."
    )


def measured(names: list[str], *, quick: bool) -> str:
    """The tables of some cases, printed as they come."""
    tables = []
    for name in names:
        case = CASES[name]
        tables.append(table(case.TITLE, name, case.run(quick)))
        print(tables[-1], flush=True)
    return "\n".join(tables)


def write(tables: str, page: Path = PAGE) -> None:
    """Put the tables between their marks in the page."""
    text = page.read_text(encoding="utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n\n{machine()}\n\n{tables}\n{END}{after}", encoding="utf-8")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser("benchmarks", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("case", nargs="*", choices=[*CASES, []], help=f"of {', '.join(CASES)}")
    parser.add_argument("--quick", action="store_true", help="small data and no peers")
    asked = parser.parse_args(arguments)
    pl.Config.set_ascii_tables(True)
    print(f"{machine()}\n", flush=True)
    tables = measured(asked.case or list(CASES), quick=asked.quick)
    if not asked.case and not asked.quick:
        write(tables)
        print(f"written to {PAGE.relative_to(ROOT)}", file=sys.stderr)


if __name__ == "__main__":
    main()
