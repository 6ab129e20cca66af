"""Number of columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from barograph.metric import Metric
from barograph.metrics.quality.dataset import one_number
from barograph.metrics.quality.readings import Reading
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Result, Spec
from barograph.schema import Schema


@dataclass(frozen=True)
class ColumnCount(Metric):
    """How many columns the rows have, ignored and unreadable ones included. Exact.

    Range 1 to infinity, neither better; with no change the reference's number. A column that only some batches have
    counts; `schema_changes` says which came and went. No rows: `None`.

    >>> from barograph import Profile
    >>> ColumnCount().compute(Profile.of({"age": [31], "city": ["Ulm"]}), None).values[0].value
    2.0
    """

    spec: ClassVar[Spec] = Spec(
        name="column_count",
        title="Columns",
        group="quality",
        help="How many columns the rows have.",
        unit="columns",
        range=(0.0, None),
        reference="optional",
    )

    def needs(self, schema: Schema) -> Iterable[Need]:
        return [Need("columns")]

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        return one_number(self, _count, current, reference)


def _count(profile: Profile) -> Reading:
    if profile.get("columns") is None:
        return Reading(None, note="the profile does not hold which columns its rows had")
    return Reading(float(sum(any(rows.values()) for rows in profile.seen.seen.values())), profile.n_rows)
