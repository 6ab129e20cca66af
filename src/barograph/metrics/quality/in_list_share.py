"""Share of values that are in a list that is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from barograph import frame
from barograph.metrics.quality.column_condition import ColumnCondition
from barograph.results import Spec


@dataclass(frozen=True)
class InListShare(ColumnCondition):
    """Share of the present values that are one of `values`; of one category with a list of one.

    Range 0 to 1, higher is better where the list is what is allowed; with no change the reference's share. Exact at any
    number of distinct values, for rows are judged and not the frequent items: it never passes for want of those. `se`
    is binomial. Numbers are compared as numbers, labels as text; null, NaN and unreadable values are left out. Against
    the reference's own labels: `unseen_share`. No values, or an empty list: `None`.

    Other tools: two constraints of whylogs 1.6.4 on sets read the frequent items only: they pass for 100,000 values of
    which none is allowed.

    >>> from barograph import Profile
    >>> metric = InListShare("city", ("Ulm", "Bonn"))
    >>> rows = {"city": ["Ulm", "Bonn", "Kiel", "Ulm", None]}
    >>> metric.compute(Profile.of(rows, needs=metric.needs), None).values[0].value
    0.75
    """

    column: str | None = None
    values: tuple[str | int | float | bool, ...] = ()

    wanted = "no values were given to look for"
    spec: ClassVar[Spec] = Spec(
        name="in_list_share",
        title="Values from a given list",
        group="quality",
        help="Share of the present values that are in the list given.",
        unit="ratio",
        direction="higher",
        range=(0.0, 1.0),
        reference="optional",
    )

    def __post_init__(self) -> None:
        given: Any = self.values  # one value for a list of one, a list for a tuple
        listed = (given,) if isinstance(given, str | int | float) else tuple(given)
        object.__setattr__(self, "values", listed)
        if listed:
            frame.expression(self.condition("x"))

    def condition(self, value: str) -> str:
        return f"{value} in {list(self.values)!r}" if self.values else ""
