"""Many verdicts at once: how much chance each may have, so that few of those that alarm are false."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np


def discovery_level(p_values: Iterable[float], alpha: float) -> float:
    """The level to hold every p-value to, so that of those below it a share of at most `alpha` is by chance.

    Benjamini and Hochberg (1995): with m p-values in ascending order, the largest k with p_k <= alpha k / m gives the
    level alpha k / m; alpha / m where there is none. Where nothing has changed at all, anything found is false, and the
    chance of finding anything is at most `alpha`. It holds for independent and for positively dependent p-values
    (Benjamini and Yekutieli 2001), as those of correlated columns are.

    >>> discovery_level([0.5, 0.9], 0.01), discovery_level([0.5, 0.001, 0.004], 0.01)
    (0.005, 0.006666666666666667)
    """
    ordered = np.sort(np.fromiter(p_values, float))
    if not ordered.size:
        return alpha
    levels = alpha * np.arange(1, ordered.size + 1) / ordered.size
    below = np.flatnonzero(ordered <= levels)
    return float(levels[below[-1] if below.size else 0])


def any_discovery(p_values: Iterable[float]) -> float | None:
    """The p-value of all together: the chance that anything is found when nothing has changed (Simes 1986).

    It is at most `alpha` where `discovery_level(p_values, alpha)` finds anything. `None` of none.

    >>> any_discovery([0.5, 0.001, 0.004])
    0.003
    """
    ordered = np.sort(np.fromiter(p_values, float))
    if not ordered.size:
        return None
    return min(1.0, float((ordered * ordered.size / np.arange(1, ordered.size + 1)).min()))


def combined(p_values: Iterable[float]) -> float:
    """One p-value of several tests of the same thing, however they depend on each other: Cauchy's combination.

    The mean of cot(pi p) is a Cauchy variable where nothing has changed, nearly so in its tail for dependent tests too;
    a small p-value stays small (about twice it is of two), and two small ones support each other.

    Liu & Xie, Cauchy Combination Test (2020).

    >>> round(combined([0.0001, 0.6]), 6), round(combined([0.001, 0.001]), 6)
    (0.0002, 0.001)
    """
    each = [min(max(p, SMALLEST), MOST) for p in p_values]
    if max(each) == MOST and min(each) == MOST:
        return 1.0
    mean = sum(1 / math.tan(math.pi * p) for p in each) / len(each)
    return math.atan2(1.0, mean) / math.pi


SMALLEST = 1e-300
MOST = 0.99  # a p-value of 1, as tables of few rows have them, would outweigh any other


def family_levels(families: Iterable[Iterable[float]], alpha: float) -> list[float]:
    """The level of each of several families of p-values, such as the windows of a timeline.

    Of the families in which anything is found, a share of at most `alpha` has nothing in it, and inside those the share
    of false findings is kept on average (Benjamini and Bogomolov 2014): families are found by their `any_discovery`,
    and each is then held to `alpha` times the share of families found.

    >>> family_levels([[0.5, 0.9], [0.0001, 0.5]], 0.01)
    [0.0025, 0.0025]
    """
    listed = [list(family) for family in families]
    tested = [p for p in map(any_discovery, listed) if p is not None]
    if not tested:
        return [alpha for _ in listed]
    level = discovery_level(tested, alpha)
    return [discovery_level(family, level) for family in listed]
