"""How the replay is printed: a line for each month as it passes, then what it comes to, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from examples.flights_service.replay import INPUTS_MODEL, LEFT_OUT, OUTCOMES_MODEL, Month
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from barograph.demo.facts import Course, spans
from barograph.demo.screen import Screen
from barograph.demo.words import listed

WATCHED = ("temp", "dewp", "score")


class Column(NamedTuple):
    """One column of the table: two lines of heading, its width, and its cell for a month."""

    above: str
    heading: str
    width: int
    cell: Callable[[Month], str]


def number(month: Month, name: str, form: str, model: str = INPUTS_MODEL, **labels: str) -> str:
    """A value of the month's window, with a `!` where its check failed."""
    found = month.value(name, model, **labels)
    if found is None:
        return "– "
    return f"{found:{form}}{'!' if month.failed(name, model, **labels) else ' '}"


def psi(column: str) -> Callable[[Month], str]:
    return lambda month: number(month, "psi", ".2f", column=column)


def rate(name: str) -> Callable[[Month], str]:
    return lambda month: number(month, name, ".3f", OUTCOMES_MODEL)


def milliseconds(month: Month) -> str:
    return "–" if month.latency is None else f"{1000 * month.latency:.1f}"


def share(month: Month) -> str:
    found = month.value("drifted_columns_ratio")
    return "–" if found is None else f"{100 * found:.0f} %"


COLUMNS = (
    Column("", "sent", 7, lambda month: f"{month.sent:,}"),
    Column("predic-", "tions", 8, lambda month: f"{month.predictions:,.0f}"),
    Column("p95", "ms", 6, milliseconds),
    Column("columns", "drifted", 8, share),
    *(Column("PSI ", f"{column} ", 7, psi(column)) for column in WATCHED),
    Column("", "recall ", 8, rate("recall_ratio")),
    Column("", "accuracy ", 9, rate("accuracy_ratio")),
    Column("rows late/", "out/bad/lost", 13, lambda month: "/".join(map(str, month.left_out))),
    Column("series", "shown", 7, lambda month: f"{len(month.page)}"),
)


def line(first: str, cells: Iterable[str]) -> str:
    return f" {first:9}" + "".join(f"{cell:>{column.width}}" for cell, column in zip(cells, COLUMNS, strict=True))


class Table:
    """Prints a line when it is known; where there is a terminal, a bar stands below and shows how far the month is."""

    def __init__(self, screen: Screen) -> None:
        self.console = screen.console
        width = TextColumn("{task.description:9}")
        parts = (TextColumn(""), width, BarColumn(40), TaskProgressColumn(), TimeElapsedColumn())
        self.bar = Progress(*parts, console=self.console, transient=True, disable=not self.console.is_terminal)

    def head(self) -> None:
        self.console.print(Text(line("", (column.above for column in COLUMNS)), style="bold"))
        self.console.print(Text(line("month", (column.heading for column in COLUMNS)), style="bold"))

    def month(self, month: Month) -> None:
        text = Text(line(month.name, (column.cell(month) for column in COLUMNS)))
        text.highlight_regex(r"\S+!", "red")
        self.console.print(text)


def legend(months: list[Month]) -> str:
    """What the signs mean, and what the values were held against: a limit knows the noise of its month."""
    drift = span([month.value("psi_threshold", column=column) for month in months for column in WATCHED])
    rates = {name: span(limits(months, name)) for name in ("recall", "accuracy")}
    return f"  ! failed its check; limits: PSI {drift}, " + ", ".join(
        f"{name} {limit}" for name, limit in rates.items()
    )


def limits(months: list[Month], name: str) -> list[float | None]:
    return [month.value(f"{name}_ratio_threshold", OUTCOMES_MODEL) for month in months]


def span(found: list[float | None]) -> str:
    """`0.10`, or `0.49 to 0.53`."""
    known = sorted(f"{limit:.2f}" for limit in found if limit is not None)
    return " to ".join(dict.fromkeys([known[0], known[-1]])) if known else "none"


def course(months: list[Month], name: str, model: str = INPUTS_MODEL, **labels: str) -> Course:
    """How a value went from month to month."""
    values = {month.name: month.value(name, model, **labels) for month in months}
    failures = {month.name: month.failed(name, model, **labels) for month in months}
    reference = months[-1].value(f"{name}_reference", model, **labels) or 0.0
    return Course(reference, {name: v for name, v in values.items() if v is not None}, failures)


def words(months: list[Month]) -> list[str]:
    """What the year comes to."""
    return [of_drift(months), of_recall(months), of_accuracy(months), of_rows(months), of_workers(months)]


def of_drift(months: list[Month]) -> str:
    courses = {column: course(months, "psi", column=column) for column in WATCHED}
    first = next((month.name for month in months if any(c.failures[month.name] for c in courses.values())), None)
    if first is None:
        return f"No alarm for drift of {listed(list(WATCHED))}."
    rising = [f"{column} {found.values[first]:.2f}" for column, found in courses.items() if found.failures[first]]
    alarms = [f"{column} {found.bad_months}" for column, found in courses.items() if found.since]
    return (
        f"The alarm for drift first rises in {first}, without any label: PSI of {listed(rising)}. "
        f"In alarm: {'; '.join(alarms)}."
    )


def of_recall(months: list[Month]) -> str:
    recall = course(months, "recall_ratio", OUTCOMES_MODEL)
    limit = span(limits(months, "recall"))
    if recall.since is None:
        return f"Recall stays above its limit of {limit}."
    low, back = recall.lowest, recall.recovered
    return (
        f"The model goes blind: recall, from labels that came when the flights had landed, is below its limit of "
        f"{limit} in {recall.bad_months}. It was {recall.reference:.3f} on the reference and is "
        f"{recall.values[low]:.3f} in {low}."
        + (f" From {back} on it is no longer that low: {recall.values[back]:.3f}." if back else "")
    )


def of_accuracy(months: list[Month]) -> str:
    accuracy = course(months, "accuracy_ratio", OUTCOMES_MODEL)
    if accuracy.since is not None:
        return f"Accuracy shows it too: it is below its limit in {accuracy.bad_months}."
    best = accuracy.highest
    return f"Accuracy hides it: it passes every month, and is at its best, {accuracy.values[best]:.3f}, in {best}."


def of_rows(months: list[Month]) -> str:
    last = months[-1]
    left_out = [
        f"{n:,} {what.removeprefix('rows_').replace('_', ' ')}" for what, n in zip(LEFT_OUT, last.left_out, strict=True)
    ]
    wrong = spans((month.name, not month.accounted) for month in months)
    counted = (
        f"of {last.rows('rows_logged'):,.0f} that both monitors took, {last.rows('rows_profiled'):,.0f} are counted"
    )
    if wrong:
        return f"The rows do not add up to what was sent in {wrong}: {counted}, {listed(left_out)}."
    return f"Every row is accounted for: {counted}, {listed(left_out)}."


def of_workers(months: list[Month]) -> str:
    n = sum(len(month.pages) for month in months)
    odd = sorted({key[0] for month in months for key in month.differences})
    if odd:
        return f"{n} scrapes of all workers did not say the same: {listed(odd)} differed."
    return f"{n} scrapes, as many of each worker, said the same of every month but for their clocks."
