"""Sum."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.quality.readings import PerColumn, Reading
from barograph.profile import Profile
from barograph.results import Spec
from barograph.schema import Kind
from barograph.summaries import Moments


@dataclass(frozen=True)
class Sum(PerColumn):
    """Sum of the finite values of a numeric column.

    In the column's units, neither better; the reference's under no change, but it grows with the number of rows, so
    compare windows of like size. Mean times number, exact up to rounding (relative 1e-12 of the sum of sizes); `se` =
    std x sqrt(n). Missing, infinite and unreadable values are left out, so that none of them poisons it; no values, or
    beyond float64: `None`.

    >>> from barograph import Profile
    >>> Sum("paid").compute(Profile.of({"paid": [1.5, 2.5, None, float("inf")]}), None).values[0].value
    4.0
    """

    column: str | None = None

    summary = "moments"
    kinds = (Kind.NUMERIC,)
    without = ("id",)
    spec: ClassVar[Spec] = Spec(
        name="sum",
        title="Sum",
        group="quality",
        help="Sum of the finite values.",
        reference="optional",
    )

    def read(self, summary: Moments, profile: Profile, reference: Profile | None, column: str) -> Reading:
        total = None if summary.mean is None else summary.mean * summary.n
        if total is None or not math.isfinite(total):
            return Reading(None, summary.n, note="the sum is beyond float64")
        se = summary.std * math.sqrt(summary.n) if summary.std is not None else None
        return Reading(total, summary.n, se=se if se is not None and math.isfinite(se) else None)
