"""Metrics of whole rows and of the whole table, against pandas and plain Python on the raw rows."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from quality_oracle import messy

from barograph import Check, Profile, Report, Schema, eq
from barograph.errors import ParameterError
from barograph.metrics import quality
from barograph.summaries import Repeats
from barograph.types import RowKeys

ROWS = messy(9, 1500)


def of(metric, rows, **known):
    (only,) = metric.compute(Profile.of(rows, needs=metric.needs, **known), None).values
    return only


def test_rows_and_cells_that_are_missing():
    lacks = ROWS.to_pandas().isna()
    assert of(quality.IncompleteRowShare(), ROWS).value == pytest.approx(lacks.any(axis=1).mean())
    assert of(quality.MissingCellShare(), ROWS).value == pytest.approx(lacks.to_numpy().mean())
    assert of(quality.IncompleteColumns(), ROWS).value == lacks.any().sum()
    assert of(quality.ColumnCount(), ROWS).value == ROWS.width
    few = ROWS.select("x", "few", "city")
    truth = few.to_pandas().isna().all(axis=1).mean()
    assert truth > 0
    assert of(quality.EmptyRowShare(), few).value == pytest.approx(truth)


def test_labels_that_have_not_come_are_no_gap():
    rows = {"x": [1.0, 2.0], "y": [None, "no"]}
    assert of(quality.IncompleteRowShare(), rows, schema=Schema(target="y")).value == 0.0
    assert of(quality.MissingCellShare(), rows, schema=Schema(target="y")).value == 0.0


def test_repeated_rows():
    rng = np.random.default_rng(0)
    rows = pl.DataFrame({"a": rng.integers(0, 30, 2000), "b": rng.choice(["x", "y", None], 2000).tolist()})
    rows = rows.with_columns(c=pl.when(pl.col("a") > 20).then(None).otherwise(pl.col("a") / 2))
    frame = rows.to_pandas()
    assert of(quality.DuplicatedRowShare(), rows).value == pytest.approx(frame.duplicated().mean())
    one = rows["b"].drop_nulls().to_pandas().duplicated().mean()
    assert of(quality.DuplicatedRowShare(("b",)), rows).value == pytest.approx(one)
    parts = sum(Profile.of(rows[i::4], needs=quality.DuplicatedRowShare().needs) for i in range(4))
    assert quality.DuplicatedRowShare().compute(parts, None).values[0] == of(quality.DuplicatedRowShare(), rows)


def test_how_a_column_is_stored_changes_no_row():
    """A day with a null makes floats of a column of integers; its rows are still the same rows."""
    need = quality.DuplicatedRowShare().needs
    days = [{"k": [1, 2, 3], "s": ["a"] * 3}, {"s": ["a"] * 4, "k": [1.0, math.nan, 2.0, 3.0]}]
    both = sum(Profile.of(pd.DataFrame(day), needs=need) for day in days)
    assert quality.DuplicatedRowShare().compute(both, None).values[0].value == pytest.approx(3 / 7)


def test_integers_beyond_float64_are_different_rows():
    assert of(quality.DuplicatedRowShare(), {"id": [2**53, 2**53 + 1, 2**63 - 1]}).value == 0.0
    assert (
        of(quality.UniqueShare("id"), pl.DataFrame({"id": pl.Series([2**64 - 1, 2**64 - 2], dtype=pl.UInt64)})).value
        == 1
    )


def test_unique_values():
    for column in ("few", "city", "row", "many"):
        values = ROWS[column].drop_nulls().to_pandas()
        truth = (~values.duplicated(keep=False)).mean()
        assert of(quality.UniqueShare(column), ROWS).value == pytest.approx(truth)


def test_few_duplicates_among_many_values_are_seen():
    """A peer calls a column with 0.1 % of duplicates unique."""
    values = np.arange(200_000)
    values[:200] = values[-200:]
    found = of(quality.UniqueShare("id"), {"id": values})
    assert found.value < 1.0
    assert found.low <= 1 - 400 / 200_000 <= found.high
    assert Report([Check(quality.UniqueShare("id"), eq(1))]).run({"id": values}).verdicts[0].status == "fail"
    assert Report([Check(quality.UniqueShare("id"), eq(1))]).run({"id": np.arange(200_000)}).passed


@pytest.mark.parametrize(("different", "times"), [(100_000, 1), (60_000, 3), (40_000, 20)])
def test_estimates_hold_their_bounds(different, times):
    rng = np.random.default_rng(different)
    keys = rng.integers(0, 2**64, different, dtype=np.uint64)
    drawn = np.repeat(keys, rng.integers(1, times + 1, different))
    outcomes = (rng.random(drawn.size) < 0.02).astype(np.uint64)
    summary = Repeats()
    for part in np.array_split(rng.permutation(drawn.size), 3):
        summary.update(RowKeys(drawn[part], outcomes[part]))
    frame = pd.DataFrame({"k": drawn, "y": outcomes})
    sizes = frame.groupby("k")["y"].agg(["size", "nunique"])
    truths = {
        "different": different,
        "repeated": drawn.size - different,
        "conflicting": sizes.loc[sizes["nunique"] > 1, "size"].sum(),
        "alone": (sizes["size"] == 1).sum(),
    }
    for name, truth in truths.items():
        found = getattr(summary, name)()
        assert found.low <= truth <= found.high, name
        assert found.low <= found.value <= found.high
    if times == 1:
        assert summary.repeated().value == 0.0


def test_conflicts():
    rng = np.random.default_rng(3)
    rows = pl.DataFrame({"a": rng.integers(0, 60, 500), "b": rng.choice(["x", "y"], 500), "p": rng.random(500) < 0.02})
    rows = rows.with_columns(y=pl.when(pl.col("a") % 7 == 0).then(None).otherwise(pl.col("a") > 3 + rng.integers(0, 3)))
    rows = rows.with_columns(y=pl.when(pl.col("p")).then(~pl.col("y")).otherwise(pl.col("y")))
    frame = rows.to_pandas()
    known = Schema(target="y", prediction="p")
    for role, column in (("target", "y"), ("prediction", "p")):
        there = frame.dropna(subset=[column])
        truth = (there.groupby(["a", "b"])[column].transform("nunique") > 1).mean()
        assert 0 < truth < 1
        assert of(quality.ConflictShare(role), rows, schema=known).value == pytest.approx(truth)
    assert "no target" in of(quality.ConflictShare(), rows).note
    with pytest.raises(ParameterError, match="'target' or 'prediction'"):
        quality.ConflictShare("score")


def test_sum_is_not_poisoned():
    x = ROWS["x"].drop_nulls().to_numpy()
    assert of(quality.Sum("x"), ROWS).value == pytest.approx(x[np.isfinite(x)].sum())
    assert "beyond float64" in of(quality.Sum("x"), {"x": [1.7e308] * 3}).note


def test_almost_constant_columns():
    rows = {"a": [1] * 96 + [2] * 4, "b": [1] * 94 + [2] * 6, "c": ["x"] * 100, "d": [None] * 100}
    assert of(quality.AlmostConstantColumns(), rows).value == 2.0
    assert of(quality.AlmostConstantColumns(0.9), rows).value == 3.0
    with pytest.raises(ParameterError, match=r"above 0\.5"):
        quality.AlmostConstantColumns(0.5)


def test_blanks():
    rows = pl.DataFrame({"s": ["a", "", "  ", "NA", None, "b"], "n": [1.0, math.nan, -999.0, None, math.inf, 2.0]})
    assert of(quality.BlankShare("s"), rows).value == pytest.approx(3 / 6)
    assert of(quality.BlankShare("s", ("NA",)), rows).value == pytest.approx(4 / 6)
    assert of(quality.BlankShare("n", (-999,)), rows).value == pytest.approx(3 / 6)
    assert of(quality.BlankShare("n", (-999,)), rows).n == 6


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "boolean", "uint8"])
def test_extension_types_are_counted(dtype):
    """A peer leaves these out without a word."""
    rows = pd.DataFrame({"x": pd.array([1, 0, None, 1] if dtype != "uint8" else [1, 0, 1, 1], dtype=dtype)})
    assert of(quality.BlankShare("x"), rows).value == (0.0 if dtype == "uint8" else 0.25)
    assert of(quality.DuplicatedRowShare(), rows).value == pytest.approx(rows.duplicated().mean())


def test_a_frame_that_was_cut_and_a_first_null():
    """A peer fails on an index that does not begin at 0, and forgets a column whose first value is null."""
    rows = pd.DataFrame({"s": [None, "a", "b", "b"], "x": [np.nan, 1.0, 2.0, 3.0]})
    assert of(quality.InListShare("s", ("b",)), rows[1:]).value == pytest.approx(2 / 3)
    assert of(quality.InRangeShare("x", 2), rows).value == pytest.approx(2 / 3)


def test_long_labels_are_not_one():
    """A peer cuts labels at 128 characters, and takes those that begin alike for one."""
    rows = {"s": ["y" * 500 + str(i) for i in range(4)]}
    assert of(quality.UniqueShare("s"), rows).value == 1.0
    assert of(quality.InListShare("s", ("y" * 500 + "2",)), rows).value == 0.25


def test_small_scales_are_not_rounded_away():
    rows = {"x": np.random.default_rng(0).normal(0, 1e-4, 500)}
    run = Report([quality.Std("x"), quality.Sum("x")]).run(rows)
    assert run.value("std", column="x") == pytest.approx(rows["x"].std(ddof=1))
    assert run.value("sum", column="x") == pytest.approx(rows["x"].sum())
