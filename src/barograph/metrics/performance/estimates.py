"""One number with its error, on one profile or on two."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

from barograph.metric import Metric
from barograph.needs import Need, performance_needs
from barograph.profile import Profile
from barograph.results import Figure, Result, Value
from barograph.schema import Schema

Key: TypeAlias = tuple[tuple[str, str], ...]  # the labels of a value, so that both profiles find it

FIGURES_AT_MOST = 12


class Estimate(NamedTuple):
    """What one profile says: `low` and `high` bound the error of its summary, `se` is the sampling error.

    `dummy` is the same number of predictions that know nothing of the rows.
    """

    value: float | None
    n: int = 0
    low: float | None = None
    high: float | None = None
    se: float | None = None
    note: str = ""
    dummy: float | None = None


class Performance(Metric):
    """A metric computed on one profile at a time, by the same code on current rows and reference."""

    def needs(self, schema: Schema) -> Iterable[Need]:
        found = self.sources(schema)
        return () if isinstance(found, str) else found

    def sources(self, schema: Schema) -> tuple[Need, ...] | str:
        """The summaries it reads, or which role the schema lacks for it."""
        raise NotImplementedError  # pragma: no cover - abstract

    def estimates(self, profile: Profile, schema: Schema) -> dict[Key, Estimate]:
        """Its numbers on one profile that holds what it needs."""
        raise NotImplementedError  # pragma: no cover - abstract

    def figures(self, current: Profile, reference: Profile | None, schema: Schema) -> list[Figure]:
        """What there is to draw."""
        return []

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        # the reference knows the classes and which is positive; a batch may hold one class only
        schema = current.schema if reference is None else reference.schema
        needs = self.sources(schema)
        if isinstance(needs, str):
            return self.result([], note=needs)
        lacking = next((need for need in needs if need not in current.summaries), None)
        if lacking is not None:
            return self.result(
                [], note=f"the profile was made without {lacking.summary} of {' and '.join(lacking.columns)}"
            )
        held = reference is not None and all(need in reference.summaries for need in needs)
        now = self.estimates(current, schema)
        before = self.estimates(reference, schema) if reference is not None and held else {}
        absent = Estimate(None, note="does not occur in the current rows")
        values = [paired(key, now.get(key, absent), before.get(key)) for key in dict.fromkeys([*now, *before])]
        return self.result(values, self.figures(current, reference if held else None, schema))


def paired(key: Key, now: Estimate, before: Estimate | None) -> Value:
    """One value with its reference."""
    value, se = _finite(now.value), _finite(now.se)
    note = "the sums overflow" if value is None and now.value is not None else now.note
    low, high = (None, None) if value is None or now.low == now.high else (_finite(now.low), _finite(now.high))
    reference, reference_se = (None, None) if before is None else (_finite(before.value), _finite(before.se))
    return Value(
        value, dict(key), now.n, low, high, se, reference=reference, reference_se=reference_se, note=note,
        dummy=None if value is None else _finite(now.dummy),
    )  # fmt: skip


def of_kind(schema: Schema, task: str, summary: str) -> tuple[Need, ...] | str:
    """The summaries of one sort that performance is read from, or why there is none."""
    if schema.target is None:
        return 'the schema names no target; name its column: Schema(target="...")'
    if schema.task is not None and schema.task != task:
        return f"the task is {schema.task}, and this is for {task}"
    found = tuple(need for need in performance_needs(schema) if need.summary == summary)
    if found and any(need.summary == "scores" and not need.label for need in found):
        return 'the score belongs to no class; say Schema(positive="...") or Schema(score={"class": "column"})'
    if found:
        return found
    if summary == "scores":
        return 'the schema names no score; name its column: Schema(score="...")'
    if summary == "confusion" and schema.score is None:
        return 'the schema names neither prediction nor score; name one: Schema(prediction="...")'
    return 'the schema names no prediction; name its column: Schema(prediction="...")'


def mean_of(total: float, squares: float, weight: float, effective: float) -> tuple[float, float | None]:
    """A weighted mean and its standard error, from the sums of the values and of their squares.

    `effective` is the number of rows after Kish (1965); of one row or less nothing can be said of the error.
    """
    mean = total / weight
    if effective <= 1:
        return mean, None
    return mean, math.sqrt(max(squares / weight - mean * mean, 0.0) / (effective - 1))


def nothing(summary: Any, other: str) -> Estimate | None:
    """What to say where there are no rows, or none that weighs anything; `None` where there are."""
    if summary.n and summary.weight > 0:
        return None
    note = "the weights of all rows are 0" if summary.n else f"no rows with both a target and a {other}"
    return Estimate(None, summary.n, note=joined(note, dropped(summary.n_dropped, other)))


def dropped(n: int, other: str) -> str:
    """What to say of rows that were left out."""
    if n == 0:
        return ""
    return f"{n:,} {'row' if n == 1 else 'rows'} without a target or {other} {'is' if n == 1 else 'are'} left out"


def joined(*notes: str) -> str:
    """Notes as one, without the empty ones."""
    return "; ".join(note for note in notes if note)


def _finite(number: float | None) -> float | None:
    return None if number is None or not math.isfinite(number) else float(number)
