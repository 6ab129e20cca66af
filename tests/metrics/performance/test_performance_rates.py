"""Shares of predictions, against scikit-learn on the rows."""

from __future__ import annotations

import numpy as np
import pytest
from performance_rows import baseline, binary, holds, multiclass, only, profile, schema_of, values
from sklearn import metrics as sk

from barograph import Profile, Schema
from barograph.errors import ParameterError
from barograph.metrics.performance import (
    F1,
    Accuracy,
    ConfusionMatrix,
    Precision,
    PredictedRate,
    Recall,
    Specificity,
    TargetRate,
)


def specificity(y, said, sample_weight=None, **_):
    return sk.recall_score(1 - y, 1 - said, sample_weight=sample_weight, zero_division=0)


def predicted(y, said, sample_weight=None):
    return np.average(said, weights=sample_weight)


def target(y, said, sample_weight=None):
    return np.average(y, weights=sample_weight)


ORACLES = {
    Accuracy: sk.accuracy_score,
    Precision: sk.precision_score,
    Recall: sk.recall_score,
    F1: sk.f1_score,
    Specificity: specificity,
    PredictedRate: predicted,
    TargetRate: target,
}
AVERAGED = {Precision: sk.precision_score, Recall: sk.recall_score, F1: sk.f1_score}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("seed", "n"), [(0, 37), (1, 1000), (2, 20_000)])
def test_a_binary_share_is_scikit_learns(seed, n, weighted):
    rng = np.random.default_rng(seed)
    schema = schema_of(binary, weighted)
    base, rows = baseline(binary(rng, 3000, weighted), schema), binary(rng, n, weighted)
    current = Profile.of(rows, base)
    for metric, oracle in ORACLES.items():
        for threshold, at in ((None, 0.5), (0.5, 0.5), (0.27, 0.27), (0.03, 0.03)):
            value = only(metric(threshold=threshold), current, base.profile)
            expected = oracle(rows["y"], (rows["p"] >= at).astype(int), sample_weight=rows.get("w"))
            assert value.value == pytest.approx(expected, abs=1e-12), (metric, threshold)
            assert value.low is None
            assert value.labels == {}
            assert value.n == n
            assert value.se > 0
            assert value.reference is not None
            assert value.reference_se > 0


@pytest.mark.parametrize("metric", AVERAGED)
def test_two_classes_are_told_as_more_are_where_asked(metric):
    rows = binary(np.random.default_rng(4), 500)
    said = (rows["p"] >= 0.5).astype(int)
    told = metric(by_class=True).compute(profile(rows, schema_of(binary)), None).values
    found = {next(iter(v.labels.items())): v.value for v in told}
    for label in (0, 1):
        expected = AVERAGED[metric](rows["y"], said, pos_label=label)
        assert found["class", str(label)] == pytest.approx(expected, abs=1e-12)
    assert found["average", "macro"] == pytest.approx(AVERAGED[metric](rows["y"], said, average="macro"), abs=1e-12)


@pytest.mark.parametrize("threshold", [0.123456, 0.50001, 1e-9, 0.0, -1.0, 1.0, 1.5, 0.99999999])
@pytest.mark.parametrize("metric", [*ORACLES])
def test_any_threshold_lies_within_its_bounds(metric, threshold):
    rng = np.random.default_rng(3)
    rows = binary(rng, 2000)
    value = only(metric(threshold=threshold), profile(rows, schema_of(binary)))
    said = (rows["p"] >= threshold).astype(int)
    if metric is Precision and not said.any():
        assert value.value is None
        return
    assert holds(value, ORACLES[metric](rows["y"], said))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("classes", [3, 2])  # a class of the baseline that is absent now
