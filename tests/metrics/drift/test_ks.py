"""KS against scipy: exact for few values, within its bounds otherwise, its p-value on the safe side."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from drift_oracle import number, value
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from barograph.metrics.drift import KS


def distance(one, other) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scipy's p-value of one row divides by zero
        return ks_2samp(one, other, method="asymp").statistic


SIDES = {
    "the same": lambda r: (r.normal(size=4000), r.normal(size=1500)),
    "a small shift": lambda r: (r.normal(size=4000), r.normal(0.2, 1, 1500)),
    "another scale": lambda r: (r.normal(size=4000), r.normal(0, 2, 1500)),
    "heavy tails": lambda r: (r.standard_cauchy(4000), r.standard_cauchy(300) * 3),
    "lognormal": lambda r: (r.lognormal(0, 2, 4000), r.lognormal(1, 2, 700)),
    "disjoint": lambda r: (r.uniform(0, 1, 900), r.uniform(2, 3, 500)),
    "zeros": lambda r: (r.normal(size=3000) * (r.random(3000) < 0.4), r.normal(size=2000) * (r.random(2000) < 0.7)),
    "near float64's end": lambda r: (r.uniform(-1, 1, 1000) * 1.7e308, r.uniform(0, 1.7e308, 500)),
    "tiny": lambda r: (r.normal(0, 1e-300, 1000), r.normal(1e-300, 1e-300, 1000)),
}


@pytest.mark.parametrize("sides", SIDES.values(), ids=SIDES.keys())
def test_the_distance_of_all_rows_is_within_the_bounds(sides):
    reference, current = sides(np.random.default_rng(7))
    found, truth = value(KS("x"), reference, current), distance(current, reference)
    assert found.low - 1e-12 <= truth <= found.high + 1e-12
    assert found.low <= found.value <= found.high
    assert abs(found.value - truth) <= found.high - found.low + 1e-12
    assert found.high - found.low < 0.05
    assert found.n == current.size


whole = st.lists(st.integers(-5, 5), min_size=1, max_size=60)


@given(whole, whole)
def test_few_values_are_exact(reference, current):
    reference = [2 * v for v in reference]  # even numbers: the odd ones of the current side fall into gaps
    found, truth = value(KS("x"), reference, current), distance(current, reference)
    assert found.low - 1e-12 <= truth <= found.high + 1e-12
    if set(current) <= set(reference):
        assert found.value == pytest.approx(truth, abs=1e-12)
        assert found.high == pytest.approx(found.low, abs=1e-12)


def test_256_values_with_ties_are_exact():
    rng = np.random.default_rng(3)
    reference, current = rng.integers(0, 256, 20_000), rng.binomial(255, 0.5, 5000)
    assert number(KS("x"), reference, current) == pytest.approx(distance(current, reference), abs=1e-12)


def test_an_unseen_value_in_a_gap_is_exact_when_it_is_the_only_one():
    reference, current = [1, 1, 2, 4, 4], [1, 3, 3, 3, 9]
    assert number(KS("x"), reference, current) == pytest.approx(distance(current, reference), abs=1e-12)


floats = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=400)


@given(floats, floats)
def test_bounds_hold_for_any_numbers(reference, current):
    found, truth = value(KS("x"), reference, current), distance(current, reference)
    assert found.low - 1e-12 <= truth <= found.high + 1e-12


@pytest.mark.parametrize("decimals", [0, 12], ids=["ties", "no ties"])
def test_p_value_is_on_the_safe_side_when_nothing_changed(decimals):
    rng = np.random.default_rng(11)
    p = [
        value(KS("x"), rng.normal(size=400).round(decimals), rng.normal(size=200).round(decimals)).p_value
        for _ in range(300)
    ]
    assert np.mean(np.array(p) <= 0.05) <= 0.06  # 0.05 nominal, one standard error above
    assert np.mean(np.array(p) <= 0.25) <= 0.28


@pytest.mark.parametrize("shift", [0.0, 0.1, 0.3])
def test_p_value_is_close_to_scipys_asymptotic_one(shift):
    rng = np.random.default_rng(5)
    reference, current = rng.normal(size=3000), rng.normal(shift, 1, 2000)
    truth = ks_2samp(current, reference, method="asymp").pvalue
    found = value(KS("x"), reference, current).p_value
    assert truth * 0.9 <= found <= max(3 * truth, truth + 0.1)
