"""Metrics of prediction - target, against scikit-learn on the rows."""

from __future__ import annotations

import numpy as np
import pytest
from performance_rows import baseline, holds, numbers, only, profile, schema_of, values
from sklearn import metrics as sk

from barograph import Profile, Schema
from barograph.errors import ParameterError
from barograph.metrics.performance import MAE, MAPE, MSE, R2, RMSE, SMAPE, ErrorQuantiles, MaxError, MeanError


def smape(y, p, sample_weight=None):
    both = np.abs(y) + np.abs(p)
    return np.average(np.where(both > 0, 2 * np.abs(p - y) / np.where(both > 0, both, 1), 0), weights=sample_weight)


ORACLES = {
    MAE: sk.mean_absolute_error,
    MSE: sk.mean_squared_error,
    RMSE: sk.root_mean_squared_error,
    MAPE: sk.mean_absolute_percentage_error,
    SMAPE: smape,
    R2: sk.r2_score,
    MeanError: lambda y, p, sample_weight=None: np.average(p - y, weights=sample_weight),
    MaxError: lambda y, p, sample_weight=None: sk.max_error(y, p),
}
SCHEMA = Schema(target="y", prediction="said", task="regression")


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("seed", "n"), [(0, 2), (1, 50), (2, 5000), (3, 100_000)])
def test_they_are_scikit_learns(seed, n, weighted):
    rng = np.random.default_rng(seed)
    base = baseline(numbers(rng, 300, weighted), schema_of(numbers, weighted))
    rows = numbers(rng, n, weighted)
    current = Profile.of(rows, base)
    for metric, oracle in ORACLES.items():
        value = only(metric(), current, base.profile)
        assert value.value == pytest.approx(oracle(rows["y"], rows["said"], sample_weight=rows.get("w")), rel=1e-9)
        assert value.n == n
        assert value.reference is not None
        assert (value.reference_se is None) == (metric is MaxError)


@pytest.mark.parametrize("n", [1, 2, 100, 512, 60_000])
def test_quantiles_hold_the_truth(n):
    rows = numbers(np.random.default_rng(n), n)
    found = values(ErrorQuantiles(), profile(rows, SCHEMA))
    for q in (0.05, 0.25, 0.5, 0.75, 0.95):
        value, truth = found[str(q)], np.quantile(rows["said"] - rows["y"], q)
        assert holds(value, truth)
        assert value.low is None or n > 512
    shown = ErrorQuantiles((0.5,))
    assert shown.params == {"quantiles": "0.5"}
    assert values(shown, profile(rows, SCHEMA)).keys() == {"0.5"}


def test_the_histogram_compares():
    rng = np.random.default_rng(1)
    base = baseline(numbers(rng, 3000), schema_of(numbers))
    rows = numbers(rng, 1000)
    (figure,) = ErrorQuantiles().compute(Profile.of(rows, base), base.profile).figures
    assert list(figure.series) == ["reference", "current"]
    for series in figure.series.values():
        assert sum(series) == pytest.approx(1.0)
    inner, _ = np.histogram(rows["said"] - rows["y"], figure.edges)
    assert figure.series["current"][1:-1] == pytest.approx((inner[1:-1] / 1000).tolist(), abs=0.01)


def test_targets_of_0_have_no_percentage():
    current = profile({"y": [0.0, 2.0, 0.0, 4.5], "said": [1.0, 1.0, 0.0, 4.5]}, SCHEMA)
    value = only(MAPE(), current)
    assert (value.value, value.n, value.note) == (0.25, 2, "2 rows with a target of 0 left out")
    assert only(SMAPE(), current).value == pytest.approx((2 + 2 / 3) / 4)
    nothing = only(MAPE(), profile({"y": [0.0], "said": [1.5]}, SCHEMA))
    assert (nothing.value, nothing.note) == (None, "1 row with a target of 0 left out")


def test_a_constant_target_has_no_r2():
    value = only(R2(), profile({"y": [0.1] * 7, "said": [0.1, 0.2, 0.3, 0.1, 0.1, 0.1, 0.5]}, SCHEMA))
    assert (value.value, value.note) == (None, "the target is constant")
    single = only(R2(), profile({"y": [3.5], "said": [3.0]}, SCHEMA))
    assert single.value is None


@pytest.mark.parametrize("metric", [*ORACLES, ErrorQuantiles])
def test_nothing_is_not_0(metric):
    base = baseline({"y": [0.5, 1.5], "said": [0.5, 1.0]}, SCHEMA)
    for rows in ({"y": [None], "said": [0.5]}, {"y": [1.5], "said": [float("nan")]}, {"x": [1]}):
        result = metric().compute(Profile.of(rows, base), base.profile)
        assert result.status == "unknown"
        assert "no rows with both a target and a prediction" in result.note


@pytest.mark.parametrize("metric", [*ORACLES, ErrorQuantiles])
def test_missing_roles_are_named(metric):
    for schema, word in (
        (Schema(), "no target"),
        (Schema(target="y"), "no prediction"),
        (Schema(target="y", prediction="said", task="classification"), "task is classification"),
    ):
        current = profile({"y": [0.5, 1.25], "said": [0.5, 1.0]}, schema)
        assert word in metric().compute(current, None).note
        assert not list(metric().needs(current.schema))


def test_what_overflows_is_not_known():
    current = profile({"y": [1e300, -1e300, 0.5], "said": [-1e300, 1e300, 0.5]}, SCHEMA)
    for metric in (MSE, RMSE, R2):
        value = only(metric(), current)
        assert value.value is None
        assert value.note
    assert only(MAE(), current).value == pytest.approx(4e300 / 3)


def test_perfect_predictions():
    current = profile({"y": [0.5, 1.5, 2.5], "said": [0.5, 1.5, 2.5]}, SCHEMA)
    for metric in (MAE, MSE, RMSE, MAPE, SMAPE, MeanError, MaxError):
        assert only(metric(), current).value == 0.0
    assert only(R2(), current).value == 1.0


def test_impossible_quantiles():
    with pytest.raises(ParameterError, match="shares of 0 to 1"):
        ErrorQuantiles((5.0,))
    with pytest.raises(ParameterError, match="at least one"):
        ErrorQuantiles(())
