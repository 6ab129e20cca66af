"""The findings of a stack's check, as a table."""

from __future__ import annotations

import sys
from io import StringIO
from itertools import groupby
from shutil import get_terminal_size

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from barograph.cli.tables import printable
from barograph.stack.findings import Finding

CELL_AT_MOST = 400
WIDE = 160
COLOURS = {"ok": "green", "note": "yellow", "wrong": "bold red"}


def findings_text(found: list[Finding]) -> str:
    """A table for each server, and one line that says how it stands. Coloured on a terminal only."""
    terminal = sys.stdout.isatty()
    width = get_terminal_size().columns if terminal else WIDE
    console = Console(file=StringIO(), width=width, force_terminal=terminal, no_color=not terminal)
    with console.capture() as captured:
        for server, findings in groupby(found, key=lambda finding: finding.server):
            console.print(Text(printable(server, CELL_AT_MOST), style="bold"), soft_wrap=True)
            console.print(_table(list(findings)))
    lines = [line.rstrip() for line in captured.get().splitlines()]
    return "\n".join([*lines, _verdict(found), ""])


def _table(findings: list[Finding]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=False)
    table.add_column("looked at", no_wrap=False)
    table.add_column("", no_wrap=True)
    table.add_column("found")
    table.add_column("what to do")
    for finding in findings:
        cells = [printable(text, CELL_AT_MOST) for text in (finding.subject, finding.found, finding.advice)]
        status = Text(finding.status, style=COLOURS[finding.status])
        table.add_row(Text(cells[0]), status, Text(cells[1]), Text(cells[2]))
    return table


def _verdict(found: list[Finding]) -> str:
    wrong = sum(finding.status == "wrong" for finding in found)
    return f"{wrong} of {len(found)} are wrong" if wrong else f"all is well: {len(found)} looked at"
