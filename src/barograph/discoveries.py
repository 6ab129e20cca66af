"""Many verdicts at once: how much chance each may have, so that few of those that alarm are false."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TypeAlias, get_args

import numpy as np

from barograph.results import Group

Tests: TypeAlias = Mapping[Group, list[float]]
Levels: TypeAlias = dict[Group, float]
GROUPS: tuple[Group, ...] = get_args(Group)


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


def group_levels(tests: Tests, alpha: float) -> Levels:
    """The level of each group of checks: quality, drift and performance have equal parts of `alpha`, by Benjamini and
    Hochberg inside.

    However many columns a table has, they take nothing from the checks of the model's own performance. A group without
    any p-value leaves its part to the others.

    >>> group_levels({"drift": [0.5] * 99 + [1e-9], "performance": [0.004]}, 0.01)
    {'quality': 0.005, 'drift': 5e-05, 'performance': 0.005}
    """
    part = alpha / max(1, sum(map(bool, tests.values())))
    return {group: discovery_level(tests.get(group, ()), part) for group in GROUPS}


def anything(tests: Tests) -> float | None:
    """The p-value of all groups together: at most `alpha` where `group_levels(tests, alpha)` finds anything.

    >>> anything({"drift": [0.5] * 99 + [1e-9], "performance": [0.004]})
    2.0000000000000002e-07
    """
    told = [p for p in map(any_discovery, tests.values()) if p is not None]
    return min(1.0, len(told) * min(told)) if told else None


def window_levels(windows: Iterable[Tests], alpha: float) -> list[Levels]:
    """The levels of each of several families of checks, such as the windows of a timeline.

    Of the windows in which anything is found, a share of at most `alpha` has nothing in it, and inside those the share
    of false findings is kept on average (Benjamini and Bogomolov 2014): windows are found by their `anything`, and each
    is then held to `alpha` times the share of windows found.

    >>> [levels["drift"] for levels in window_levels([{"drift": [0.5, 0.9]}, {"drift": [0.0001, 0.5]}], 0.01)]
    [0.0025, 0.0025]
    """
    listed = list(windows)
    told = [p for p in map(anything, listed) if p is not None]
    level = discovery_level(told, alpha) if told else alpha
    return [group_levels(tests, level) for tests in listed]
