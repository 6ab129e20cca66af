"""Changes of correlation: no alarm without one, an alarm for one, and the strongest pairs, against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from barograph import Check, Report, Schema, close_to_reference, lt, no_drift
from barograph.errors import ParameterError
from barograph.metrics.drift import CorrelationChange
from barograph.metrics.performance import TargetPredictionCorrelation
from barograph.metrics.quality import HighestCorrelation


def rows(seed: int, n: int, strength: float = 0.7, k: int = 6) -> dict[str, np.ndarray]:
    """Heavy-tailed columns that share a little, the first two more."""
    rng = np.random.default_rng(seed)
    x = rng.standard_t(2, size=(n, k)) + rng.normal(size=(n, 1))
    x[:, 1] += strength * x[:, 0]
    return {f"x{i}": x[:, i] for i in range(k)}


@pytest.mark.parametrize("method", ["spearman", "kendall"])
@pytest.mark.parametrize("n", [60, 500])
def test_no_alarm_without_a_change(method, n):
    """At 5 % a run, all pairs together, of heavy-tailed columns; no size of effect is asked for."""
    report = Report([Check(CorrelationChange(method), no_drift(0.0))], alpha=0.05)
    failed = sum(report.run(rows(2 * s, n), rows(2 * s + 1, n)).status == "fail" for s in range(60))
    assert failed <= 9  # 3 expected; more comes by chance once in 3000


def test_no_alarm_where_only_some_of_very_many_pairs_are_listed():
    report = Report([Check(CorrelationChange(pairs=2), no_drift(0.0))], alpha=0.05)
    failed = sum(report.run(rows(2 * s, 200), rows(2 * s + 1, 200)).status == "fail" for s in range(60))
    assert failed <= 9


def test_pearson_of_normal_columns():
    rng = np.random.default_rng(1)
    report = Report([Check(CorrelationChange("pearson"), no_drift(0.0))], alpha=0.05)
    sides = [{c: rng.normal(size=80) for c in "abcd"} for _ in range(120)]
    assert sum(report.run(a, b).status == "fail" for a, b in zip(sides[::2], sides[1::2], strict=True)) <= 9


@pytest.mark.parametrize("method", ["spearman", "kendall", "pearson"])
def test_a_change_is_found_and_only_there(method):
    rng = np.random.default_rng(2)
    columns = {c: rng.normal(size=1000) for c in "abc"}
    before = {**columns, "d": columns["a"] + rng.normal(size=1000)}
    after = {c: rng.normal(size=1000) for c in "abcd"}
    run = Report([Check(CorrelationChange(method), no_drift(0.25))]).run(after, before)
    failed = {(v.labels["column"], v.labels["other"]) for v in run.verdicts if v.status == "fail"}
    assert failed == {("a", "d")}
    assert not any(r.spec.name == "drifted_share" for r in run.results)  # neither column drifted


def test_the_p_value_is_fishers():
    a, b = rows(3, 50), rows(4, 90)
    value = Report([CorrelationChange("pearson")]).run(a, b).find("correlation_change", column="x0", other="x1")[0]
    r, r_ref = (stats.pearsonr(side["x0"], side["x1"]).statistic for side in (a, b))
    z = (np.arctanh(r) - np.arctanh(r_ref)) / np.sqrt(1 / 47 + 1 / 87)
    assert value.value == pytest.approx(abs(r - r_ref))
    assert value.p_value == pytest.approx(2 * stats.norm.sf(abs(z)))


def test_what_the_reference_cannot_judge_is_left_out_and_what_is_now_constant_is_unknown():
    base = {**rows(5, 200, k=3), "constant": np.zeros(200)}
    now = {**rows(6, 200, k=3), "constant": np.arange(200.0)}
    check = Check(CorrelationChange(), no_drift(0.25))
    run = Report([check]).run(now, base)
    assert run.passed
    assert "3 pairs have no correlation in the reference" in run.results[0].note
    assert Report([check]).run({**now, "x0": np.zeros(200)}, base).status == "unknown"
    assert Report([check]).run({k: v[:5] for k, v in now.items()}, base).status == "unknown"
    assert Report([CorrelationChange()]).run(now).results[0].note == "correlation_change needs a reference"


def test_highest_correlations():
    rng = np.random.default_rng(7)
    n = 500
    y = rng.normal(size=n)
    data = {"y": y, "said": y + rng.normal(size=n), "leak": np.exp(y), "x": rng.normal(size=n)}
    data["twin"] = 2 * data["x"] + 0.1 * rng.normal(size=n)
    schema = Schema(target="y", prediction="said", task="regression")
    items = [HighestCorrelation(), HighestCorrelation("target"), HighestCorrelation("prediction")]
    run = Report([*items, Check(HighestCorrelation("target"), lt(0.9))]).run(data, schema=schema)
    of = {r.values[0].labels["among"]: r.values[0] for r in run.results}
    assert of["features"].note == "of twin and x"
    assert of["target"].note == "of leak and y"
    assert of["target"].value == pytest.approx(1.0)
    assert of["prediction"].note == "of leak and said"
    want = stats.spearmanr(data["leak"], data["said"]).statistic
    assert of["prediction"].value == pytest.approx(want, abs=0.015)
    assert run.status == "fail"
    again = Report([Check(HighestCorrelation(), close_to_reference(absolute=0.1))]).run(data, data, schema=schema)
    assert again.passed


def test_highest_correlation_of_nothing():
    assert "names no target" in Report([HighestCorrelation("target")]).run({"x": [1, 2], "z": [1, 2]}).results[0].note
    value = Report([HighestCorrelation()]).run({"x": [1.0] * 9, "z": range(9)}).results[0].values[0]
    assert (value.value, value.note) == (None, "no pair has a correlation")


def test_target_and_prediction():
    rng = np.random.default_rng(8)
    y = rng.integers(0, 2, 400)
    said = np.where(rng.random(400) < 0.8, y, 1 - y)
    run = Report([TargetPredictionCorrelation()]).run({"y": y, "p": said}, schema=Schema(target="y", prediction="p"))
    assert run.value("target_prediction_correlation") == pytest.approx(stats.pearsonr(y, said).statistic)
    letters = np.array(list("abc"))[rng.integers(0, 3, 400)]
    run = Report([TargetPredictionCorrelation()]).run(
        {"y": letters, "p": letters}, schema=Schema(target="y", prediction="p")
    )
    assert run.value("target_prediction_correlation", method="cramers_v") == pytest.approx(1.0)
    assert "no target" in Report([TargetPredictionCorrelation()]).run({"x": [1, 2, 3]}).results[0].note


def test_impossible_parameters():
    for make in (
        lambda: CorrelationChange("cramers_v"),
        lambda: CorrelationChange(pairs=0),
        lambda: HighestCorrelation("ids"),
        lambda: HighestCorrelation(method="r"),
        lambda: TargetPredictionCorrelation("r"),
    ):
        with pytest.raises(ParameterError):
            make()
