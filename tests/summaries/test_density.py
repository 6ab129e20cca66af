"""Rows counted in squares: exact sums, few squares, and no outlier that blinds it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from barograph.errors import FormatError
from barograph.summaries import Density
from barograph.types import Regressed


def of(y, p, weight=None):
    density = Density()
    density.update(Regressed(np.asarray(y, float), np.asarray(p, float), weight))
    return density


def test_squares_hold_the_rows():
    rng = np.random.default_rng(0)
    y = rng.normal(30, 3, 5000)
    p = y + rng.normal(size=5000)
    density = of(y, p)
    want = Counter(zip(np.floor(y / density.width), np.floor(p / density.width), strict=True))
    assert dict(zip(zip(density.rows, density.columns, strict=True), density.weights, strict=True)) == want
    assert 256 < density.rows.size <= 1024
    assert density.width <= 0.5


@pytest.mark.parametrize("outlier", [1e6, -1e15, 1e17])
def test_one_outlier_costs_one_square(outlier):
    """Cells over the whole range would put all other rows into one of them."""
    rng = np.random.default_rng(1)
    y, p = rng.normal(30, 3, (2, 5000))
    plain, with_outlier = of(y, p), of(np.append(y, outlier), np.append(p, 0.0))
    assert with_outlier.width <= max(2 * plain.width, abs(outlier) / 2**50)
    assert with_outlier.rows.size > 20 or abs(outlier) > 1e16


def test_the_order_of_batches_is_nothing():
    rng = np.random.default_rng(2)
    y, p = rng.lognormal(0, 3, (2, 4000))
    y[:3] = 0.0, -5e-324, 1e300
    whole, parts = of(y, p), [of(y[i::7], p[i::7]) for i in range(7)]
    for order in (range(7), (6, 2, 0, 5, 1, 4, 3)):
        merged = Density()
        for i in order:
            merged = merged.merge(parts[i])
        assert merged.to_state() == whole.to_state()


def test_hostile_states_are_refused():
    state = dict(of([1.0, 2.0, 9.0], [3.0, 1.0, 9.0]).to_state())
    back = np.array([5, 1, 2], "<i8").tobytes()
    wrong = {"halvings": 9999, "rows": back, "n": 1, "weights": np.full(3, np.nan).tobytes(), "columns": b"x"}
    for name, value in wrong.items():
        with pytest.raises(FormatError):
            Density.from_state({**state, name: value})
    with pytest.raises(FormatError, match="beyond"):
        Density.from_state({**state, "columns": np.array([1, 2, 2**60], "<i8").tobytes()})
