"""What a report of Evidently's names is made of: entries, each with what of ours answers it and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from barograph.checks import Check
from barograph.compat.evidently.mapping import Task
from barograph.metric import Metric
from barograph.presets import Item
from barograph.results import Result, Run, Value
from barograph.schema import Schema

Numbers = dict[str, Any]
Asked = Callable[[Schema], list[str | Item]]


@dataclass(frozen=True)
class Entry:
    """One metric by its old name. `asked` is given the schema's roles; `read` finds the result in the run."""

    name: str
    asked: Asked
    read: Callable[[Run, Schema], Numbers]
    task: Task | None = None
    compares: bool = False


def roles(schema: Schema) -> list[str]:
    """Target, prediction and score columns, those that there are."""
    return [c for c in (schema.target, schema.prediction, *schema.scores.values()) if c]


def drift_by_column(run: Run) -> dict[str, Numbers]:
    """Of each column that drift checks judged: the verdict, the score and what it was held against."""
    of_drift = {result.spec.name for result in run.results if result.spec.group == "drift"}
    found: dict[str, Numbers] = {}
    for verdict in run.verdicts:
        if verdict.metric not in of_drift or "column" not in verdict.labels:
            continue
        column = verdict.labels["column"]
        known = found.setdefault(column, {"column_name": column, "drift_detected": None})
        if verdict.status in ("fail", "warn"):
            known["drift_detected"] = True
        elif verdict.status == "pass" and known["drift_detected"] is None:
            known["drift_detected"] = False
        if "stattest_name" not in known or verdict.status == "fail":
            known |= {"stattest_name": verdict.metric, "drift_score": verdict.value}
            known |= {"stattest_threshold": verdict.threshold, "note": verdict.reason}
    return found


def numbers(run: Run, items: Iterable[str | Item]) -> Numbers:
    """The values of some metrics on either side; a dict by their labels where one has several."""
    metrics = [item.metric if isinstance(item, Check) else item for item in items if not isinstance(item, str)]
    sides: Numbers = {"current": {}, "reference": {}}
    for metric in metrics:
        for result in _results(run, metric):
            name = result.spec.name
            if name in sides["current"]:  # the same metric with other parameters
                name = " ".join([name, *map(str, result.params.values())])
            sides["current"][name] = _told([(v, v.value) for v in result.values])
            sides["reference"][name] = _told([(v, v.reference) for v in result.values])
    return sides


def _results(run: Run, metric: Metric) -> list[Result]:
    return [r for r in run.results if r.spec.name == metric.spec.name and r.params == metric.params]


def _told(values: list[tuple[Value, float | None]]) -> Any:
    if len(values) == 1:
        return values[0][1]
    return {" ".join(v.labels.values()) or "all": number for v, number in values}


def overall(run: Run, metric: str, side: str = "value") -> float | None:
    """The number of a metric that sums up: that without labels, else the macro average, else the only one."""
    values = run.find(metric)
    for wanted in ({}, {"average": "macro"}, {"average": "all"}):
        for value in values:
            if value.labels == wanted:
                number: float | None = getattr(value, side)
                return number
    return getattr(values[0], side) if len(values) == 1 else None


def sides(names: dict[str, str]) -> Callable[[Run, Schema], Numbers]:
    """Reads metrics of ours that sum up, under old names, on either side."""

    def read(run: Run, _schema: Schema) -> Numbers:
        return {
            "current": {old: overall(run, ours) for old, ours in names.items()},
            "reference": {old: overall(run, ours, "reference") for old, ours in names.items()},
        }

    return read


def plain(name: str, *metrics: Metric, task: Task | None = None, compares: bool = False, **about: Any) -> Entry:
    """An entry that some metrics answer as they are, each under its own name."""
    items: list[str | Item] = list(metrics)

    def read(run: Run, _schema: Schema) -> Numbers:
        return {**about, **numbers(run, items)}

    return Entry(name, lambda _: items, read, task, compares)


def answered(name: str, task: Task, *metrics: Metric) -> Callable[[], Entry]:
    """What makes an entry without parameters, of one task."""

    def entry() -> Entry:
        return plain(name, *metrics, task=task)

    entry.__name__ = entry.__qualname__ = name
    entry.__doc__ = f"`{name}`, answered by {', '.join(f'`{metric.spec.name}`' for metric in metrics)}."
    return entry
