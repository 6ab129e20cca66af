"""How old names of metrics are answered: which metrics of ours, and which number stands under which old key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from barograph.compat.evidently.entries import Entry, Numbers, numbers, results_of
from barograph.compat.evidently.mapping import Task
from barograph.errors import ParameterError
from barograph.metric import Metric
from barograph.presets import Item
from barograph.results import Run, Value
from barograph.schema import Schema

REQUIRED = ...
SIDES = ("current", "reference")
# how an old key reads a metric of ours: as it is, as so many rows, as what a share leaves, in per cent, by column
OF_ALL_ROWS = ("missing_share", "incomplete_row_share", "empty_row_share", "duplicated_row_share")
FORMS: dict[str, Callable[[float, int], float]] = {
    "value": lambda x, _n: x,
    "left": lambda x, _n: 1.0 - x,
    "left_count": lambda x, n: float(round((1.0 - x) * n)),
    "percent": lambda x, _n: 100.0 * x,
}


@dataclass(frozen=True)
class Sheet:
    """One old name. `metrics` makes ours, given its parameters; `keys` says where their numbers stood: old key ->
    `name`, or `name form` with a form of `FORMS`, or `name by column`."""

    metrics: Callable[..., Iterable[Metric]]
    keys: Mapping[str, str] = field(default_factory=dict)
    takes: Mapping[str, Any] = field(default_factory=dict)
    task: Task | None = None
    compares: bool = False


@dataclass(frozen=True)
class MetricClass:
    """A metric by its old name: called with its parameters, it makes an entry of a report."""

    name: str
    sheet: Sheet

    def __call__(self, *given: Any, **named: Any) -> Entry:
        takes = self.sheet.takes
        if len(given) > len(takes):
            raise ParameterError(f"{self.name} takes {', '.join(takes) or 'no parameters'}")
        parameters = {**takes, **dict(zip(takes, given, strict=False))}
        for name, value in named.items():
            if name in takes:
                parameters[name] = value
            elif value is not None:
                known = ", ".join(takes) or "no parameters"
                raise ParameterError(f"{self.name} takes no {name!r} here; it takes {known}; see barograph.metrics")
        lacking = [name for name, value in parameters.items() if value is REQUIRED]
        if lacking:
            raise ParameterError(f"{self.name} needs {', '.join(lacking)}")
        parameters = {n: tuple(v) if isinstance(v, list | set) else v for n, v in parameters.items()}
        made = tuple(self.sheet.metrics(**parameters))
        about = {name: value for name, value in parameters.items() if value is not None}
        column = parameters.get("column_name") or parameters.get("column")

        def asked(schema: Schema) -> list[str | Item]:
            return list(made) if column is None or column in schema.kinds else []

        def read(run: Run, schema: Schema) -> Numbers:
            if column is not None and column not in schema.kinds:
                return {**about, "note": f"there is no column {column!r}"}
            found = numbers(run, made, column)
            for side in SIDES:
                if side == "current" or run.reference is not None:
                    found[side] |= {old: _old(run, made, key, side) for old, key in self.sheet.keys.items()}
            return {**about, **found}

        return Entry(self.name, asked, read, self.sheet.task, self.sheet.compares)


def _old(run: Run, made: Iterable[Metric], key: str, side: str) -> Any:
    name, _, form = key.partition(" ")
    values = [v for metric in made if metric.spec.name == name for r in results_of(run, metric) for v in r.values]
    if form == "by column":
        return {value.labels.get("column", ""): _side(value, side) for value in values}
    values = [v for v in values if v.labels == {"average": "macro"}] or values
    known = [(x, n) for v in values if (x := _side(v, side)) is not None and (n := _rows(run, v, name, side))]
    if form.endswith("count") and any(n < 0 for _, n in known):
        return None
    if form == "count":
        return float(sum(round(x * n) for x, n in known)) if known else None
    if len(values) != 1 or not known:
        return None
    return FORMS[form or "value"](*known[0])


def _rows(run: Run, value: Value, name: str, side: str) -> int:
    """The rows that a share is of; of the reference they are known where it is of all rows."""
    if side == "current" or name not in OF_ALL_ROWS:
        return value.n if side == "current" else -1
    return run.reference.n_rows if run.reference else 0


def _side(value: Value, side: str) -> float | None:
    return value.value if side == "current" else value.reference
