"""Regression errors against scikit-learn and numpy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import (
    max_error,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    r2_score,
)

from barograph.errors import FormatError, MergeError
from barograph.summaries import Quantiles, Residuals
from barograph.types import Regressed
from strategies import encoded, restored


def of(y, prediction, weight=None, parts: int = 1) -> Residuals:
    residuals = Residuals()
    for i in range(parts):
        w = None if weight is None else np.asarray(weight, float)[i::parts]
        residuals.update(Regressed(np.asarray(y, float)[i::parts], np.asarray(prediction, float)[i::parts], w))
    return residuals


def drawn(seed: int, n: int = 3000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Targets of both signs, a tenth of them 0, predictions and weights."""
    rng = np.random.default_rng(seed)
    y = np.where(rng.random(n) < 0.1, 0.0, rng.normal(3, 20, n))
    return y, y + rng.normal(0.5, 2, n), rng.gamma(2, 1, n)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("parts", [1, 7])
@pytest.mark.parametrize("seed", range(3))
def test_against_sklearn(weighted: bool, parts: int, seed: int):
    """MAE, MSE, R2, MAPE of the targets that are not 0, and the largest error are scikit-learn's."""
    y, prediction, weight = drawn(seed)
    w = weight if weighted else None
    got = of(y, prediction, w, parts)
    assert got.absolute / got.weight == pytest.approx(mean_absolute_error(y, prediction, sample_weight=w), rel=1e-12)
    assert got.squared / got.weight == pytest.approx(mean_squared_error(y, prediction, sample_weight=w), rel=1e-12)
    assert 1 - got.squared / got.target_m2 == pytest.approx(r2_score(y, prediction, sample_weight=w), rel=1e-12)
    assert got.largest == max_error(y, prediction)
    some = y != 0
    mape = mean_absolute_percentage_error(y[some], prediction[some], sample_weight=weight[some] if weighted else None)
    assert got.ape / got.ape_weight == pytest.approx(mape, rel=1e-12)
    assert (got.n, got.n_zero) == (y.size, int((~some).sum()))


@pytest.mark.parametrize("weighted", [False, True])
def test_sums_against_numpy(weighted: bool):
    """Every other sum is the plain formula."""
    y, prediction, weight = drawn(9)
    w = weight if weighted else np.ones_like(y)
    got = of(y, prediction, weight if weighted else None, 3)
    e = prediction - y
    some = y != 0
    ape = np.abs(e[some] / y[some])
    smape = 2 * np.abs(e) / (np.abs(y) + np.abs(prediction))
    want = {
        "weight": w.sum(),
        "weight2": (w**2).sum(),
        "error": (w * e).sum(),
        "fourth": (w * e**4).sum(),
        "ape_weight": w[some].sum(),
        "ape2": (w[some] * ape**2).sum(),
        "smape": (w * smape).sum(),
        "smape2": (w * smape**2).sum(),
        "target_mean": np.average(y, weights=w),
        "target_m2": (w * (y - np.average(y, weights=w)) ** 2).sum(),
    }
    for name, value in want.items():
        assert getattr(got, name) == pytest.approx(value, rel=1e-11), name


def test_quantiles_are_of_the_errors():
    """Up to k rows they are numpy's quantiles of prediction - target, weights or not."""
    y, prediction, weight = drawn(4, 300)
    for w in (None, weight):
        got = of(y, prediction, w, 4).quantiles
        for q in (0.0, 0.05, 0.5, 0.95, 1.0):
            assert got.quantile(q) == pytest.approx(np.quantile(prediction - y, q), rel=1e-12)


def test_zero_targets_have_no_percentage_error():
    """They are counted and left out; a target and prediction of 0 have no symmetric one either."""
    got = of([0.0, 0.0, -0.0, -2.0], [0.0, 5.0, -0.0, -1.0])
    assert (got.n, got.n_zero, got.ape_weight, got.ape) == (4, 3, 1.0, 0.5)
    assert got.smape == pytest.approx(2.0 + 2 / 3)


