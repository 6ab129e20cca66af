"""Share of values that match a regular expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph import frame
from barograph.metrics.quality.column_condition import ColumnCondition
from barograph.results import Spec
from barograph.schema import Kind


@dataclass(frozen=True)
class MatchShare(ColumnCondition):
    """Share of the present values of labels or text that match a regular expression: whole, or (`part`) anywhere.

    Range 0 to 1, higher is better; with no change the reference's share. Exact, of the whole value whatever its length;
    `se` is binomial. The syntax is Rust's `regex`: Unicode, linear in time whatever the pattern, without look-around
    and back-references. Null values are left out; a number is matched by `ConditionShare("matches(zip, '...')")`. No
    values or no pattern: `None`. What is no pattern raises `ParameterError`.

    >>> from barograph import Profile
    >>> metric = MatchShare("zip", "[0-9]{5}")
    >>> rows = {"zip": ["89073", "D-89073", "5311", "53113"]}
    >>> metric.compute(Profile.of(rows, needs=metric.needs), None).values[0].value
    0.5
    """

    column: str | None = None
    pattern: str = ""
    part: bool = False

    kinds = (Kind.CATEGORICAL, Kind.TEXT)
    wanted = "no pattern was given"
    spec: ClassVar[Spec] = Spec(
        name="match_share",
        title="Values that match a pattern",
        group="quality",
        help="Share of the present values that match a regular expression.",
        unit="ratio",
        direction="higher",
        range=(0.0, 1.0),
        reference="optional",
    )

    def __post_init__(self) -> None:
        if self.pattern:
            frame.expression(self.condition("x"))

    def condition(self, value: str) -> str:
        function = "contains" if self.part else "matches"
        return f"{function}({value}, {self.pattern!r})" if self.pattern else ""
