"""Covariances of all pairs: numpy on the rows that have both, far from zero, with anything absent."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import stats

from barograph.errors import FormatError, MergeError
from barograph.summaries import CrossMoments
from barograph.types import Matrix


def of(*batches: np.ndarray) -> CrossMoments:
    found = CrossMoments()
    for batch in batches:
        found.update(Matrix(np.asarray(batch, float)))
    return found


def drawn(seed: int = 0, n: int = 500, k: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    mixed = rng.normal(size=(n, k)) @ rng.normal(size=(k, k))
    return np.where(rng.random((n, k)) < 0.2, np.nan, mixed)


def truth(x: np.ndarray, y: np.ndarray) -> float:
    both = np.isfinite(x) & np.isfinite(y)
    return float(stats.pearsonr(x[both], y[both]).statistic)


@pytest.mark.parametrize("offset", [0.0, 1e3, 1e9])
@pytest.mark.parametrize("batches", [1, 7])
def test_against_scipy_at_any_offset(offset: float, batches: int):
    """Centred sums lose nothing far from zero (a sum of squares at 1e9 would have no digit left)."""
    x = drawn() + offset
    found = of(*np.array_split(x, batches)).correlation
    for i in range(5):
        for j in range(5):
            assert found[i, j] == pytest.approx(truth(x[:, i], x[:, j]), abs=1e-6 if offset > 1e6 else 1e-12)


def test_covariances_are_numpys():
    x = drawn(1)
    found = of(x[:200], x[200:])
    both = np.isfinite(x[:, 0]) & np.isfinite(x[:, 3])
    want = np.cov(x[both][:, [0, 3]].T, bias=True) * both.sum()
    assert found.n[0, 3] == both.sum()
    np.testing.assert_allclose(found.cross[0, 3], want[0, 1], rtol=1e-12)
    np.testing.assert_allclose(found.m2[0, 3], want[0, 0], rtol=1e-12)
    np.testing.assert_allclose(found.mean[0, 3], x[both][:, 0].mean(), rtol=1e-12)


def test_rows_far_from_the_others_where_a_column_is_absent():
    """Of a mixture at 0 and 1e9 the pair may see one part only: its digits are not lost to the mean of both."""
    rng = np.random.default_rng(2)
    y = rng.normal(size=2000)
    x = y + rng.normal(size=2000)
    x[1000:] += 1e9
    y[1000:] = np.nan
    found = of(np.column_stack([x, y]))
    assert found.correlation[0, 1] == pytest.approx(truth(x, y), rel=1e-9)


def test_constant_columns_have_no_correlation():
    """0.1 a thousand times, and in batches: no variance is made of rounding; nor where only the pair is constant."""
    x = np.column_stack([np.full(1000, 0.1), np.arange(1000.0), np.arange(1000.0)])
    x[:500, 2] = np.nan
    x[500:, 1] = 7.0
    for found in (of(x), of(*np.array_split(x, 13))):
        assert found.m2[0, 0] == 0.0
        assert np.isnan(found.correlation[0, 1])
        assert np.isnan(found.correlation[1, 2])
        assert found.correlation[1, 1] == pytest.approx(1.0)


def test_absent_values():
    """Infinite and NaN are no values; a pair that is never there together, or in one row, says so."""
    x = np.array([[1.0, np.nan, np.inf], [2.0, np.nan, 3.0], [np.nan, 5.0, -np.inf]])
    found = of(x)
    assert found.n.tolist() == [[2, 0, 1], [0, 1, 0], [1, 0, 1]]
    assert np.isnan(found.correlation).sum() == 8
    assert found.n_rows == 3
    assert of(np.full((4, 2), np.nan)).n.sum() == 0
    assert of(np.zeros((0, 3))).n_rows == 0


def test_what_overflows_has_no_reading_and_warns_nobody():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = of(np.array([[1.7e308, 1.0], [-1.7e308, 2.0], [1.7e308, 5.0]]))
        assert np.isnan(found.correlation[0, 1])
        assert found.correlation[1, 1] == pytest.approx(1.0)


def test_other_columns_do_not_merge():
    with pytest.raises(MergeError, match="5 and of 3 columns"):
        of(drawn()).merge(of(drawn(k=3)))


def test_states_that_cannot_be():
    state = of(drawn()).to_state()
    for name, value in (
        ("m2", np.full(25, -1.0).tobytes()),
        ("n", np.full(15, 501).tobytes()),
        ("k", 10**9),
        ("n_rows", 3),
        ("cross", b""),
    ):
        with pytest.raises(FormatError):
            CrossMoments.from_state({**state, name: value})
