"""What a report of Evidently's names is made of: entries, each with what of ours answers it and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

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


def numbers(run: Run, metrics: Iterable[Metric], column: str | None = None) -> Numbers:
    """The values of some metrics on either side; a dict by their labels where one has several. Of pairs those with
    `column`, where it is named."""
    sides: Numbers = {"current": {}, "reference": {}}
    for metric in metrics:
        for result in results_of(run, metric):
            pairs = [v for v in result.values if column is not None and "other" in v.labels]
            values = [v for v in pairs if column in v.labels.values()] if pairs else result.values
            name = result.spec.name
            if name in sides["current"]:  # the same metric with other parameters
                name = " ".join([name, *map(str, result.params.values())])
            sides["current"][name] = _told([(v, v.value) for v in values], column)
            sides["reference"][name] = _told([(v, v.reference) for v in values], column)
    return sides


def results_of(run: Run, metric: Metric) -> list[Result]:
    """The results of a metric with just these parameters, of its column where it has one."""
    column = getattr(metric, "column", None)
    found = [r for r in run.results if r.spec.name == metric.spec.name and r.params == metric.params]
    if column is not None:
        return [r for r in found if all(v.labels.get("column") == column for v in r.values)][:1]
    return sorted(found, key=lambda r: -len(r.values))[:1]


def _told(values: list[tuple[Value, float | None]], column: str | None) -> Any:
    if len(values) == 1 and "other" not in values[0][0].labels:
        return values[0][1]
    if all("other" in v.labels for v, _ in values):  # of pairs with one column, the other one says which
        return {" ".join(c for c in v.labels.values() if c != column): number for v, number in values}
    return {" ".join(v.labels.values()) or "all": number for v, number in values}
