"""How far the mean has moved."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.drift.means import Means, MeansComparison, pooled, studentised, welch
from barograph.results import Spec
from barograph.summaries import Moments


@dataclass(frozen=True)
class MeanShift(MeansComparison):
    """How far the mean has moved, in standard deviations of the reference's rows: |x - y| / s_y (Glass's delta).

    Range 0 to infinity, lower is better; a move up and a move down count alike; of text, its views. A size, not a test:
    it does not grow with n. `se` is its standard error (the means' own noise, and that of s_y as of normal rows), and
    `p_value` the larger of those of `student_t` and `welch_t`: of few rows of a skewed column, whose tail they seldom
    hold, Welch's alone is far too small, and Student's where the sides vary unlike. Under no drift about
    0.8 sqrt(1/n + 1/m). One far outlier in the reference widens s_y and hides moves: `mann_whitney` has no such
    fault. Exact up to rounding, from moments alone. Fewer than two values on a side, a constant reference (unless
    nothing differs), or none on a side: `None`.

    Glass (1976); Hedges & Olkin, Statistical Methods for Meta-Analysis (1985) for the standard error.

    >>> from barograph import Baseline, Profile
    >>> base = Baseline.of({"age": [30.0, 32.0, 35.0, 41.0]})
    >>> value = MeanShift("age").compute(Profile.of({"age": [44.0, 45.0, 49.0]}, base), base.profile).values[0]
    >>> round(value.value, 3), round(value.se, 3)
    (2.398, 1.144)
    """

    column: str | None = None

    spec: ClassVar[Spec] = Spec(
        name="mean_shift",
        title="Shift of the mean in sigmas",
        group="drift",
        help="How far the mean has moved, in standard deviations of the reference.",
        direction="lower",
        range=(0.0, None),
        reference="required",
    )

    def said(self, current: Moments, reference: Moments) -> Means:
        if min(current.n, reference.n) < 2:
            return Means(None, note="one value does not tell how much values vary")
        sigma = math.sqrt(reference.m2 / (reference.n - 1))
        if not sigma > 0:
            same = current.low == current.high == reference.low
            return Means(0.0, p_value=1.0) if same else Means(None, note="the reference is constant: it has no sigma")
        tests = (studentised(current, reference, *error(current, reference)) for error in (pooled, welch))
        chances = [test.p_value for test in tests if test.p_value is not None]
        shift = abs(current.mean_ - reference.mean_) / sigma
        ours = math.sqrt(current.m2 / (current.n - 1) / current.n) / sigma
        se = math.hypot(ours, math.sqrt(1 / reference.n), shift / math.sqrt(2 * (reference.n - 1)))
        return Means(shift, se if math.isfinite(se) else None, max(chances))
