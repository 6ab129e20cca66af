"""What a statistic does when nothing has changed: the noise that a verdict must rise above.

Both sides are redrawn at their actual sizes and the metric's statistic evaluated on the draws:

- with many rows a cell, from the reference's shares alone (a parametric bootstrap), so that the noise of a baseline is
  known before any window is seen, and kept by size. Counts of very many rows are normal, and the chi-square of such
  counts, whose law is known, takes most of the draws' own chance out of the moments (a control variate);
- with few rows a cell, by dealing the rows of both sides out again at random (a permutation test), which holds for any
  distribution and any number of rows. Of two cells all deals are counted, not drawn: Fisher's exact test.

The upper tail is a gamma law with the draws' mean, variance and skewness (Pearson's third), because a family of
hundreds of columns needs quantiles that no number of draws reaches. What comes near a threshold is held against ten
times as many draws. Rows are taken as independent.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from barograph.metrics.drift.cells import Cells, Comparison
from barograph.special import gamma_tail, gamma_tail_inverse, log_factorials, normal_tail, normal_tail_inverse
from barograph.types import Floats, Ints

DRAWS, MANY_DRAWS = 400, 4000
NEAR = 1e-12, 0.1  # p-values that more draws are worth: beyond, nothing hangs on them
TOP_SHARE = 0.1
SEED = 20_130_301
ROWS_A_CELL = 20
ROWS_IN_EACH = 5
STEP = 0.02  # in the logarithm of a share
# with so many rows in each cell the normal law is as good as draws can tell
NORMAL_FROM, NORMAL_FROM_ORDERED, NORMAL_DRAWS = 50, 5, 1000
DEALT_AT_MOST = 500_000_000  # numpy deals no more than a billion
COUNTED_STD, COUNTED_STDS = 40.0, 12.0  # deals of two cells are counted up to this spread, and so far out
SYMMETRIC = 1e-3
COARSE_STEPS, FINE_STEPS = 4, 64  # in an octave of rows


class Noise(NamedTuple):
    """Law of a statistic under no change: its moments, and its upper tail as far as it was counted.

    `top` are the largest values, descending, with the probability to reach each, `chances`: with few cells or rows a
    statistic takes few values, and no smooth law fits them. `exact` where all deals were counted: that is all there is.
    """

    expected: float
    variance: float
    skewness: float = 0.0
    top: tuple[float, ...] = ()
    chances: tuple[float, ...] = ()
    exact: bool = False

    def threshold(self, alpha: float) -> float:
        """The value exceeded with probability `alpha`."""
        if self.variance <= 0 or self.expected <= 0:
            return self.expected
        # the largest value that more than alpha of the draws reach
        reached = next((v for v, chance in zip(self.top, self.chances, strict=True) if chance > alpha), None)
        if self.exact:
            return self.top[-1] if reached is None else reached
        smooth = self._smooth_threshold(alpha)
        return smooth if reached is None else max(smooth, reached)

    def p_value(self, value: float) -> float:
        """The probability of at least `value`: below `alpha` where `value` is above `threshold(alpha)`.

        Up to about 0.1 no smaller than the share of the draws that surely reached it; else the smooth law's alone.
        """
        if self.variance <= 0 or self.expected <= 0:
            return 1.0 if value <= self.expected else 1 / (DRAWS + 1)
        if value <= 0:
            return 1.0
        counted = 0.0
        for reached, chance in zip(self.top, self.chances, strict=True):
            if reached < value * (1 - SAME):
                break
            counted = chance
        return counted if self.exact else max(self._smooth_tail(value), counted)

    def scaled(self, factor: float) -> Noise:
        """The law of the statistic times something."""
        top = tuple(factor * value for value in self.top)
        return self._replace(expected=factor * self.expected, variance=factor**2 * self.variance, top=top)

    def _smooth_tail(self, value: float) -> float:
        std = math.sqrt(self.variance)
        z = (value - self.expected) / std
        if self.skewness < SYMMETRIC:
            return normal_tail(z)
        return gamma_tail(4 / self.skewness**2, max(0.0, (z + 2 / self.skewness) * 2 / self.skewness))

    def _smooth_threshold(self, alpha: float) -> float:
        std = math.sqrt(self.variance)
        if self.skewness < SYMMETRIC:
            return self.expected + std * normal_tail_inverse(alpha)
        z = gamma_tail_inverse(4 / self.skewness**2, alpha) * self.skewness / 2 - 2 / self.skewness
        return max(0.0, self.expected + std * z)


SAME = 1e-9  # values this close, relatively, differ by rounding


def noise(metric: Comparison, cells: Cells) -> Noise:
    """Noise of a drift metric's statistic for the cells of one column.

    That of rows drawn anew is kept by the reference and the size of the current side, rounded down, and scaled to the
    size at hand.
    """
    if cells.singles is None and cells.reference.size == 2 and _countable(cells):
        return _counted(metric, cells)
    first = _drawn(metric, cells, DRAWS)
    near = first.top and NEAR[0] < first.p_value(metric.observed(cells)) < NEAR[1]
    return _drawn(metric, cells, MANY_DRAWS) if near else first


def _drawn(metric: Comparison, cells: Cells, draws: int) -> Noise:
    edges = None if cells.edges is None else cells.edges.tobytes()
    ends = (cells.low, cells.high, cells.std)
    if cells.singles is None and thin(cells):
        return _dealt(metric, (cells.current + cells.reference).tobytes(), cells.n_current, edges, ends, draws)
    counts = cells.reference.tobytes()
    if cells.singles is not None:
        # what labels never seen add does not fall as rows grow: no scale makes one size of another
        rows = _rounded_down(cells.n_current, FINE_STEPS)
        return _redrawn_rare(metric, counts, rows, cells.singles, cells.doubles, draws)
    bucket = _rounded_down(cells.n_current, COARSE_STEPS)
    if edges is None:
        counts, ends = alike(counts), (0.0, 0.0, None)
    found = _redrawn(metric, counts, bucket, edges, ends, draws)
    if metric.grows or not cells.n_current:
        return found
    m = int(np.frombuffer(counts, np.int64).sum())
    size = (1 / cells.n_current + 1 / cells.n_reference) / (1 / bucket + 1 / m)
    return found.scaled(size ** (metric.degree / 2))


def _rounded_down(n: int, steps: int) -> int:
    """The largest whole power of the `steps`-th root of two that is not above `n`, rounded: laws are kept by it."""
    return round(2 ** (math.floor(steps * math.log2(max(n, 1)) + 1e-9) / steps))


def _countable(cells: Cells) -> bool:
    """Whether all deals of two cells are few enough to be counted."""
    return _spread(cells) <= COUNTED_STD


def _spread(cells: Cells) -> float:
    """Standard deviation of the current rows in either of two cells, both sides being dealt out again."""
    n, m = float(cells.n_current), float(cells.n_reference)
    share = float(cells.current[0] + cells.reference[0]) / (n + m)
    return math.sqrt(n * share * (1 - share) * m / max(n + m - 1, 1))


def _counted(metric: Comparison, cells: Cells) -> Noise:
    """All deals of the rows of both sides into two cells, with their probabilities (Fisher 1935)."""
    both = (cells.current + cells.reference).astype(float)
    n, total = cells.n_current, float(both.sum())
    middle, reach = n * both[0] / total, COUNTED_STDS * _spread(cells) + 2 * COUNTED_STDS
    first = np.arange(max(0.0, n - both[1], math.floor(middle - reach)), min(n, both[0], math.ceil(middle + reach)) + 1)
    dealt = np.stack([first, n - first], axis=-1)
    log = -(log_factorials(dealt) + log_factorials(both - dealt)).sum(axis=-1)
    chance = np.exp(log - log.max())
    chance /= chance.sum()
    values = metric.statistic(dealt, both - dealt, cells)
    order = np.argsort(-values, kind="stable")
    values, reached = values[order], np.minimum(np.cumsum(chance[order]), 1.0)
    mean = float((values * chance[order]).sum())
    variance = float(((values - mean) ** 2 * chance[order]).sum())
    if first.size < 2 or mean <= 0:
        return Noise(mean, 0.0)
    last = np.append(np.flatnonzero(np.diff(values) < -SAME * values[:-1]), values.size - 1)  # of those that are equal
    top, chances = tuple(values[last].tolist()), tuple(reached[last].tolist())
    return Noise(mean, variance, top=top, chances=chances, exact=True)


def thin(cells: Cells) -> bool:
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
    metric: Comparison,
    counts: bytes,
    n_current: int,
    edges: bytes | None,
    ends: tuple[float, float, float | None],
    draws: int,
) -> Noise:
    """Rows of both sides dealt out again: exact for any distribution, however few the rows."""
    both = np.frombuffer(counts, np.int64)
    cells = Cells(both, both, None if edges is None else np.frombuffer(edges), *ends)
    dealt = np.random.default_rng(SEED).multivariate_hypergeometric(both, n_current, size=draws)
    return law_of(metric.statistic(dealt.astype(float), (both - dealt).astype(float), cells))


@lru_cache(maxsize=8192)
def _redrawn(
    metric: Comparison,
    counts: bytes,
    n_current: int,
    edges: bytes | None,
    ends: tuple[float, float, float | None],
    draws: int,
) -> Noise:
    reference = np.frombuffer(counts, np.int64)
    cells = Cells(reference, reference, None if edges is None else np.frombuffer(edges), *ends)
    # a cell that only the current side fills is not impossible in the reference: it counts half a row
    weight = np.maximum(reference, 0.5)
    shares = weight / weight.sum()
    sizes = (int(reference.sum()), n_current)
    if normal(min(sizes), shares, ordered=edges is not None):
        before, now = (nearly(n, shares, z) for n, z in zip(sizes, _normals(shares.size), strict=True))
        gap = now / n_current - before / sizes[0]
        chi_square = (gap**2 / shares).sum(axis=-1) / (1 / sizes[0] + 1 / n_current)
        return _controlled(metric.statistic(now, before, cells), chi_square, shares.size - 1)
    rng = np.random.default_rng(SEED)
    theirs, ours = (rng.multinomial(n, shares, size=draws) for n in sizes)
    return law_of(metric.statistic(ours.astype(float), theirs.astype(float), cells))


@lru_cache(maxsize=8192)
def _redrawn_rare(metric: Comparison, counts: bytes, n_current: int, singles: int, doubles: int, draws: int) -> Noise:
    """The last cell holds labels that the reference never saw: it stays empty there, whatever is drawn.

    Their chance is that of labels seen once (Good 1953), with its variance, in which those seen twice count double
    (Esty 1983).
    """
    reference = np.frombuffer(counts, np.int64)
    n = int(reference.sum())
    weight = np.maximum(reference, 0.5)
    weight[-1] = 0.0
    shares = weight / weight.sum()
    rng = np.random.default_rng(SEED)
    once = min(singles + 0.5, n + 0.5)
    mean = once / (n + 1)
    variance = (once * (1 - mean) + 2 * min(doubles, n)) / (n + 1) ** 2
    shape = max(mean * (mean * (1 - mean) / variance - 1), 0.5)
    unseen = rng.binomial(n_current, rng.beta(shape, shape * (1 - mean) / mean, size=draws))
    theirs, ours = rng.multinomial(n, shares, size=draws), rng.multinomial(n_current - unseen, shares)
    ours[:, -1] = unseen
    return law_of(metric.statistic(ours.astype(float), theirs.astype(float), Cells(reference, reference)))


def normal(n: int, shares: Floats, *, ordered: bool) -> bool:
    """Whether so many rows in each cell are that their counts can be drawn from the normal law."""
    if shares.size > NORMAL_DRAWS // 3:
        return False
    # sums over hundreds of ordered cells are normal long before each cell is
    return n >= NORMAL_FROM_ORDERED * shares.size if ordered else bool(n * shares.min() >= NORMAL_FROM)


def nearly(n: float, shares: Floats, z: Floats) -> Floats:
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
    centred = drawn - drawn.mean(axis=0)
    # times the inverse root of their covariance, which moves them least: by its axes, at a tenth of the cost of an SVD
    variances, axes = np.linalg.eigh(centred.T @ centred / NORMAL_DRAWS)
    z: Floats = centred @ (axes / np.sqrt(variances)) @ axes.T
    return np.stack([z[:, :n_cells], z[:, n_cells:]])


def law_of(values: Floats) -> Noise:
    """The law that draws of a statistic come from."""
    mean, std = float(values.mean()), float(values.std(ddof=1))
    if std <= 0 or mean <= 0:
        return Noise(mean, 0.0)
    skewness = float((((values - mean) / std) ** 3).mean())
    top = np.sort(values)[::-1][: int(TOP_SHARE * values.size) + 1]
    reached = np.arange(1.0, top.size + 1)
    chances = (reached - np.sqrt(reached)) / values.size  # less their own standard error
    return Noise(mean, std**2, skewness, tuple(top.tolist()), tuple(chances.tolist()))


def _controlled(values: Floats, chi_square: Floats, freedom: int) -> Noise:
    """The law of a statistic, what it has in common with a chi-square being known and not drawn."""
    mean, others = float(values.mean()), chi_square - chi_square.mean()
    spread = float((others**2).mean())
    if freedom < 1 or spread <= 0 or mean <= 0:
        return law_of(values)._replace(top=(), chances=())
    gaps = values - mean
    slope = float((gaps * others).mean()) / spread
    expected = mean + slope * (freedom - float(chi_square.mean()))
    variance = float((gaps**2).mean()) + slope**2 * (2 * freedom - spread)
    third = float((gaps**3).mean()) + slope**3 * (8 * freedom - float((others**3).mean()))
    if variance <= 0:
        return Noise(expected, 0.0)
    return Noise(expected, variance, third / variance**1.5)
