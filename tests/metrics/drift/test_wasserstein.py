"""Wasserstein against scipy: the bounds always hold, the value is close, the scale is the reference's."""

from __future__ import annotations

import numpy as np
import pytest
from drift_oracle import number, value
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from barograph.metrics.drift import Wasserstein

RAW = Wasserstein("x", scaled=False)

SIDES = {
    "the same": lambda r: (r.normal(size=4000), r.normal(size=1500)),
    "a shift": lambda r: (r.normal(size=4000), r.normal(0.5, 1, 1500)),
    "another scale": lambda r: (r.normal(size=4000), r.normal(0, 2, 1500)),
    "lognormal": lambda r: (r.lognormal(0, 1, 4000), r.lognormal(0.3, 1, 3000)),
    "disjoint above": lambda r: (r.uniform(0, 1, 900), r.uniform(5, 6, 500)),
    "disjoint below": lambda r: (r.uniform(0, 1, 900), r.normal(-50, 3, 500)),
    "zeros": lambda r: (r.exponential(size=3000) * (r.random(3000) < 0.4), r.exponential(size=2000)),
    "one row": lambda r: (r.normal(size=1000), np.array([0.3])),
}


@pytest.mark.parametrize("sides", SIDES.values(), ids=SIDES.keys())
def test_close_to_scipy(sides):
    reference, current = sides(np.random.default_rng(2))
    found, truth = value(RAW, reference, current), wasserstein_distance(current, reference)
    assert found.low * (1 - 1e-9) <= truth <= found.high * (1 + 1e-9)
    assert found.value == pytest.approx(truth, rel=0.01, abs=0.003 * reference.std())


floats = st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=400)
whole = st.lists(st.integers(-5, 5), min_size=1, max_size=60)


@given(st.one_of(floats, whole), st.one_of(floats, whole))
def test_bounds_hold_for_any_numbers(reference, current):
    found, truth = value(RAW, reference, current), wasserstein_distance(current, reference)
    slack = 1e-9 * max(map(abs, [*reference, *current, 1e-300]))
    assert found.low - slack <= truth <= found.high + slack
    assert found.low <= found.value <= found.high


@given(whole, whole)
def test_few_values_are_exact(reference, current):
    current = [v for v in current if v in set(reference)] or reference[:1]
    found = value(RAW, reference, current)
    assert found.value == pytest.approx(wasserstein_distance(current, reference), abs=1e-9)
    assert found.high - found.low <= 1e-9


@pytest.mark.parametrize("shift", [-3.0, 0.01, 1e6])
def test_a_pure_shift_is_its_own_distance(shift):
    x = np.random.default_rng(0).normal(size=2000)
    assert number(RAW, x, x + shift) == pytest.approx(abs(shift), rel=1e-6)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e9])
def test_scaled_is_free_of_the_unit(scale):
    # evidently 5.1 f: its floor of 0.001 under the standard deviation hid a shift by 100 sigma at sigma 1e-6
    rng = np.random.default_rng(4)
    reference, current = rng.normal(size=2000), rng.normal(100, 1, 500)
    found = number(Wasserstein("x"), reference * scale, current * scale)
    assert found == pytest.approx(wasserstein_distance(current, reference) / reference.std(ddof=1), rel=0.02)


def test_a_constant_reference_has_no_scale():
    found = value(Wasserstein("x"), [5.0] * 100, [5.0, 6.0])
    assert found.value is None
    assert "constant" in found.note
    assert number(RAW, [5.0] * 100, [5.0, 6.0]) == pytest.approx(0.5)


def test_a_range_beyond_float64_is_unknown():
    for metric in (RAW, Wasserstein("x")):
        found = value(metric, [-1.7e308, 0.0, 1.7e308], [0.0, 1.0])
        assert found.value is None
        assert "range over more than" in found.note


def test_labels_have_no_distance():
    found = value(Wasserstein("x"), ["a", "b"], ["a"])
    assert found.value is None
    assert "not ordered" in found.note


def test_a_column_that_stays_constant_has_not_moved():
    """Also when scaled, though a constant has no standard deviation; a constant that changed is not known in it."""
    assert number(Wasserstein("x"), [3.0] * 20, [3.0] * 20) == 0.0
    assert value(Wasserstein("x"), [3.0] * 20, [4.0] * 20).value is None
