"""Share of one category."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph import frame
from barograph.metrics.quality.column_condition import ColumnCondition
from barograph.results import Spec


@dataclass(frozen=True)
class CategoryShare(ColumnCondition):
    """Share of the present values that are `value`.

    Range 0 to 1, neither better, unlike `in_list_share`, whose list is what is allowed: more of a category may be as
    wrong as less. With no change the reference's share. Exact at any number of labels, for rows are judged and not the
    frequent items; `se` is binomial. Numbers are compared as numbers, labels as text; null, NaN and unreadable values
    are left out. A value that no row has: 0. No values, or no `value` given: `None`.

    >>> from barograph import Profile
    >>> metric = CategoryShare("city", "Ulm")
    >>> rows = {"city": ["Ulm", "Bonn", "Kiel", "Ulm", None]}
    >>> metric.compute(Profile.of(rows, needs=metric.needs), None).values[0].value
    0.5
    """

    column: str | None = None
    value: str | int | float | bool | None = None

    wanted = "no category was given to look for"
    spec: ClassVar[Spec] = Spec(
        name="category_share",
        title="Share of one category",
        group="quality",
        help="Share of the present values that are the category given.",
        unit="ratio",
        range=(0.0, 1.0),
        reference="optional",
    )

    def __post_init__(self) -> None:
        if self.value is not None:
            frame.expression(self.condition("x"))

    def condition(self, value: str) -> str:
        return "" if self.value is None else f"{value} in [{self.value!r}]"
