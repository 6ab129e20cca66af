"""Share of values within a range that is given."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from barograph import frame
from barograph.errors import ParameterError
from barograph.metrics.quality.column_condition import ColumnCondition
from barograph.results import Spec
from barograph.schema import Kind


@dataclass(frozen=True)
class InRangeShare(ColumnCondition):
    """Share of the present values of a number or time that lie from `low` to `high`, both included.

    Range 0 to 1, higher is better; 1 where all do; with no change the reference's share. One end may be left open; ends
    of times are ISO 8601 texts. Exact, also for integers of 64 bits; `se` is binomial. An infinite value is out of a
    range that is closed on its side; null, NaN and unreadable values are left out, and the note says how many. Of a
    text's length: `ConditionShare("5 <= length(name) <= 10")`; against the reference's own range: `out_of_range_share`.
    No values, or no end given: `None`. Ends that hold nothing between them raise `ParameterError`.

    Other tools: the range constraint of whylogs 1.6.4 passes for a column without values.

    >>> from barograph import Profile
    >>> metric = InRangeShare("age", 0, 120)
    >>> rows = {"age": [31, -1, 45, 999, None]}
    >>> metric.compute(Profile.of(rows, needs=metric.needs), None).values[0].value
    0.5
    """

    column: str | None = None
    low: float | str | None = None
    high: float | str | None = None

    kinds = (Kind.NUMERIC, Kind.DATETIME)
    without = ("id",)
    wanted = "no range was given; say low, high or both"
    spec: ClassVar[Spec] = Spec(
        name="in_range_share",
        title="Values within a given range",
        group="quality",
        help="Share of the present values from low to high, both included.",
        unit="ratio",
        direction="higher",
        range=(0.0, 1.0),
        reference="optional",
    )

    def __post_init__(self) -> None:
        for end in (self.low, self.high):
            if isinstance(end, float) and not math.isfinite(end):
                raise ParameterError(f"a range does not end at {end!r}; leave that end open")
            if end is not None:
                frame.expression(f"x >= {_end(end)}")
        ends = [self.low, self.high]
        if all(isinstance(end, int | float) for end in ends) and self.low > self.high:  # type: ignore[operator]
            raise ParameterError(f"nothing lies from {self.low!r} to {self.high!r}; give the smaller first")

    def condition(self, value: str) -> str:
        above = f"{value} >= {_end(self.low)}" if self.low is not None else ""
        below = f"{value} <= {_end(self.high)}" if self.high is not None else ""
        return " and ".join(part for part in (above, below) if part)


def _end(end: float | str) -> str:
    return f"date({end!r})" if isinstance(end, str) else repr(end)
