"""The highest-scored rows, error rates, and what is to be had without skill, against the plain formula on the rows."""

from __future__ import annotations

import numpy as np
import pytest
from performance_rows import baseline, binary, holds, multiclass, only, profile, schema_of, values
from sklearn import metrics as sk
from sklearn.dummy import DummyClassifier

from barograph import Profile, Schema
from barograph.errors import ParameterError
from barograph.metrics.performance import (
    F1,
    Accuracy,
    BalancedAccuracy,
    FalseNegativeRate,
    FalsePositiveRate,
    MatthewsCorrelation,
    Precision,
    PredictedRate,
    Recall,
    Specificity,
)

SCORED = Schema(target="y", score="p")
TEN = {"y": [1, 0, 1, 0, 0, 1, 0, 0, 0, 0], "p": [0.95, 0.9, 0.85, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]}


@pytest.mark.parametrize("k", range(1, 11))
def test_the_top_k_are_k_rows(k):
    """A peer marks one row more than it is asked for."""
    current = profile(TEN, SCORED)
    y = np.array(TEN["y"])
    said = np.arange(10) < k
    assert only(PredictedRate(k=k), current).value == k / 10
    for metric, oracle in ((Precision, sk.precision_score), (Recall, sk.recall_score), (Accuracy, sk.accuracy_score)):
        value = only(metric(k=k), current)
        assert (value.value, value.low) == (pytest.approx(oracle(y, said)), None)
    if k <= 3:
        assert only(Precision(k=k), current).value == [1.0, 1 / 2, 2 / 3][k - 1]


@pytest.mark.parametrize("k", [1, 7, 100, 999, 1000])
@pytest.mark.parametrize("digits", [1, 2, None])
@pytest.mark.parametrize("anchored", [False, True])
def test_any_choice_among_ties_lies_within_the_bounds(k, digits, anchored):
    rng = np.random.default_rng(7)
    rows = binary(rng, 1000, digits=digits)
    current = (
        Profile.of(rows, baseline(binary(rng, 3000, digits=digits), SCORED)) if anchored else profile(rows, SCORED)
    )
    for seed in range(5):
        order = np.lexsort((np.random.default_rng(seed).random(1000), -rows["p"]))
        said = np.zeros(1000, int)
        said[order[:k]] = 1
        for metric, oracle in ((Precision, sk.precision_score), (Recall, sk.recall_score), (F1, sk.f1_score)):
            value = only(metric(k=k), current)
            assert holds(value, oracle(rows["y"], said)), (metric, value)
            assert (value.low is None) == (value.note == "")
    assert only(PredictedRate(k=k), current).value == pytest.approx(k / 1000)


