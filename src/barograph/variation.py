"""Natural variation: how much more than chance the windows of a reference differ, and verdicts that know it.

Rows of one day are not independent: the day itself moves their law a little. Each window of the reference is held
against all others, and what its statistic has in excess of independent rows is the day's own part. It is taken as one
direction, as a shift of the mean is, unless the windows surely differ in more: a square of one normal number, whose
tail is as heavy as can be. The excess is itself known from few windows only, and so an F law takes the place of the
square: few windows, wide thresholds.

Rows that cover several windows vary less. For distances windows are joined to blocks, and beyond the length of a block
the excess falls as 1 / length; values of metrics, which have a sign, show how alike neighbouring windows are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from barograph.calibration import DEALT_AT_MOST, DRAWS, SEED, Noise, alike, law_of, nearly, noise, normal, thin
from barograph.metric import Metric
from barograph.metrics.drift.cells import Cells, Comparison
from barograph.profile import Profile
from barograph.reference_windows import Group, ReferenceWindows, span
from barograph.results import Result, Value
from barograph.special import f_tails, gamma_tail_inverse
from barograph.types import Floats, Ints

BLOCKS_AT_LEAST = 4
MISSED = 0.01  # the chance that windows which differ in one direction seem to do so in several
ROUNDS = 3
ENOUGH_IN_EACH, MANY_IN_EACH = 2, 8
MEMORY_AT_MOST = 0.95
BISECTIONS = 48
HALVINGS = 16


class Excess(NamedTuple):
    """What a window of the reference has beyond independent rows, in the mean, and from how many windows that is known.

    Of drift statistics it is on the scale of a squared distance, of other values a variance. `freedom` is one less than
    the windows. `rank` is in how many directions the windows differ, at least: a sum of squares over more of them has a
    lighter tail. `memory` is how alike neighbouring windows may be, as a correlation.
    """

    mean: float
    freedom: float
    rank: float = 1.0
    memory: float = 0.0


class Varied(NamedTuple):
    """Law of a statistic under no change where windows differ by nature: noise of independent rows, and the excess
    times F; both on the scale of a squared distance."""

    iid: Noise
    excess: Excess
    degree: int
    growth: float

    @property
    def variance(self) -> float:
        """That of independent rows: 0 where the rows at hand allow no other value."""
        return self.iid.variance

    @property
    def expected(self) -> float:
        """The mean; of a distance the root of its mean square."""
        return _value(self.iid.expected + self.excess.mean, self.degree, self.growth)

    def p_value(self, value: float) -> float:
        """The probability of at least `value`; never below that for independent rows."""
        square = float(_squared(value, self.degree, self.growth))
        return max(self.iid.p_value(square), self._tail(square))

    def threshold(self, alpha: float) -> float:
        """The value exceeded with probability `alpha`."""
        low = high = max(self.iid.threshold(alpha), 1e-300)
        while self._tail(high) > alpha and high < 1e300:
            low, high = high, 2 * high
        for _ in range(BISECTIONS if high > low else 0):
            middle = (low + high) / 2
            low, high = (middle, high) if self._tail(middle) > alpha else (low, middle)
        return _value(high, self.degree, self.growth)

    def _tail(self, square: float) -> float:
        values, weights = _grid(self.iid)
        mean, freedom, rank, _ = self.excess
        return float((weights * f_tails(rank, rank * freedom, np.maximum(square - values, 0.0) / mean)).sum())


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


def _value(square: float, degree: int, growth: float) -> float:
    return float((square * growth) ** (degree / 2))


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
    growth = n * m / (n + m) if metric.grows else 1.0
    return Varied(_independent(metric, cells), found._replace(mean=found.mean * scale), metric.degree, growth)


def _independent(metric: Comparison, cells: Cells) -> Noise:
    """The noise of independent rows on the scale of a squared distance."""
    n, m = cells.n_current, cells.n_reference
    if cells.singles is not None:  # of values never seen the reference knows more than its counts
        known = noise(metric, cells)
        if known.variance <= 0 or known.expected <= 0:
            return known
        power = 2 // metric.degree
        sigma2 = math.log1p(known.variance / known.expected**2)  # powers of a lognormal law are lognormal
        mean = known.expected**power * math.exp(power * (power - 1) / 2 * sigma2)
        spread = math.expm1(power**2 * sigma2)
        skewness = (spread + 3) * math.sqrt(spread)
        return Noise(mean, mean**2 * spread, skewness).scaled((1 / n + 1 / m) ** metric.grows)
    if thin(cells):
        law = _by_chance(metric, *_keyed(cells, cells.current + cells.reference), n)
    else:
        law = _by_chance(metric, *_keyed(cells, cells.reference), _size(min(n, m // 2), cells))
    return law.scaled(1 / n + 1 / m)


def _keyed(cells: Cells, counts: Ints) -> tuple[bytes, bytes | None, tuple[float, float, float | None]]:
    """Counts and where they lie, as they can be kept by; counts without places by any that have the same law."""
    if cells.edges is None:
        return alike(counts.tobytes()), None, (0.0, 0.0, None)
    return counts.tobytes(), cells.edges.tobytes(), (cells.low, cells.high, cells.std)


def spread(metric: Metric, value: Value, current: Profile, reference: Profile) -> Excess | None:
    """By how much a value of a metric varies from window to window beyond its standard error: a variance.

    Rows that cover several windows vary less, by how little neighbouring windows have in common.
    """
    windows: ReferenceWindows | None = reference.windows
    if windows is None or not value.reference_se or not math.isfinite(value.reference_se):
        return None
    labels = tuple(sorted(value.labels.items()))
    se = value.reference_se
    found = _kept(windows, (metric, labels), lambda: _of_values(metric, windows, labels, se))
    if found is None or found.mean <= 0:
        return None
    count = windows_covered(windows, current)
    scale = _of_mean(count, found.memory) + _of_mean(len(windows), found.memory)
    return found._replace(mean=found.mean * scale)


def _of_mean(count: float, memory: float) -> float:
    """The variance of the mean of so many neighbours, of that of one: an autoregression of order one."""
    rest = 1 - memory
    faded: float = memory**count
    return (1 + memory) / rest / count - 2 * memory * (1 - faded) / (count * rest) ** 2


def described(current: Profile, reference: Profile | None) -> str:
    """What noise is taken to be, for a reader."""
    windows: ReferenceWindows | None = reference.windows if reference else None
    if windows is None:
        return (
            "Rows are taken as independent: where days or seasons differ by nature, a window shorter than the "
            "reference can be beyond this noise without anything being wrong. A reference with a timestamp, or frozen "
            "with `every`, tells how much they differ."
        )
    if windows.places:
        return "The variation between windows at the same place of the season is part of the noise."
    length = windows.every if isinstance(windows.every, str) else f"{windows.every:,} rows"
    said = f"The variation between {len(windows)} windows of {length} of the reference is part of the noise."
    seconds, covered = windows.seconds, span(current)
    if covered is not None and seconds is not None and covered < seconds / 2:
        said += " The rows cover less than one of these: freeze the reference with a shorter `every` to see within."
    return said


def _lengths(windows: ReferenceWindows, current: Profile) -> tuple[int, float]:
    """How many windows make a block, and what the excess of the current rows is, of the variation of a block: their
    own, and that of the reference as a whole."""
    if windows.places:
        return 1, 1 + 1 / len(windows)
    count = windows_covered(windows, current)
    length = 1 << int(math.log2(max(1.0, min(count, len(windows) / BLOCKS_AT_LEAST))))
    return length, length * (1 / count + 1 / len(windows))


def windows_covered(windows: ReferenceWindows, current: Profile) -> float:
    """How many windows the current rows are worth, at least one."""
    if windows.places:
        return 1.0
    seconds, covered = windows.seconds, span(current)
    return max(1.0, current.n_rows / windows.rows_each if covered is None or seconds is None else covered / seconds)


def _kept(windows: ReferenceWindows, key: tuple[Any, ...], estimate: Callable[[], Excess | None]) -> Excess | None:
    """An estimate, made once: the windows do not change."""
    if key not in windows.known:
        windows.known[key] = estimate()
    found: Excess | None = windows.known[key]
    return found


def _of_cells(metric: Comparison, windows: ReferenceWindows, column: str, view: str, length: int) -> Excess | None:
    """The excess of a statistic of each block against all others of its group."""
    parts = [_of_group(metric, whole, blocks, column, view) for whole, blocks in windows.groups(length)]
    told = [part for part in parts if part is not None]
    if not told:
        return None
    found, expected = (np.concatenate([part[i] for part in told]) for i in (0, 1))
    return _in_excess(found, expected, len(told))


def _of_group(
    metric: Comparison, reference: Profile, blocks: list[Profile], column: str, view: str
) -> tuple[Floats, Floats] | None:
    """What the statistic of each block is, and what it would be of independent rows, both as the variation of one."""
    counted = [metric.cells(block, reference, column, view) for block in blocks]
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
    key = _keyed(whole, whole.reference)
    expected = chance * [
        _by_chance(metric, *key, _size(min(sides), whole)).expected for sides in zip(n, m, strict=True)
    ]
    one_of = (len(filled) - 1) / len(filled)  # between a block and all others lies a little of all others too
    return found * one_of, expected * one_of


def _in_excess(found: Floats, expected: Floats, n_groups: int) -> Excess | None:
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
    freedom = _freedom(weights, n_groups)
    missed = 2 * gamma_tail_inverse(freedom / 2, 1 - MISSED) / freedom
    return Excess(mean, freedom, max(1.0, 2 * mean**2 / variance * missed) if variance > 0 else 1.0)


def _freedom(weights: Floats, n_groups: int) -> float:
    """Degrees of freedom of a weighted mean of squares (Kish 1965): of equal weights one less than there are in each
    group."""
    return max(1.0, float(weights.sum() ** 2 / (weights**2).sum()) * (1 - n_groups / weights.size))


def _size(n: float, cells: Cells) -> int:
    """A number of rows, rounded to a power of two; of ordered cells all sizes from two rows in each have one law."""
    if cells.edges is not None and n >= ENOUGH_IN_EACH * cells.reference.size:
        n = min(MANY_IN_EACH * cells.reference.size, cells.n_reference / 2)
    return 1 << round(math.log2(max(n, 1)))


@lru_cache(maxsize=8192)
def _by_chance(
    metric: Comparison, counts: bytes, edges: bytes | None, ends: tuple[float, float, float | None], n: int
) -> Noise:
    """The law of the statistic of `n` of some rows, taken at random, against the others: squared, over 1/n + 1/m.

    Of many rows in a cell it is the same for all n.
    """
    both = np.frombuffer(counts, np.int64)
    total = int(both.sum())
    n = min(n, total - 1)
    cells = Cells(both, both, None if edges is None else np.frombuffer(edges), *ends)
    shares, rng = both / total, np.random.default_rng(SEED)
    if normal(n, shares, ordered=edges is not None):
        # taken from the same rows, both sides together are always these: the counts vary less than of drawn rows
        ours = n * shares + math.sqrt(1 - n / total) * (
            nearly(n, shares, rng.standard_normal((DRAWS, both.size))) - n * shares
        )
        theirs = both - ours
    elif total <= DEALT_AT_MOST:
        ours = rng.multivariate_hypergeometric(both, n, size=DRAWS).astype(float)
        theirs = both - ours
    else:
        ours, theirs = (rng.multinomial(size, shares, size=DRAWS).astype(float) for size in (n, total - n))
    chance = 1 / n + 1 / (total - n)
    squares = _squared(metric.statistic(ours, theirs, cells), metric.degree, 1 / chance if metric.grows else 1.0)
    return law_of(squares / chance)


def _of_values(
    metric: Metric, windows: ReferenceWindows, labels: tuple[tuple[str, str], ...], se: float
) -> Excess | None:
    """The variance between windows of a value, beyond that of its standard error (DerSimonian & Laird 1986)."""
    beyond, weight, together, spreads = 0.0, 0.0, 0.0, []
    (whole,) = _kept_results(metric, windows, [(windows.whole, [windows.whole])], 0)[0]
    rows = sum(v.n for v in whole.values if tuple(sorted(v.labels.items())) == labels)
    for results in _kept_results(metric, windows, windows.groups(1), 1):
        known = [v for result in results for v in result.values if tuple(sorted(v.labels.items())) == labels]
        known = [v for v in known if v.value is not None and v.n > 0]
        if len(known) < 2 or not rows:
            continue
        values, n = np.array([v.value for v in known], float), np.array([v.n for v in known], float)
        # the standard error of the whole at each size: a window's own depends on its value
        precision = n / (se**2 * rows)
        mean = float((precision * values).sum() / precision.sum())
        beyond += float((precision * (values - mean) ** 2).sum()) - (len(known) - 1)
        weight += float(precision.sum() - (precision**2).sum() / precision.sum())
        spreads.append(1 / precision)
        together = float(((values[1:] - mean) * (values[:-1] - mean)).mean())
    if not weight or not math.isfinite(beyond) or beyond <= 0:
        return None
    between, noise_of_each = beyond / weight, np.concatenate(spreads)
    found = Excess(between, _freedom(1 / (noise_of_each + between), len(spreads)))
    if windows.places:  # neighbours at a place of the season are a day or a week apart
        return found
    return found._replace(
        memory=likeness(together / between, noise_of_each.size, float(noise_of_each.mean()) / between)
    )


def likeness(correlation: float, n: int, noise_to_signal: float) -> float:
    """The correlation of neighbouring windows as it may well be: that of few is known to one standard error, and too
    low on average (Marriott & Pope 1954)."""
    corrected = min(max(correlation + (1 + 3 * max(correlation, 0.0)) / n, -1.0), 1.0)
    error = math.sqrt((1 - corrected**2) / n) * (1 + noise_to_signal)
    return min(max(corrected + error, 0.0), MEMORY_AT_MOST)


def _kept_results(metric: Metric, windows: ReferenceWindows, groups: list[Group], length: int) -> list[list[Result]]:
    key = ("results", metric, length) if length else ("results", metric, windows.whole.n_rows, *windows.parts)
    if key not in windows.known:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            windows.known[key] = [[metric.compute(block, whole) for block in blocks] for whole, blocks in groups]
    found: list[list[Result]] = windows.known[key]
    return found