def test_a_negative_target_has_a_positive_percentage_error():
    """|e| is divided by |y|."""
    got = of([-10.0], [-5.0])
    assert (got.error, got.absolute, got.ape) == (5.0, 5.0, 0.5)


@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e15 + 0.1, -7.7])
@pytest.mark.parametrize("weighted", [False, True])
def test_a_constant_target_has_no_variance_at_all(value: float, weighted: bool):
    """0, not what rounding leaves: R2 divides by it. So in one batch, in many, and merged."""
    rng = np.random.default_rng(0)
    total = Residuals()
    for n in (1, 1000, 3, 77):
        y = np.full(n, value)
        part = of(y, y + rng.normal(size=n), rng.gamma(2, 1, n) if weighted else None)
        assert part.target_m2 == 0.0
        total = total.merge(part)
        total.update(Regressed(y, y))
        assert (total.target_mean, total.target_m2) == (value, 0.0)


def test_far_targets_keep_their_variance():
    """Targets near 1e9 with deviation 1: centred sums lose nothing that raw squares would."""
    y = 1e9 + np.random.default_rng(1).normal(size=10_000)
    assert of(y, y, None, 10).target_m2 / y.size == pytest.approx(y.var(), rel=1e-6)


@pytest.mark.parametrize("size", [1e80, 1e160, 1.7e308])
def test_what_overflows_warns_nobody(size: float):
    """Infinite sums, no NumPy warning; finite errors still have quantiles; the state comes back and merges."""
    got = of([size, -size, 1.0, 5e-324], [-size, size, 2.0, 1.0], [1.0, 0.5, 2.0, 1e200], 2)
    assert got.n == 4
    assert got.fourth == math.inf
    assert got.quantiles.n == (4 if size < 1e308 else 2)
    assert encoded(restored(got)) == encoded(got)
    assert encoded(got.merge(got)) == encoded(restored(got).merge(restored(got)))


@pytest.mark.parametrize("size", [1e200, 1.7e308])
def test_an_empty_side_adds_nothing_to_huge_targets(size: float):
    """inf x 0 is not a number, and not what an empty summary may bring."""
    got = of([size], [size])
    assert (got.target_mean, got.target_m2, got.squared) == (size, 0.0, 0.0)
    assert encoded(Residuals().merge(got)) == encoded(got.merge(Residuals())) == encoded(got)


def test_weights_of_zero():
    """Rows that weigh nothing are rows; their target says nothing of the mean."""
    got = of([5.0, 7.0], [5.0, 9.0], [0.0, 0.0])
    assert (got.n, got.weight, got.target_mean, got.target_m2, got.largest) == (2, 0.0, 0.0, 0.0, 2.0)
    got.update(Regressed(np.array([3.0]), np.array([3.0]), np.array([2.0])))
    assert (got.target_mean, got.target_m2) == (3.0, 0.0)


def test_nothing_and_dropped_rows():
    """No rows: all sums are 0 and nothing is divided; dropped rows are counted (a peer: MAE nan with count 3)."""
    got = Residuals()
    got.update(Regressed(np.zeros(0), np.zeros(0), None, 3))
    assert got == Residuals(n_dropped=3, quantiles=got.quantiles)
    assert got.quantiles.quantile(0.5) is None


def test_quantiles_of_another_k():
    """A summary made with its own k takes batches, and refuses another k naming both."""
    got = Residuals(quantiles=Quantiles(k=64))
    got.update(Regressed(np.arange(100.0), np.zeros(100)))
    assert (got.quantiles.k, got.quantiles.n) == (64, 100)
    with pytest.raises(MergeError, match="k=64 and k=512"):
        got.merge(Residuals())


@pytest.mark.parametrize(
    "wrong", [{"n_zero": 9}, {"absolute": -1.0}, {"weight": -0.5}, {"target_m2": -1e-9}, {"largest": -1}]
)
def test_impossible_sums_are_refused(wrong: dict[str, float]):
    """Sums of squares and sizes are not negative."""
    with pytest.raises(FormatError):
        Residuals.from_state({**of([1.0], [2.0]).to_state(), **wrong})
