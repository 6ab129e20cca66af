"""Metrics of scores, against scikit-learn on the rows."""

from __future__ import annotations

import numpy as np
import pytest
from performance_rows import baseline, binary, holds, multiclass, only, profile, schema_of, values
from sklearn import metrics as sk

from barograph import Profile, Schema
from barograph.metrics.performance import (
    AveragePrecision,
    Brier,
    CalibrationError,
    LogLoss,
    RocAuc,
    ScoreDistribution,
    TargetRate,
)

SCORED = [RocAuc, AveragePrecision, LogLoss, Brier, CalibrationError, ScoreDistribution]
AREAS = {RocAuc: sk.roc_auc_score, AveragePrecision: sk.average_precision_score}


def score_law(name, rng, n):
    y = (rng.random(n) < 0.4).astype(int)
    y[:2] = 0, 1
    near = np.clip(0.4 * y + 0.6 * rng.random(n), 0, 1)
    scores = {
        "spread": near,
        "ties": np.round(near, 1),
        "few": np.array([0.125, 0.3, 0.77])[(near * 2.99).astype(int)],
        "narrow": 0.2 + 0.01 * near,
        "extreme": (near > 0.5).astype(float),
        "near the ends": np.where(y == 1, 1 - near * 1e-9, near * 1e-9),
        "no probabilities": 7 * near - 3,
        "constant": np.full(n, 0.3),
    }
    return {"y": y, "p": scores[name]}


LAWS = ["spread", "ties", "few", "narrow", "extreme", "near the ends", "no probabilities", "constant"]


def ece(y, p, w):
    cell = np.minimum(np.searchsorted(np.arange(1, 10) / 10, p, side="right"), 9)
    return np.abs(np.bincount(cell, w * (y - p), minlength=10)).sum() / w.sum()


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize(("seed", "n"), [(0, 2), (1, 5), (2, 60), (3, 3000)])
@pytest.mark.parametrize("anchored", [False, True])
def test_areas_hold_the_truth(law, seed, n, anchored):
    rng = np.random.default_rng(seed)
    rows = score_law(law, rng, n)
    if anchored:
        base = baseline(score_law(law, rng, 2000), Schema(target="y", score="p"))
        current = Profile.of(rows, base)
    else:
        current = profile(rows, Schema(target="y", score="p"))
    for metric, oracle in AREAS.items():
        value = only(metric(), current)
        assert holds(value, oracle(rows["y"], rows["p"])), metric
        assert value.se > 0
        if anchored and law in ("ties", "few", "extreme", "constant"):
            assert value.low is None


@pytest.mark.parametrize("seed", range(4))
def test_areas_hold_the_truth_of_weighted_rows(seed):
    rng = np.random.default_rng(seed)
    schema = schema_of(binary, weighted=True)
    base, rows = (
        baseline(binary(rng, 1000, weighted=True), schema),
        binary(rng, 5 * 10**seed + 5, weighted=True, digits=seed + 1),
    )
    for metric, oracle in AREAS.items():
        value = only(metric(), Profile.of(rows, base), base.profile)
        assert holds(value, oracle(rows["y"], rows["p"], sample_weight=rows["w"]))
        assert value.reference is not None


def test_many_rows_have_narrow_bounds():
    rng = np.random.default_rng(9)
    base = baseline(binary(rng, 50_000), schema_of(binary))
    rows = binary(rng, 100_000)
    current = Profile.of(rows, base)
    for metric, oracle in AREAS.items():
        value = only(metric(), current)
        truth = oracle(rows["y"], rows["p"])
        assert holds(value, truth)
        assert value.high - value.low < 0.02
        assert value.value == pytest.approx(truth, abs=2e-4)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("law", [law for law in LAWS if law != "no probabilities"])
