"""The longest stretch of time without a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.quality.readings import PerColumn, Reading
from barograph.overview import iso
from barograph.profile import Profile
from barograph.results import Spec
from barograph.schema import Kind
from barograph.summaries import Gaps


@dataclass(frozen=True)
class LargestGap(PerColumn):
    """Seconds of the longest gap between consecutive values of a datetime column, in the order of time.

    Lower is better, about the reference's under no change; the note tells where it begins. Exact where it is longer
    than what the summary blurs: of any span of time at most 1/512, and never under a second. Else `low` and `high`
    bound it. Repeated values have no gap between them. What came before the first and after the last value is no gap:
    for that see `freshness` and the smallest value. Fewer than two different values: `None`.

    >>> from barograph import Profile
    >>> import datetime as dt
    >>> days = [dt.date(2024, 5, day) for day in (1, 2, 3, 9, 10)]
    >>> value = LargestGap("day").compute(Profile.of({"day": days}, needs=LargestGap().needs), None).values[0]
    >>> value.value / 86_400, value.note
    (6.0, 'from 2024-05-03T00:00:00+00:00')
    """

    column: str | None = None

    summary = "gaps"
    kinds = (Kind.DATETIME,)
    spec: ClassVar[Spec] = Spec(
        name="largest_gap",
        title="Longest gap in time",
        group="quality",
        help="Seconds between the two consecutive values that are furthest apart.",
        unit="seconds",
        direction="lower",
        range=(0.0, None),
        reference="optional",
    )

    def read(self, summary: Gaps, profile: Profile, reference: Profile | None, column: str) -> Reading:
        gap, n = summary.longest, profile.get("counts", column).n_present
        if gap is None:
            return Reading(None, n, note="fewer than two different values")
        blurred = f"; shorter ones than {summary.resolution:g} s may be missed" if gap.high > gap.low else ""
        return Reading(gap.low, n, gap.low, gap.high, note=f"from {iso(gap.start)}{blurred}")
