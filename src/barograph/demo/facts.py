"""What the timelines say, looked up: the demo reads results and verdicts, and reckons nothing again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from barograph.results import Run, Timeline, Value, Verdict, Window


def filled(timeline: Timeline) -> list[tuple[Window, Run]]:
    """Windows with rows, and what was found in them."""
    return [(window, window.run) for window in timeline.windows if window.run is not None]


def run_of(timeline: Timeline, name: str) -> Run:
    """What was found in the month of that name."""
    return next(run for window, run in filled(timeline) if month(window) == name)


def month(window: Window) -> str:
    """`April`."""
    return f"{datetime.fromisoformat(window.start):%B}"


def day(window: Window) -> str:
    """`2013-12-31`."""
    return window.start[:10]


def verdict(run: Run, metric: str, **labels: str) -> Verdict | None:
    """What a run's check of a metric said, where there is one."""
    return next((v for v in run.verdicts if v.metric == metric and v.labels == labels), None)


def value(run: Run, metric: str, **labels: str) -> Value:
    """A value with its rows and its reference; `run.value(...)` is its number alone."""
    (found,) = run.find(metric, **labels)
    return found


def failed(run: Run, metric: str, **labels: str) -> bool:
    """Whether a check of this metric failed."""
    found = verdict(run, metric, **labels)
    return found is not None and found.status == "fail"


class Course(NamedTuple):
    """How one metric went from month to month: its value on the reference, and `values` and `failures` by month."""

    reference: float
    values: dict[str, float]
    failures: dict[str, bool]

    @property
    def since(self) -> str | None:
        """The first month that failed."""
        return next((name for name, bad in self.failures.items() if bad), None)

    @property
    def recovered(self) -> str | None:
        """The month after the last that failed; `None` where there is none yet."""
        names = list(self.failures)
        last = max((at for at, name in enumerate(names) if self.failures[name]), default=len(names))
        return names[last + 1] if last + 1 < len(names) else None

    @property
    def lowest(self) -> str:
        """The month of the smallest value."""
        return min(self.values, key=self.values.__getitem__)

    @property
    def highest(self) -> str:
        """The month of the largest value."""
        return max(self.values, key=self.values.__getitem__)

    @property
    def bad_months(self) -> str:
        """`April to June, August`; empty where none failed."""
        return spans(self.failures.items())


def course(timeline: Timeline, metric: str) -> Course:
    """The course of a metric that is checked against the reference in every month."""
    values, failures = {}, {}
    reference = 0.0
    for window, run in filled(timeline):
        held = verdict(run, metric)
        if held is not None and held.value is not None:
            values[month(window)], failures[month(window)] = held.value, held.status == "fail"
            reference = held.expected or 0.0
    return Course(reference, values, failures)


class Drift(NamedTuple):
    """A column that drifted: the first month its check failed, the largest PSI of all months, and that month."""

    column: str
    since: str
    peak: float
    peak_month: str


def drifts(timeline: Timeline, columns: Iterable[str]) -> list[Drift]:
    """Those of some columns that drifted in some month, the farthest first."""
    found = []
    for column in columns:
        bad = [month(window) for window, run in filled(timeline) if failed(run, "psi", column=column)]
        if bad:
            found.append(Drift(column, bad[0], *largest_psi(timeline, [column])[:2]))
    return sorted(found, key=lambda drift: -drift.peak)


def largest_psi(timeline: Timeline, columns: Iterable[str], months: Iterable[str] = ()) -> tuple[float, str, str]:
    """The largest PSI of some columns (in some months, or in all), its month and its column."""
    wanted, asked = set(months), list(columns)
    return max(
        (run.value("psi", column=column) or 0.0, month(window), column)
        for window, run in filled(timeline)
        if not wanted or month(window) in wanted
        for column in asked
    )


class Outage(NamedTuple):
    """A window in which columns had no value at all."""

    day: str
    n_rows: int
    columns: list[str]


def outages(timeline: Timeline) -> list[Outage]:
    """Windows in which the check for empty columns failed, and the columns."""
    return [
        Outage(day(window), window.n_rows, [v.labels["column"] for v in run.find("missing_share") if v.value == 1])
        for window, run in filled(timeline)
        if failed(run, "empty_columns")
    ]


def spans(flags: Iterable[tuple[str, bool]]) -> str:
    """Names with a flag, neighbours joined.

    >>> spans([("March", False), ("April", True), ("May", True), ("June", True), ("July", False), ("August", True)])
    'April to June, August'
    """
    runs: list[list[str]] = [[]]
    for name, flag in flags:
        if flag:
            runs[-1].append(name)
        elif runs[-1]:
            runs.append([])
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 1 else run[0] for run in runs if run)
