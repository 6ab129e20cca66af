"""Mean, variance and ends against exact arithmetic."""

from __future__ import annotations

import math
import statistics
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.errors import FormatError
from barograph.summaries import Moments
from strategies import encoded, numbers

RNG = np.random.default_rng(3)
DATA = {
    "normal": RNG.normal(5, 2, 10_000),
    "lognormal": RNG.lognormal(0, 3, 10_000),
    "far from zero": 1e9 + RNG.normal(0, 1, 10_000),
    "ties": RNG.integers(0, 3, 10_000).astype(float),
    "zero-inflated": np.where(RNG.random(10_000) < 0.9, 0.0, RNG.lognormal(0, 1, 10_000)),
    "tiny": RNG.normal(0, 1e-150, 10_000),
    "large": RNG.normal(0, 1e150, 10_000),
    "two": np.array([1.0, 4.0]),
}


def of(*batches: object) -> Moments:
    moments = Moments()
    for batch in batches:
        moments.update(numbers(batch))
    return moments


@pytest.mark.parametrize("values", DATA.values(), ids=DATA)
@pytest.mark.parametrize("parts", [1, 7])
def test_against_numpy(values: np.ndarray, parts: int):
    """Mean, variance and standard deviation are numpy's; the ends are exact."""
    moments = of(*np.array_split(values, min(parts, values.size)))
    size = np.abs(values).max()
    assert moments.n == values.size
    assert moments.mean == pytest.approx(values.mean(), rel=1e-12, abs=1e-12 * size)
    assert moments.variance == pytest.approx(values.var(ddof=1), rel=1e-7)
    assert moments.std == pytest.approx(values.std(ddof=1), rel=1e-7)
    assert (moments.minimum, moments.maximum) == (values.min(), values.max())


@given(st.lists(st.lists(st.floats(-1e100, 1e100), max_size=8), max_size=8))
def test_against_fractions(batches: list[list[float]]):
    """However rows are batched, the answers are those of exact arithmetic up to rounding."""
    rows = [v for batch in batches for v in batch]
    moments = of(*batches)
    if not rows:
        assert (moments.mean, moments.variance, moments.minimum, moments.maximum) == (None,) * 4
        return
    size = max(map(abs, rows))
    exact = [Fraction(v) for v in rows]
    assert moments.mean == pytest.approx(float(statistics.mean(exact)), rel=1e-12, abs=1e-12 * size)
    assert moments.minimum <= moments.mean <= moments.maximum
    if len(rows) == 1:
        assert moments.variance is None
    else:
        want = float(statistics.variance(exact))
        assert moments.variance == pytest.approx(want, rel=1e-9, abs=1e-12 * size * size)


@pytest.mark.parametrize("value", [0.1, -0.1, 1e300, 1.7e308, -1.7e308, 5e-324, 0.0, 1 / 3])
def test_a_constant_has_no_variance_at_all(value: float):
    """0, not what rounding leaves, in one batch and over many of different size; the mean is the value itself."""
    moments = of(*([value] * n for n in (1000, 1, 77, 3, 0, 12_345)))
    assert (moments.mean, moments.variance, moments.std) == (value, 0.0, 0.0)
    assert (moments.minimum, moments.maximum) == (value, value)


def test_what_overflows_is_none_and_does_not_poison_the_mean():
    """Values near the largest float have a mean; their variance is beyond float64."""
    moments = of([1.7e308, 1.6e308, 1.5e308], [-1.7e308, 1.0])
    assert moments.mean == pytest.approx(0.62e308, rel=1e-12)
    assert (moments.variance, moments.std) == (None, None)
    assert (moments.minimum, moments.maximum) == (-1.7e308, 1.7e308)
    assert of([-1.7e308], [1.7e308]).mean == 0.0


def test_the_smallest_numbers():
    """Denormals have a mean; their squares are 0."""
    moments = of([5e-324, 1e-323], [1.5e-323])
    assert moments.mean == 1e-323
    assert moments.variance == 0.0


def test_nan_and_infinities_poison_nothing():
    """They are counted elsewhere: mean, deviation and ends are those of the finite rows (whylogs: nan for ever)."""
    moments = of([1.0, math.nan, 3.0], [math.inf, -math.inf, None, math.nan])
    assert (moments.n, moments.mean, moments.variance, moments.minimum, moments.maximum) == (2, 2.0, 2.0, 1.0, 3.0)


def test_minus_zero_is_zero():
    """The sign of a zero leaves no trace, whichever came first."""
    assert (
        encoded(of([0.0], [-0.0])) == encoded(of([-0.0], [0.0])) == encoded(of([-0.0, 0.0])) == encoded(of([0.0, 0.0]))
    )


def test_overflowed_moments_come_back():
    """An infinite sum of squares is a state like another."""
    moments = of([-1e308, 1e308])
    assert Moments.from_state(moments.to_state()) == moments


@pytest.mark.parametrize(
    "wrong",
    [{"m2": -1.0}, {"m2": math.nan}, {"low": 3.0}, {"mean_": 9.0}, {"mean_": math.nan}, {"high": math.inf}, {"n": 0}],
)
def test_impossible_moments_are_refused(wrong: dict[str, float]):
    """A mean outside the ends, ends the wrong way round, negative squares: no numbers have them."""
    with pytest.raises(FormatError):
        Moments.from_state({**of([1.0, 2.0]).to_state(), **wrong})
