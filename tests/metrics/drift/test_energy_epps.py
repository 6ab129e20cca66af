"""Energy distance and Epps-Singleton against scipy, exact for few values, close for many."""

from __future__ import annotations

import numpy as np
import pytest
from drift_oracle import TIMES, alarms, number, value
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binom, energy_distance, epps_singleton_2samp, iqr
from scipy.stats import f as f_law

from barograph.metrics.drift import EnergyDistance, EppsSingleton

RAW = EnergyDistance("x", scaled=False)

SIDES = {
    "the same": lambda r: (r.normal(size=4000), r.normal(size=1500)),
    "a shift": lambda r: (r.normal(size=4000), r.normal(0.5, 1, 1500)),
    "another scale": lambda r: (r.normal(size=4000), r.normal(0, 2, 1500)),
    "lognormal": lambda r: (r.lognormal(0, 1, 4000), r.lognormal(0.3, 1, 3000)),
    "disjoint": lambda r: (r.uniform(0, 1, 900), r.uniform(5, 6, 500)),
    "zeros": lambda r: (r.exponential(size=3000) * (r.random(3000) < 0.4), r.exponential(size=2000)),
}


def scaled(reference, current) -> float:
    """scipy's distance, its square over the mean absolute difference of all pairs of reference rows."""
    x = np.sort(reference)
    rank = 2 * np.arange(1, x.size + 1) - x.size - 1
    return float(energy_distance(reference, current) / np.sqrt(2 * (rank * x).sum() / x.size**2))


@pytest.mark.parametrize("sides", SIDES.values(), ids=SIDES.keys())
def test_energy_is_close_to_scipys(sides):
    reference, current = sides(np.random.default_rng(2))
    for metric, oracle in ((RAW, energy_distance), (EnergyDistance("x"), scaled)):
        found, truth = value(metric, reference, current), oracle(reference, current)
        assert found.low <= truth <= found.high
        assert found.low <= found.value <= found.high
        if reference.max() > current.min():  # beyond the reference's range the cells do not tell where rows lie
            assert found.value == pytest.approx(truth, rel=0.02, abs=0.005)


whole = st.lists(st.integers(-5, 5), min_size=1, max_size=60)
floats = st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=400)


@given(whole, whole)
def test_energy_of_few_values_is_exact(reference, current):
    current = [v for v in current if v in set(reference)] or reference[:1]
    assert number(RAW, reference, current) == pytest.approx(energy_distance(reference, current), abs=1e-6)
    if len(set(reference)) > 1:
        assert number(EnergyDistance("x"), reference, current) == pytest.approx(scaled(reference, current), abs=1e-6)


@given(st.one_of(floats, whole), st.one_of(floats, whole))
def test_energys_bounds_hold_for_any_numbers(reference, current):
    found, truth = value(RAW, reference, current), energy_distance(reference, current)
    slack = 1e-6 * max(map(abs, [*reference, *current, 1e-6]))
    assert found.low - slack <= truth
    assert found.high is None or truth <= found.high + slack


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1000.0, 1e9])
def test_energy_is_scale_free(unit):
    # evidently 5.1 f: the same data gave 0.05 with a sigma of 1 and 0.96 with one of 1000
    rng = np.random.default_rng(0)
    reference, current = rng.normal(size=2000), rng.normal(0.3, 1, 1000)
    plain = number(EnergyDistance("x"), reference, current)
    assert number(EnergyDistance("x"), reference * unit, current * unit) == pytest.approx(plain, rel=1e-6)
    assert number(EnergyDistance("x"), reference + 40, current + 40) == pytest.approx(plain, rel=1e-6)
    assert plain == pytest.approx(0.71 * 0.3, rel=0.15)


def test_energy_under_no_drift_is_its_expectation():
    rng = np.random.default_rng(0)
    found = [number(EnergyDistance("x"), rng.normal(size=2000), rng.normal(size=500)) ** 2 for _ in range(60)]
    assert np.mean(found) == pytest.approx(1 / 2000 + 1 / 500, rel=0.25)


def test_energy_of_a_constant_reference():
    assert number(EnergyDistance("x"), [5.0] * 50, [5.0] * 20) == 0.0
    found = value(EnergyDistance("x"), [5.0] * 50, [6.0] * 20)
    assert found.value is None
    assert "constant" in found.note
    raw = value(RAW, [5.0] * 50, [6.0] * 20)
    assert raw.low <= np.sqrt(2) <= raw.high + 1e-9


