"""How strongly two columns go together, from tables of counts, many tables at once; with its standard error."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from barograph.types import Floats, Ints


class Association(NamedTuple):
    """Of each table: the statistic and its standard error (NaN where unknown), and the rows counted in it."""

    value: Floats
    se: Floats
    n: Ints


def spearman(counts: Ints) -> Association:
    """Spearman's rho with mid-ranks for ties: Pearson's r of the cells' mean ranks, tables of shape `(..., a, b)`.

    The standard error is the delta method's on the multinomial table, the ranks' own sampling included, so it holds for
    any law. NaN where one side has a single cell.
    """
    n, p, x, y = _shares(counts)
    u, v = (np.cumsum(m, axis=-1) - m / 2 - 0.5 for m in (x, y))
    product = u[..., :, None] * v[..., None, :]
    cross = (p * product).sum(axis=(-2, -1))
    spread_x, spread_y = ((1 - (m**3).sum(axis=-1)) / 12 for m in (x, y))
    # d(cross)/dp: the row's own product, and what it does to the ranks of the rows above and beside it
    above_x = _above((p * v[..., None, :]).sum(axis=-1))
    above_y = _above((p * u[..., :, None]).sum(axis=-2))
    d_cross = product + above_x[..., :, None] + above_y[..., None, :]
    d_x, d_y = -(x**2) / 4, -(y**2) / 4
    return _ratio(n, p, cross, d_cross, (spread_x, d_x), (spread_y, d_y))


def kendall(counts: Ints) -> Association:
    """Kendall's tau-b, tables of shape `(..., a, b)`: concordant less discordant pairs of rows, over those not tied.

    The standard error is that of Brown & Benedetti (1977). NaN where one side has a single cell.
    """
    n, p, x, y = _shares(counts)
    below = np.cumsum(np.cumsum(p, axis=-2), axis=-1)
    x_below, y_below = (np.cumsum(m, axis=-1) for m in (x, y))
    lower = _before(_before(below, -2), -1)
    upper = 1 - x_below[..., :, None] - y_below[..., None, :] + below
    lower_right = _before(x_below, -1)[..., :, None] - _before(below, -2)
    upper_left = _before(y_below, -1)[..., None, :] - _before(below, -1)
    surplus = lower + upper - lower_right - upper_left  # of a row: concordant less discordant partners
    cross = (p * surplus).sum(axis=(-2, -1))
    untied = [(1 - (m**2).sum(axis=-1), -2 * m) for m in (x, y)]
    return _ratio(n, p, cross, 2 * surplus, untied[0], untied[1])


def cramers_v(counts: Ints) -> Association:
    """Cramer's V, corrected for bias (Bergsma 2013), tables of shape `(..., a, b)`; NaN where one side has one cell.

    Under independence its expectation is near 0 for any number of cells, where the uncorrected V has
    sqrt(cells / rows). Empty rows and columns do not count as cells. No standard error: it is not normal near 0.
    """
    n, p, x, y = _shares(counts)
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = x[..., :, None] * y[..., None, :]
        square = np.where(expected > 0, (p - expected) ** 2 / expected, 0.0).sum(axis=(-2, -1))
        a, b = ((m > 0).sum(axis=-1) for m in (x, y))
        square = np.maximum(square - (a - 1) * (b - 1) / (n - 1), 0.0)
        a, b = (k - (k - 1) ** 2 / (n - 1) for k in (a, b))
        fewer = np.minimum(a, b) - 1
        value = np.where(fewer > 1e-12, np.minimum(np.sqrt(square / fewer), 1.0), np.nan)
    return Association(value, np.full(value.shape, np.nan), n)


def mutual_information(counts: Ints) -> Association:
    """Mutual information in nats, corrected for bias (Miller & Madow 1955), tables of shape `(..., a, b)`.

    NaN where one side has one cell. No standard error: it is not normal near 0.
    """
    n, p, x, y = _shares(counts)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(p > 0, p / (x[..., :, None] * y[..., None, :]), 1.0)
        plain = (p * np.log(ratio)).sum(axis=(-2, -1))
        a, b = ((m > 0).sum(axis=-1) for m in (x, y))
        filled = (counts > 0).sum(axis=(-2, -1))
        found = np.maximum(plain - (filled - a - b + 1) / (2 * n), 0.0)
        value = np.where((a > 1) & (b > 1), found, np.nan)
    return Association(value, np.full(value.shape, np.nan), n)


def fisher(r: Floats, n: Ints) -> Floats:
    """Standard error of Pearson's r, (1 - r^2) / sqrt(n - 3) (Fisher 1915): of a normal law.

    Too small where tails are heavy. NaN for less than four rows.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(n > 3, (1 - r**2) / np.sqrt(np.maximum(n - 3, 1)), np.nan)


def _shares(counts: Ints) -> tuple[Ints, Floats, Floats, Floats]:
    n = counts.sum(axis=(-2, -1))
    p = counts / np.maximum(n, 1)[..., None, None]
    return n, p, p.sum(axis=-1), p.sum(axis=-2)


def _above(mass: Floats) -> Floats:
    """Of each cell: the mass above it, and half its own."""
    above: Floats = mass.sum(axis=-1, keepdims=True) - np.cumsum(mass, axis=-1) + mass / 2
    return above


def _before(sums: Floats, axis: int) -> Floats:
    """Cumulated sums up to the cell before."""
    shifted = np.roll(sums, 1, axis=axis)
    first: list[slice | int] = [slice(None)] * sums.ndim
    first[axis] = 0
    shifted[tuple(first)] = 0.0
    return shifted


def _ratio(
    n: Ints, p: Floats, cross: Floats, d_cross: Floats, x: tuple[Floats, Floats], y: tuple[Floats, Floats]
) -> Association:
    """cross / sqrt(a b) and its error, from the derivatives by the shares of the cells."""
    (a, d_a), (b, d_b) = x, y
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.sqrt(a * b)
        varies = (a > 1e-15) & (b > 1e-15) & (n > 0)
        value = np.where(varies, np.clip(cross / scale, -1.0, 1.0), np.nan)
        half = value[..., None, None] / 2
        d = d_cross / scale[..., None, None]
        d = d - half * ((d_a / a[..., None])[..., :, None] + (d_b / b[..., None])[..., None, :])
        mean = (p * d).sum(axis=(-2, -1))
        variance = (p * (d - mean[..., None, None]) ** 2).sum(axis=(-2, -1))
        se = np.where(varies & (n > 3), np.sqrt(variance / np.maximum(n, 1)), np.nan)
    return Association(value, se, n)
