"""How errors are spread: against numpy and scipy on the rows."""

from __future__ import annotations

import numpy as np
import pytest
from performance_rows import baseline, holds, numbers, only, profile, schema_of, values
from scipy import stats

from barograph import Baseline, Profile, Schema
from barograph.errors import ParameterError
from barograph.metrics.performance import (
    MAPE,
    ErrorNormality,
    ErrorStd,
    ErrorTails,
    PercentageErrorQuantiles,
    PredictedActual,
)
from barograph.results import Heat, Lines

SCHEMA = Schema(target="y", prediction="said", task="regression")


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n", [2, 60, 20_000])
def test_standard_deviations_are_numpys(n, weighted):
    rows = numbers(np.random.default_rng(n), n, weighted)
    current, error = profile(rows, schema_of(numbers, weighted)), rows["said"] - rows["y"]
    w = rows.get("w", np.ones(n))
    for of, errors in {
        "error": error,
        "absolute": np.abs(error),
        "percentage": np.abs(error) / np.abs(rows["y"]),
    }.items():
        mean = np.average(errors, weights=w)
        kish = w.sum() ** 2 / (w**2).sum()
        expected = np.sqrt(np.average((errors - mean) ** 2, weights=w) * kish / (kish - 1))
        value = only(ErrorStd(of), current)
        assert value.value == pytest.approx(expected, rel=1e-6)
        assert weighted or value.value == pytest.approx(np.std(errors, ddof=1), rel=1e-6)
        assert (value.se is None) == (of == "percentage")
    with pytest.raises(ParameterError, match="squares"):
        ErrorStd("squares")


def test_mean_and_standard_deviation_of_mape_have_one_unit_and_one_rule_for_zeros():
    """A peer divides by max(target, eps), gives the mean in percent and the other as a share, and treats the zeros of
    the two sides differently, so that identical rows fail."""
    rng = np.random.default_rng(1)
    rows = {"y": rng.normal(size=300), "said": rng.normal(size=300)}
    rows["y"][:5] = 0.0
    base = Baseline.of(rows, schema=SCHEMA)
    some = rows["y"] != 0
    ape = np.abs(rows["said"] - rows["y"])[some] / np.abs(rows["y"])[some]
    for metric, expected in ((MAPE(), ape.mean()), (ErrorStd("percentage"), ape.std(ddof=1))):
        value = only(metric, Profile.of(rows, base), base.profile)
        assert value.value == value.reference == pytest.approx(expected)
        assert value.n == 295
    negative = profile({"y": [-2.0, -4.0], "said": [-3.0, -4.0]}, SCHEMA)
    assert only(MAPE(), negative).value == pytest.approx(0.25)
    assert only(ErrorStd("percentage"), negative).value == pytest.approx(0.25 * np.sqrt(2))


@pytest.mark.parametrize("n", [1, 20, 500, 30_000])
@pytest.mark.parametrize("share", [0.05, 0.21])
def test_tails_hold_the_truth(n, share):
    rows = numbers(np.random.default_rng(n), n)
    error = np.sort(rows["said"] - rows["y"])
    part = np.clip(share * n - np.arange(n), 0, 1)
    truth = {
        "underestimated": np.average(error, weights=part),
        "overestimated": np.average(error, weights=part[::-1]),
        "majority": np.average(error, weights=1 - part - part[::-1]),
    }
    found = values(ErrorTails(share), profile(rows, SCHEMA))
    for group, expected in truth.items():
        assert holds(found[group], expected), group
        assert n > 512 or found[group].low is None
    with pytest.raises(ParameterError, match="between 0 and"):
        ErrorTails(0.5)


