"""The law that quadratic forms of distributions have when nothing has changed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from barograph.special import normal_tail
from barograph.types import Floats, Ints

NEGLIGIBLE = 1e-9  # of the largest weight
FAR = 90.0  # where exp(-FAR / 2) is nothing beside 1
NODES = 160
CELLS_AT_MOST = 64
EVEN = 1.5


def tail(x: float, weights: npt.NDArray[np.floating[Any]]) -> float:
    """Chance that sum w_j Z_j^2 exceeds `x`, for independent standard normal Z_j; no three weights may be equal.

    Smirnov's formula: an alternating sum of integrals between the poles 1 / w of the characteristic function, each by
    a rule that takes the singular ends in. The error is relative (1e-6), so that tiny chances are right too.

    Smirnov (1937); Martynov (1975) for the quadrature.

    >>> round(tail(3.841, np.array([1.0])), 3), round(tail(5.991, np.array([1.0, 1.0])), 3)
    (0.05, 0.05)
    """
    ordered = np.sort(weights)[::-1]
    kept = ordered[ordered > NEGLIGIBLE * ordered[0]] if ordered.size and ordered[0] > 0 else ordered[:0]
    if kept.size == 0 or x <= 0:
        return 1.0
    if x / kept[0] / 2 > 745:  # beyond the smallest float64
        return 0.0
    if kept.size == 1:
        return min(1.0, 2 * normal_tail(math.sqrt(x / float(kept[0]))))
    w, z = kept / kept[0], x / float(kept[0])
    total = 0.0
    for k in range(0, w.size, 2):
        start = 1 / float(w[k])
        if (start - 1) * z > FAR:
            break
        end = 1 / float(w[k + 1]) if k + 1 < w.size else math.inf
        total += (-1) ** (k // 2) * _between(z, w, k, start, end)
    return min(max(total / math.pi, 0.0), 1.0)


def _between(z: float, w: Floats, k: int, start: float, end: float) -> float:
    """Integral of exp(-t z / 2) / (t sqrt |prod (1 - t w)|) from one pole to the next."""
    if (end - start) * z <= FAR:
        angle = (np.arange(NODES) + 0.5) * (math.pi / NODES)  # Gauss and Chebyshev: both ends are singular
        t = (start + end) / 2 + (end - start) / 2 * np.cos(angle)
        others, weight = np.delete(w, [k, k + 1]), np.full(NODES, math.pi / NODES / math.sqrt(w[k] * w[k + 1]))
    else:
        step = math.sqrt(FAR / z) / NODES  # t = start + u^2: only the lower end is in reach
        u = np.arange(NODES + 1) * step
        t = start + u**2
        others, weight = np.delete(w, k), np.full(NODES + 1, 2 * step / math.sqrt(w[k]))
        weight[0] /= 2
    log = -0.5 * np.log(np.maximum(np.abs(1 - np.outer(t, others)), 1e-300)).sum(axis=1)
    return float((weight * np.exp(log - t * z / 2) / t).sum())


def ties(both: Ints) -> Floats:
    """Shares of the cells that hold rows; neighbours join up to about a 64th, for finer ties hardly change a law."""
    share = both[both > 0] / max(both.sum(), 1)
    group = np.floor((np.cumsum(share) - share / 2) * CELLS_AT_MOST)
    starts = np.flatnonzero(np.diff(group, prepend=-1.0))
    joined: Floats = np.add.reduceat(share, starts) if share.size else share
    if joined.size == CELLS_AT_MOST and joined.max() <= EVEN / CELLS_AT_MOST:
        return np.full(CELLS_AT_MOST, 1 / CELLS_AT_MOST)  # a chance of 1e-7 changes by 2 %, and columns share one law
    return joined


def bridge(share: Floats) -> Floats:
    """Covariance of the gap between two cumulative distributions at the ends of all cells but the last.

    In units of 1/n + 1/m: h (1 - h') for h <= h', the Brownian bridge's.
    """
    h = np.cumsum(share)[:-1]
    covariance: Floats = np.minimum.outer(h, h) * (1 - np.maximum.outer(h, h))
    return covariance
