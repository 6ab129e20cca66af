"""`make live`: train, serve, replay a year of flights, and print what `/metrics` says as the months pass."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from typing import NoReturn

import polars as pl
from rich.console import Console

from barograph.demo.flights import months as rows_of_months
from barograph.demo.flights import read
from barograph.demo.screen import Screen

FIRST = 3  # March, the reference itself; the model was trained on January and February


def main(arguments: list[str] | None = None, console: Console | None = None) -> int:
    asked = parser().parse_args(arguments)
    screen = Screen(console)
    signal.signal(signal.SIGTERM, stopped)
    try:
        return run(asked, screen)
    except KeyboardInterrupt:
        screen.step("Interrupted; nothing is left running")
        return 130


def stopped(number: int, _: object) -> NoReturn:
    """End by the way of all `finally` blocks, so that the service ends too."""
    sys.exit(128 + number)


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser("python -m examples.flights_service", description=__doc__)
    found.add_argument("--folder", type=Path, default=Path("build/live"), help="for the model, baselines and log")
    found.add_argument("--flights-per-month", type=int, default=1500, help="a random sample of each month's 27,000")
    found.add_argument("--seconds", type=float, default=30.0, help="at least this long for the whole replay")
    found.add_argument("--until", type=int, default=12, choices=range(FIRST, 13), metavar="MONTH", help="3 to 12")
    found.add_argument("--workers", type=int, default=2)
    found.add_argument("--keep", action="store_true", help="serve on until Ctrl-C")
    return found


def run(asked: argparse.Namespace, screen: Screen) -> int:
    """Everything, in order; 1 where the page did not account for every row, or workers did not say the same."""
    screen.step("Loading scikit-learn")
    from examples.flights_service.replay import Replay, days
    from examples.flights_service.server import serve
    from examples.flights_service.show import Table, legend, words
    from examples.flights_service.train import train

    screen.step("Training on January and February: will a flight be more than 15 minutes late?")
    flights = read()
    train(flights, asked.folder)
    numbers = range(FIRST, asked.until + 1)
    samples = [sample(rows_of_months(flights, month), asked.flights_per_month, month) for month in numbers]
    n_days = [sum(1 for _ in days(rows)) for rows in samples]

    screen.step(f"Starting the service with {asked.workers} workers")
    with serve(asked.folder, asked.workers) as service:
        screen.step(f"Replaying {asked.flights_per_month:,} flights a month; {service.url}/metrics says:")
        table, months = Table(screen), []
        replay = Replay(service, asked.seconds, sum(n_days))
        table.head()
        with table.bar as bar:
            task = bar.add_task("")
            for rows, n in zip(samples, n_days, strict=True):
                bar.reset(task, total=n, description=f"{rows['ts'][0]:%B}")
                months.append(replay.month(rows, lambda: bar.advance(task)))
                table.month(months[-1])
        screen.console.print(legend(months), style="dim", highlight=False)
        screen.title("In words")
        screen.say(words(months))
        (asked.folder / "metrics.txt").write_text(months[-1].page.text, encoding="utf-8")
        if asked.keep:
            screen.step(f"Serving on at {service.url}/metrics until Ctrl-C")
            signal.pause()
    screen.step("The service is stopped")
    screen.title("To look at")
    screen.files(
        {
            asked.folder / "metrics.txt": "the last page of /metrics",
            Path("examples/flights_service/app.py"): "the service: what to copy",
            Path("docs/live.md"): "what the names mean",
        }
    )
    return 0 if all(month.accounted and not month.differences for month in months) else 1


def sample(rows: pl.DataFrame, n: int, seed: int) -> pl.DataFrame:
    return rows.sample(min(n, rows.height), seed=seed).sort("ts")


if __name__ == "__main__":
    sys.exit(main())
