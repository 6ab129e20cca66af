"""Share of values that match a pattern."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Literal

from barograph import frame
from barograph.errors import ParameterError
from barograph.metrics.quality.column_condition import ColumnCondition
from barograph.results import Spec
from barograph.schema import Kind

_HOWS = {"regex": "{}", "contains": "{}", "begins_with": r"\A(?:{})", "ends_with": r"(?:{})\z"}
_MEANT = re.compile(r"[\\.+*?()|\[\]{}^$]")  # characters that mean something in a regular expression


@dataclass(frozen=True)
class MatchShare(ColumnCondition):
    r"""Share of the present values of a text or categorical column that match a pattern.

    `by` is how: `"regex"` (matches anywhere; Rust's syntax, `(?i)` in front ignores case), `"contains"`,
    `"begins_with"` or `"ends_with"` (the pattern as it is written). As it stands: the share of values that are not
    blank. Range 0 to 1, neither better; the reference's under no change. Exact; `se` is binomial. Nulls are left out,
    the empty string is a value. No values: `None`. It is the condition `contains(column, "...")` of a `ConditionShare`,
    which takes several columns and can keep examples. Cost: one search a value, only where this metric is asked for.

    Raises `ParameterError` for a pattern that is empty or no regular expression.

    >>> from barograph import Profile
    >>> rows = {"mail": ["a@x.org", "b@y.com", None, "none"]}
    >>> metric = MatchShare("mail", "@", by="contains")
    >>> profile = Profile.of(rows, needs=metric.needs)
    >>> round(metric.compute(profile, None).values[0].value, 3)
    0.667
    """

    column: str | None = None
    pattern: str = r"\S"
    by: Literal["regex", "contains", "begins_with", "ends_with"] = "regex"

    kinds = (Kind.TEXT, Kind.CATEGORICAL)
    without = ("id",)
    spec: ClassVar[Spec] = Spec(
        name="match_share",
        title="Values that match a pattern",
        group="quality",
        help="Share of the present values that match the pattern.",
        unit="ratio",
        range=(0.0, 1.0),
        reference="optional",
    )

    def __post_init__(self) -> None:
        if self.by not in _HOWS:
            raise ParameterError(f"a text cannot be matched by {self.by!r}; it can by {', '.join(_HOWS)}")
        if not self.pattern:
            raise ParameterError("an empty pattern matches every text; give one of at least a character")
        frame.expression(self.condition("x"))

    def condition(self, value: str) -> str:
        written = self.pattern if self.by == "regex" else _MEANT.sub(r"\\\g<0>", self.pattern)
        return f"contains({value}, {_HOWS[self.by].format(written)!r})"
