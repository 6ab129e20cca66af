"""What is to be had without skill, against scikit-learn's dummies; and checks that hold a metric against it."""

from __future__ import annotations

import numpy as np
import pytest
from performance_rows import LETTERS, binary, multiclass, numbers, only, schema_of, values
from sklearn import metrics as sk
from sklearn.dummy import DummyRegressor

from barograph import Check, Profile, Report, Schema, better_than_dummy
from barograph.errors import ParameterError
from barograph.metrics.performance import (
    F1,
    MAE,
    MAPE,
    MSE,
    R2,
    RMSE,
    Accuracy,
    AveragePrecision,
    BalancedAccuracy,
    Brier,
    Dummy,
    FalseNegativeRate,
    FalsePositiveRate,
    LogLoss,
    MaxError,
    MeanError,
    Precision,
    RocAuc,
    Specificity,
)

REGRESSOR = Schema(target="y", prediction="said", task="regression")
LABELLED = Schema(target="y", prediction="said")


def whole(rows, schema):
    return Profile.of(rows, schema=schema)


@pytest.mark.parametrize(("n", "tolerance"), [(5, 1e-12), (500, 1e-12), (20_000, 0.01)])
def test_the_best_constant_of_each_regression_metric(n, tolerance):
    rows = numbers(np.random.default_rng(n), n)
    rows["y"] = rows["y"] - 29
    y, x, current = rows["y"], np.zeros((n, 1)), whole(rows, REGRESSOR)
    said = {how: DummyRegressor(strategy=how).fit(x, y).predict(x) for how in ("mean", "median")}
    mape = min(sk.mean_absolute_percentage_error(y, np.full(n, c)) for c in np.quantile(y, np.linspace(0, 1, 401)))
    truth = {
        MAE: sk.mean_absolute_error(y, said["median"]),
        RMSE: sk.root_mean_squared_error(y, said["mean"]),
        MSE: sk.mean_squared_error(y, said["mean"]),
        MaxError: sk.max_error(y, np.full(n, (y.min() + y.max()) / 2)),
        R2: 0.0,
    }
    listed = values(Dummy(), current)
    for metric, expected in truth.items():
        assert only(metric(), current).dummy == pytest.approx(expected, rel=tolerance)
        assert metric is MSE or listed[metric.spec.name].value == only(metric(), current).dummy
    found = only(MAPE(), current).dummy
    assert found <= min(mape, 1.0) * (1 + tolerance)
    assert n > 500 or found == pytest.approx(min(1.0, *(np.mean(np.abs(y - c) / np.abs(y)) for c in y)))
    assert only(MeanError(), current).dummy is None


def test_quantiles_of_rows_say_nothing_of_weights():
    rows = numbers(np.random.default_rng(1), 50, weighted=True)
    current = whole(rows, Schema(target="y", prediction="said", weight="w", task="regression"))
    assert only(MAE(), current).dummy is None
    mean = np.average(rows["y"], weights=rows["w"])
    assert only(RMSE(), current).dummy == pytest.approx(np.sqrt(np.average((rows["y"] - mean) ** 2, weights=rows["w"])))
    assert "not known" in values(Dummy(), current)["mae"].note


@pytest.mark.parametrize("weighted", [False, True])
def test_the_shares_of_the_classes_as_scores(weighted):
    rng = np.random.default_rng(2)
    rows = binary(rng, 400, weighted)
    current, w = whole(rows, schema_of(binary, weighted)), rows.get("w")
    share = np.full(400, np.average(rows["y"], weights=w))
    assert only(LogLoss(), current).dummy == pytest.approx(sk.log_loss(rows["y"], share, sample_weight=w))
    assert only(Brier(), current).dummy == pytest.approx(sk.brier_score_loss(rows["y"], share, sample_weight=w))
    assert only(RocAuc(), current).dummy == sk.roc_auc_score(rows["y"], share, sample_weight=w) == 0.5
    expected = sk.average_precision_score(rows["y"], share, sample_weight=w)
    assert only(AveragePrecision(), current).dummy == pytest.approx(expected)
    several = multiclass(rng, 400, weighted)
    current, w = whole(several, schema_of(multiclass, weighted)), several.get("w")
    shares = np.array([np.average(several["y"] == label, weights=w) for label in LETTERS])
    expected = sk.log_loss(several["y"], np.tile(shares, (400, 1)), sample_weight=w)
    assert values(LogLoss(), current)["all"].dummy == pytest.approx(expected)
    assert values(Brier(), current)["all"].dummy == pytest.approx((shares * (1 - shares)).sum())
    assert values(RocAuc(), current)["macro"].dummy == pytest.approx(0.5)


