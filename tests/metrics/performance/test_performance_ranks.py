"""Gain, lift, decision thresholds and class separation, against the plain formula on the rows."""

from __future__ import annotations

import numpy as np
import pytest
from performance_rows import baseline, binary, holds, multiclass, only, profile, schema_of, values
from scipy import stats
from sklearn import metrics as sk

from barograph import Profile, Schema
from barograph.errors import ParameterError
from barograph.metrics.performance import ClassSeparation, Gain, Lift, ThresholdTable
from barograph.results import Bars, Lines, Table

SCORED = Schema(target="y", score="p")


def truth(rows, share):
    """Positives among the first rows by score, a part of a row where the share ends inside one."""
    order = np.argsort(-rows["p"], kind="stable")
    w = rows.get("w", np.ones(order.size))[order]
    before = np.cumsum(w) - w
    part = np.clip((share * w.sum() - before) / w, 0, 1)
    return float((part * w * rows["y"][order]).sum() / (w * rows["y"][order]).sum())


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("anchored", [False, True])
@pytest.mark.parametrize("share", [0.01, 0.1, 0.25, 0.5, 0.999, 1.0])
def test_gain_and_lift_hold_the_truth(weighted, anchored, share):
    rng = np.random.default_rng(1)
    rows, schema = binary(rng, 1500, weighted), schema_of(binary, weighted)
    current = Profile.of(rows, baseline(binary(rng, 4000, weighted), schema)) if anchored else profile(rows, schema)
    gain, lift = only(Gain(share), current), only(Lift(share), current)
    assert holds(gain, truth(rows, share))
    assert holds(lift, truth(rows, share) / share)
    assert gain.value == pytest.approx(truth(rows, share), abs=0.02)
    assert (gain.dummy, lift.dummy) == (share, 1.0)
    assert gain.n == 1500


def test_a_share_that_ends_between_scores_is_exact():
    rows = {"y": np.array([1, 0, 1, 1, 0, 0, 0, 0, 0, 0]), "p": np.arange(10, 0, -1) / 11}
    current = profile(rows, SCORED)
    for k in range(1, 11):
        value = only(Gain(k / 10), current)
        assert value.value == pytest.approx(rows["y"][:k].sum() / 3)
        assert value.low is None
        assert only(Lift(k / 10), current).value == pytest.approx(rows["y"][:k].mean() / 0.3)


def test_the_lift_table_counts_rows():
    rng = np.random.default_rng(2)
    rows = binary(rng, 1000, digits=2)
    curve, table = Lift().compute(profile(rows, SCORED), None).figures
    assert isinstance(curve, Lines)
    assert isinstance(table, Table)
    assert table.columns[:3] == ["top", "rows", "score from"]
    assert [row[0] for row in table.rows][:4] == ["1%", "2%", "5%", "10%"]
    for row in table.rows:
        share = float(row[0].rstrip("%")) / 100
        assert row[1] == pytest.approx(1000 * share)
        assert row[5] == pytest.approx(only(Gain(share), profile(rows, SCORED)).value)
        assert row[4] == pytest.approx(row[3] / row[1])
        lowest = np.sort(rows["p"])[::-1][round(1000 * share) - 1]
        assert row[2] is None or row[2] <= lowest < row[2] + 0.01
    assert table.rows[-1][4:] == pytest.approx([rows["y"].mean(), 1.0, 1.0, 1.0])


def test_the_gain_curve_is_the_rows():
    rows = binary(np.random.default_rng(3), 400)
    (figure,) = Gain().compute(profile(rows, SCORED), None).figures
    (line,) = figure.lines
    assert (line.x[0], line.y[0], line.x[-1], line.y[-1]) == (0.0, 0.0, 1.0, 1.0)
    for x, y in zip(line.x[1:], line.y[1:], strict=True):
        assert y == pytest.approx(truth(rows, x))
    assert figure.diagonal


def test_thresholds_are_scikit_learns():
    rows = binary(np.random.default_rng(4), 700)
    result = ThresholdTable().compute(profile(rows, SCORED), None)
    curves, table = result.figures
    assert [line.name for line in curves.lines] == ["precision", "recall", "share flagged"]
    for threshold, flagged, precision, recall, false, f1 in table.rows:
        said = (rows["p"] >= threshold).astype(int)
        assert flagged == pytest.approx(said.mean())
        assert precision is None or precision == pytest.approx(sk.precision_score(rows["y"], said))
        assert (recall, f1) == pytest.approx((sk.recall_score(rows["y"], said), sk.f1_score(rows["y"], said)))
        assert false == pytest.approx(said[rows["y"] == 0].mean())
    best = [sk.f1_score(rows["y"], rows["p"] >= at / 100) for at in range(1, 100)]
    assert result.values[0].value == pytest.approx((int(np.argmax(best)) + 1) / 100)


def test_thresholds_of_scores_that_are_no_probabilities():
    rng = np.random.default_rng(5)
    rows = {"y": rng.integers(0, 2, 300), "p": rng.normal(size=300) * 5}
    rows["p"] += 3 * rows["y"]
    base = baseline(rows, SCORED)
    assert "say which thresholds" in only(ThresholdTable(), base.profile).note
    asked = ThresholdTable((-2.0, 0.0, 3.0))
    assert asked.params == {"thresholds": "-2.0, 0.0, 3.0"}
    result = asked.compute(base.profile, None)
    assert result.values[0].value in (-2.0, 0.0, 3.0)
    assert len(result.figures[1].rows) == 3
    with pytest.raises(ParameterError, match="finite"):
        ThresholdTable((float("inf"),))


@pytest.mark.parametrize("digits", [1, None])
@pytest.mark.parametrize("anchored", [False, True])
def test_separation_is_the_ks_distance(digits, anchored):
    rng = np.random.default_rng(6)
    rows = binary(rng, 800, digits=digits)
    current = (
        Profile.of(rows, baseline(binary(rng, 4000, digits=digits), SCORED)) if anchored else profile(rows, SCORED)
    )
    value = only(ClassSeparation(), current)
    expected = stats.ks_2samp(rows["p"][rows["y"] == 1], rows["p"][rows["y"] == 0]).statistic
    assert holds(value, expected)
    assert value.value == pytest.approx(expected, abs=1e-12 if anchored and digits else 0.02)
    (figure,) = ClassSeparation().compute(current, None).figures
    assert isinstance(figure, Bars)
    assert [sum(series) for series in figure.series.values()] == pytest.approx([1.0, 1.0])


def test_each_class_has_its_own():
    rows = multiclass(np.random.default_rng(7), 500)
    current = profile(rows, schema_of(multiclass))
    assert list(values(ClassSeparation(), current)) == ["a", "b", "c", "macro", "weighted"]
    for label in "abc":
        one = {"y": (rows["y"] == label).astype(int), "p": rows[label]}
        assert holds(values(Gain(), current)[label], truth(one, 0.1))


@pytest.mark.parametrize("metric", [Gain, Lift, ThresholdTable, ClassSeparation])
def test_without_a_positive_nothing_is_said(metric):
    schema = Schema(target="y", score="p", positive=1)
    result = metric().compute(profile({"y": [0, 0], "p": [0.1, 0.9]}, schema), None)
    assert result.status == "unknown"
    assert result.note == "no rows of the positive class"
    assert result.figures == []


@pytest.mark.parametrize("metric", [Gain, Lift])
def test_impossible_shares(metric):
    for share in (0, -0.1, 1.5, float("nan")):
        with pytest.raises(ParameterError, match="above 0"):
            metric(share)
