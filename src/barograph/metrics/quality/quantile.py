"""Quantile."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.errors import ParameterError
from barograph.metrics.quality.readings import MEASURED, PerColumn, Reading
from barograph.profile import Profile
from barograph.results import Spec
from barograph.summaries import Quantiles


@dataclass(frozen=True)
class Quantile(PerColumn):
    """Value below which the share `q` of a numeric column lies (or of the lengths of a text column); by default the
    median.

    In the column's units, neither better; the reference's under no change. Exact up to 512 rows (interpolated as numpy
    does); beyond that `low` and `high` bound it, from a rank error of some 0.002. `se` is half the distance between the
    quantiles at q ± sqrt(q (1 - q) / n). Missing, infinite and unreadable values are left out; no values: `None`. A `q`
    that is not between 0 and 1 raises `ParameterError`; the ends are `minimum` and `maximum`.

    Munro & Paterson (1980); Woodruff (1952) for the standard error.

    >>> from barograph import Profile
    >>> Quantile("age", 0.25).compute(Profile.of({"age": [1, 2, 3, 4, 5]}), None).values[0].value
    2.0
    """

    column: str | None = None
    q: float = 0.5

    summary = "quantiles"
    kinds = MEASURED
    without = ("id",)
    spec: ClassVar[Spec] = Spec(
        name="quantile",
        title="Quantile (the median unless q is given)",
        group="quality",
        help="Value below which the share q of the finite values lies, by default the median; of text, of its length.",
        reference="optional",
    )

    def __post_init__(self) -> None:
        if not 0 < self.q < 1:
            raise ParameterError(f"quantile of q={self.q} does not exist; give 0 < q < 1, or use minimum or maximum")

    def read(self, summary: Quantiles, profile: Profile, reference: Profile | None, column: str) -> Reading:
        value = summary.quantile(self.q)
        bounds = summary.bounds(self.q) if summary.rank_error else None
        low, high = bounds or (None, None)
        step = math.sqrt(self.q * (1 - self.q) / max(summary.n, 1))
        around = summary.quantiles(np.clip([self.q - step, self.q + step], 0, 1))
        se = None if around is None or summary.n < 2 else float(around[1] / 2 - around[0] / 2)
        return Reading(value, summary.n, low, high, se)
