"""Nothing is said of nothing: no rows, no such column, no values, no reference, a profile made for less."""

from __future__ import annotations

import polars as pl
import pytest
from quality_oracle import messy, result

from barograph import Baseline, Profile, Report, Schema
from barograph.metrics import quality
from barograph.needs import default_needs

METRICS = [getattr(quality, name) for name in quality.__all__]
PICTURES = (quality.Distribution, quality.ClockDistribution, quality.ColumnInteraction)
PER_COLUMN = [m for m in METRICS if hasattr(m, "column") and m not in PICTURES]
COMPARING = [m for m in METRICS if m.spec.reference == "required"]
ROWS = messy(3, 300)


def everything(schema):
    """What profiles hold by default, and what the metrics ask for beside that."""
    yield from default_needs(schema, anchored=True)
    for metric in METRICS:
        yield from metric().needs(schema)


BASE = Baseline.of(ROWS, needs=everything)


def test_all_are_here():
    assert len({m.spec.name for m in METRICS}) == len(METRICS) >= 23
    assert all(m.spec.group == "quality" for m in METRICS)


@pytest.mark.parametrize("metric", [m for m in METRICS if m is not quality.RowCount])
def test_no_rows(metric):
    found = metric().compute(Profile.of(ROWS.clear(), BASE), BASE.profile)
    assert found.status == ("ok" if metric in PICTURES else "unknown")  # the reference can still be drawn
    assert all(v.value is None and ("no rows" in v.note or "schema has no" in v.note) for v in found.values)


@pytest.mark.parametrize("metric", PER_COLUMN)
def test_no_such_column(metric):
    found = result(metric("nowhere"), ROWS, ROWS)
    assert found.status == "unknown"
    assert "the schema has no column 'nowhere'" in found.values[0].note


@pytest.mark.parametrize("metric", PER_COLUMN)
def test_a_column_that_the_rows_lack(metric):
    found = metric().compute(Profile.of(ROWS.select("many"), BASE), BASE.profile)
    for value in found.values:
        if value.labels["column"] != "many":
            assert value.value is None
            assert value.note == f"the rows have no column {value.labels['column']!r}"


@pytest.mark.parametrize("metric", PER_COLUMN)
def test_no_values(metric):
    empty = ROWS.with_columns(pl.lit(None).cast(dtype).alias(name) for name, dtype in ROWS.schema.items())
    found = metric().compute(Profile.of(empty, BASE), BASE.profile)
    known = {quality.MissingShare: 1.0, quality.AbsentShare: 0.0, quality.BlankShare: 1.0}
    for value in found.values:
        assert value.value == known.get(metric)
        assert value.value is not None or "every value is missing" in value.note


@pytest.mark.parametrize("metric", PER_COLUMN)
def test_a_reference_without_values(metric):
    base = Baseline.of(
        pl.DataFrame({"x": [None], "s": [None]}, schema={"x": pl.Float64, "s": pl.String}), schema=Schema()
    )
    found = metric().compute(Profile.of(pl.DataFrame({"x": [1.0, 2.0], "s": ["a", "b"]}), base), base.profile)
    assert found.values or found.note
    for value in found.values:
        if metric in COMPARING:
            assert value.value is None
            assert value.note == "the reference has no values"
        elif metric not in (quality.MissingShare, quality.AbsentShare, quality.BlankShare):
            assert value.reference is None


@pytest.mark.parametrize("metric", COMPARING)
def test_no_reference(metric):
    found = metric().compute(Profile.of(ROWS), None)
    assert found.status == "unknown"
    assert "needs a reference" in found.note


@pytest.mark.parametrize("metric", [quality.OutOfRangeShare, quality.UnseenShare])
def test_no_baseline(metric):
    found = metric().compute(Profile.of(ROWS), BASE.profile)
    assert found.status == "unknown"
    assert "without a baseline" in found.note


@pytest.mark.parametrize("metric", [m for m in METRICS if m is not quality.RowCount])
def test_a_profile_made_for_less(metric):
    little = Profile.of(ROWS, needs=lambda schema: [])
    found = metric().compute(little, None if metric not in COMPARING else BASE.profile)
    assert found.status == "unknown"
    assert found.note


@pytest.mark.parametrize("metric", METRICS)
def test_what_it_needs_is_enough(metric):
    wanted = metric().needs
    base = Baseline.of(ROWS, needs=wanted)
    full = metric().compute(Profile.of(ROWS, BASE), BASE.profile)
    assert metric().compute(Profile.of(ROWS, base), base.profile) == full


@pytest.mark.parametrize("metric", METRICS)
def test_what_it_needs_is_held_by_default_or_it_says_what_is_not(metric):
    usual = Baseline.of(ROWS).profile
    if not set(metric().needs(BASE.schema)) <= set(usual.summaries):
        found = metric().compute(usual, usual)
        assert found.note or any("holds no" in value.note for value in found.values)


@pytest.mark.parametrize(
    "metric", [quality.Mean, quality.Std, quality.Minimum, quality.Quantile, quality.OutOfRangeShare]
)
def test_the_wrong_kind_is_said(metric):
    found = result(metric("city"), ROWS, ROWS).values[0]
    assert found.value is None
    assert "'city' is categorical" in found.note


@pytest.mark.parametrize("metric", PER_COLUMN)
def test_a_report_on_any_kind_of_column_survives(metric):
    """It collects what the metric asks for itself, and that is nothing of which a column has none."""
    days = pl.Series(range(40)).cast(pl.Date)
    rows = {
        "x": [i / 7 for i in range(40)], "c": ["a", "b"] * 20, "b": [True, None] * 20, "d": days, "n": [None] * 40,
        "t": [f"some words {i}" for i in range(40)], "e": [[i, i % 3, 1.0] for i in range(40)],
    }  # fmt: skip
    for column in rows:
        (result,) = Report([metric(column)]).run(rows, rows, schema=Schema(kinds={"t": "text"})).results
        assert result.status != "error", result.note
        for value in result.values:
            assert value.value is not None or value.note


@pytest.mark.parametrize("metric", PER_COLUMN)
def test_labels_do_not_change_over_windows(metric):
    windows = [ROWS, ROWS.clear(), ROWS.head(1), ROWS.select("x"), ROWS.with_columns(x=pl.lit("word"))]
    labels = [[v.labels for v in metric().compute(Profile.of(w, BASE), BASE.profile).values] for w in windows]
    assert all(found == labels[0] for found in labels)


def test_one_row():
    for metric in METRICS:
        found = metric().compute(Profile.of(ROWS[1:2], BASE), BASE.profile)
        assert all(v.value is None or abs(v.value) < float("inf") for v in found.values)
    std = quality.Std("many").compute(Profile.of(ROWS[1:2], BASE), BASE.profile).values[0]
    assert (std.value, std.note) == (None, "one value has no standard deviation")