def test_averages_are_scikit_learns(weighted, classes):
    rng = np.random.default_rng(classes)
    base = baseline(multiclass(rng, 500, weighted), schema_of(multiclass, weighted))
    rows = multiclass(rng, 800, weighted, classes=classes)
    if classes == 2:
        rows["said"] = np.where(rows["said"] == "c", "a", rows["said"])
    current, weight = Profile.of(rows, base), rows.get("w")
    args = {"sample_weight": weight, "zero_division": 0}
    for metric, oracle in AVERAGED.items():
        found = values(metric(), current, base.profile)
        assert list(found) == ["a", "b", "c", "macro", "micro", "weighted"]
        for how in ("macro", "micro", "weighted"):
            expected = oracle(rows["y"], rows["said"], average=how, **args)
            assert found[how].value == pytest.approx(expected, abs=1e-12)
            assert values(metric(average=how), current) == {how: values(metric(), current)[how]}
        each = oracle(rows["y"], rows["said"], average=None, labels=["a", "b", "c"], **args)
        for label, expected in zip("abc", each, strict=True):
            if label == "c" and classes == 2:
                assert found[label].value is None
                assert found[label].note
                assert found[label].reference is not None
            else:
                assert found[label].value == pytest.approx(expected, abs=1e-12)
    accuracy = only(Accuracy(), current)
    assert accuracy.value == pytest.approx(sk.accuracy_score(rows["y"], rows["said"], sample_weight=weight))


def test_multiclass_specificity_and_rates():
    rows = multiclass(np.random.default_rng(5), 700)
    current = profile(rows, schema_of(multiclass))
    found, said, real = (values(m, current) for m in (Specificity(), PredictedRate(), TargetRate()))
    each = []
    for label in "abc":
        y, hit = rows["y"] == label, rows["said"] == label
        each.append((~y & ~hit).sum() / (~y).sum())
        assert found[label].value == pytest.approx(each[-1])
        assert said[label].value == pytest.approx(hit.mean())
        assert real[label].value == pytest.approx(y.mean())
    assert found["macro"].value == pytest.approx(np.mean(each))


def test_an_undefined_class_counts_0_in_macro_and_is_told():
    rows = {"y": ["a", "b", "c"], "said": ["a", "b", "b"]}
    found = values(Precision(), profile(rows, Schema(target="y", prediction="said")))
    assert found["c"].value is None
    assert found["c"].note == "never predicted"
    assert found["macro"].value == pytest.approx(0.5)
    assert found["macro"].note == "1 of 3 classes count 0: never predicted"


@pytest.mark.parametrize("kind", [str, bool, float])
def test_labels_of_any_kind(kind):
    rows = {"y": [kind(1), kind(""), kind(1)] if kind is not float else [1.0, 0.0, 1.0]}
    rows["said"] = [rows["y"][0], rows["y"][0], rows["y"][1]]
    if kind is str:
        rows = {"y": ["yes", "no", "yes"], "said": ["yes", "yes", "no"]}
    current = profile(rows, Schema(target="y", prediction="said", task="classification"))
    assert only(Precision(), current).value == 0.5
    assert only(Recall(), current).value == 0.5
    assert only(Specificity(), current).value == 0.0


@pytest.mark.parametrize("side", ["y", "said"])
def test_an_unseen_class_is_an_error_on_either_side(side):
    schema = Schema(target="y", prediction="said")
    base = baseline({"y": [0, 1, 1, 0], "said": [0, 1, 1, 0]}, schema)
    rows = {"y": [0, 1, 1, 0], "said": [0, 1, 1, 0]}
    rows[side] = [0, 1, 1, 7]
    current = Profile.of(rows, base)
    assert only(Accuracy(), current, base.profile).value == 0.75
    assert only(Accuracy(), current, base.profile).reference == 1.0
    matrix = ConfusionMatrix().compute(current, None).values
    assert any("7" in v.labels.values() and v.value == 1 for v in matrix)


