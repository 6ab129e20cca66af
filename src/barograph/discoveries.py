"""Many verdicts at once: how much chance each may have, so that few of those that alarm are false."""

from __future__ import annotations

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
