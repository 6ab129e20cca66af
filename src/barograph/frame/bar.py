"""A progress bar on standard error, where that is a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Bar(Protocol):
    """What is told of the work while it goes on."""

    def advance(self, n_rows: int) -> None:
        """So many more rows are done."""

    def at(self, what: str) -> None:
        """What is worked on."""


class _Unseen:
    def advance(self, n_rows: int) -> None:
        """Nobody looks."""

    def at(self, what: str) -> None:
        """Nobody looks."""


@contextmanager
def bar(name: str, n_rows: int | None, *, shown: bool) -> Iterator[Bar]:
    """Rows done, rows a second, and the time that is left where the number of rows is known."""
    if not shown or not sys.stderr.isatty():
        yield _Unseen()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    parts = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.completed:,} rows{task.fields[rate]}"),
        TimeElapsedColumn(),
        *([TimeRemainingColumn()] if n_rows else []),
    )
    with Progress(*parts, console=Console(stderr=True), transient=True) as drawn:
        task = drawn.add_task(name, total=n_rows, rate="")
        began = time.monotonic()

        class Shown:
            n_done = 0

            def advance(self, n_rows: int) -> None:
                self.n_done += n_rows
                rate = self.n_done / max(time.monotonic() - began, 1e-9)
                drawn.update(task, advance=n_rows, rate=f", {rate:,.0f} a second")

            def at(self, what: str) -> None:
                drawn.update(task, description=what)

        yield Shown()


__all__ = ["Bar", "bar"]
