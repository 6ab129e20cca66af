"""Columns that nearly always have one value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from barograph.errors import ParameterError
from barograph.metric import Metric
from barograph.metrics.quality.readings import columns_where
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Result, Spec
from barograph.schema import Kind, Schema


@dataclass(frozen=True)
class AlmostConstantColumns(Metric):
    """How many columns have one value in at least `share` (0.95) of their present values, constant ones included.

    Range 0 to the number of columns, lower is better; with no change the reference's count. Of two values on. Exact
    where `top_share` is: a value in most of the rows is always kept with its count. Text and identities are passed
    over. The table names the columns. No rows: `None`. A share that is not above 0.5 and at most 1 raises
    `ParameterError`.

    >>> from barograph import Profile
    >>> rows = {"a": [1] * 99 + [2], "b": list(range(100))}
    >>> AlmostConstantColumns().compute(Profile.of(rows), None).values[0].value
    1.0
    """

    share: float = 0.95

    spec: ClassVar[Spec] = Spec(
        name="almost_constant_columns",
        title="Almost constant columns",
        group="quality",
        help="How many columns nearly always have the same value.",
        unit="columns",
        direction="lower",
        range=(0.0, None),
        reference="optional",
    )

    def __post_init__(self) -> None:
        if not 0.5 < self.share <= 1:
            raise ParameterError(f"share is {self.share!r}; give one above 0.5 and at most 1, such as 0.95")

    def needs(self, schema: Schema) -> Iterable[Need]:
        kinds, roles = schema.kinds, schema.roles
        columns = [c for c in schema.profiled if kinds[c] is not Kind.TEXT and roles.get(c) != "id"]
        return [Need(name, (column,)) for column in columns for name in ("counts", "topk")]

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        return columns_where(self, current, reference, ("counts", "topk"), self._steady)

    def _steady(self, profile: Profile, column: str) -> bool:
        n, top = profile.get("counts", column).n_present, profile.get("topk", column).items(1)
        return bool(n >= 2 and top and top[0][1] >= self.share * n)
