"""A test by its old name: which metric of ours answers it, what must hold of it, and how the answer is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any, Literal

import msgspec

from barograph.checks import Check
from barograph.compat.evidently.conditions import NAMES, Conditions
from barograph.compat.evidently.mapping import Task
from barograph.conditions import Chance, Condition
from barograph.errors import ParameterError
from barograph.metric import Metric
from barograph.presets import Item
from barograph.results import Run, Value, Verdict, worst
from barograph.schema import Schema

REQUIRED: EllipsisType = ...
Made = Callable[..., Any]  # (schema, **parameters) -> a metric, or a list of checks


def as_it_is(values: list[Value], _run: Run, _metric: Metric) -> Value | None:
    """The number of a metric; of several (the views of a text) the largest."""
    known = [value for value in values if value.value is not None]
    return max(known, key=lambda value: abs(value.value or 0.0), default=values[0] if values else None)


def counted(values: list[Value], _run: Run, _metric: Metric) -> Value | None:
    """A share, as so many of its rows; of several columns their sum."""
    return _each(values, _rows)


def outside(values: list[Value], _run: Run, metric: Metric) -> Value | None:
    """What is not in a range or list: what the share of those inside leaves, where that is what was asked for."""
    return _each(values[:1], lambda value: _left(metric, value.value or 0.0, 1.0))


def outside_counted(values: list[Value], _run: Run, metric: Metric) -> Value | None:
    """The same, as so many rows."""
    return _each(values, lambda value: _left(metric, _rows(value), value.total or value.n))


def _rows(value: Value) -> float:
    """How many a share counts: of a table's cells more than its rows."""
    return value.count if value.count is not None else round((value.value or 0.0) * value.n)


def _left(metric: Metric, part: float, whole: float) -> float:
    return whole - part if metric.spec.direction == "higher" else part


def _each(values: list[Value], number: Callable[[Value], float]) -> Value | None:
    known = [value for value in values if value.value is not None]
    if not known:
        return values[0] if values else None
    total = float(sum(number(value) for value in known))
    labels = known[0].labels if len(known) == 1 else {}
    return Value(total, labels, max(value.n for value in known), note=known[0].note if len(known) == 1 else "")


