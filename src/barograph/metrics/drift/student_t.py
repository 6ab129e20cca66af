"""Student's two-sample t test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.drift.means import Means, MeansComparison, pooled, studentised
from barograph.results import Spec
from barograph.summaries import Moments


@dataclass(frozen=True)
class StudentT(MeansComparison):
    """Student's two-sample t: the difference of the means in standard errors, with one variance for both sides.

    |x - y| / sqrt(s^2 (1/n + 1/m)), s^2 the pooled variance. Range 0 to infinity, lower is better; a move up and a move
    down count alike; of text, its views. Under no drift the size of a Student number with n + m - 2 degrees of freedom,
    which gives the two-sided `p_value`. Where the sides differ in variance and size that is wrong: see `welch_t`. Exact
    up to rounding, from moments alone. It grows with n: see `mean_shift` for how far. Both sides constant: 0 with a
    p-value of 1 where they are equal, else `None`; fewer than three values in all, or none on a side: `None`.

    Student, The Probable Error of a Mean (1908); Fisher (1925) for two samples.

    >>> from barograph import Baseline, Profile
    >>> base = Baseline.of({"age": [30.0, 32.0, 35.0, 41.0]})
    >>> value = StudentT("age").compute(Profile.of({"age": [44.0, 45.0, 49.0]}, base), base.profile).values[0]
    >>> round(value.value, 3), round(value.p_value, 4)
    (3.696, 0.0141)
    """

    column: str | None = None

    spec: ClassVar[Spec] = Spec(
        name="student_t",
        title="Student's t",
        group="drift",
        help="Difference of the means in standard errors, one variance for both sides; judge it by its p-value.",
        direction="lower",
        range=(0.0, None),
        reference="required",
    )

    def said(self, current: Moments, reference: Moments) -> Means:
        if current.n + reference.n < 3:
            return Means(None, note="two values in all do not tell how much values vary")
        return studentised(current, reference, *pooled(current, reference))
