"""Fisher's exact test."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.drift.cells import Cells
from barograph.metrics.drift.two_values import TwoValues
from barograph.results import Spec
from barograph.special import log_factorials, normal_tail
from barograph.types import Floats

LIKE = 1e-7  # relative difference below which two tables are equally likely, as in R and scipy
SIGMAS = 40  # how far from the middle a table's probability is still a float64
WIDEST = 10_000.0  # standard deviation of a count from which on the normal law is as good as all tables


@dataclass(frozen=True)
class FisherExact(TwoValues):
    """Fisher's exact test, for columns of two values, sides of any sizes: the size of the log odds ratio.

    |ln(a d / (b c))| of the table's four counts, each with half a row added so that it is finite. Range 0 to infinity,
    lower is better; whichever of the values is counted; under no drift about 0.8 of its standard error. `p_value`
    two-sided and exact: the chance, the margins given, of all tables no more likely than this one (by the normal law
    from about a billion rows on). It never exceeds its level, and is below it in few rows. One value on both sides: 0
    with a p-value of 1. More than two values, or empty on either side: `None`. Cost: the tables within 40 standard
    deviations, at most 800,000.

    Other tools: in Evidently 0.7.23 it raises an error for sides of unlike sizes.

    Fisher (1922); Haldane (1956) and Anscombe (1956) for the half row.

    >>> from barograph import Baseline, Profile
    >>> base = Baseline.of({"late": [True] * 1 + [False] * 9})
    >>> value = FisherExact("late").compute(Profile.of({"late": [True] * 4 + [False]}, base), base.profile).values[0]
    >>> round(value.value, 3), round(value.p_value, 4)
    (2.944, 0.017)
    """

    column: str | None = None

    spec: ClassVar[Spec] = Spec(
        name="fisher_exact",
        title="Fisher's log odds ratio",
        group="drift",
        help="Size of the log odds ratio of one of two values, with the p-value of Fisher's exact test.",
        direction="lower",
        range=(0.0, None),
        reference="required",
    )

    def statistic(self, current: Floats, reference: Floats, cells: Cells) -> Floats:
        if cells.current.size < 2:
            return np.zeros(current.shape[:-1])
        odds = [np.log(side[..., 0] + 0.5) - np.log(side[..., 1] + 0.5) for side in (current, reference)]
        apart: Floats = np.abs(odds[0] - odds[1])
        return apart

    def p_value(self, cells: Cells) -> float | None:
        if cells.current.size < 2:
            return 1.0
        a, c = int(cells.current[0]), int(cells.reference[0])
        return _two_sided(a, cells.n_current, a + c, cells.n_current + cells.n_reference)


def _two_sided(a: int, drawn: int, marked: int, total: int) -> float:
    """Chance of all counts of marked rows among those drawn that are no more likely than `a`."""
    lowest, highest = max(0, drawn + marked - total), min(drawn, marked)
    middle = drawn * (marked / total)
    spread = math.sqrt(middle * (1 - marked / total) * (total - drawn) / max(total - 1, 1))
    if spread > WIDEST:
        return min(1.0, 2 * normal_tail((abs(a - middle) - 0.5) / spread))
    reach = math.ceil(SIGMAS * spread) + SIGMAS
    least, most = max(lowest, int(middle) - reach), min(highest, int(middle) + reach)
    if not least <= a <= most:
        return 0.0
    k = np.arange(least, most + 1, dtype=float)
    # the factor that all tables have in common is left out; it cancels
    four = np.stack([k, marked - k, drawn - k, total - marked - drawn + k])
    log = -log_factorials(four).sum(axis=0)
    weight = np.exp(log - log.max())
    unlikely = weight <= weight[a - least] * (1 + LIKE)
    return min(1.0, float(weight[unlikely].sum() / weight.sum()))
