"""Drift of what is absent, by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from drift_oracle import number, values

from barograph.metrics.drift import KS, PSI, MissingDrift


def test_every_sort_counts_apart():
    reference = pl.DataFrame({"x": [1.0] * 6 + [None] * 2 + [float("nan")] * 2})
    current = pl.DataFrame({"x": [1.0] * 5 + [float("nan")] + [float("inf")] * 3 + [float("-inf")]})
    # present .6 -> .5, null .2 -> 0, NaN .2 -> .1, +inf 0 -> .3, -inf 0 -> .1
    assert values(MissingDrift("x"), reference, current)[0].value == pytest.approx(0.4)


def test_null_becoming_nan_is_drift():
    reference, current = pl.DataFrame({"x": [1.0, None]}), pl.DataFrame({"x": [1.0, float("nan")]})
    assert values(MissingDrift("x"), reference, current)[0].value == pytest.approx(0.5)


def test_numbers_that_become_words_are_drift():
    assert number(MissingDrift("x"), [1.0, 2.0], ["1.0", "two"]) == pytest.approx(0.5)


def test_missingness_is_drift_though_the_values_are_the_same():
    # evidently 5.1 k: rows without a value are dropped, and 90 % of them change nothing
    x = np.random.default_rng(0).normal(size=5000)
    thinned = np.where(np.arange(5000) % 10 == 0, x, np.nan)
    assert number(MissingDrift("x"), x, thinned) == pytest.approx(0.9)
    assert number(PSI("x"), x, thinned) < 0.1


def test_infinities_leave_the_other_metrics_alone():
    # evidently 5.1 j: one report said of an infinity both that the column drifted and that it did not
    x = np.random.default_rng(0).normal(size=1000)
    reference, current = np.append(x, [np.inf, -np.inf]), np.append(x, np.inf)
    assert number(KS("x"), reference, current) == 0.0
    assert number(MissingDrift("x"), reference, current) == pytest.approx(1 / 1002, rel=0.01)


def test_an_empty_column_does_not_end_the_report():
    reference = pl.DataFrame({"x": [1.0, 2.0, 3.0], "y": [1, 2, 3]})
    current = pl.DataFrame({"x": [None, None], "y": [1, 2]}, schema={"x": pl.Float64, "y": pl.Int64})
    x, y = values(MissingDrift(), reference, current)
    assert (x.value, y.value) == (1.0, 0.0)
    x, y = values(KS(), reference, current)
    assert x.value is None
    assert x.note == "no values in the current rows"
    assert y.value == pytest.approx(1 / 3)


def test_a_column_that_is_gone_says_so():
    reference, current = pl.DataFrame({"x": [1.0], "y": [1]}), pl.DataFrame({"y": [1]})
    found = values(MissingDrift("x"), reference, current)[0]
    assert found.value is None
    assert "no such column" in found.note
