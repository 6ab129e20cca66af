"""Drift of the hours of the day and the days of the week."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metric import missing_need, selected
from barograph.metrics.drift.cells import Cells, Comparison, shares
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Spec
from barograph.schema import Kind, Schema
from barograph.types import Floats

VIEWS = ("hour", "weekday")


@dataclass(frozen=True)
class ClockDrift(Comparison):
    """Kuiper's distance between the hours of the day, and between the days of the week, of datetime columns.

    The largest excess of the current cumulative shares over the reference's plus the largest lack: it does not depend
    on where the day or week is cut open, as Kolmogorov's distance would. Range 0 to 1, lower is better; under no drift
    about 1.25 sqrt(1/n + 1/m) for many cells. Exact, in UTC. The timestamp counts as a column here. Rows near in time
    are seldom independent: windows that do not hold whole days or weeks differ by their nature. Empty on either side:
    `None`.

    Kuiper (1960).

    >>> from barograph import Baseline, Profile
    >>> import datetime as dt
    >>> at = lambda *hours: {"at": [dt.datetime(2024, 5, 1, hour) for hour in hours]}
    >>> base = Baseline.of(at(8, 9, 10, 11), needs=ClockDrift().needs)
    >>> ClockDrift().compute(Profile.of(at(10, 11, 22, 23), base), base.profile).values[0].value
    0.5
    """

    column: str | None = None

    spec: ClassVar[Spec] = Spec(
        name="clock_drift",
        title="Drift of hours and weekdays",
        group="drift",
        help="Kuiper's distance between the hours of the day, and the days of the week, of current and reference.",
        direction="lower",
        range=(0.0, 1.0),
        reference="required",
    )

    def needs(self, schema: Schema) -> Iterator[Need]:
        for column in self._columns(schema):
            if schema.kinds.get(column) is Kind.DATETIME:
                yield Need("clock", (column,))

    def compared(self, schema: Schema) -> Iterable[tuple[str, str]]:
        return ((column, view) for column in self._columns(schema) for view in VIEWS)

    def cells(self, current: Profile, reference: Profile, column: str, view: str) -> Cells | str:
        kind = reference.schema.kinds.get(column)
        if kind is not None and kind is not Kind.DATETIME:
            return f"column {column!r} is {kind.value}; clock_drift is for datetime"
        ours, theirs = current.get("clock", column), reference.get("clock", column)
        if ours is None or theirs is None:
            return missing_need(reference if theirs is None else current, column)
        if ours.n == 0 or theirs.n == 0:
            return "the reference has no values" if theirs.n == 0 else "no values in the current rows"
        return Cells(ours.hours(), theirs.hours()) if view == "hour" else Cells(ours.days(), theirs.days())

    def statistic(self, current: Floats, reference: Floats, cells: Cells) -> Floats:
        gap = np.cumsum(shares(current), axis=-1) - np.cumsum(shares(reference), axis=-1)
        distance: Floats = np.clip(gap.max(axis=-1) - gap.min(axis=-1), 0.0, 1.0)
        return distance

    def _columns(self, schema: Schema) -> tuple[str, ...]:
        return selected(schema, self.column, (c for c in schema.profiled if schema.kinds[c] is Kind.DATETIME))
