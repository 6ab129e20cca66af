"""The bars to draw: they add up, say what is in them, and stay at 40."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from quality_oracle import messy, result

from barograph import Profile, Schema
from barograph.metrics.quality import Distribution
from barograph.results import Bars


def bars(current, reference=None, column="x") -> Bars:
    (only,) = result(Distribution(column), current, reference).figures
    return only


def check(figure: Bars) -> None:
    assert 1 <= len(figure.cells) <= 40
    for shares in figure.series.values():
        assert len(shares) == len(figure.cells)
        assert sum(shares) == pytest.approx(1.0)
        assert min(shares) >= 0
    if figure.edges is not None:
        assert len(figure.edges) == len(figure.cells) + 1
        assert np.isfinite(figure.edges).all()
        assert (np.diff(figure.edges) > 0).all()


def test_every_column_has_a_picture():
    figures = result(Distribution(), messy(0, 900), messy(1, 2000)).figures
    labels = [(f.labels["column"], f.labels.get("view")) for f in figures]
    assert labels[:5] == [(c, None) for c in ("x", "few", "many", "city", "flag")]
    assert [view for column, view in labels if column == "note"] == ["length", "letters", "digits", "spaces", "others"]
    for figure in figures:
        check(figure)
        assert list(figure.series) == ["reference", "current"]


def test_histograms_match_numpy():
    rng = np.random.default_rng(0)
    reference, current = rng.normal(size=500), rng.normal(1, 1, 400)  # the summaries are exact up to 512 rows
    figure = bars({"x": current}, {"x": reference})
    for name, x in (("reference", reference), ("current", current)):
        inner = np.concatenate([[-np.inf], figure.edges[1:-1], [np.inf]])
        assert figure.series[name] == pytest.approx((np.histogram(x, inner)[0] / x.size).tolist())
    assert figure.edges[0] == pytest.approx(np.quantile(reference, 0.005))
    assert figure.edges[-1] == pytest.approx(np.quantile(current, 0.995))


def test_large_sides_are_off_by_the_rank_error():
    rng = np.random.default_rng(0)
    x = rng.lognormal(size=100_000)
    figure = bars({"x": x})
    truth = np.histogram(x, np.concatenate([[-np.inf], figure.edges[1:-1], [np.inf]]))[0] / x.size
    assert np.abs(np.array(figure.series["current"]) - truth).max() < 0.004
    assert list(figure.series) == ["current"]


def test_an_outlier_is_in_the_outer_bar_and_says_so():
    x = np.random.default_rng(0).normal(size=1000)
    figure = bars({"x": np.append(x, [1e6, -1e6])}, {"x": x})
    check(figure)
    assert figure.cells[0].startswith("< -2")
    assert figure.cells[-1].startswith("> 2")
    assert figure.edges[-1] < 4


def test_whole_numbers_fall_into_equal_cells():
    figure = bars({"x": np.random.default_rng(0).integers(18, 90, 40_000)})
    check(figure)
    assert figure.cells[:2] == ["18 to 19", "20 to 21"]
    assert max(figure.series["current"]) < 1.3 * min(figure.series["current"])


def test_few_values_have_a_bar_each():
    figure = bars({"x": [1, 1, 7, None]}, {"x": [1, 2.5, 2.5, 2.5]})
    assert figure.cells == ["1", "2.5", "7"]
    assert figure.series["reference"] == [0.25, 0.75, 0.0]
    assert figure.series["current"] == pytest.approx([2 / 3, 0, 1 / 3])
    assert figure.edges is None


def test_labels():
    reference = [f"r{i:02}" for i in range(30) for _ in range(60 - i)]
    figure = bars({"x": ["r00", "r29", "new", "newer"]}, {"x": reference})
    check(figure)
    assert figure.cells == [f"r{i:02}" for i in range(20)] + ["(other)", "(never seen)"]
    assert figure.series["current"][0] == 0.25
    assert figure.series["current"][-2:] == pytest.approx([0.25, 0.5])
    assert figure.series["reference"][-1] == 0.0


def test_labels_without_a_baseline():
    reference, current = Profile.of({"x": ["a", "a", "b", "b"]}), Profile.of({"x": ["a", "b", "b", "ü"]})
    (figure,) = Distribution("x").compute(current, reference).figures
    assert figure.cells == ["a", "b", "(never seen)"]
    assert figure.series == {"reference": [0.5, 0.5, 0.0], "current": [0.25, 0.5, 0.25]}


def test_many_labels_without_a_baseline():
    (figure,) = Distribution("x").compute(Profile.of({"x": [f"id{i}" for i in range(900)] + ["a"] * 100}), None).figures
    check(figure)
    assert figure.cells == ["a", "(other)"]
    assert figure.series["current"] == pytest.approx([0.1, 0.9], abs=0.002)


def test_times_are_named_as_times():
    days = pd.date_range("2024-01-01", periods=500, freq="h")
    figure = bars({"x": days})
    check(figure)
    assert "2024-01-" in figure.cells[3]


def test_booleans_and_constants():
    flags = bars({"x": [True, False, None, True]})
    assert flags.cells == ["true", "false"]
    assert flags.series == {"current": pytest.approx([2 / 3, 1 / 3])}
    assert bars({"x": [5.0] * 9}).series == {"current": [1.0]}
    nearly = bars({"x": [0.0] * 5000 + list(np.linspace(1, 2, 45) ** 2)})
    check(nearly)
    assert nearly.series["current"][0] == pytest.approx(5000 / 5045, abs=0.004)


def test_one_side_without_values():
    empty = pl.DataFrame({"x": [None, None]}, schema={"x": pl.Float64})
    assert list(bars(empty, {"x": [1.0, 2.0]}).series) == ["reference"]
    assert list(bars({"x": [1.0, 2.0]}, {"x": [None, float("nan")]}).series) == ["current"]
    nothing = result(Distribution("x"), empty)
    assert (nothing.status, nothing.figures) == ("unknown", [])


def test_roles_without_a_picture():
    rows = {"id": ["a", "b"], "at": pd.date_range("2024-01-01", periods=2), "y": [0, 1], "x": [1, 2]}
    profile = Profile.of(rows, schema=Schema(id="id", timestamp="at", target="y"))
    assert {f.labels["column"] for f in Distribution().compute(profile, None).figures} == {"x", "y"}


numbers = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=700)


@given(numbers, numbers)
def test_any_numbers_can_be_drawn(current, reference):
    check(bars({"x": current}, {"x": reference}))


@given(st.lists(st.integers(-(2**70), 2**70), min_size=1, max_size=200))
def test_any_whole_numbers_can_be_drawn(current):
    check(bars({"x": [float(v) for v in current]}))
