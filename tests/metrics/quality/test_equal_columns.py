"""Columns that repeat others, against pandas and the plain comparison of raw rows."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from barograph import Profile, Schema
from barograph.errors import ParameterError
from barograph.metrics import quality
from barograph.results import Table

RNG = np.random.default_rng(11)


def rows(n: int = 20_000) -> pl.DataFrame:
    """Columns that are equal, nearly so, or equal only as bags of values."""
    a = RNG.integers(0, 5, n)
    gaps = RNG.random(n) < 0.3
    near = np.where(RNG.random(n) < 0.04, 9, a)
    frame = pl.DataFrame({"a": a, "near": near, "shuffled": RNG.permutation(a), "other": RNG.integers(0, 5, n)})
    gappy = pl.Series([None if gap else value for gap, value in zip(gaps, a.tolist(), strict=True)])
    return frame.with_columns(
        as_float=pl.col("a").cast(pl.Float64), text=pl.col("a").cast(pl.String), gappy=gappy, gappy_too=gappy
    )


ROWS = rows()


def of(metric, frame, **known):
    result = metric.compute(Profile.of(frame, needs=metric.needs, **known), None)
    return result.values[0], next((f.rows for f in result.figures if isinstance(f, Table)), [])


def test_equal_columns_are_those_that_pandas_finds():
    frame = ROWS.drop("text").to_pandas().astype(float)
    value, table = of(quality.DuplicatedColumns(), ROWS)
    assert value.value == frame.T.duplicated().sum() == 2
    assert [row[:3] for row in table] == [["as_float", "a", 1.0], ["gappy_too", "gappy", 1.0]]
    assert value.n == ROWS.height


def test_nearly_equal_columns_by_the_plain_formula():
    frame = ROWS.to_pandas()

    def share(x, y):
        either = x.notna() | y.notna()
        return ((x == y) & x.notna())[either].mean()

    names = sorted(frame.columns)
    alike = {b: (a, share(frame[a], frame[b])) for a, b in reversed([*combinations(names, 2)])
             if share(frame[a], frame[b]) >= 0.95}  # fmt: skip
    value, table = of(quality.AlmostDuplicatedColumns(), ROWS)
    assert value.value == len(alike) == 3
    assert {row[0]: (row[1], pytest.approx(row[2])) for row in table} == alike
    assert of(quality.AlmostDuplicatedColumns(share=1.0), ROWS)[0].value == 2
    assert of(quality.AlmostDuplicatedColumns(share=0.69), ROWS)[0].value == 4  # gappy beside a


def test_parts_are_the_whole_and_a_column_may_be_lacking_in_one():
    metric = quality.AlmostDuplicatedColumns()
    parts = [Profile.of(ROWS[i::3], needs=metric.needs) for i in range(3)]
    merged = Profile.from_bytes(sum(parts).to_bytes())
    assert metric.compute(merged, None) == metric.compute(Profile.of(ROWS, needs=metric.needs), None)
    exact = quality.DuplicatedColumns()
    schema = Schema(kinds={"x": "numeric", "y": "numeric"})
    first = Profile.of({"x": [1, 2], "y": [1, 2]}, schema=schema, needs=exact.needs)
    assert exact.compute(first, None).values[0].value == 1
    lacking = first.blank()
    lacking.add(pl.DataFrame({"x": [3]}))
    assert exact.compute(first + lacking, None).values[0].value == 0


def test_one_row_that_differs_tells_two_columns_apart():
    """Sums, hashes of all values and equal distributions would not."""
    x = np.arange(10_000)
    y = x.copy()
    y[[17, 18]] = y[[18, 17]]
    assert of(quality.DuplicatedColumns(), {"x": x, "y": y})[0].value == 0
    assert of(quality.DuplicatedColumns(), {"x": x + 2**60, "y": x + 2**60})[0].value == 1
    assert of(quality.DuplicatedColumns(), {"x": x + 2**60, "y": x + 2**60 + 1})[0].value == 0


def test_what_a_model_says_is_no_repeat_but_a_leak_is():
    known = Schema(target="y", prediction="p", task="classification")
    data = {"y": ["no", "yes"] * 5, "p": ["no", "yes"] * 5, "x": [*range(10)]}
    assert of(quality.DuplicatedColumns(), data, schema=known)[0].value == 0
    assert of(quality.DuplicatedColumns(), data | {"leak": data["y"]}, schema=known)[0].value == 1
    assert of(quality.DuplicatedColumns(("y", "p")), data, schema=known)[0].value == 1


def test_what_is_not_known_and_what_is_left_out():
    metric = quality.DuplicatedColumns()
    empty = {"a": [None, None], "b": [None, None]}
    assert of(metric, empty)[0].note == "no column has a value"
    assert of(metric, {**empty, "c": [1, 2]})[0].value == 0  # two empty columns equal nothing
    assert of(metric, {"a": [1]})[0].note == "fewer than two columns to compare"
    assert "not asked" in metric.compute(Profile.of({"a": [1], "b": [1]}), None).values[0].note
    wide = {f"c{i:03}": [i, 1] for i in range(130)}
    result = metric.compute(Profile.of(wide, needs=metric.needs), None)
    assert result.note == "of 130 columns the first 100; name others as columns=(...)"
    two = quality.DuplicatedColumns(("c128", "c129", "none"))
    result = two.compute(Profile.of(wide, needs=two.needs), None)
    assert (result.values[0].value, result.note) == (0.0, "no such column: 'none'")
    for wrong in (0.5, 1.1, 0):
        with pytest.raises(ParameterError, match=r"above 0\.5"):
            quality.AlmostDuplicatedColumns(share=wrong)
    with pytest.raises(ParameterError, match="at least two"):
        quality.DuplicatedColumns(("a",))


def test_against_a_reference():
    metric = quality.DuplicatedColumns()
    profile = Profile.of({"a": [1, 2], "b": [1, 2]}, needs=metric.needs)
    before = Profile.of({"a": [1, 2], "b": [2, 1]}, needs=metric.needs)
    result = metric.compute(profile, before)
    assert (result.values[0].value, result.values[0].reference) == (1.0, 0.0)
    assert result.figures[0].rows == [["b", "a", 1.0, "no"]]
    assert pd.DataFrame({"a": [1, 2], "b": [1, 2]}).T.duplicated().sum() == 1