@pytest.mark.parametrize("n", [3, 100, 500, 30_000])
def test_the_distance_from_normal_is_lilliefors(n):
    rng = np.random.default_rng(n)
    for error in (rng.normal(2, 3, n), rng.exponential(size=n)):
        rows = {"y": np.zeros(n), "said": error}
        expected = stats.kstest(error, "norm", args=(error.mean(), error.std(ddof=1))).statistic
        result = ErrorNormality().compute(profile(rows, SCHEMA), None)
        assert holds(result.values[0], expected)
        assert result.values[0].value == pytest.approx(expected, abs=1e-9 if n <= 512 else 0.005)
        (figure,) = result.figures
        assert isinstance(figure, Lines)
        current, normal = figure.lines
        assert current.y[49] == pytest.approx(np.median(error), abs=0.05)
        assert normal.y[49] == pytest.approx(error.mean(), abs=0.05)


def test_errors_without_a_spread_are_not_normal():
    value = only(ErrorNormality(), profile({"y": [1.0, 2.5, 4.0], "said": [2.0, 3.5, 5.0]}, SCHEMA))
    assert value.value is None
    assert "all the same" in value.note


@pytest.mark.parametrize("n", [4, 400, 20_000])
def test_percentage_errors_have_their_own_quantiles(n):
    rows = numbers(np.random.default_rng(n), n)
    rows["y"][0] = 0.0
    metric = PercentageErrorQuantiles()
    current = Profile.of(rows, schema=SCHEMA, needs=metric.needs)
    ape = np.abs(rows["said"] - rows["y"])[1:] / np.abs(rows["y"][1:])
    result = metric.compute(current, current)
    for value in result.values:
        assert holds(value, np.quantile(ape, float(value.labels["quantile"])))
        assert value.n == n - 1
        assert value.reference == value.value
    assert result.figures[0].x_title == "|prediction - target| / |target|"
    zeros = Profile.of({"y": [0.0, 0.0], "said": [1.0, 2.0]}, schema=SCHEMA, needs=metric.needs)
    assert metric.compute(zeros, None).note == "no rows with a prediction and a target other than 0"
    assert "made without quantiles of y and said" in metric.compute(profile(rows, SCHEMA), None).note


@pytest.mark.parametrize("weighted", [False, True])
def test_the_density_is_the_rows(weighted):
    rng = np.random.default_rng(3)
    schema, metric = schema_of(numbers, weighted), PredictedActual()
    base = Baseline.of(numbers(rng, 2000, weighted), schema=schema, needs=metric.needs)
    rows = numbers(rng, 3000, weighted)
    rows["y"][0] = 1e9  # one outlier leaves the picture as it is
    result = metric.compute(Profile.of(rows, base), base.profile)
    current, reference = result.figures
    assert isinstance(current, Heat)
    assert (current.title, reference.title) == ("Predicted and actual, current", "Predicted and actual, reference")
    shares, w = np.array(current.values)[::-1], rows.get("w")
    assert shares.sum() == pytest.approx(1.0)
    ends = np.array([float(cell.split(" to ")[0]) for cell in current.columns])
    assert 15 < ends[0] < 25
    assert 35 < ends[-1] < 45
    inner = (rows["y"] >= ends[5]) & (rows["y"] < ends[12]) & (rows["said"] >= ends[5]) & (rows["said"] < ends[12])
    assert shares[5:12, 5:12].sum() == pytest.approx(np.average(inner, weights=w), abs=0.06)
    assert shares[shares > 0].size > 40
    plain = numbers(rng, 3000)
    alone = only(metric, Profile.of(plain, schema=SCHEMA, needs=metric.needs))
    assert alone.value == pytest.approx(np.corrcoef(plain["y"], plain["said"])[0, 1], abs=0.02)


def test_a_density_of_nothing():
    metric = PredictedActual()
    for rows, why in (
        ({"y": [None, None], "said": [1.0, 2.5]}, "no rows"),
        ({"y": [1.0, 1.0], "said": [1.0, 2.5]}, "constant"),
    ):
        result = metric.compute(Profile.of(rows, schema=SCHEMA, needs=metric.needs), None)
        assert why in result.values[0].note
    assert "made without density" in metric.compute(baseline({"y": [1.0], "said": [2.0]}, SCHEMA).profile, None).note
