"""Natural variation: how much more than chance the windows of a reference differ, and verdicts that know it.

Rows of one day are not independent: the day itself moves their law a little. Each window of the reference is held
against all others, and what its statistic has in excess of independent rows is the day's own part. It is taken as one
direction, as a shift of the mean is, unless the windows surely differ in more: a square of one normal number, whose
tail is as heavy as can be. The excess is itself known from few windows only, and so an F law takes the place of the
square: few windows, wide thresholds.

Rows that cover several windows vary less: windows are joined to blocks, and beyond the length of a block the excess
falls as 1 / length.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from barograph.calibration import DEALT_AT_MOST, DRAWS, SEED, Noise, alike, noise
from barograph.metric import Metric
from barograph.metrics.drift.cells import Cells, Comparison
from barograph.profile import Profile
from barograph.reference_windows import ReferenceWindows, span
from barograph.results import Result, Value
from barograph.special import f_tails, gamma_tail_inverse
from barograph.types import Floats, Ints

BLOCKS_AT_LEAST = 4
MISSED = 0.01  # the chance that windows which differ in one direction seem to do so in several
ROUNDS = 3
BISECTIONS = 48
HALVINGS = 16


class Excess(NamedTuple):
    """What a window of the reference has beyond independent rows, in the mean, and from how many windows that is known.

    Of drift statistics it is on the scale of a squared distance, of other values a variance. `freedom` is one less than
    the windows. `rank` is in how many directions the windows differ, at least: a sum of squares over more of them has a
    lighter tail.
    """

    mean: float
    freedom: float
    rank: float = 1.0


class Varied(NamedTuple):
    """Law of a statistic under no change where windows differ by nature: independent noise, and the excess times F.

    `floor` is the value at hand with its p-value for independent rows, where that has a closed form: no p-value is
    below it.
    """

    iid: Noise
    excess: Excess
    degree: int
    growth: float
    floor: tuple[float, float] | None = None

    @property
    def variance(self) -> float:
        """That of independent noise: 0 where the rows at hand allow no other value."""
        return self.iid.variance

    @property
    def expected(self) -> float:
        """The root mean square of a distance, the mean of anything else."""
        if self.degree == 2:
            return self.iid.expected + self.excess.mean * self.growth
        return math.sqrt(self.iid.expected**2 + self.iid.variance + self.excess.mean * self.growth)

    def p_value(self, value: float) -> float:
        """The probability of at least `value`; never below that for independent rows."""
        least = self.iid.p_value(value)
        if self.floor is not None and value <= self.floor[0]:
            least = max(least, self.floor[1])
        return max(least, self._tail(value))

    def threshold(self, alpha: float) -> float:
        """The value exceeded with probability `alpha`."""
        low = high = max(self.iid.threshold(alpha), 1e-300)
        while self._tail(high) > alpha and high < 1e300:
            low, high = high, 2 * high
        for _ in range(BISECTIONS if high > low else 0):
            middle = (low + high) / 2
            low, high = (middle, high) if self._tail(middle) > alpha else (low, middle)
        return max(high, self.floor[0]) if self.floor is not None and self.floor[1] > alpha else high

    def _tail(self, value: float) -> float:
        values, weights = _grid(self.iid)
        beyond = _squared(value, self.degree, self.growth) - _squared(values, self.degree, self.growth)
        mean, freedom, rank = self.excess
        return float((weights * f_tails(rank, rank * freedom, np.maximum(beyond, 0.0) / mean)).sum())


@lru_cache(maxsize=4096)
def _grid(iid: Noise) -> tuple[Floats, Floats]:
    """Values of a law with their weights, ever closer in its upper tail."""
    ends = np.concatenate([1 - np.arange(8) / 16, 0.5 ** (1 + np.arange(2 * HALVINGS + 1) / 2)])
    middles, weights = (ends[1:] + ends[:-1]) / 2, ends[:-1] - ends[1:]
    return np.array([max(iid.threshold(tail), 0.0) for tail in middles.tolist()]), weights


def _squared(value: float | Floats, degree: int, growth: float | Floats) -> Floats:
    """On the scale of a squared distance."""
    found: Floats = np.asarray(value, float) ** (2 // degree) / growth
    return found


def varied(
    metric: Comparison, cells: Cells, current: Profile, reference: Profile, column: str, view: str
) -> Varied | None:
    """The law of a drift metric's statistic, where the reference has windows that differ by more than chance."""
    windows: ReferenceWindows | None = reference.windows
    if windows is None:
        return None
    length, scale = _lengths(windows, current)
    found = _kept(windows, (metric, column, view, length), lambda: _of_cells(metric, windows, column, view, length))
    if found is None or found.mean <= 0:
        return None
    n, m = cells.n_current, cells.n_reference
    p = metric.p_value(cells)
    floor = None if p is None else (metric.observed(cells), p)
    growth = n * m / (n + m) if metric.grows else 1.0
    return Varied(noise(metric, cells), found._replace(mean=found.mean * scale), metric.degree, growth, floor)


