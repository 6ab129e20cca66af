"""Drift of every kind of column, and of every dtype that carries it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from drift_oracle import frame, number, value, values

from barograph import Baseline
from barograph.metrics.drift import (
    KS,
    PSI,
    ChiSquare,
    Hellinger,
    JensenShannon,
    MissingDrift,
    TotalVariation,
    Wasserstein,
)

RNG = np.random.default_rng(12)
WHOLE = RNG.integers(0, 100, 2000)

# evidently 5.1 l: Int64, Float64, boolean, uint8, timedelta and Decimal were "unknown", without a word
DTYPES = {
    "int8": lambda v: pd.Series(v, dtype="int8"),
    "uint8": lambda v: pd.Series(v, dtype="uint8"),
    "Int64": lambda v: pd.Series(v, dtype="Int64"),
    "UInt16": lambda v: pd.Series(v, dtype="UInt16"),
    "float32": lambda v: pd.Series(v, dtype="float32"),
    "Float64": lambda v: pd.Series(v, dtype="Float64"),
    "timedelta": lambda v: pd.to_timedelta(pd.Series(v), unit="s"),
    "Decimal": lambda v: pd.Series([Decimal(int(x)) for x in v], dtype=object),
}


@pytest.mark.parametrize("dtype", DTYPES.values(), ids=DTYPES.keys())
def test_every_dtype_of_numbers_drifts_alike(dtype):
    shifted = np.minimum(WHOLE + 20, 120)
    expected = number(KS("x"), WHOLE.astype(float), shifted.astype(float))
    found = value(KS("x"), dtype(WHOLE), dtype(shifted))
    assert found.value == pytest.approx(expected)
    assert found.n == 2000


@pytest.mark.parametrize("dtype", ["bool", "boolean", "object"])
def test_booleans(dtype):
    reference, current = (pd.Series(np.arange(100) < k).astype(dtype) for k in (50, 90))
    assert number(TotalVariation("x"), reference, current) == pytest.approx(0.4)
    assert number(ChiSquare("x"), reference, current) > 30


@pytest.mark.parametrize("dtype", ["object", "string", "category"])
def test_labels(dtype):
    reference, current = (pd.Series(v).astype(dtype) for v in (["a", "b"] * 50, ["a", "ü"] * 50))
    assert number(TotalVariation("x"), reference, current) == pytest.approx(0.5)


def test_one_and_the_string_one_are_the_same_category():
    # evidently 5.1 o: "1" and 1 gave p = 0
    reference, current = pd.DataFrame({"x": ["1", "2"] * 50}), pd.DataFrame({"x": [1, 2] * 50})
    assert values(ChiSquare("x"), reference, current)[0].value == 0.0


def test_text_drifts_in_length_and_in_characters():
    words = np.array(["pressure", "fell", "over", "the", "northern", "sea", "before", "dawn"])
    plain = [" ".join(RNG.choice(words, RNG.integers(4, 12))) + f" {i % 97}." for i in range(800)]
    shouted = [text + " 0123456789" * 3 for text in plain]
    found = {v.labels.get("view"): v for v in values(KS("x"), frame(plain), frame(shouted))}
    assert set(found) == {"length", "letters", "digits", "spaces", "others"}
    assert found["length"].value > 0.5
    assert found["digits"].value > 0.9
    assert all(v.value == 0.0 for v in values(KS("x"), frame(plain), frame(plain[::-1])))


def test_datetimes_drift():
    start = pd.Timestamp("2024-01-01")
    reference, current = (start + pd.to_timedelta(RNG.uniform(0, days, 1000), unit="D") for days in (100, 50))
    assert number(KS("x"), reference, current) == pytest.approx(0.5, abs=0.06)
    moved = reference + pd.Timedelta(days=10)
    assert number(Wasserstein("x", scaled=False), reference, moved) == pytest.approx(864_000, rel=0.02)


def test_dates_of_several_dtypes_agree():
    days = pd.date_range("2024-01-01", periods=60)
    for current in (days.date, days.tz_localize("UTC"), days.strftime("%Y-%m-%d").astype(object), days.astype("M8[s]")):
        assert number(KS("x"), days, current) == 0.0
    assert isinstance(days.date[0], dt.date)


def test_zeros_are_an_atom_of_their_own():
    reference = np.where(RNG.random(5000) < 0.6, 0.0, RNG.lognormal(size=5000))
    current = np.where(RNG.random(5000) < 0.3, 0.0, RNG.lognormal(size=5000))
    apart = abs((reference == 0).mean() - (current == 0).mean())
    found = value(KS("x"), reference, current)
    assert found.low >= apart - 1e-12  # exact at the atom, which is where the distributions are furthest apart
    assert found.value == pytest.approx(apart, abs=0.02)
    edges = Baseline.of(frame(reference)).profile.get("bins", "x").edges
    assert 0.0 in edges
    assert np.nextafter(0.0, -1) in edges


@pytest.mark.parametrize("metric", [KS, PSI, JensenShannon, TotalVariation, Hellinger, ChiSquare])
def test_a_constant_reference(metric):
    same, other = (number(metric("x"), [5.0] * 100, current) for current in ([5.0] * 50, [5.0] * 25 + [6.0] * 25))
    assert same == 0.0
    assert other > 0.1


@pytest.mark.parametrize("metric", [KS, PSI, JensenShannon, TotalVariation, Hellinger, ChiSquare, MissingDrift])
@pytest.mark.parametrize(("n", "m"), [(1, 1), (1, 500), (500, 1)])
def test_sides_of_one_row(metric, n, m):
    reference, current = RNG.normal(size=n), RNG.normal(size=m)
    found = value(metric("x"), reference, current)
    assert found.value is not None
    assert np.isfinite(found.value)
    assert found.n == m
    labels = value(metric("x"), ["a"] * n, ["b"] * m)
    assert labels.value is None or np.isfinite(labels.value)
