"""Chi-square against scipy's test of homogeneity; its rate of false alarms is in `test_tables.py`."""

from __future__ import annotations

import numpy as np
import pytest
from drift_oracle import label_cells, value
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from barograph.metrics.drift import ChiSquare

LETTERS = np.array(list("abcdefgh"))


@pytest.mark.parametrize(("n", "m"), [(500, 500), (1000, 200), (200, 1000), (5000, 50)])
def test_scipys_two_sample_test(n, m):
    rng = np.random.default_rng(n + m)
    reference, current = rng.choice(LETTERS[:4], n), rng.choice(LETTERS[:4], m, p=[0.4, 0.3, 0.2, 0.1])
    table = np.array(label_cells(list(reference), list(current)))
    truth = chi2_contingency(table, correction=False)
    found = value(ChiSquare("x"), reference, current)
    assert found.value == pytest.approx(truth.statistic, rel=1e-12)
    assert found.p_value == pytest.approx(truth.pvalue, rel=1e-9)


def pooled(table: np.ndarray) -> np.ndarray:
    """Cochran's rule in plain steps: cells with under 5 expected rows on a side join; so does their sum, if small."""

    def few(cell: np.ndarray) -> bool:
        return cell.sum() * table.sum(axis=1).min() / table.sum() < 5

    cells = list(table.T)
    large, small = [c for c in cells if not few(c)], [c for c in cells if few(c)]
    if not large:
        return table.sum(axis=1, keepdims=True)
    rest = sum(small, np.zeros(2))
    if small and not few(rest):
        return np.array([*large, rest]).T
    large[int(np.argmin([c.sum() for c in large]))] += rest
    return np.array(large).T


sides = st.lists(st.sampled_from("aaaaaabbbbcd"), min_size=1, max_size=200)


@given(sides, sides)
def test_rare_cells_are_pooled(reference, current):
    table = pooled(np.array(label_cells(reference, current)))
    found = value(ChiSquare("x"), reference, current)
    if table.shape[1] < 2:
        assert (found.value, found.p_value) == (0.0, 1.0)
        return
    truth = chi2_contingency(table, correction=False)
    # which of two equally small cells takes the rest in is free
    if sorted(table.sum(axis=0)).count(table.sum(axis=0).min()) == 1:
        assert found.value == pytest.approx(truth.statistic, rel=1e-9, abs=1e-9)
        assert found.p_value == pytest.approx(truth.pvalue, rel=1e-9, abs=1e-12)


def test_an_unseen_category_is_finite():
    # whylogs 10: a category that the reference lacks gave infinity
    found = value(ChiSquare("x"), ["a"] * 90 + ["b"] * 10, ["a"] * 50 + ["new"] * 50)
    assert np.isfinite(found.value)
    assert found.p_value < 1e-9


def test_disjoint_identities_are_not_the_same():
    found = value(ChiSquare("x"), [f"r{i}" for i in range(1000)], [f"c{i}" for i in range(1000)])
    assert found.value > 100
    assert found.p_value is None  # over 256 labels: no chi-square law
