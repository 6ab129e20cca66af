"""Share of distinct values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.quality.distinct_count import distinct
from barograph.metrics.quality.readings import PerColumn, Reading
from barograph.profile import Profile
from barograph.results import Spec
from barograph.summaries import Counts, Distinct


@dataclass(frozen=True)
class DistinctShare(PerColumn):
    """Number of different values divided by the number of values: 1 where no two are the same, as in an identity.

    Range above 0 to 1, neither better; the reference's under no change, but it falls with the number of rows, so
    compare windows of like size. Exact up to 512 distinct values, then within `low` and `high` (three standard errors
    of 1.6 %). A constant column: 1 / n. Missing, infinite and unreadable values are left out; no values: `None`.

    Flajolet et al. (2007); Ertl (2017).

    >>> from barograph import Profile
    >>> DistinctShare("city").compute(Profile.of({"city": ["Ulm", "Bonn", "Ulm", "Ulm", None]}), None).values[0].value
    0.5
    """

    column: str | None = None

    summary = "distinct"
    spec: ClassVar[Spec] = Spec(
        name="distinct_share",
        title="Share of distinct values",
        group="quality",
        help="Number of different values divided by the number of values.",
        unit="ratio",
        range=(0.0, 1.0),
        reference="optional",
    )

    def read(self, summary: Distinct, profile: Profile, reference: Profile | None, column: str) -> Reading:
        counts: Counts | None = profile.get("counts", column)
        if counts is None:
            return Reading(None, note=f"the profile holds no counts of column {column!r}")
        count = distinct(summary, counts.n_present)
        value, low, high = (None if x is None else x / counts.n_present for x in (count.value, count.low, count.high))
        return Reading(value, counts.n_present, low, high)
