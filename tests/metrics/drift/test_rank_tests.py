"""Mann-Whitney, Cramer-von Mises and Anderson-Darling against scipy, the plain formulas and their own levels."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from drift_oracle import TIMES, alarms, value
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import anderson_ksamp, binom, cramervonmises_2samp, mannwhitneyu

from barograph.metrics.drift import AndersonDarling, CramerVonMises, MannWhitney

RANKED = [MannWhitney, CramerVonMises, AndersonDarling]

SIDES = {
    "the same": lambda r: (r.normal(size=4000), r.normal(size=1500)),
    "a small shift": lambda r: (r.normal(size=4000), r.normal(0.2, 1, 1500)),
    "another scale": lambda r: (r.normal(size=4000), r.normal(0, 2, 1500)),
    "heavy tails": lambda r: (r.standard_cauchy(4000), r.standard_cauchy(300) * 3),
    "disjoint": lambda r: (r.uniform(0, 1, 900), r.uniform(2, 3, 500)),
    "zeros": lambda r: (r.normal(size=3000) * (r.random(3000) < 0.4), r.normal(size=2000) * (r.random(2000) < 0.7)),
    "small": lambda r: (r.normal(size=40), r.normal(0.5, 1, 25)),
}


def correlation(reference, current) -> float:
    """|2 U / (n m) - 1|, U counted by scipy."""
    u = mannwhitneyu(current, reference, method="asymptotic").statistic
    return abs(2 * u / (len(current) * len(reference)) - 1)


def cramer_von_mises(reference, current) -> float:
    """The mean over all rows of (F - G)^2, before and after each value, times n m / (n + m)."""
    x, y = np.sort(reference), np.sort(current)
    both = np.concatenate([x, y])
    gap = [
        np.searchsorted(x, both, side=s) / x.size - np.searchsorted(y, both, side=s) / y.size for s in ("left", "right")
    ]
    return x.size * y.size / both.size * float(np.mean((gap[0] ** 2 + gap[1] ** 2) / 2))


def anderson_darling(reference, current) -> float:
    """Scholz & Stephens (1987), formula 7, term by term."""
    both = np.concatenate([reference, current])
    total = both.size
    found = 0.0
    for side in (np.asarray(reference), np.asarray(current)):
        for v in np.unique(both):
            tied = (both == v).sum()
            upto, own = (both < v).sum() + tied / 2, (side < v).sum() + (side == v).sum() / 2
            spread = upto * (total - upto) - total * tied / 4
            found += tied / total * (total * own - side.size * upto) ** 2 / spread / side.size if spread else 0.0
    return found * (total - 1) / total


@pytest.mark.parametrize("sides", SIDES.values(), ids=SIDES.keys())
def test_the_statistic_of_all_rows_is_within_the_bounds(sides):
    reference, current = sides(np.random.default_rng(7))
    for metric, oracle in ((MannWhitney, correlation), (CramerVonMises, cramer_von_mises)):
        found, truth = value(metric("x"), reference, current), oracle(reference, current)
        assert found.low - 1e-12 <= truth <= found.high + 1e-12
        assert found.low <= found.value <= found.high
        assert found.value == pytest.approx(truth, rel=0.02, abs=0.003)
        assert found.n == current.size


whole = st.lists(st.integers(-5, 5), min_size=2, max_size=60)


@given(whole, whole)
def test_few_values_with_ties_are_exact(reference, current):
    current = [v for v in current if v in set(reference)] or reference[:1]
    found = {metric: value(metric("x"), reference, current) for metric in RANKED}
    assert found[MannWhitney].value == pytest.approx(correlation(reference, current), abs=1e-12)
    assert found[CramerVonMises].value == pytest.approx(cramer_von_mises(reference, current), abs=1e-12)
    assert found[AndersonDarling].value == pytest.approx(anderson_darling(reference, current), abs=1e-9)
    for metric in (MannWhitney, CramerVonMises):
        assert found[metric].low == pytest.approx(found[metric].high, abs=1e-12)


@given(whole, whole)
def test_mann_whitneys_p_value_is_scipys_with_ties(reference, current):
    current = [v for v in current if v in set(reference)] or reference[:1]
    found = value(MannWhitney("x"), reference, current).p_value
    if len({*reference, *current}) == 1:
        assert found == 1.0
        return
    assert found == pytest.approx(mannwhitneyu(current, reference, method="asymptotic").pvalue, rel=1e-9)


floats = st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=400)


@given(floats, floats)
def test_bounds_hold_for_any_numbers(reference, current):
    for metric, oracle in ((MannWhitney, correlation), (CramerVonMises, cramer_von_mises)):
        found, truth = value(metric("x"), reference, current), oracle(reference, current)
        assert found.low - 1e-9 <= truth <= found.high + 1e-9


@pytest.mark.parametrize("shift", [0.0, 0.3, 1.0, 3.0])
def test_scipy_where_no_two_values_are_alike(shift):
    rng = np.random.default_rng(3)
    reference = rng.normal(size=240)
    near = np.sort(reference)[int(30 * shift) :: 2] + 1e-7  # a little above values of the reference: one row a cell
    found = value(CramerVonMises("x"), reference, near)
    truth = cramervonmises_2samp(near, reference, method="asymptotic")
    assert found.value == pytest.approx(truth.statistic, rel=0.02, abs=0.003)
    assert found.p_value == pytest.approx(truth.pvalue, rel=0.15, abs=0.002)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scipy cuts its p-values at 0.001 and 0.25
        standard = anderson_ksamp([reference, near])
    found = value(AndersonDarling("x"), reference, near)
    assert found.value == pytest.approx(anderson_darling(reference, near), rel=0.05, abs=0.02)
    if 0.002 < standard.pvalue < 0.24:
        assert found.p_value == pytest.approx(standard.pvalue, rel=0.15)


@pytest.mark.parametrize("shift", [0.2, 0.5])
@pytest.mark.parametrize("law", ["normal", "lognormal", "standard_cauchy"])
def test_anderson_darling_in_cells_is_close_to_that_of_all_rows(law, shift):
    rng = np.random.default_rng(4)
    reference, current = getattr(rng, law)(size=4000), getattr(rng, law)(size=1500) + shift
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        truth = anderson_ksamp([reference, current]).statistic
    spread = np.sqrt(2 * (np.pi**2 - 9) / 3)  # scipy gives (A^2 - 1) / sigma; this is sigma of two large samples
    found = value(AndersonDarling("x"), reference, current)
    assert found.value == pytest.approx(truth * spread + 1, rel=0.03)
    assert found.p_value < 0.001


@pytest.mark.parametrize(
    ("law", "m", "n"), [("normal", 400, 150), ("ties", 60, 300), ("three values", 200, 200), ("zeros", 150, 400)]
)
@pytest.mark.parametrize("metric", RANKED)
def test_they_hold_their_level(metric, m, n, law):
    def draw(rng, rows):
        x = rng.normal(size=rows)
        return {"normal": x, "ties": x.round(1), "three values": np.clip(x.round(), -1, 1), "zeros": x * (x > 0.7)}[law]

    few, many = binom.ppf([0.0003, 0.9997], TIMES, 0.05)
    assert few <= alarms(metric(), draw, m, n) <= many


@pytest.mark.parametrize("metric", RANKED)
def test_all_values_alike(metric):
    found = value(metric("x"), [5.0] * 30, [5.0] * 20)
    assert (found.value, found.p_value) == (0.0, 1.0)


@pytest.mark.parametrize("metric", RANKED)
def test_a_column_without_order_is_not_ranked(metric):
    found = value(metric("x"), ["a", "b"] * 20, ["a", "b"] * 20)
    assert found.value is None
    assert "not ordered" in found.note


@pytest.mark.parametrize("metric", RANKED)
def test_either_side_may_be_turned_round(metric):
    rng = np.random.default_rng(5)
    reference, current = rng.integers(0, 30, 500), rng.integers(4, 34, 300)
    forth, back = value(metric("x"), reference, current), value(metric("x"), -reference, -current)
    assert forth.value == pytest.approx(back.value, rel=0.02)
