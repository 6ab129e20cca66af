"""Largest value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.quality.readings import MEASURED, PerColumn, Reading, end
from barograph.profile import Profile
from barograph.results import Spec
from barograph.schema import Kind
from barograph.summaries import Moments


@dataclass(frozen=True)
class Maximum(PerColumn):
    """Largest value of a numeric column, largest length of a text column, or largest moment of a datetime column.

    In the column's units (a moment in seconds since 1970 UTC, the note says it as ISO 8601), neither better; about the
    reference's under no change. Exact, also for integers of 64 bits beyond 2^53 that are stored as integers: such a
    value is an integer, and conditions compare it as one. An extreme has no sampling error of a known law, so no `se`.
    Missing, infinite and unreadable values are left out; no values: `None`.

    Other tools: in whylogs 1.6.4 the largest value of uint64 is read as -1.

    >>> from barograph import Profile
    >>> Maximum("age").compute(Profile.of({"age": [3, 1, None]}), None).values[0].value
    3.0
    """

    column: str | None = None

    summary = "moments"
    kinds = (*MEASURED, Kind.DATETIME)
    without = ("id",)
    spec: ClassVar[Spec] = Spec(
        name="maximum",
        title="Largest value",
        group="quality",
        help="Largest finite value; of text, its length; of moments, seconds since 1970.",
        reference="optional",
    )

    def read(self, summary: Moments, profile: Profile, reference: Profile | None, column: str) -> Reading:
        return end(summary.largest, summary.n, profile, column)