def test_losses_are_scikit_learns(law, weighted):
    rng = np.random.default_rng(11)
    rows = score_law(law, rng, 500)
    w = rng.exponential(1, 500) if weighted else np.ones(500)
    schema = Schema(target="y", score="p", weight="w" if weighted else None)
    current = profile({**rows, "w": w} if weighted else rows, schema)
    y, p = rows["y"], rows["p"]
    assert only(LogLoss(), current).value == pytest.approx(sk.log_loss(y, p, sample_weight=w))
    assert only(Brier(), current).value == pytest.approx(sk.brier_score_loss(y, p, sample_weight=w))
    assert only(CalibrationError(), current).value == pytest.approx(ece(y, p, w), abs=1e-12)
    assert only(ScoreDistribution(), current).value == pytest.approx(np.average(p, weights=w))
    assert only(TargetRate(threshold=0.5), current).value == pytest.approx(np.average(y, weights=w))


@pytest.mark.parametrize("weighted", [False, True])
def test_several_score_columns(weighted):
    rng = np.random.default_rng(12)
    base = baseline(multiclass(rng, 2000, weighted), schema_of(multiclass, weighted))
    rows = multiclass(rng, 1500, weighted)
    current, w = Profile.of(rows, base), rows.get("w")
    p = np.column_stack([rows[c] for c in "abc"])
    for metric, oracle in AREAS.items():
        found = values(metric(), current, base.profile)
        assert list(found) == ["a", "b", "c", "macro", "weighted"]
        each = [oracle(rows["y"] == c, rows[c], sample_weight=w) for c in "abc"]
        share = [np.average(rows["y"] == c, weights=w) for c in "abc"]
        for label, truth in zip("abc", each, strict=True):
            assert holds(found[label], truth)
        assert holds(found["macro"], np.mean(each))
        assert holds(found["weighted"], np.dot(each, share))
    if not weighted:
        truth = sk.roc_auc_score(rows["y"], p, multi_class="ovr", average="weighted")
        assert holds(values(RocAuc(), current)["weighted"], truth)
    loss = values(LogLoss(), current)
    assert loss["all"].value == pytest.approx(sk.log_loss(rows["y"], p, sample_weight=w))
    for c in "abc":
        assert loss[c].value == pytest.approx(sk.log_loss(rows["y"] == c, rows[c], sample_weight=w))
    brier = values(Brier(), current)
    truth = sum(sk.brier_score_loss(rows["y"] == c, rows[c], sample_weight=w) for c in "abc")
    assert brier["all"].value == pytest.approx(truth)


def test_a_class_absent_now_is_left_out_of_the_averages():
    rng = np.random.default_rng(13)
    base = baseline(multiclass(rng, 500), schema_of(multiclass))
    found = values(RocAuc(), Profile.of(multiclass(rng, 400, classes=2), base), base.profile)
    assert found["c"].value is None
    assert found["c"].note == "no rows of the positive class"
    assert found["c"].reference is not None
    assert found["macro"].value == pytest.approx((found["a"].value + found["b"].value) / 2)
    assert "1 of 3 classes" in found["macro"].note


def test_a_class_without_a_score_is_left_out_of_log_loss():
    base = baseline(multiclass(np.random.default_rng(14), 100), schema_of(multiclass))
    rows = {"y": ["a", "z"], "said": ["a", "a"], "a": [0.5, 0.5], "b": [0.25, 0.25], "c": [0.25, 0.25]}
    found = values(LogLoss(), Profile.of(rows, base))
    assert found["all"].value == pytest.approx(np.log(2))
    assert "0.5 of the weight" in found["all"].note