@dataclass(frozen=True)
class Recipe:
    """How one class of tests is answered.

    `metric` makes the metric whose number is told and held against the user's conditions, `read` takes the number from
    its values. Without the user's conditions `judged` makes the checks that hold under no change; without a reference
    `alone` is what must hold (or makes checks), `None` where only a comparison says something; `against` is what it is
    then compared with in the reference's place, and `beside` are metrics that `read` reads too. `takes` are parameters
    with their defaults, `REQUIRED` where there is none. `where` are the labels of the values it is about. `each` gives
    one answer a column. `tallied` counts the columns (or pairs) that failed instead: their `"number"` or `"share"`.
    """

    title: str
    group: str
    metric: Made
    judged: Made | None = None
    alone: Condition | Made | None = None
    takes: Mapping[str, Any] = field(default_factory=dict)
    task: Task | None = None
    read: Callable[[list[Value], Run, Metric], Value | None] = as_it_is
    where: Callable[..., dict[str, str]] | None = None
    each: bool = False
    tallied: str = ""
    usual: Callable[[float, int], bool] | None = None
    against: float | None = None
    beside: tuple[Metric, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What a test says. `late`: its verdict was reached here, from numbers of the run, and is not yet among its own."""

    name: str
    group: str
    verdict: Verdict
    parameters: dict[str, Any]
    late: bool = False


@dataclass(frozen=True)
class Test:
    """One test with its parameters and the user's conditions."""

    __test__ = False  # it is no test of pytest's

    name: str
    recipe: Recipe
    parameters: dict[str, Any]
    conditions: Conditions
    critical: bool = True

    @property
    def task(self) -> Task | None:
        """What it is about, where it is about a model."""
        return self.recipe.task

    def tests(self, _schema: Schema) -> list[Test]:
        """Itself."""
        return [self]

    def items(self, schema: Schema, compared: bool) -> list[Item]:
        """What of ours it asks for."""
        if self._absent(schema):
            return []
        found: list[Item] = [*self._checks(schema, compared), self._metric(schema), *self.recipe.beside]
        return [item for item in found if not self.recipe.each or any(True for _ in _of(item).needs(schema))]

    def answers(self, run: Run, schema: Schema, alpha: float) -> list[Answer]:
        """What it says of a run that was asked for its items."""
        absent = self._absent(schema)
        if absent:
            reason = f"there is no column {absent!r}"
            verdict = Verdict("error", self.name, str(self.conditions), labels={"column": absent}, reason=reason)
            return [self._answer(verdict, late=True)]
        compared = run.reference is not None
        checks = self._checks(schema, compared)
        if self.recipe.tallied and compared:
            return [self._answer(self._tally(run, checks), late=True)]
        if checks:
            found = [v for check in checks for v in _verdicts(run, check) if self._about(v.labels)]
            return [self._answer(self._folded(run, schema, some)) for some in _grouped(found, self.recipe.each)]
        values = _values(run, self._metric(schema))
        values = [v for v in values if self._labels(schema).items() <= v.labels.items()]
        groups = _grouped(values, self.recipe.each) or [[]]
        return [self._answer(self._held(run, schema, some, alpha), late=True) for some in groups]

    def _checks(self, schema: Schema, compared: bool) -> list[Check]:
        recipe = self.recipe
        if recipe.tallied and compared:
            made: list[Check] = recipe.judged(schema, **self.parameters) if recipe.judged else []
            return [Check(c.metric, c.condition, "warn", c.where) for c in made]
        if self.conditions:
            return []
        severity: Literal["warn", "fail"] = "fail" if self.critical else "warn"
        if compared and recipe.judged:
            made = recipe.judged(schema, **self.parameters)
            return [Check(c.metric, c.condition, severity, c.where or self._labels(schema)) for c in made]
        if recipe.alone is None or recipe.against is not None:
            return []
        if not isinstance(recipe.alone, Condition):
            made = recipe.alone(schema, **self.parameters)
            return [Check(c.metric, c.condition, severity, c.where or self._labels(schema)) for c in made]
        return [Check(self._metric(schema), recipe.alone, severity, self._labels(schema))]

    def _metric(self, schema: Schema) -> Metric:
        made: Metric = self.recipe.metric(schema, **self.parameters)
        return made

    def _labels(self, schema: Schema) -> dict[str, str]:
        return self.recipe.where(schema, **self.parameters) if self.recipe.where else {}

    def _absent(self, schema: Schema) -> str | None:
        column = self.parameters.get("column_name")
        return column if column is not None and column not in schema.kinds else None

    def _about(self, labels: dict[str, str]) -> bool:
        column = self.parameters.get("column_name")
        return column is None or "column" not in labels or column in (labels["column"], labels.get("other"))

    def _folded(self, run: Run, schema: Schema, found: list[Verdict]) -> Verdict:
        """Several verdicts as one: the worst, and the number that the test is about."""
        status = worst([v.status for v in found])
        first = next(v for v in found if v.status == status)
        column = first.labels.get("column") if self.recipe.each else None
        told_by = self._metric(schema)
        values = [v for v in _values(run, told_by) if self._labels(schema).items() <= v.labels.items()]
        told = self.recipe.read([v for v in values if column in (None, v.labels.get("column"))], run, told_by)
        if told is None or (first.metric == told_by.spec.name and self.recipe.read is as_it_is):
            return first
        about = ", ".join(v for v in first.labels.values() if v not in told.labels.values())
        said = f"{first.metric}{f' of {about}' if about else ''}: {first.reason or first.condition}"
        return msgspec.structs.replace(first, value=told.value, labels={**first.labels, **told.labels}, reason=said)

    def _held(self, run: Run, schema: Schema, values: list[Value], alpha: float) -> Verdict:
        """The user's conditions, or what must hold of one side, held against the number."""
        metric, recipe = self._metric(schema), self.recipe
        fixed = recipe.alone if isinstance(recipe.alone, Condition) else ""
        made = Verdict("unknown", metric.spec.name, str(self.conditions or fixed), params=metric.params)
        made = msgspec.structs.replace(made, severity="fail" if self.critical else "warn")
        told = recipe.read(values, run, metric)
        if told is None or told.value is None:
            note = told.note if told else next((r.note for r in run.results if _same(r, metric)), "")
            return msgspec.structs.replace(
                made, labels=told.labels if told else {}, reason=note or "its number is not known"
            )
        made = msgspec.structs.replace(made, value=told.value, labels=told.labels)
        if self.conditions:
            holds, threshold = self.conditions.holds(told.value), self.conditions.threshold
            reason = "" if holds else f"{told.value:.10g} is not {self.conditions}"
        elif isinstance(recipe.alone, Condition) and recipe.against is not None:
            against = msgspec.structs.replace(told, reference=recipe.against, reference_se=None)
            outcome = recipe.alone.judge(told.value, against, metric.spec, alpha, Chance())
            holds, threshold, reason = outcome.status == "pass", outcome.threshold, outcome.reason
        else:
            reason = "without a reference it says something only if a condition is given, such as lt=..."
            return msgspec.structs.replace(made, reason=reason)
        status = "pass" if holds else "fail" if self.critical else "warn"
        return msgspec.structs.replace(made, status=status, threshold=threshold, reason=reason)

    def _tally(self, run: Run, checks: list[Check]) -> Verdict:
        """How many columns or pairs failed, of those that could be judged."""
        found = [v for check in checks for v in _verdicts(run, check) if self._about(v.labels)]
        named = {(v.labels.get("column"), v.labels.get("other")): False for v in found if v.status in _KNOWN}
        named |= {(v.labels.get("column"), v.labels.get("other")): True for v in found if v.status in ("warn", "fail")}
        total, failed = len(named), sum(named.values())
        condition = str(self.conditions) or ("at most a share of 0.3" if self.recipe.usual else "none")
        made = Verdict("unknown", "drifted_share", condition, severity="fail" if self.critical else "warn")
        if not total:
            reason = next((v.reason for v in found), "nothing could be judged")
            return msgspec.structs.replace(made, reason=reason)
        number = failed / total if self.recipe.tallied == "share" else float(failed)
        usual = self.recipe.usual or _none
        holds = self.conditions.holds(number) if self.conditions else usual(failed, total)
        listed = [" and ".join(part for part in key if part) for key, bad in named.items() if bad]
        more = f" and {len(listed) - 5} more" if len(listed) > 5 else ""
        reason = f"{failed} of {total}" + (f": {', '.join(listed[:5])}{more}" if listed else "")
        status = "pass" if holds else "fail" if self.critical else "warn"
        return msgspec.structs.replace(
            made, status=status, value=number, threshold=self.conditions.threshold, reason=reason
        )

    def _answer(self, verdict: Verdict, late: bool = False) -> Answer:
        plain = {name: value for name, value in self.parameters.items() if value is not None}
        return Answer(self.recipe.title, self.recipe.group, verdict, plain, late)


def _none(failed: float, _total: int) -> bool:
    return failed == 0


_KNOWN = ("pass", "warn", "fail")


def _of(item: Item) -> Metric:
    return item.metric if isinstance(item, Check) else item


def _same(result: Any, metric: Metric) -> bool:
    return bool(result.spec.name == metric.spec.name and result.params == metric.params)


def _values(run: Run, metric: Metric) -> list[Value]:
    """Its values, each once: a column that is asked for by its name is among those of all columns too."""
    column = getattr(metric, "column", None)
    found = {
        tuple(value.labels.items()): value
        for result in run.results
        if _same(result, metric)
        for value in result.values
        if column is None or value.labels.get("column") == column
    }
    return list(found.values())


def _verdicts(run: Run, check: Check) -> list[Verdict]:
    """The verdicts of a check: those on its column, or that there is none."""
    metric, condition = check.metric, str(check.condition)
    column = getattr(metric, "column", None)
    found = [
        v
        for v in run.verdicts
        if v.metric == metric.spec.name and v.params == metric.params and v.condition == condition
        and v.severity == check.severity and (not v.labels or check.where.items() <= v.labels.items())
    ]  # fmt: skip
    mine = [v for v in found if column is None or v.labels.get("column") == column]
    return mine or [v for v in found if "column" not in v.labels]


def _grouped(found: list[Any], each: bool) -> list[list[Any]]:
    """All together, or by their column."""
    if not each:
        return [found] if found else []
    groups: dict[str, list[Any]] = {}
    for one in found:
        groups.setdefault(one.labels.get("column", ""), []).append(one)
    return list(groups.values())


@dataclass(frozen=True)
class TestClass:
    """A class of tests by its old name: called with parameters and conditions, it makes a test."""

    __test__ = False

    name: str
    recipe: Recipe

    def __call__(self, *given: Any, is_critical: bool = True, **named: Any) -> Test:
        takes = self.recipe.takes
        conditions = {name: named.pop(name) for name in NAMES if name in named}
        if len(given) > len(takes):
            raise ParameterError(f"{self.name} takes {', '.join(takes) or 'no parameters'}; conditions by their names")
        parameters = {**takes, **dict(zip(takes, given, strict=False))}
        for name, value in named.items():
            if name not in takes and value is not None:
                known = ", ".join([*takes, *NAMES])
                raise ParameterError(f"{self.name} takes no {name!r} here; it takes {known}; see barograph.metrics")
            if name in takes:
                parameters[name] = value
        lacking = [name for name, value in parameters.items() if value is REQUIRED]
        if lacking:
            raise ParameterError(f"{self.name} needs {', '.join(lacking)}")
        parameters = {n: tuple(v) if isinstance(v, list | set) else v for n, v in parameters.items()}
        made = Test(self.name, self.recipe, parameters, Conditions.of(conditions), is_critical)
        made.recipe.metric(Schema(), **parameters)  # a wrong parameter fails here, not after the rows were read
        return made


@dataclass(frozen=True)
class Several:
    """Tests that are chosen once the columns are known: a preset, or a generator."""

    name: str
    made: Callable[[Schema], Iterable[Test | Several]]
    task: Task | None = None

    def tests(self, schema: Schema) -> list[Test]:
        """The tests for some columns."""
        return [test for made in self.made(schema) for test in made.tests(schema)]
