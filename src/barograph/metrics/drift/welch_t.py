"""Welch's two-sample t test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.drift.means import Means, MeansComparison, studentised, welch
from barograph.results import Spec
from barograph.summaries import Moments


@dataclass(frozen=True)
class WelchT(MeansComparison):
    """Welch's two-sample t: the difference of the means in standard errors, each side with its own variance.

    |x - y| / sqrt(s_x^2 / n + s_y^2 / m). Range 0 to infinity, lower is better; a move up and a move down count alike;
    of text, its views. Under no drift the size of about a standard normal number. `p_value` two-sided by Student's law
    with Welch & Satterthwaite's degrees of freedom, sound for sides of unlike variances and sizes, but not for few rows
    of a very skewed column, which seldom hold its tail: of 50 rows of a lognormal law with sigma 2 against 2,000 it is
    below 5 % in a quarter of all cases (`student_t`: 3 %). Exact up to rounding, from moments alone. It grows with n:
    see `mean_shift` for how far. Both sides constant: 0 with a p-value of 1 where they are equal, else `None`; fewer
    than two values on a side: `None`.

    Welch (1947); Satterthwaite (1946).

    >>> from barograph import Baseline, Profile
    >>> base = Baseline.of({"age": [30.0, 32.0, 35.0, 41.0]})
    >>> value = WelchT("age").compute(Profile.of({"age": [44.0, 45.0, 49.0]}, base), base.profile).values[0]
    >>> round(value.value, 3), round(value.p_value, 4)
    (4.045, 0.011)
    """

    column: str | None = None

    spec: ClassVar[Spec] = Spec(
        name="welch_t",
        title="Welch's t",
        group="drift",
        help="Difference of the means in standard errors, each side with its own variance; judge it by its p-value.",
        direction="lower",
        range=(0.0, None),
        reference="required",
    )

    def said(self, current: Moments, reference: Moments) -> Means:
        if min(current.n, reference.n) < 2:
            return Means(None, note="one value does not tell how much values vary")
        return studentised(current, reference, *welch(current, reference))
