"""Columns with one value only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from barograph.metric import Metric
from barograph.metrics.quality.readings import columns_where
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Result, Spec
from barograph.schema import Schema


@dataclass(frozen=True)
class ConstantColumns(Metric):
    """How many columns have two or more present values, all of them the same.

    Range 0 to the number of columns, lower is better; with no change the reference's count. Exact. Missing values are
    no value; a column without values is empty, not constant. The table names the columns. No rows: `None`.

    >>> from barograph import Profile
    >>> ConstantColumns().compute(Profile.of({"a": [1, 1, None], "b": [1, 2, 3]}), None).values[0].value
    1.0
    """

    spec: ClassVar[Spec] = Spec(
        name="constant_columns",
        title="Constant columns",
        group="quality",
        help="How many columns have one value only.",
        unit="columns",
        direction="lower",
        range=(0.0, None),
        reference="optional",
    )

    def needs(self, schema: Schema) -> Iterable[Need]:
        return [Need(name, (column,)) for column in schema.profiled for name in ("counts", "distinct")]

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        return columns_where(self, current, reference, ("counts", "distinct"), _constant)


def _constant(profile: Profile, column: str) -> bool:
    distinct = profile.get("distinct", column)
    return bool(profile.get("counts", column).n_present >= 2 and distinct.exact and distinct.estimate == 1)
