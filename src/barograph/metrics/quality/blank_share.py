"""Share of values that are missing, or stand for missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from barograph import frame
from barograph.metrics.quality.column_condition import ColumnCondition
from barograph.results import Spec


@dataclass(frozen=True)
class BlankShare(ColumnCondition):
    """Share of rows whose value is missing or stands for it: null, NaN, empty or spaces only, or one of `markers`.

    Range 0 to 1, lower is better; with no change the reference's share. Exact; `se` is binomial. Markers are what the
    user's systems write for "unknown": -999, "NA", "1900-01-01". One kind of missing value a metric: `absent_share`
    counts null, NaN and infinities apart, `InListShare(column, (-999,))` one marker among the present values, and
    `ConditionShare("strip(name) == ''")` the blanks. No rows or no such column: `None`.

    >>> from barograph import Profile
    >>> metric = BlankShare("age", (-999,))
    >>> rows = {"age": [31, None, -999, 45]}
    >>> metric.compute(Profile.of(rows, needs=metric.needs), None).values[0].value
    0.5
    """

    column: str | None = None
    markers: tuple[str | int | float, ...] = ()

    judges_absence = True
    spec: ClassVar[Spec] = Spec(
        name="blank_share",
        title="Missing values and what stands for them",
        group="quality",
        help="Share of rows whose value is null, NaN, blank or one of the markers given.",
        unit="ratio",
        direction="lower",
        range=(0.0, 1.0),
        reference="optional",
    )

    def __post_init__(self) -> None:
        given: Any = self.markers
        object.__setattr__(self, "markers", (given,) if isinstance(given, str | int | float) else tuple(given))
        frame.expression(self.condition("x"))

    def condition(self, value: str) -> str:
        # an infinite value has no text: it is no blank, and neither is what cannot be read
        listed = f" or {value} in {list(self.markers)!r}" if self.markers else ""
        return f"{value} is None or strip({value}) == ''{listed}"