def test_the_confusion_matrix_is_the_rows():
    rows = multiclass(np.random.default_rng(6), 300, weighted=True)
    base = baseline(rows, schema_of(multiclass, weighted=True))
    result = ConfusionMatrix().compute(base.profile, base.profile)
    truth = sk.confusion_matrix(rows["y"], rows["said"], labels=["a", "b", "c"], sample_weight=rows["w"])
    assert [v.value for v in result.values] == pytest.approx(truth.ravel().tolist())
    assert [v.reference for v in result.values] == [v.value for v in result.values]
    assert [figure.title for figure in result.figures] == ["Confusion matrix, current", "Confusion matrix, reference"]
    assert np.array(result.figures[0].values) == pytest.approx(truth)


def test_none_of_five_has_an_error():
    current = profile({"y": [1] * 5, "said": [0] * 5}, Schema(target="y", prediction="said", positive=1))
    value = only(Recall(), current)
    assert value.value == 0.0
    assert value.se == pytest.approx(np.sqrt(1 / 7 * 6 / 7 / 7))


def test_f1_has_the_delta_methods_error():
    rows = {"y": [1] * 30 + [0] * 70, "said": [1] * 20 + [0] * 10 + [1] * 5 + [0] * 65}
    value = only(F1(), profile(rows, Schema(target="y", prediction="said")))
    tp, fn, fp = 20.5, 10.5, 5.5
    assert value.se == pytest.approx(np.sqrt(4 * tp * (fp + fn) * (tp + fp + fn) / (2 * tp + fp + fn) ** 4))


@pytest.mark.parametrize("metric", [*ORACLES, ConfusionMatrix])
def test_nothing_is_not_0(metric):
    schema = Schema(target="y", prediction="said")
    base = baseline({"y": [0, 1], "said": [0, 1]}, schema)
    for rows in ({"y": [None, None], "said": [1, 0]}, {"y": [0, 1], "said": [None, None]}, {"x": [1]}):
        result = metric().compute(Profile.of(rows, base), base.profile)
        assert result.status == "unknown"
        assert {v.value for v in result.values} <= {None}
        assert "no rows with both a target and a prediction" in result.note


@pytest.mark.parametrize("metric", [*ORACLES, ConfusionMatrix])
@pytest.mark.parametrize(
    ("schema", "word"),
    [
        (Schema(), "no target"),
        (Schema(target="y"), "neither prediction nor score"),
        (Schema(target="y", prediction="said", task="regression"), "task is regression"),
    ],
)
def test_a_missing_role_is_named(metric, schema, word):
    current = profile({"y": [0, 1], "said": [0, 1]}, schema)
    result = metric().compute(current, None)
    assert result.status == "unknown"
    assert word in result.note
    assert not list(metric().needs(current.schema))


def test_left_out_rows_are_told():
    current = profile({"y": [0, 1, None], "said": [0, 1, 1]}, Schema(target="y", prediction="said"))
    value = only(Accuracy(), current)
    assert (value.value, value.n, value.note) == (1.0, 2, "1 row without a target or prediction is left out")


def test_weights_of_0_say_nothing():
    schema = Schema(target="y", prediction="said", weight="w")
    value = only(Accuracy(), profile({"y": [0, 1], "said": [0, 1], "w": [0.0, 0.0]}, schema))
    assert value.value is None
    assert value.note == "the weights of all rows are 0"


def test_impossible_parameters():
    with pytest.raises(ParameterError, match="nan"):
        Accuracy(threshold=float("nan"))
    with pytest.raises(ParameterError, match="mean"):
        F1(average="mean")
    with pytest.raises(ParameterError, match="not both"):
        F1(average="macro", threshold=0.5)


def test_one_class_per_score_column_at_a_threshold():
    rows = multiclass(np.random.default_rng(8), 400)
    found = values(Recall(threshold=0.4), profile(rows, schema_of(multiclass)))
    for label in "abc":
        assert found[label].value == pytest.approx(sk.recall_score(rows["y"] == label, rows[label] >= 0.4))