def spread(metric: Metric, value: Value, current: Profile, reference: Profile) -> Excess | None:
    """By how much a value of a metric varies from window to window beyond its standard error: a variance."""
    windows: ReferenceWindows | None = reference.windows
    if windows is None or not value.reference_se or not math.isfinite(value.reference_se):
        return None
    length, scale = _lengths(windows, current)
    labels = tuple(sorted(value.labels.items()))
    se = value.reference_se
    found = _kept(windows, (metric, labels, length), lambda: _of_values(metric, windows, labels, se, length))
    return None if found is None or found.mean <= 0 else found._replace(mean=found.mean * scale)


def described(current: Profile, reference: Profile | None) -> str:
    """What noise is taken to be, for a reader."""
    windows: ReferenceWindows | None = reference.windows if reference else None
    if windows is None:
        return (
            "Rows are taken as independent: where days or seasons differ by nature, a window shorter than the "
            "reference can be beyond this noise without anything being wrong. A reference with a timestamp, or frozen "
            "with `every`, tells how much they differ."
        )
    length = windows.every if isinstance(windows.every, str) else f"{windows.every:,} rows"
    said = f"The variation between {len(windows)} windows of {length} of the reference is part of the noise."
    seconds, covered = windows.seconds, span(current)
    if covered is not None and seconds is not None and covered < seconds / 2:
        said += " The rows cover less than one of these: freeze the reference with a shorter `every` to see within."
    return said


def _lengths(windows: ReferenceWindows, current: Profile) -> tuple[int, float]:
    """How many windows make a block, and what the excess of the current rows is, of that of a block.

    Between a block and all others lies what one block varies, and a little of all others: likewise between the
    current rows and the whole reference.
    """
    seconds, covered = windows.seconds, span(current)
    count = current.n_rows / windows.rows_each if covered is None or seconds is None else covered / seconds
    count = max(1.0, count)
    length = 1 << int(math.log2(max(1.0, min(count, len(windows) / BLOCKS_AT_LEAST))))
    n_blocks = len(windows) // length
    return length, length * (n_blocks - 1) / n_blocks * (1 / count + 1 / len(windows))


def _kept(windows: ReferenceWindows, key: tuple[Any, ...], estimate: Callable[[], Excess | None]) -> Excess | None:
    """An estimate, made once: the windows do not change."""
    if key not in windows.known:
        windows.known[key] = estimate()
    found: Excess | None = windows.known[key]
    return found


def _of_cells(metric: Comparison, windows: ReferenceWindows, column: str, view: str, length: int) -> Excess | None:
    """The excess of a statistic of each block against all others."""
    counted = [metric.cells(block, windows.whole, column, view) for block in windows.blocks(length)]
    filled = [cells for cells in counted if isinstance(cells, Cells)]
    if len(filled) < 2:
        return None
    whole, ours = filled[0], np.array([cells.current for cells in filled], float)
    theirs = whole.reference - ours
    n, m = ours.sum(axis=-1), theirs.sum(axis=-1)
    if (theirs < 0).any() or (m <= 0).any():
        return None
    chance = 1 / n + 1 / m
    found = _squared(metric.statistic(ours, theirs, whole), metric.degree, 1 / chance if metric.grows else 1.0)
    if not np.isfinite(found).all():
        return None
    edges = None if whole.edges is None else whole.edges.tobytes()
    ends = (whole.low, whole.high, whole.std)
    counts = whole.reference.tobytes()
    if edges is None:
        counts, ends = alike(counts), (0.0, 0.0, None)
    expected = np.array([_by_chance(metric, counts, int(size), edges, ends) for size in _sizes(n)]) * chance
    return _in_excess(found, expected)