def test_curves_are_drawn_beside_the_reference():
    rng = np.random.default_rng(15)
    base = baseline(binary(rng, 5000), schema_of(binary))
    rows = binary(rng, 5000)
    current = Profile.of(rows, base)
    for metric, diagonal in ((RocAuc, True), (AveragePrecision, False), (CalibrationError, True)):
        (figure,) = metric().compute(current, base.profile).figures
        assert [line.name for line in figure.lines] == ["current", "reference"]
        assert figure.diagonal is diagonal
        assert all(0 <= number <= 1 for line in figure.lines for number in (*line.x, *line.y))
        assert all(len(line.x) == len(line.y) <= 101 for line in figure.lines)
    line = RocAuc().compute(current, None).figures[0].lines[0]
    assert (line.x[0], line.y[0], line.x[-1], line.y[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(line.y, line.x) == pytest.approx(sk.roc_auc_score(rows["y"], rows["p"]), abs=2e-3)


@pytest.mark.parametrize("law", LAWS)
def test_the_score_distribution_counts_every_row(law):
    rows = score_law(law, np.random.default_rng(16), 1000)
    (figure,) = ScoreDistribution().compute(profile(rows, Schema(target="y", score="p")), None).figures
    assert sum(figure.series["positive"]) == pytest.approx(rows["y"].mean())
    assert sum(figure.series["negative"]) == pytest.approx(1 - rows["y"].mean())
    assert len(figure.edges) == len(figure.cells) + 1 <= 51
    if law != "no probabilities":
        expected, _ = np.histogram(rows["p"], figure.edges)
        both = np.array(figure.series["positive"]) + figure.series["negative"]
        if law != "near the ends":
            assert both[:-1] * 1000 == pytest.approx(expected[:-1], abs=1e-6)


def test_scores_that_are_no_probabilities():
    current = profile({"y": [0, 1, 1], "p": [-1.0, 0.5, 3.0]}, Schema(target="y", score="p"))
    for metric in (LogLoss, Brier, CalibrationError):
        result = metric().compute(current, None)
        assert result.status == "unknown"
        assert result.note == "2 scores lie outside 0..1: they are no probabilities"
        assert not result.figures
    assert only(RocAuc(), current).value == 1.0


@pytest.mark.parametrize("metric", SCORED)
def test_nothing_is_not_0(metric):
    schema = Schema(target="y", score="p")
    base = baseline({"y": [0, 1], "p": [0.1, 0.9]}, schema)
    for rows in ({"y": [None], "p": [0.5]}, {"y": [1, 0], "p": [float("nan"), None]}, {"x": [1]}):
        result = metric().compute(Profile.of(rows, base), base.profile)
        assert result.values[0].value is None
        assert "no rows with both a target and a score" in result.values[0].note


def test_one_class_has_no_curve():
    base = baseline({"y": [0, 1], "p": [0.1, 0.9]}, Schema(target="y", score="p"))
    for y, note in ((0, "no rows of the positive class"), (1, "no rows but of the positive class")):
        current = Profile.of({"y": [y] * 3, "p": [0.1, 0.2, 0.9]}, base)
        result = RocAuc().compute(current, base.profile)
        assert (result.status, result.note, result.figures) == ("unknown", note, [])
    assert only(AveragePrecision(), current).value == pytest.approx(1.0)


@pytest.mark.parametrize("metric", SCORED)
def test_missing_roles_are_named(metric):
    for schema, word in ((Schema(), "no target"), (Schema(target="y", prediction="said"), "no score")):
        current = profile({"y": [0, 1], "said": [0, 1]}, schema)
        assert word in metric().compute(current, None).note
        assert not list(metric().needs(current.schema))
    three = profile({"y": ["a", "b", "c"], "p": [0.1, 0.2, 0.3]}, Schema(target="y", score="p"))
    assert "belongs to no class" in metric().compute(three, None).note


def test_left_out_rows_are_told():
    current = profile({"y": [0, 1, None, 1], "p": [0.1, 0.9, 0.5, float("inf")]}, Schema(target="y", score="p"))
    value = only(Brier(), current)
    assert (value.n, value.note) == (2, "2 rows without a target or score are left out")


@pytest.mark.parametrize("metric", SCORED)
def test_a_single_row(metric):
    value = only(metric(), profile({"y": [1], "p": [0.8]}, Schema(target="y", score="p", positive=1)))
    assert value.se is None or value.se > 0
