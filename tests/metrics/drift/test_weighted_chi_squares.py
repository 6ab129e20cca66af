"""Tails of weighted chi-squares against closed forms, Imhof's integral and the tables of the limit laws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chi2, norm

from barograph.metrics.drift.weighted_chi_squares import bridge, tail, ties

J = np.arange(1, 1000)
ANDERSON_DARLING, CRAMER_VON_MISES = 1 / (J * (J + 1.0)), 1 / (J * np.pi) ** 2


@pytest.mark.parametrize("x", [0.01, 1.0, 10.0, 300.0, 1400.0])
def test_one_and_two_weights_are_chi_square(x):
    assert tail(x, np.array([2.0])) == pytest.approx(2 * norm.sf(np.sqrt(x / 2)), rel=1e-9)
    assert tail(x, np.array([1.0, 1.0])) == pytest.approx(chi2.sf(x, 2), rel=1e-6)
    assert tail(x, np.array([1.0, 1e-12])) == pytest.approx(chi2.sf(x, 1), rel=1e-9)


def imhof(x: float, weights: np.ndarray) -> float:
    def f(u: float) -> float:
        return float(
            np.sin(0.5 * np.arctan(weights * u).sum() - 0.5 * x * u)
            / (u * np.exp(0.25 * np.log1p((weights * u) ** 2).sum()))
        )

    return 0.5 + quad(f, 0, np.inf, limit=2000)[0] / np.pi


@pytest.mark.filterwarnings("ignore::scipy.integrate.IntegrationWarning")
@pytest.mark.parametrize("n", [4, 5, 9, 20])
def test_imhof(n):
    weights = np.random.default_rng(n).gamma(0.7, 1, n)
    for times in (0.1, 0.5, 1, 2, 4):
        x = times * weights.sum()
        assert tail(x, weights) == pytest.approx(imhof(x, weights), abs=2e-6)


# Marsaglia & Marsaglia (2004) and Csorgo & Faraway (1996)
@pytest.mark.parametrize(("x", "chance"), [(1.933, 0.10), (2.4924, 0.05), (3.8781, 0.01)])
def test_table_of_anderson_and_darling(x, chance):
    assert tail(x, ANDERSON_DARLING) == pytest.approx(chance, rel=0.005)


@pytest.mark.parametrize(
    ("x", "chance"), [(0.11888, 0.5), (0.34730, 0.10), (0.46136, 0.05), (0.74346, 0.01), (1.16786, 0.001)]
)
def test_table_of_cramer_and_von_mises(x, chance):
    assert tail(x, CRAMER_VON_MISES) == pytest.approx(chance, rel=0.005)


def test_a_chance_always():
    for x in (-1.0, 0.0, 1e-300, 1e-9, 1e300):
        assert 0 <= tail(x, CRAMER_VON_MISES) <= 1
        assert tail(x, np.zeros(3)) == tail(x, np.zeros(0)) == 1.0
    tails = [tail(x, ANDERSON_DARLING) for x in np.linspace(0.01, 30, 60)]
    assert (np.diff(tails) <= 1e-9).all()


def test_ties_are_kept_and_continuous_cells_are_joined():
    assert ties(np.array([0, 5, 0, 5, 10])) == pytest.approx([0.25, 0.25, 0.5])
    fine = ties(np.ones(1000, np.int64))
    assert fine.size == 64
    assert fine == pytest.approx(np.full(64, 1 / 64), abs=0.001)
    atom = ties(np.array([1] * 500 + [300] + [1] * 200))
    assert atom.max() == pytest.approx(0.3, abs=0.02)
    assert ties(np.zeros(4, np.int64)).size == 0


def test_bridge():
    assert bridge(np.array([0.25, 0.25, 0.5])) == pytest.approx(np.array([[3, 2], [2, 4]]) / 16)
