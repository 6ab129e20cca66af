"""Number of distinct values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.quality.readings import PerColumn, Reading
from barograph.profile import Profile
from barograph.results import Spec
from barograph.summaries import Counts, Distinct


@dataclass(frozen=True)
class DistinctCount(PerColumn):
    """How many different values a column has, missing, infinite and unreadable ones left out.

    Range 1 to infinity, neither better; the reference's under no change, but it grows with the number of rows, so
    compare windows of like size. Exact up to 512, then HyperLogLog with a standard error of 1.6 %; `low` and `high` are
    three of them away and never above the number of values. A constant column: 1. No values: `None`.

    Other tools: whylogs 1.6.4 counts 1 and 1.0 as two: a day of integers merged with a day that has a NaN has 6 values
    of 3.

    Flajolet et al. (2007); Ertl (2017).

    >>> from barograph import Profile
    >>> DistinctCount("city").compute(Profile.of({"city": ["Ulm", "Bonn", "Ulm", None]}), None).values[0].value
    2.0
    """

    column: str | None = None

    summary = "distinct"
    spec: ClassVar[Spec] = Spec(
        name="distinct_count",
        title="Distinct values",
        group="quality",
        help="How many different values there are.",
        range=(1.0, None),
        reference="optional",
    )

    def read(self, summary: Distinct, profile: Profile, reference: Profile | None, column: str) -> Reading:
        counts: Counts | None = profile.get("counts", column)
        return distinct(summary, summary.bounds[1] if counts is None else counts.n_present)


def distinct(summary: Distinct, n: int) -> Reading:
    """Number of distinct among `n` values; the bounds only where it is not exact."""
    if summary.exact:
        return Reading(float(summary.estimate), n)
    low, high = (float(min(bound, n)) for bound in summary.bounds)
    return Reading(float(min(summary.estimate, n)), n, low, high)
