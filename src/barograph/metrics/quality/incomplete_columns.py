"""Columns with missing values."""

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
class IncompleteColumns(Metric):
    """How many columns have at least one missing value: null or NaN.

    Range 0 to the number of columns, lower is better; with no change the reference's count, for windows of like size.
    Exact. The target is left out, which often comes later. The table names the columns. No rows: `None`.

    >>> from barograph import Profile
    >>> IncompleteColumns().compute(Profile.of({"a": [1, None], "b": [1, 2]}), None).values[0].value
    1.0
    """

    spec: ClassVar[Spec] = Spec(
        name="incomplete_columns",
        title="Columns with missing values",
        group="quality",
        help="How many columns have at least one null or NaN.",
        unit="columns",
        direction="lower",
        range=(0.0, None),
        reference="optional",
    )

    def needs(self, schema: Schema) -> Iterable[Need]:
        return [Need("counts", (column,)) for column in schema.profiled]

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        return columns_where(self, current, reference, ("counts",), _lacks)


def _lacks(profile: Profile, column: str) -> bool:
    return bool(profile.get("counts", column).n_missing)
