"""What a statistic does when nothing has changed: the noise that a verdict must rise above.

Both sides are redrawn at their actual sizes and the metric's statistic evaluated on the draws:

- with many rows a cell, from the reference's shares alone (a parametric bootstrap), so that the noise of a baseline is
  known before any window is seen, and kept by size;
- with few rows a cell, by dealing the rows of both sides out again at random (a permutation test), which holds for any
  distribution and any number of rows.

The upper tail is a gamma or lognormal law with the draws' mean and variance, because a family of hundreds of columns
needs quantiles that no number of draws reaches. Rows are taken as independent.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from barograph.metrics.drift.cells import Cells, Comparison
from barograph.special import gamma_tail, gamma_tail_inverse, normal_tail, normal_tail_inverse
from barograph.types import Floats, Ints

DRAWS = 400
TOP_DRAWS = 41
SEED = 20_130_301
ROWS_A_CELL = 20
ROWS_IN_EACH = 5
STEP = 0.02  # in the logarithm of a share
NORMAL_FROM, NORMAL_DRAWS = 50, 1000  # with so many rows in each cell the normal law is as good as draws can tell
DEALT_AT_MOST = 500_000_000  # numpy deals no more than a billion


class Noise(NamedTuple):
    """Law of a statistic under no change: mean and variance, and whether its tail is rather lognormal than gamma.

    `top` are the largest draws, descending: with two or three cells a statistic takes few values, and no smooth law
    fits them.
    """

    expected: float
    variance: float
    heavy: bool = False
    top: tuple[float, ...] = ()

    def threshold(self, alpha: float) -> float:
        """The value exceeded with probability `alpha`."""
        if self.variance <= 0 or self.expected <= 0:
            return self.expected
        square = self.variance / self.expected**2
        if self.heavy:
            sigma = math.sqrt(math.log1p(square))
            smooth = self.expected * math.exp(sigma * normal_tail_inverse(alpha) - sigma**2 / 2)
        else:
            smooth = gamma_tail_inverse(1 / square, alpha) * square * self.expected
        beyond = int(alpha * DRAWS)  # how many draws may lie above
        return max(smooth, self.top[beyond]) if beyond < len(self.top) else smooth

    def p_value(self, value: float) -> float:
        """The probability of at least `value`: below `alpha` where `value` is above `threshold(alpha)`.

        Up to about 0.1 no smaller than the share of the draws that reached it; larger ones are the smooth law's alone.
        """
        if self.variance <= 0 or self.expected <= 0:
            return 1.0 if value <= self.expected else 1 / (DRAWS + 1)
        if value <= 0:
            return 1.0
        square = self.variance / self.expected**2
        if self.heavy:
            sigma = math.sqrt(math.log1p(square))
            smooth = normal_tail((math.log(value / self.expected) + sigma**2 / 2) / sigma)
        else:
            smooth = gamma_tail(1 / square, value / (square * self.expected))
        return max(smooth, sum(drawn >= value for drawn in self.top) / DRAWS)


def noise(metric: Comparison, cells: Cells) -> Noise:
    """Noise of a drift metric's statistic for the cells of one column.

    Kept by the reference and the size of the current side, which is rounded down to a quarter power of two: that can
    only widen the threshold.
    """
    edges = None if cells.edges is None else cells.edges.tobytes()
    ends = (cells.low, cells.high, cells.std)
    if cells.singles is None and _thin(cells):
        return _dealt(metric, (cells.current + cells.reference).tobytes(), cells.n_current, edges, ends)
    bucket = int(2 ** (np.floor(4 * np.log2(max(cells.n_current, 1))) / 4))
    counts = cells.reference.tobytes()
    if edges is None and cells.singles is None:
        counts, ends = alike(counts), (0.0, 0.0, None)
    return _redrawn(metric, counts, bucket, edges, ends, cells.singles)


def _thin(cells: Cells) -> bool:
    """Whether some cell has too few rows for its share to be taken from the reference."""
    n, m = cells.n_current, cells.n_reference
    if n + m > DEALT_AT_MOST:
        return False
    if cells.edges is not None:  # hundreds of fine cells: their mean tells
        return m < ROWS_A_CELL * cells.reference.size
    least = int((cells.current + cells.reference).min())
    return m < ROWS_A_CELL * cells.reference.size or least * min(n, m) < ROWS_IN_EACH * (n + m)


@lru_cache(maxsize=8192)
def alike(counts: bytes) -> bytes:
    """Counts that stand for all that make the same noise: ascending, shares rounded by 1 %, of rounded-down rows.

    Where cells have no places their order says nothing, and continuous columns have cells of equal mass: in a model
    with a hundred of them the draws of one serve all.
    """
    reference = np.frombuffer(counts, np.int64)
    n = int(reference.sum())
    rows = int(2 ** (np.floor(16 * np.log2(n)) / 16))
    shares = np.exp(STEP * np.round(np.log(np.maximum(reference, 0.5) / n) / STEP))
    rounded: Ints = np.round(rows * shares / shares.sum()).astype(np.int64)
    return np.sort(np.where(reference > 0, np.maximum(rounded, 1), 0)).tobytes()  # an empty cell stays one


@lru_cache(maxsize=1024)  # in one window many columns have the same cells: no value is missing in any
def _dealt(
    metric: Comparison, counts: bytes, n_current: int, edges: bytes | None, ends: tuple[float, float, float | None]
) -> Noise:
    """Rows of both sides dealt out again: exact for any distribution, however few the rows."""
    both = np.frombuffer(counts, np.int64)
    cells = Cells(both, both, None if edges is None else np.frombuffer(edges), *ends)
    dealt = np.random.default_rng(SEED).multivariate_hypergeometric(both, n_current, size=DRAWS)
    return _law(metric, dealt.astype(float), (both - dealt).astype(float), cells)


@lru_cache(maxsize=8192)
def _redrawn(
    metric: Comparison,
    counts: bytes,
    n_current: int,
    edges: bytes | None,
    ends: tuple[float, float, float | None],
    singles: int | None,
) -> Noise:
    reference = np.frombuffer(counts, np.int64)
    cells = Cells(reference, reference, None if edges is None else np.frombuffer(edges), *ends)
    # a cell that only the current side fills is not impossible in the reference: it counts half a row
    weight = np.maximum(reference, 0.5)
    shares = weight / weight.sum()
    sizes = (int(reference.sum()), n_current)
    if singles is None and shares.size <= NORMAL_DRAWS // 4 and min(sizes) * shares.min() >= NORMAL_FROM:
        before, now = (_nearly(n, shares, z) for n, z in zip(sizes, _normals(shares.size), strict=True))
        # nearly a sum of squares of normal draws, and so a gamma law, far out too
        return _law(metric, now, before, cells)._replace(heavy=False, top=())
    rng = np.random.default_rng(SEED)
    theirs, ours = (rng.multinomial(n, shares, size=DRAWS) for n in sizes)
    if singles is not None:
        # the chance of a label not seen is that of one seen once (Good 1953), itself known from so many rows only
        once = min(singles, int(reference.sum()))
        unseen = rng.binomial(n_current, rng.beta(once + 0.5, reference.sum() - once + 0.5, size=DRAWS))
        known = np.concatenate([shares[:-1], [0.0]]) / shares[:-1].sum()
        ours = rng.multinomial(n_current - unseen, known)
        ours[:, -1] = unseen
    return _law(metric, ours.astype(float), theirs.astype(float), cells)


def _nearly(n: int, shares: Floats, z: Floats) -> Floats:
    """Counts of `n` rows by their normal law, which has the multinomial's own mean and covariance and costs less."""
    spread = np.sqrt(n * shares) * z
    counts: Floats = n * shares + spread - shares * spread.sum(axis=-1, keepdims=True)
    return counts


@lru_cache(maxsize=8)
def _normals(n_cells: int) -> Floats:
    """Normal draws for either side, shape `(2, NORMAL_DRAWS, n_cells)`, of means 0 and covariance 1 to the last digit.

    That halves the error of the law's mean and variance.
    """
    drawn = np.random.default_rng(SEED).standard_normal((NORMAL_DRAWS, 2 * n_cells))
    left, _, right = np.linalg.svd(drawn - drawn.mean(axis=0), full_matrices=False)
    z: Floats = left @ right * math.sqrt(NORMAL_DRAWS)
    return np.stack([z[:, :n_cells], z[:, n_cells:]])


def _law(metric: Comparison, current: Floats, reference: Floats, cells: Cells) -> Noise:
    values = metric.statistic(current, reference, cells)
    mean, std = float(values.mean()), float(values.std(ddof=1))
    if std <= 0 or mean <= 0:
        return Noise(mean, 0.0)
    spread = std / mean
    skewness = float((((values - mean) / std) ** 3).mean())
    gamma, lognormal = 2 * spread, spread * (3 + spread**2)
    top = tuple(np.sort(values)[::-1][:TOP_DRAWS].tolist())
    return Noise(mean, std**2, skewness > (gamma + lognormal) / 2, top)
