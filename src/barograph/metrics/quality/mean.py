"""Mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.quality.readings import MEASURED, PerColumn, Reading
from barograph.profile import Profile
from barograph.results import Spec
from barograph.summaries import Moments


@dataclass(frozen=True)
class Mean(PerColumn):
    """Arithmetic mean of a numeric column, or of the lengths of a text column.

    In the column's units, neither better; the reference's under no change. Exact up to rounding (relative 1e-12); `se`
    = std / sqrt(n), from two values on. Missing, infinite and unreadable values are left out; no values, or a sum
    beyond float64: `None`.

    Other tools: in whylogs 1.6.4 one row with NaN makes the mean NaN for ever after.

    >>> from barograph import Profile
    >>> Mean("age").compute(Profile.of({"age": [30.0, 40.0, None]}), None).values[0].value
    35.0
    """

    column: str | None = None

    summary = "moments"
    kinds = MEASURED
    without = ("id",)
    spec: ClassVar[Spec] = Spec(
        name="mean",
        title="Mean",
        group="quality",
        help="Arithmetic mean of the finite values; of text, of its length.",
        reference="optional",
    )

    def read(self, summary: Moments, profile: Profile, reference: Profile | None, column: str) -> Reading:
        if summary.mean is None:
            return Reading(None, summary.n, note="the sum is beyond float64")
        return Reading(summary.mean, summary.n, se=None if summary.std is None else summary.std / math.sqrt(summary.n))
