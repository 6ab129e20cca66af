"""Faults measured in the field's tools (reference/evidently.md 5.1, whylogs.md 6), that are none here."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from drift_oracle import number, value

from barograph import Check, Report, no_drift
from barograph.metrics.drift import (
    KS,
    PSI,
    AndersonDarling,
    ChiSquare,
    CramerVonMises,
    EnergyDistance,
    EppsSingleton,
    FisherExact,
    GTest,
    Hellinger,
    JensenShannon,
    KLDivergence,
    MannWhitney,
    MeanShift,
    MissingDrift,
    StudentT,
    TotalVariation,
    Wasserstein,
    WelchT,
    ZTest,
)

SHARES = [PSI, KLDivergence, JensenShannon, TotalVariation, Hellinger]
TABLES = [ChiSquare, GTest]
RANKED = [KS, MannWhitney, CramerVonMises, AndersonDarling]
MEANS = [StudentT, WelchT, MeanShift]
ORDERED = [*RANKED, EnergyDistance, EppsSingleton, Wasserstein, *MEANS]
OF_VALUES = [*SHARES, *TABLES, *ORDERED, FisherExact, ZTest]


def shifted(sign: int = 1, n: int = 5000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(size=n), rng.normal(sign, 1, n)


@pytest.mark.parametrize("outlier", [1e3, 1e9])
@pytest.mark.parametrize("metric", [*SHARES, *TABLES, *RANKED])
def test_one_outlier_does_not_blind(metric, outlier):
    # e: equal-width bins over the pooled range: PSI .97 -> .00007 after one value of 1000; whylogs 12: Hellinger, 1e9
    reference, current = shifted()
    clean = number(metric("x"), reference, current)
    assert clean > 0.25
    assert number(metric("x"), reference, np.append(current, outlier)) == pytest.approx(clean, rel=0.01)
    assert number(metric("x"), np.append(reference, outlier), current) == pytest.approx(clean, rel=0.02)


@pytest.mark.parametrize("metric", [EnergyDistance, EppsSingleton])
def test_one_outlier_moves_areas_and_waves_a_little(metric):
    reference, current = shifted()
    clean = number(metric("x"), reference, current)
    assert number(metric("x"), reference, np.append(current, 1000)) == pytest.approx(clean, rel=0.12)
    assert number(metric("x"), np.append(reference, 1000), current) == pytest.approx(clean, rel=0.12)


@pytest.mark.parametrize("metric", [*SHARES, EnergyDistance, MannWhitney, KS])
def test_a_lognormal_2_7_times_larger_is_found(metric):
    # e: PSI .00007 between lognormal(0, 2) and lognormal(1, 2)
    rng = np.random.default_rng(0)
    assert number(metric("x"), rng.lognormal(0, 2, 5000), rng.lognormal(1, 2, 5000)) > 0.12


@pytest.mark.parametrize("metric", [*RANKED, EppsSingleton, *MEANS])
def test_both_directions_are_seen(metric):
    # f: the one-sided Mann-Whitney: p = 9e-46 for a move up, 1.0 for the same move down
    up, down = (value(metric("x"), *shifted(sign, 1000)).p_value for sign in (1, -1))
    assert up < 1e-9
    assert down < 1e-9


def test_mann_whitney_sees_both_directions_alike():
    reference, _ = shifted(n=1000)
    up, down = (value(MannWhitney("x"), reference, reference + sign) for sign in (1, -1))
    assert up.value == pytest.approx(down.value, rel=0.02)


@pytest.mark.parametrize("metric", [*SHARES, *TABLES, *ORDERED])
def test_a_column_of_tiny_numbers_is_seen(metric):
    # f, n: floors and rounding hid columns with a sigma of 1e-6
    reference, current = shifted(n=2000)
    plain = value(metric("x"), reference, current)
    tiny = value(metric("x"), reference * 2.0**-20, current * 2.0**-20)
    assert tiny.value == pytest.approx(plain.value, rel=1e-9)
    assert tiny.value > 0.25


@pytest.mark.parametrize("metric", [Wasserstein, MeanShift])
def test_a_hundred_sigmas_of_tiny_numbers_are_a_hundred(metric):
    # f: a floor of 0.001 under sigma: 0.09999, and no drift
    rng = np.random.default_rng(0)
    found = number(metric("x"), rng.normal(0, 1e-6, 2000), rng.normal(1e-4, 1e-6, 2000))
    assert found == pytest.approx(100, rel=0.05)


@pytest.mark.parametrize("metric", [GTest, ChiSquare, FisherExact, ZTest])
def test_sides_may_differ_in_size(metric):
    # f: G and Fisher's test raised an error
    found = value(metric("x"), ["a"] * 300 + ["b"] * 200, ["a"] * 21 + ["b"] * 14)
    assert found.p_value == pytest.approx(1.0)


@pytest.mark.parametrize("metric", [PSI, Wasserstein, EnergyDistance, KLDivergence, KS, CramerVonMises])
@pytest.mark.parametrize(("m", "n"), [(1001, 50), (2000, 100), (2000, 500)])
def test_small_current_sides_are_not_drift(metric, m, n):
    # c: a distance of 0.1 flagged 96 %, 75 % and 8 % of unchanged columns at these sizes
    rng = np.random.default_rng(m + n)
    reference, current = ({f"x{i}": rng.normal(size=rows) for i in range(30)} for rows in (m, n))
    assert Report([Check(metric(), no_drift(0.0))]).run(current=current, reference=reference).passed


@pytest.mark.parametrize("metric", [JensenShannon, KLDivergence, GTest])
@pytest.mark.parametrize(("k", "m", "n"), [(100, 5000, 1000), (50, 2000, 1000), (500, 10_000, 5000)])
def test_many_categories_are_not_drift(metric, k, m, n):
    # c: Jensen-Shannon flagged 100 %, 32 % and 100 % of unchanged columns
    rng = np.random.default_rng(k)
    names = np.array([f"shop {i}" for i in range(k)])
    reference, current = ({f"x{i}": rng.choice(names, rows) for i in range(4)} for rows in (m, n))
    assert Report([Check(metric(), no_drift(0.1))]).run(current=current, reference=reference).passed


def test_the_verdict_does_not_flip_with_one_row_more():
    # c: the test, and with it the verdict, changed from 1,000 rows of reference to 1,001
    rng = np.random.default_rng(3)
    reference, current = rng.normal(size=1001), rng.normal(0.08, 1, 1000)
    for metric in (KS, PSI, Wasserstein):
        both = [
            Report([Check(metric(), no_drift(0.1))]).run(current={"x": current}, reference={"x": reference[:m]}).status
            for m in (1000, 1001)
        ]
        assert both[0] == both[1]


@pytest.mark.parametrize("metric", OF_VALUES)
def test_infinite_values_are_absent_for_all_alike(metric):
    # j: one report said drift and another part of it none, for inf was kept in one of them
    rng = np.random.default_rng(4)
    reference, current = rng.integers(0, 2, 400).astype(float), rng.integers(0, 2, 300).astype(float)
    if metric in ORDERED:
        reference, current = rng.normal(size=400), rng.normal(0.2, 1, 300)
    clean = value(metric("x"), reference, current)
    dirty = value(metric("x"), np.append(reference, np.inf), np.append(current, [np.inf, -np.inf]))
    assert dirty.value == pytest.approx(clean.value, rel=1e-9)
    assert dirty.n == clean.n


@pytest.mark.parametrize("absent", [np.nan, None])
def test_missingness_is_drift(absent):
    # k: 90 % absent values were dropped without a word; whylogs 11: 60 % null went unseen
    rng = np.random.default_rng(5)
    reference = rng.normal(size=1000)
    current = [absent if i % 10 else v for i, v in enumerate(rng.normal(size=1000).tolist())]
    run = Report(["data_drift"]).run(current={"x": current}, reference={"x": reference})
    assert run.verdict("missing_drift", column="x").status == "fail"
    assert number(MissingDrift("x"), reference, pd.Series(current, dtype=float)) == pytest.approx(0.9)


@pytest.mark.parametrize("metric", OF_VALUES)
def test_an_empty_or_missing_column_is_unknown_and_the_others_are_judged(metric):
    # k: a column of nulls ended the report; whylogs 11: one that is not there was left out of the result
    rng = np.random.default_rng(6)
    draw = (lambda n: rng.normal(size=n)) if metric in ORDERED else (lambda n: rng.integers(0, 2, n))
    reference = {name: draw(300) for name in ("full", "empty", "gone")}
    current = {"full": draw(200), "empty": [None] * 200}
    run = Report([Check(metric(), no_drift(0.5))]).run(current=current, reference=reference)
    status = {v.labels["column"]: v.status for v in run.verdicts}
    assert status == {"full": "pass", "empty": "unknown", "gone": "unknown"}
    assert not run.passed


DTYPES = {
    "uint8": lambda v: pd.Series(v, dtype="uint8"),
    "Int64": lambda v: pd.Series(v, dtype="Int64"),
    "Float64": lambda v: pd.Series(v, dtype="Float64"),
    "timedelta": lambda v: pd.to_timedelta(pd.Series(v), unit="s"),
    "Decimal": lambda v: pd.Series([Decimal(int(x)) for x in v], dtype=object),
}


@pytest.mark.parametrize("dtype", DTYPES.values(), ids=DTYPES.keys())
def test_no_dtype_is_silently_left_out(dtype):
    # l: Int64, Float64, boolean, uint8, timedelta and Decimal were "unknown", and no drift
    rng = np.random.default_rng(7)
    reference, current = rng.integers(0, 100, 1000), rng.integers(20, 120, 800)
    for metric in ORDERED:
        expected = number(metric("x"), reference.astype(float), current.astype(float))
        assert number(metric("x"), dtype(reference), dtype(current)) == pytest.approx(expected)
        assert expected > 0.1


def test_nullable_flags_are_tested():
    reference, current = (pd.Series(np.arange(100) < k).astype("boolean") for k in (50, 90))
    for metric in (ZTest, FisherExact, GTest):
        assert value(metric("x"), reference, current).p_value < 1e-6


def test_a_shift_of_1_9_sigmas_fails():
    # m: it passed "mean in 2 sigmas" with 1,500 rows
    rng = np.random.default_rng(8)
    rows = {"current": {"x": rng.normal(1.9, 1, 1500)}, "reference": {"x": rng.normal(size=1500)}}
    run = Report([Check(MeanShift(), no_drift(0.25))]).run(**rows)
    assert run.status == "fail"
    assert run.value("mean_shift", column="x") == pytest.approx(1.9, abs=0.2)


@pytest.mark.parametrize("metric", OF_VALUES)
def test_two_identical_columns_pass(metric):
    # m: "fewer than 0 of 2 columns drift" failed on identical data
    rng = np.random.default_rng(9)
    two = rng.integers(0, 2, 200)
    rows = {"a": two, "b": two} if metric not in ORDERED else {name: rng.normal(size=200) for name in "ab"}
    run = Report([Check(metric(), no_drift(0.0))]).run(current=rows, reference=rows)
    assert run.passed
    assert run.value("drifted_share") == 0.0


def test_psi_under_no_drift_is_its_expectation():
    # c: verdicts ignored that distances of unchanged data depend on n; (cells - 1)(1/n + 1/m) is what to expect
    rng = np.random.default_rng(0)
    found = [number(PSI("x"), rng.normal(size=2000), rng.normal(size=500)) for _ in range(60)]
    assert np.mean(found) == pytest.approx(9 * (1 / 2000 + 1 / 500), rel=0.2)


@pytest.mark.parametrize("metric", [*SHARES, *TABLES])
def test_a_category_never_seen_is_finite(metric):
    # whylogs 10: infinity, and so drift, for one new label in 10,000
    assert np.isfinite(number(metric("x"), ["a", "b"] * 500, ["a", "b", "zebra"] * 300))
    reference, current = ["a", "b"] * 5000, ["a", "b"] * 4999 + ["a", "zebra"]
    run = Report([Check(metric(), no_drift(0.0))]).run(current={"x": current}, reference={"x": reference})
    assert run.passed


@pytest.mark.parametrize("metric", [*SHARES, *TABLES])
def test_a_sample_of_the_reference_has_not_drifted(metric):
    # whylogs 10: of a label that is 10 in 100,000 a hundredth of the rows should have had int(0.1) = 0, and p was 0
    rng = np.random.default_rng(10)
    reference = np.array(["a"] * 60_000 + ["b"] * 39_990 + ["rare"] * 10)
    current = np.append(rng.choice(reference, 999), "rare")
    run = Report([Check(metric(), no_drift(0.0))]).run(current={"x": current}, reference={"x": reference})
    assert run.passed


@pytest.mark.parametrize("metric", [*SHARES, *TABLES, ZTest, FisherExact])
def test_nulls_do_not_dilute_the_shares(metric):
    # whylogs 10: nulls were counted into the proportions, and more of them alone gave a statistic of 8100
    reference, current = ["a", "b"] * 500, ["a", "b"] * 200 + [None] * 5000
    assert number(metric("x"), pd.Series(reference, dtype=object), pd.Series(current, dtype=object)) == pytest.approx(
        0.0, abs=1e-9
    )


@pytest.mark.parametrize("metric", [*SHARES, *TABLES])
def test_disjoint_identities_are_far_apart(metric):
    # whylogs 10: two disjoint columns of 5,000 labels had nothing in common to compare: statistic 0, p 1
    reference, current = [f"r{i}" for i in range(3000)], [f"c{i}" for i in range(3000)]
    assert number(metric("x"), reference, current) > 0.99
    # of labels that all come once new ones are no surprise; of labels that come five times they are
    reference, current = [f"r{i % 600}" for i in range(3000)], [f"c{i % 600}" for i in range(3000)]
    run = Report([Check(metric(), no_drift(0.1))]).run(current={"x": current}, reference={"x": reference})
    assert run.status == "fail"


@pytest.mark.parametrize("metric", [*TABLES, ZTest, FisherExact])
def test_a_constant_category_has_a_p_value_of_one(metric):
    # evidently 4: chi-square and G gave NaN
    found = value(metric("x"), ["a"] * 40, ["a"] * 30)
    assert (found.value, found.p_value) == (0.0, 1.0)
