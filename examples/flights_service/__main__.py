"""`make live`: train, serve, replay a year of flights, and print what `/metrics` says and which alerts come."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import polars as pl
from rich.console import Console

from barograph.demo.flights import months as rows_of_months
from barograph.demo.flights import read
from barograph.demo.screen import Screen

if TYPE_CHECKING:
    from examples.flights_service.replay import Month
    from examples.flights_service.server import Service
    from examples.flights_service.watch import Watch

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
    found.add_argument(
        "--folder", type=Path, default=Path("build/live"), help="for the model, baselines, logs and stack"
    )
    found.add_argument("--flights-per-month", type=int, default=1500, help="a random sample of each month's 27,000")
    found.add_argument("--seconds", type=float, default=30.0, help="at least this long for the whole replay")
    found.add_argument("--until", type=int, default=12, choices=range(FIRST, 13), metavar="MONTH", help="3 to 12")
    found.add_argument("--workers", type=int, default=2)
    found.add_argument("--keep", action="store_true", help="serve on until Ctrl-C")
    return found


def run(asked: argparse.Namespace, screen: Screen) -> int:
    """Everything, in order; 1 where the page did not account for every row, or workers did not say the same."""
    screen.step("Loading scikit-learn")
    from examples.flights_service import links
    from examples.flights_service.server import serve
    from examples.flights_service.train import train

    screen.step("Training on January and February: will a flight be more than 15 minutes late?")
    flights = read()
    train(flights, asked.folder)
    for name in (links.PAGE, *links.ABOUT):  # of an earlier run
        (asked.folder / name).unlink(missing_ok=True)
    numbers = range(FIRST, asked.until + 1)
    samples = [sample(rows_of_months(flights, month), asked.flights_per_month, month) for month in numbers]

    screen.step(f"Starting the service with {asked.workers} workers")
    with serve(asked.folder, asked.workers) as service, ExitStack() as started:
        watch = watched(service, asked.folder, screen, started)
        screen.step(f"Replaying {asked.flights_per_month:,} flights a month; {service.url}/metrics says:")
        months = replayed(service, watch, samples, asked.seconds, screen)
        conclude(months, watch, asked.folder, screen)
        if asked.keep:
            keep(service, watch, asked.folder, screen)
    screen.step("The service is stopped" if watch is None else "The service, Prometheus and Alertmanager are stopped")
    links.write(asked.folder)
    screen.title("To look at")
    screen.files(
        {
            asked.folder / links.PAGE: "links to all that was written",
            asked.folder / "metrics.txt": "the last page of /metrics",
            Path("examples/flights_service/app.py"): "the service: what to copy",
            Path("docs/live.md"): "what the names mean",
        }
    )
    return 0 if all(month.accounted and not month.differences for month in months) else 1


def watched(service: Service, folder: Path, screen: Screen, started: ExitStack) -> Watch | None:
    """Prometheus and Alertmanager on the service; without them, or where they do not start, this is said."""
    from examples.flights_service import watch

    found = watch.programs()
    there = {name: path for name, path in found.items() if path is not None}
    if missing := [name.capitalize() for name in found if name not in there]:
        screen.step(f"Going on without alerts, for want of {' and '.join(missing)}; see docs/stack.md")
        return None
    screen.step("Starting Prometheus and Alertmanager on the files of barograph stack init")
    try:
        made = started.enter_context(watch.watching(service.port, folder, there))
    except OSError as error:
        screen.step(f"Going on without alerts: {error}")
        return None
    screen.step(f"A month passes in seconds: alerts on what is found in it wait {watch.PACE} times less than usual")
    return made


def replayed(
    service: Service, watch: Watch | None, samples: list[pl.DataFrame], seconds: float, screen: Screen
) -> list[Month]:
    """The months as the page showed them, printed as they pass; under each the alerts that came."""
    from examples.flights_service.replay import Replay, days
    from examples.flights_service.show import Table
    from examples.flights_service.tidings import tell

    def news() -> None:
        if watch is not None:
            tell(screen, watch.told.unread())

    table, months = Table(screen), []
    n_days = [sum(1 for _ in days(rows)) for rows in samples]
    replay = Replay(service, seconds, sum(n_days))
    table.head()
    with table.bar as bar:
        task = bar.add_task("")
        for rows, n in zip(samples, n_days, strict=True):
            name = f"{rows['ts'][0]:%B}"
            bar.reset(task, total=n, description=name)
            if watch is not None:
                watch.told.month = name
            months.append(replay.month(rows, lambda: bar.advance(task)))
            table.month(months[-1])
            if watch is not None:
                watch.settle(news)
    return months


def conclude(months: list[Month], watch: Watch | None, folder: Path, screen: Screen) -> None:
    """Say what it comes to, and write down what was seen."""
    from examples.flights_service import show, tidings

    screen.console.print(show.legend(months), style="dim", highlight=False)
    screen.title("In words")
    screen.say(show.words(months))
    (folder / "metrics.txt").write_text(months[-1].page.text, encoding="utf-8")
    if watch is not None:
        screen.title("The alerts")
        screen.say(tidings.words(watch.told))
        (folder / "alerts.txt").write_text(tidings.plain(watch.told, screen.began), encoding="utf-8")


def keep(service: Service, watch: Watch | None, folder: Path, screen: Screen) -> None:
    """Serve on until Ctrl-C, and tell of alerts that come."""
    from examples.flights_service import links
    from examples.flights_service.tidings import tell

    running = {f"{service.url}/metrics": "the service's metrics", f"{service.url}/docs": "the service"}
    if watch is not None:
        running |= {f"{watch.url('prometheus')}/alerts": "Prometheus", watch.url("alertmanager"): "Alertmanager"}
    page = links.write(folder, running)
    try:
        screen.step(f"Serving on until Ctrl-C; {page} has links to:")
        for address, what in running.items():
            screen.console.print(f"          {address}  {what}", highlight=False, soft_wrap=True)
        while watch is not None:
            tell(screen, watch.told.wait(0.5))
        while True:
            time.sleep(0.5)  # not `signal.pause`: a signal that another thread takes would not end it
    finally:
        links.write(folder)


def sample(rows: pl.DataFrame, n: int, seed: int) -> pl.DataFrame:
    return rows.sample(min(n, rows.height), seed=seed).sort("ts")


if __name__ == "__main__":
    sys.exit(main())
