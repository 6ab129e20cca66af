"""Student's and Welch's t and the shift of the mean against scipy and their own levels, from moments alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drift_oracle import TIMES, alarms, frame, number, value
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binom, ttest_ind

from barograph import Profile
from barograph.metrics.drift import MeanShift, StudentT, WelchT

T_TESTS = [(StudentT, True), (WelchT, False)]
sides = st.lists(st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda v: round(v, 3)), min_size=2, max_size=20)


@pytest.mark.filterwarnings("ignore:Precision loss")  # of scipy, for a side that is constant
@pytest.mark.parametrize(("metric", "equal"), T_TESTS)
@given(sides, sides)
def test_scipy(metric, equal, reference, current):
    assume(np.std(reference) > 0.01)
    found, truth = value(metric("x"), reference, current), ttest_ind(current, reference, equal_var=equal)
    assert found.value == pytest.approx(abs(truth.statistic), rel=1e-6, abs=1e-9)
    assert found.p_value == pytest.approx(truth.pvalue, rel=1e-6, abs=1e-12)
    assert found.n == len(current)


@pytest.mark.parametrize(("m", "n"), [(500, 500), (1000, 50), (50, 1000)])
@pytest.mark.parametrize("metric", [StudentT, WelchT, MeanShift])
def test_they_hold_their_level(metric, m, n):
    few, many = binom.ppf([0.0005, 0.9995], TIMES, 0.05)
    assert few <= alarms(metric(), lambda rng, rows: rng.normal(20, 3, rows), m, n) <= many


@pytest.mark.parametrize("metric", [StudentT, MeanShift])
def test_few_rows_of_a_skewed_column_are_no_alarm(metric):
    # by Welch's error alone, which few rows without the tail make far too small, this was 24 %
    assert alarms(metric(), lambda rng, rows: rng.lognormal(0, 2, rows), 2000, 50) <= binom.ppf(0.9995, TIMES, 0.05)


def test_a_side_that_varies_more_has_not_moved():
    rng = np.random.default_rng(5)
    found = [value(MeanShift("x"), rng.normal(size=600), rng.normal(0, 3, 40)).p_value for _ in range(150)]
    assert sum(p <= 0.05 for p in found) <= binom.ppf(0.9995, 150, 0.05)  # with one variance for both sides 50 %


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("metric", [StudentT, WelchT, MeanShift])
def test_moves_either_way_are_found_alike(metric, sign):
    x = np.random.default_rng(0).normal(size=1000)
    found, other = (value(metric("x"), x, x + s) for s in (sign, 1))
    assert found.value == pytest.approx(other.value)
    assert found.p_value < 1e-9


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e9])
def test_the_shift_in_sigmas_has_no_unit(unit):
    # evidently 5.1 f: a floor of 0.001 under sigma made 100 sigmas of a column of tiny numbers a distance of 0.09999
    rng = np.random.default_rng(0)
    reference, current = rng.normal(size=2000) * unit, rng.normal(100, 1, 2000) * unit
    assert number(MeanShift("x"), reference, current) == pytest.approx(100, rel=0.05)


def test_the_standard_error_of_the_shift():
    rng = np.random.default_rng(1)
    for shift in (0.0, 1.5):
        drawn = [value(MeanShift("x"), rng.normal(size=80), rng.normal(shift + 5, 2, 40)) for _ in range(400)]
        spread = np.std([one.value for one in drawn])
        assert np.mean([one.se for one in drawn]) == pytest.approx(spread, rel=0.12)


def test_they_need_no_baseline():
    rng = np.random.default_rng(2)
    reference, current = (Profile.of(frame(rng.normal(size=n))) for n in (300, 200))
    for metric in (StudentT, WelchT, MeanShift):
        assert metric("x").compute(current, reference).values[0].p_value is not None


@pytest.mark.parametrize("metric", [StudentT, WelchT, MeanShift])
def test_what_does_not_vary_is_unknown_unless_it_is_equal(metric):
    same = value(metric("x"), [5.0] * 30, [5.0] * 20)
    assert (same.value, same.p_value) == (0.0, 1.0)
    other = value(metric("x"), [5.0] * 30, [6.0] * 20)
    assert other.value is None
    assert other.note
    constant = value(metric("x"), [5.0] * 30, [5.0, 6.0] * 10)
    assert (constant.value is None) == (metric is MeanShift)


@pytest.mark.parametrize("metric", [StudentT, WelchT, MeanShift])
def test_hostile_columns_are_unknown_with_a_note(metric):
    normal = [1.0, 2.0, 3.0, 4.0]
    cases = {
        "not there": (normal, [1.0]) if metric is not StudentT else ([1.0], [2.0]),
        "all null": (normal, [None, None]),
        "infinite only": (normal, [np.inf, -np.inf]),
        "beyond float64": ([1.7e308, -1.7e308, 1.0], normal),
        "labels": (["a", "b", "c"], ["a", "b", "b"]),
        "flags": ([True, False] * 5, [True] * 9),
    }
    for case, (reference, current) in cases.items():
        found = metric("x").compute(*profiles(reference, current)).values
        assert all(one.value is None and one.note for one in found), case
    assert "no column 'y'" in metric("y").compute(*profiles(normal, normal)).values[0].note


def profiles(reference, current):
    theirs = Profile.of(pd.DataFrame({"x": reference}))
    return Profile.of(pd.DataFrame({"x": current}), schema=theirs.schema), theirs


def test_infinite_rows_are_absent_and_not_in_the_mean():
    rng = np.random.default_rng(4)
    reference, current = rng.normal(size=300), rng.normal(size=200)
    with_inf = np.append(current, [np.inf, -np.inf, np.nan])
    assert number(MeanShift("x"), reference, with_inf) == pytest.approx(number(MeanShift("x"), reference, current))


def test_text_moves_in_its_views():
    theirs = [f"a sentence of some {'long ' * (i % 7)} words {i}" for i in range(300)]
    ours = [text + " and more of them" for text in theirs]
    profile = Profile.of(frame(theirs))
    found = MeanShift().compute(Profile.of(frame(ours), schema=profile.schema), profile).values
    by_view = {one.labels.get("view"): one.value for one in found}
    assert by_view["length"] == pytest.approx(17 / np.std([len(t) for t in theirs], ddof=1))