def _in_excess(found: Floats, expected: Floats) -> Excess | None:
    """The mean of what is found beyond what is expected, large windows telling more than small ones."""
    if expected.max() <= 0:
        return None
    mean = max(0.0, float((found - expected).mean()))
    weights = np.ones_like(found)
    for _ in range(ROUNDS):
        weights = 1 / np.maximum(expected + mean, 1e-3 * expected.max()) ** 2
        mean = max(0.0, float((weights * (found - expected)).sum() / weights.sum()))
    if mean <= 0:
        return None
    # a sum of squares over r directions has the variance 2 mean^2 / r; few windows may have missed how large it is
    variance = float((weights * (found - expected - mean) ** 2).sum() / weights.sum())
    freedom = _freedom(weights)
    missed = 2 * gamma_tail_inverse(freedom / 2, 1 - MISSED) / freedom
    return Excess(mean, freedom, max(1.0, 2 * mean**2 / variance * missed) if variance > 0 else 1.0)


def _freedom(weights: Floats) -> float:
    """Degrees of freedom of a weighted mean of squares (Kish 1965): of equal weights one less than there are."""
    return max(1.0, float(weights.sum() ** 2 / (weights**2).sum()) - 1)


def _sizes(n: Floats) -> Ints:
    """Numbers of rows, rounded to powers of two."""
    rounded: Ints = (2 ** np.round(np.log2(n))).astype(np.int64)
    return rounded


@lru_cache(maxsize=8192)
def _by_chance(
    metric: Comparison, counts: bytes, n: int, edges: bytes | None, ends: tuple[float, float, float | None]
) -> float:
    """What `n` of the reference's rows, taken at random, have in the mean against the others, over 1/n + 1/m."""
    both = np.frombuffer(counts, np.int64)
    total = int(both.sum())
    n = min(n, total // 2)
    cells = Cells(both, both, None if edges is None else np.frombuffer(edges), *ends)
    rng = np.random.default_rng(SEED)
    if total <= DEALT_AT_MOST:
        ours = rng.multivariate_hypergeometric(both, n, size=DRAWS).astype(float)
        theirs = both - ours
    else:
        ours, theirs = (rng.multinomial(size, both / total, size=DRAWS).astype(float) for size in (n, total - n))
    chance = 1 / n + 1 / (total - n)
    squares = _squared(metric.statistic(ours, theirs, cells), metric.degree, 1 / chance if metric.grows else 1.0)
    return float(squares.mean()) / chance


def _of_values(
    metric: Metric, windows: ReferenceWindows, labels: tuple[tuple[str, str], ...], se: float, length: int
) -> Excess | None:
    """The variance between blocks of a value, beyond that of its standard error (DerSimonian & Laird 1986)."""
    results = _kept_results(metric, windows, length)
    known = [v for result in results for v in result.values if tuple(sorted(v.labels.items())) == labels]
    known = [v for v in known if v.value is not None and v.n > 0]
    if len(known) < 2:
        return None
    values, n = np.array([v.value for v in known], float), np.array([v.n for v in known], float)
    # the standard error of the whole at each size: a window's own depends on its value
    precision = n / (se**2 * n.sum())
    mean = float((precision * values).sum() / precision.sum())
    beyond = float((precision * (values - mean) ** 2).sum()) - (len(known) - 1)
    between = beyond / float(precision.sum() - (precision**2).sum() / precision.sum())
    if not math.isfinite(between) or between <= 0:
        return None
    return Excess(between, _freedom(1 / (1 / precision + between)))


def _kept_results(metric: Metric, windows: ReferenceWindows, length: int) -> list[Result]:
    if ("results", metric, length) not in windows.known:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            made = [metric.compute(block, windows.whole) for block in windows.blocks(length)]
        windows.known["results", metric, length] = made
    found: list[Result] = windows.known["results", metric, length]
    return found
