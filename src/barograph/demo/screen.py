"""What the demo prints: lines with times, one table, words."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from barograph.demo import facts
from barograph.results import Run

WIDTH = 100
COLUMNS: dict[str, tuple[str, dict[str, str], str]] = {
    "late": ("target_rate", {}, ".3f"),
    "AUC": ("roc_auc", {}, ".3f"),
    "recall": ("recall", {}, ".3f"),
    "accuracy": ("accuracy", {}, ".3f"),
    "F1": ("f1", {}, ".3f"),
    "log\nloss": ("log_loss", {}, ".3f"),
    "score": ("psi", {"column": "score"}, ".2f"),
    "temp": ("psi", {"column": "temp"}, ".2f"),
    "dewp": ("psi", {"column": "dewp"}, ".2f"),
}


class Screen:
    """A console that knows when it began."""

    def __init__(self, console: Console | None = None) -> None:
        # not a terminal: rich would take 80 columns, and the table needs more
        self.console = console or Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
        self.began = time.perf_counter()

    def step(self, text: str) -> None:
        """What is being done, said before it is done."""
        self.console.print(Text(f"{time.perf_counter() - self.began:6.1f} s  {text}", style="dim"))

    def title(self, text: str) -> None:
        """Heads what follows."""
        self.console.print(Text(f"\n{text}", style="bold"))

    def say(self, sentences: Iterable[str]) -> None:
        """One point each."""
        for sentence in sentences:
            point = Table.grid(padding=(0, 1, 0, 0))  # so that the second line stands under the first
            point.add_row(Text("  •"), Text(sentence))
            self.console.print(point)

    def table(self, rows: Iterable[tuple[str, Run]]) -> None:
        """One row a run. What failed is red and has a `!`, so that it shows without colour too."""
        table = Table(box=SIMPLE_HEAD, padding=0, pad_edge=False)
        for name in ("month", "flights", *COLUMNS, "new\ndest", "checks"):
            heading = f"PSI\n{name}" if name in ("score", "temp", "dewp") else name if "\n" in name else f"\n{name}"
            table.add_column(heading, justify="left" if name in ("month", "checks") else "right", no_wrap=True)
        for name, run in rows:
            unseen = facts.value(run, "unseen_share", column="dest")
            cells = [_cell(run, *column) for column in COLUMNS.values()]
            n_new = "–" if unseen.value is None else f"{unseen.value * unseen.n:.0f} "
            table.add_row(name, f"{run.current.n_rows:,} ", *cells, n_new, _summary(run))
        self.console.print(table)
        self.console.print(
            Text("  ! failed its check   PSI against March   new dest: flights to where none went in March")
        )

    def files(self, paths: Mapping[Path, str]) -> None:
        """What was written, and what it is."""
        for path, what in paths.items():
            self.console.print(Text.assemble("  ", (str(path), "cyan"), f"  {what}"), soft_wrap=True)

    def commands(self, commands: Iterable[str]) -> None:
        """What to type next; never broken into lines, so that it can be copied."""
        for command in commands:
            self.console.print(Text(f"  {command}", style="cyan"), soft_wrap=True)


def _cell(run: Run, metric: str, labels: dict[str, str], form: str) -> Text:
    number = run.value(metric, **labels)
    if number is None:
        return Text("– ")
    bad = facts.failed(run, metric, **labels)
    return Text(f"{number:{form}}{'!' if bad else ' '}", style="red" if bad else "")


def _summary(run: Run) -> Text:
    counts = run.summary()
    if run.passed:
        return Text("passed", style="green")
    return Text(f"{counts['fail']} failed", style="red")
