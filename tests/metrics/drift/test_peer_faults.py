"""Faults measured in the field's tools (reference/evidently.md 5.1), that are none here."""

from __future__ import annotations

import numpy as np
import pytest
from drift_oracle import number, value

from barograph.metrics.drift import KS, PSI, Hellinger, JensenShannon, TotalVariation, Wasserstein

SHARES = [PSI, JensenShannon, TotalVariation, Hellinger]


@pytest.mark.parametrize("metric", [*SHARES, KS])
def test_one_outlier_blinds_nothing(metric):
    # e: equal-width bins over the pooled range: PSI .97 -> .00007 after one value of 1000
    rng = np.random.default_rng(0)
    reference, current = rng.normal(size=5000), rng.normal(1, 1, 5000)
    clean = number(metric("x"), reference, current)
    assert clean > 0.25
    assert number(metric("x"), reference, np.append(current, 1000)) == pytest.approx(clean, rel=0.01)
    assert number(metric("x"), np.append(reference, 1000), current) == pytest.approx(clean, rel=0.02)


@pytest.mark.parametrize("metric", SHARES)
def test_a_lognormal_2_7_times_larger_is_found(metric):
    # e: PSI .00007 between lognormal(0, 2) and lognormal(1, 2)
    rng = np.random.default_rng(0)
    assert number(metric("x"), rng.lognormal(0, 2, 5000), rng.lognormal(1, 2, 5000)) > 0.15


@pytest.mark.parametrize("sign", [-1, 1])
def test_shifts_either_way_are_found(sign):
    # f: the one-sided Mann-Whitney saw no shift downwards
    rng = np.random.default_rng(0)
    assert value(KS("x"), rng.normal(size=1000), rng.normal(sign, 1, 1000)).p_value < 1e-9


@pytest.mark.parametrize("metric", [*SHARES, KS])
def test_a_column_of_tiny_numbers_is_seen(metric):
    # f, n: floors and rounding hid columns with a sigma of 1e-6
    rng = np.random.default_rng(0)
    assert number(metric("x"), rng.normal(0, 1e-6, 2000), rng.normal(1e-6, 1e-6, 2000)) > 0.25
    assert number(Wasserstein("x"), rng.normal(0, 1e-6, 2000), rng.normal(1e-4, 1e-6, 2000)) == pytest.approx(
        100, rel=0.05
    )


def test_psi_under_no_drift_is_its_expectation():
    # c: verdicts ignored that distances of unchanged data depend on n; (cells - 1)(1/n + 1/m) is what to expect
    rng = np.random.default_rng(0)
    found = [number(PSI("x"), rng.normal(size=2000), rng.normal(size=500)) for _ in range(60)]
    assert np.mean(found) == pytest.approx(9 * (1 / 2000 + 1 / 500), rel=0.2)


def test_a_category_never_seen_is_finite():
    # whylogs 10
    for metric in SHARES:
        assert np.isfinite(number(metric("x"), ["a", "b"] * 500, ["a", "b", "zebra"] * 300))


def test_disjoint_identities_are_far_apart():
    # whylogs: top-k sketches of two disjoint id columns had nothing in common to compare, and a statistic of 0
    reference, current = [f"r{i}" for i in range(3000)], [f"c{i}" for i in range(3000)]
    for metric in SHARES:
        assert number(metric("x"), reference, current) > 0.99
