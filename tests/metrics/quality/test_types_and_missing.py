"""Types of values and kinds of missing values, against plain Python on the raw rows."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from barograph import Profile, Schema
from barograph.errors import ParameterError
from barograph.metrics import quality

RNG = np.random.default_rng(3)


def types(rows, column, **known):
    metric = quality.TypeCounts(column)
    result = metric.compute(Profile.of(rows, needs=metric.needs, **known), None)
    return {v.labels["type"]: v.value for v in result.values if v.value}


def kinds(rows, column, markers=(), **known):
    metric = quality.MissingKinds(column, markers)
    result = metric.compute(Profile.of(rows, needs=metric.needs, **known), None)
    table = {row[1]: row[2] for figure in result.figures for row in figure.rows}
    return result.values[0].value, table


def test_types_by_how_values_are_stored():
    n = 500
    floats = np.where(RNG.random(n) < 0.5, np.round(RNG.normal(0, 5, n)), RNG.normal(0, 5, n))
    floats[:7] = [math.nan, math.inf, -math.inf, 1e300, -0.0, 2.0**60, math.nan]
    kept = [v for v in floats.tolist() if v == v]
    whole = sum(math.isfinite(v) and v == math.floor(v) for v in kept)
    assert types({"x": floats}, "x") == {"whole": whole, "fractional": len(kept) - whole}
    rows = pl.DataFrame({
        "i": [1, None, 2**62], "b": [True, None, False], "s": ["1", "", None], "v": [[1.0, 2.0], None, [0.0, 1.0]],
        "t": [dt.date(2024, 1, 1), None, None], "d": [dt.timedelta(1), None, None], "none": [None, None, None],
    })  # fmt: skip
    found = {column: types(rows, column) for column in rows.columns}
    assert found == {
        "i": {"integral": 2}, "b": {"boolean": 2}, "s": {"string": 2}, "v": {"tensor": 2}, "t": {"object": 1},
        "d": {"object": 1}, "none": {},
    }  # fmt: skip
    assert types(pd.DataFrame({"k": [1, 2, None]}), "k") == {"whole": 2}  # pandas makes floats of these


def test_a_type_that_comes_later_is_seen():
    """What whylogs loses: the type of a column is not that of its first rows."""
    metric = quality.TypeCounts("k")
    schema = Schema(kinds={"k": "categorical"})
    days = [{"k": [None]}, {"k": [1, 2]}, {"k": [1.0, math.nan]}, {"k": ["one"]}]
    profiles = [Profile.of(day, schema=schema, needs=metric.needs) for day in days]
    merged = Profile.from_bytes(sum(profiles).to_bytes())
    values = {v.labels["type"]: v.value for v in metric.compute(merged, profiles[1]).values}
    assert {name for name, value in values.items() if value} == {"integral", "whole", "string"}
    assert sum(values.values()) == 4
    assert metric.compute(merged, profiles[1]).values[0].reference == 2


def test_kinds_of_missing_values_are_each_counted():
    draws = RNG.integers(0, 8, 2000)
    said = [None, math.nan, math.inf, -math.inf, -999.0, 0.0, 1.5, -1.0]
    rows = {"x": [said[i] for i in draws], "k": RNG.integers(0, 2, 2000)}
    truth = {"null": 0, "NaN": 1, "inf": 2, "-inf": 3, "-999": 4}
    value, table = kinds(pl.DataFrame(rows, strict=False), "x", (-999, 12345, "N/A"))
    assert table == {name: int((draws == i).sum()) for name, i in truth.items()}
    assert value == 5
    words = [None, "", " ", "N/A", "Ulm", "-999"]
    draws = RNG.integers(0, 6, 1000)
    value, table = kinds({"s": [words[i] for i in draws]}, "s", ("N/A", -999))
    assert (value, table) == (4, {name: int((draws == i).sum()) for name, i in
                                  {"null": 0, "empty text": 1, '"N/A"': 3, "-999": 5}.items()})  # fmt: skip
    assert kinds({"k": [1, 2]}, "k") == (0, {})


def test_a_marker_that_was_read_as_null_is_counted_once():
    rows = {"x": ["1", "", "N/A", "N/A", None, "nan", "-999", "2.5", "abc"]}
    known = Schema(kinds={"x": "numeric"})
    assert kinds(rows, "x", ("N/A", -999), schema=known) == (
        5, {"null": 1, "NaN": 1, "empty text": 1, '"N/A"': 2, "-999": 1}
    )  # fmt: skip
    assert kinds(rows, "x", ("nan",), schema=known)[1] == {"null": 3, "empty text": 1, '"nan"': 1}


def test_parts_merge_and_a_reference_is_beside(tmp_path: Path):
    metric = quality.MissingKinds(markers=(-1,))
    rows = pl.DataFrame({"x": [1.0, None, -1.0, math.nan] * 50, "s": ["", "a", None, "b"] * 50})
    parts = sum(Profile.of(rows[i::3], needs=metric.needs) for i in range(3))
    whole = Profile.of(rows, needs=metric.needs)
    assert metric.compute(parts, None) == metric.compute(whole, None)
    assert [v.reference for v in metric.compute(parts, whole).values] == [3.0, 2.0]


def test_what_is_not_known():
    for metric in (quality.TypeCounts("x"), quality.MissingKinds("x")):
        for rows in ({"x": []}, {"y": [1]}):
            (value, *_) = metric.compute(Profile.of(rows, needs=metric.needs), None).values
            assert value.value is None
            assert value.note
    assert "needs=" in quality.TypeCounts("x").compute(Profile.of({"x": [1]}), None).values[0].note
    assert "needs=" in quality.MissingKinds("x").compute(Profile.of({"x": [1]}), None).values[0].note
    with pytest.raises(ParameterError, match="at most 100"):
        quality.MissingKinds("x", tuple(range(101)))
    with pytest.raises(ParameterError, match="numbers and texts"):
        quality.MissingKinds("x", (math.inf,))