def test_all_that_is_to_be_had_in_one_list():
    rng = np.random.default_rng(3)
    current = whole(binary(rng, 300), schema_of(binary))
    found = values(Dummy(), current)
    p = binary(np.random.default_rng(3), 300)["y"].mean()
    assert found["accuracy"].value == pytest.approx(1 - p)
    for metric in (Precision, F1, FalsePositiveRate):
        assert found[metric.spec.name].value == pytest.approx(p)
    for metric in (Specificity, FalseNegativeRate):
        assert found[metric.spec.name].value == pytest.approx(1 - p)
    nothing = Dummy().compute(whole({"x": [1]}, Schema()), None)
    assert nothing.status == "unknown"
    assert "no target" in nothing.note


def useful(n, right=0.8, rare=0.5, seed=4):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < rare).astype(int)
    return {"y": y, "said": np.where(rng.random(n) < right, y, 1 - y)}


def verdict(metric, rows, schema=LABELLED, **sigmas):
    (found,) = Report([Check(metric, better_than_dummy(**sigmas))]).run(rows, schema=schema).verdicts
    return found


def test_skill_passes_and_its_absence_fails_without_any_reference():
    for metric in (Accuracy(), BalancedAccuracy(), Precision(), F1(), FalsePositiveRate()):
        assert verdict(metric, useful(1000)).status == "pass"
        assert verdict(metric, useful(1000, right=0.2)).status == "fail"
    rare = {"y": [1] * 50 + [0] * 950, "said": [0] * 1000}  # right in 95 %, and blind
    for metric in (Accuracy(), BalancedAccuracy()):
        found = verdict(metric, rare)
        assert found.status == "fail"
        assert found.threshold == pytest.approx(0.95 if metric == Accuracy() else 0.5)
    rows = numbers(np.random.default_rng(5), 300)
    for metric in (MAE(), RMSE(), MAPE(), R2(), MaxError()):
        assert verdict(metric, rows, REGRESSOR).status == "pass"
        assert verdict(metric, {**rows, "said": rows["y"][::-1] * 2}, REGRESSOR).status == "fail"


def test_what_cannot_be_told_does_not_pass():
    few = verdict(Accuracy(), useful(5, right=1.0))
    assert (few.status, few.reason) == ("unknown", "only 5 rows; at least 10 are needed")
    slight = verdict(Accuracy(), useful(40, right=0.7))
    assert slight.status == "unknown"
    assert "cannot tell" in slight.reason
    assert verdict(Accuracy(), useful(40, right=0.7), sigmas=0).status == "pass"
    assert verdict(MeanError(), numbers(np.random.default_rng(6), 99), REGRESSOR).status == "unknown"
    one = verdict(Accuracy(), {"y": [1] * 50, "said": [1] * 50}, Schema(target="y", prediction="said", positive=1))
    assert one.status == "fail"  # always saying the only class needs no skill
    with pytest.raises(ParameterError, match="0 or more"):
        better_than_dummy(-1)


def test_useless_predictions_do_not_pass_by_chance():
    passed = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        rows = {"y": rng.random(300) < 0.3, "said": rng.random(300) < 0.3}
        passed += verdict(BalancedAccuracy(), rows).status == "pass"
    assert passed <= 8  # 2.3 expected
