"""Standard deviation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.quality.readings import MEASURED, PerColumn, Reading
from barograph.profile import Profile
from barograph.results import Spec
from barograph.summaries import Moments


@dataclass(frozen=True)
class Std(PerColumn):
    """Standard deviation (divisor n - 1) of a numeric column, or of the lengths of a text column.

    In the column's units, 0 (constant) to infinity, neither better; the reference's under no change. Exact up to
    rounding (relative 1e-12); `se` = std / sqrt(2 (n - 1)) is that of normal data, too small where tails are heavy: the
    profile keeps no fourth moment. Missing, infinite and unreadable values are left out; fewer than two values, or
    squares beyond float64: `None`.

    Other tools: the older API of Evidently rounds to two decimals: a column with a standard deviation of 0.0001 has
    0.0.

    Cramer, Mathematical Methods of Statistics (1946), for the standard error.

    >>> from barograph import Profile
    >>> round(Std("age").compute(Profile.of({"age": [1, 2, 4]}), None).values[0].value, 4)
    1.5275
    """

    column: str | None = None

    summary = "moments"
    kinds = MEASURED
    without = ("id",)
    spec: ClassVar[Spec] = Spec(
        name="std",
        title="Standard deviation",
        group="quality",
        help="Standard deviation of the finite values; of text, of its length.",
        range=(0.0, None),
        reference="optional",
    )

    def read(self, summary: Moments, profile: Profile, reference: Profile | None, column: str) -> Reading:
        if summary.std is None:
            note = "one value has no standard deviation" if summary.n < 2 else "the squares are beyond float64"
            return Reading(None, summary.n, note=note)
        return Reading(summary.std, summary.n, se=summary.std / math.sqrt(2 * (summary.n - 1)))