def epps_singleton(reference, current) -> tuple[float, float]:
    """The plain formula on raw rows: Hotelling's T^2 of cosines and sines, and its p-value by the F law."""
    times = np.array([0.4, 0.8]) / (iqr([*reference, *current]) / 2)
    x, y = (
        np.concatenate([f(np.outer(side, times)) for f in (np.cos, np.sin)], axis=1) for side in (reference, current)
    )
    m, n = len(x), len(y)
    within = (np.cov(x.T) * (m - 1) + np.cov(y.T) * (n - 1)) / (n + m - 2)
    apart = x.mean(axis=0) - y.mean(axis=0)
    squared = float(n * m / (n + m) * apart @ np.linalg.solve(within, apart))
    total = (n + m - 1) * squared / (squared + n + m - 2)  # the same with the covariance of all rows
    return total, float(f_law.sf(squared * (n + m - 5) / (4 * (n + m - 2)), 4, n + m - 5))


short = st.lists(st.integers(0, 9), min_size=5, max_size=60)


@given(short, short)
def test_epps_singleton_of_few_values_is_the_plain_formula(reference, current):
    current = [v for v in current if v in set(reference)]
    assume(len(current) >= 5)
    found = value(EppsSingleton("x"), reference, current)
    if iqr([*reference, *current]) == 0:
        assert found.value is None
        assert "half of the values" in found.note
        return
    if min(len(set(reference)), len(set(current))) > 4:  # of fewer values four waves are not independent
        squared, p_value = epps_singleton(reference, current)
        assert found.value == pytest.approx(squared, rel=1e-4, abs=1e-6)
        assert found.p_value == pytest.approx(p_value, rel=1e-3, abs=1e-9)


@pytest.mark.parametrize("shift", [0.0, 0.2, 0.5])
@pytest.mark.parametrize("law", ["normal", "lognormal", "standard_cauchy", "uniform"])
def test_epps_singleton_is_close_to_that_of_all_rows(law, shift):
    rng = np.random.default_rng(3)
    reference, current = getattr(rng, law)(size=5000), getattr(rng, law)(size=3000) + shift
    found, (squared, p_value) = value(EppsSingleton("x"), reference, current), epps_singleton(reference, current)
    blurred = law == "standard_cauchy" or (law == "uniform" and shift > 0)  # wide cells, rows beyond the reference
    assert found.value == pytest.approx(squared, rel=0.25 if blurred else 0.08, abs=0.5)
    assert found.p_value == pytest.approx(p_value, abs=0.03)
    if shift == 0:  # with sides of like spread it is scipy's, which takes each side's covariance alone
        assert squared == pytest.approx(epps_singleton_2samp(current, reference).statistic, rel=0.05)


def test_epps_singleton_of_sides_that_do_not_vary():
    found = value(EppsSingleton("x"), [5.0] * 40, [6.0] * 40)
    assert found.value == pytest.approx(79)
    assert found.p_value < 1e-9


@pytest.mark.parametrize(("m", "n"), [(100, 600), (600, 100)])
@pytest.mark.parametrize("law", ["normal", "whole", "lognormal"])
def test_epps_singleton_holds_its_level(m, n, law):
    def draw(rng, rows):
        return rng.integers(0, 6, rows) if law == "whole" else getattr(rng, law)(size=rows)

    # with a covariance for each side a side of 100 gave 11 to 17 %
    few, many = binom.ppf([0.0003, 0.9997], TIMES, 0.05)
    assert few <= alarms(EppsSingleton(), draw, m, n) <= many


def test_no_interquartile_range_is_unknown_and_no_exception():
    # evidently 2: an error that took the report down
    rng = np.random.default_rng(1)
    reference, current = ((rng.random(n) < 0.1) * rng.exponential(size=n) for n in (500, 300))
    found = value(EppsSingleton("x"), reference, current)
    assert found.value is None
    assert "cramer_von_mises" in found.note
    assert value(EppsSingleton("x"), [1.0, 2.0, 3.0, 4.0], [1.0] * 9).note.startswith("fewer than 5")


def test_epps_singleton_of_the_smallest_numbers_and_far_outliers_is_no_exception():
    rng = np.random.default_rng(3)
    tiny = rng.normal(size=60) * 5e-324 * 9
    assert "too close together" in value(EppsSingleton("x"), tiny, tiny).note
    x = rng.normal(size=(2, 60)) * 1e-9
    assert value(EppsSingleton("x"), x[0], np.append(x[1], 1e299)).p_value > 0.001


def test_epps_singleton_of_moments_in_time():
    # 1.7e9 seconds: cosines of large numbers lose their digits, unless moved to the middle first
    rng = np.random.default_rng(2)
    reference, current = rng.integers(0, 200, 3000), rng.integers(20, 200, 900)
    plain = number(EppsSingleton("x"), reference, current)
    assert number(EppsSingleton("x"), reference + 1e12, current + 1e12) == pytest.approx(plain, rel=1e-6)