def test_ties_count_in_proportion():
    rows = {"y": [1, 1, 0, 0, 0, 0], "p": [0.9, 0.5, 0.5, 0.5, 0.5, 0.1]}
    value = only(Precision(k=3), profile(rows, SCORED))
    assert value.value == pytest.approx((1 + 2 * 1 / 4) / 3)
    assert (value.low, value.high) == (pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert value.note == "rows that share the last place count in proportion"


def test_more_than_there_are_and_weights_are_told():
    value = only(Recall(k=99), profile(TEN, SCORED))
    assert (value.value, value.note) == (1.0, "there are only 10 rows")
    weighed = profile({**TEN, "w": [2.0] * 10}, Schema(target="y", score="p", weight="w"))
    value = only(Recall(k=3), weighed)
    assert value.value is None
    assert "weights" in value.note
    for wrong in (0, -1, 1.5, True):
        with pytest.raises(ParameterError, match="from 1"):
            Recall(k=wrong)
    with pytest.raises(ParameterError, match="not both"):
        Recall(0.5, k=3)
    with pytest.raises(ParameterError, match="not both"):
        Recall(average="macro", k=3)


def test_given_labels_count_as_labels_beside_a_score():
    """A peer throws the user's labels away where there are scores, and cuts these at a half."""
    rng = np.random.default_rng(8)
    rows = binary(rng, 500)
    rows["said"] = (rows["p"] >= 0.2).astype(int)
    current = profile(rows, Schema(target="y", prediction="said", score="p"))
    for metric, oracle in ((Accuracy, sk.accuracy_score), (Precision, sk.precision_score), (Recall, sk.recall_score)):
        assert only(metric(), current).value == pytest.approx(oracle(rows["y"], rows["said"]))
        assert only(metric(0.5), current).value == pytest.approx(oracle(rows["y"], rows["p"] >= 0.5))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("law", [binary, multiclass])
def test_balanced_accuracy_and_matthews_are_scikit_learns(law, weighted):
    rng = np.random.default_rng(9)
    rows = law(rng, 700, weighted)
    current = profile(rows, schema_of(law, weighted))
    said = rows.get("said", None)
    said = (rows["p"] >= 0.5).astype(int) if said is None else said
    weight = rows.get("w")
    expected = sk.balanced_accuracy_score(rows["y"], said, sample_weight=weight)
    assert only(BalancedAccuracy(), current).value == pytest.approx(expected)
    expected = sk.matthews_corrcoef(rows["y"], said, sample_weight=weight)
    assert only(MatthewsCorrelation(), current).value == pytest.approx(expected)


@pytest.mark.parametrize("metric", [BalancedAccuracy, MatthewsCorrelation])
def test_one_class_has_no_skill_to_show(metric):
    current = profile({"y": [1, 1, 1], "said": [1, 0, 1]}, Schema(target="y", prediction="said", positive=1))
    value = only(metric(), current)
    assert value.value is None
    assert "one class only" in value.note


@pytest.mark.parametrize("metric", [BalancedAccuracy, MatthewsCorrelation, FalsePositiveRate, FalseNegativeRate])
@pytest.mark.parametrize("threshold", [0.5, 0.123456, 0.50001])
def test_any_threshold_lies_within_its_bounds(metric, threshold):
    rows = binary(np.random.default_rng(3), 2000)
    y, said = rows["y"], (rows["p"] >= threshold).astype(int)
    fpr, fnr = said[y == 0].mean(), 1 - said[y == 1].mean()
    truth = {
        BalancedAccuracy: 1 - (fpr + fnr) / 2,
        MatthewsCorrelation: sk.matthews_corrcoef(y, said),
        FalsePositiveRate: fpr,
        FalseNegativeRate: fnr,
    }[metric]
    assert holds(only(metric(threshold), profile(rows, SCORED)), truth)


def test_error_rates_are_what_is_left():
    rng = np.random.default_rng(10)
    base = baseline(multiclass(rng, 500), schema_of(multiclass))
    rows = multiclass(rng, 400, classes=2)  # a class that the target lacks
    current = Profile.of(rows, base)
    for rate, other in ((FalseNegativeRate(), Recall()), (FalsePositiveRate(), Specificity())):
        errors, hits = values(rate, current), values(other, current)
        assert list(errors) == list(hits) == ["a", "b", "c", "macro", "micro", "weighted"]
        for label, value in errors.items():
            if hits[label].value is None:
                assert value.value is None
            else:
                assert value.value == pytest.approx(1 - hits[label].value)
                assert value.se == pytest.approx(hits[label].se)


def test_chance_is_the_expectation_of_random_labels():
    rng = np.random.default_rng(11)
    rows = multiclass(rng, 300)
    current = profile(rows, schema_of(multiclass))
    x = np.zeros((300, 1))
    drawn = {metric: [] for metric in (Precision, Recall, F1)}
    for seed in range(60):
        said = DummyClassifier(strategy="stratified", random_state=seed).fit(x, rows["y"]).predict(x)
        drawn[Precision].append(sk.precision_score(rows["y"], said, average=None))
        drawn[Recall].append(sk.recall_score(rows["y"], said, average=None))
        drawn[F1].append(sk.f1_score(rows["y"], said, average=None))
    for metric, found in drawn.items():
        for at, label in enumerate("abc"):
            assert values(metric(), current)[label].dummy == pytest.approx(np.mean(found, axis=0)[at], abs=0.025)
            assert values(metric(), current)[label].dummy == pytest.approx(np.mean(rows["y"] == label))
    constant = DummyClassifier(strategy="most_frequent").fit(x, rows["y"]).predict(x)
    assert only(Accuracy(), current).dummy == pytest.approx(sk.accuracy_score(rows["y"], constant))
    assert only(BalancedAccuracy(), current).dummy == pytest.approx(1 / 3)
    assert only(MatthewsCorrelation(), current).dummy == pytest.approx(0, abs=1e-12)


def test_chance_flags_as_many_rows_as_the_top_k():
    current = profile(TEN, SCORED)
    assert only(Precision(k=2), current).dummy == pytest.approx(0.3)
    assert only(Recall(k=2), current).dummy == pytest.approx(0.2)
    assert only(PredictedRate(k=2), current).dummy is None
