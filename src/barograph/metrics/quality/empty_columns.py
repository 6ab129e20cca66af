"""Columns without any value."""

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
class EmptyColumns(Metric):
    """How many columns are there in the rows and have no value: every one is missing, infinite or unreadable.

    Range 0 to the number of columns, lower is better; with no change the reference's count. Exact. A column that the
    rows do not have is not empty: `schema_changes` finds it. The table names the columns. No rows: `None`.

    >>> from barograph import Profile
    >>> EmptyColumns().compute(Profile.of({"a": [None, None], "b": [1, 2]}), None).values[0].value
    1.0
    """

    spec: ClassVar[Spec] = Spec(
        name="empty_columns",
        title="Empty columns",
        group="quality",
        help="How many columns have no value in any row.",
        unit="columns",
        direction="lower",
        range=(0.0, None),
        reference="optional",
    )

    def needs(self, schema: Schema) -> Iterable[Need]:
        return [Need("counts", (column,)) for column in schema.profiled]

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        return columns_where(self, current, reference, ("counts",), _empty)


def _empty(profile: Profile, column: str) -> bool:
    return bool(profile.get("counts", column).n_present == 0)
