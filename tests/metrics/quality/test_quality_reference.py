"""What is measured against the reference: out of range, never seen, and changes of the schema."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from quality_oracle import messy, present, result, value

from barograph import Baseline, Profile, Schema
from barograph.baseline import edges
from barograph.errors import ParameterError
from barograph.metrics.quality import ConstantColumns, EmptyColumns, OutOfRangeShare, SchemaChanges, UnseenShare
from barograph.schema import Kind
from barograph.summaries import Quantiles
from barograph.types import Numbers


def test_out_of_range_is_exact():
    reference, current = messy(0, 3000), messy(1, 5000)
    for found in result(OutOfRangeShare(), current, reference).values:
        column = found.labels["column"]
        known, now = present(reference, column), present(current, column)
        if column == "note":
            known, now = known.str.len(), now.str.len()
        truth = ((now < known.min()) | (now > known.max())).mean()
        assert found.value == pytest.approx(truth)
        assert found.low is None
        assert found.reference == 0.0


def test_one_end_of_the_range():
    reference, current = messy(0, 300), messy(1, 5000)
    for side in ("below", "above"):
        for found in result(OutOfRangeShare(side=side), current, reference).values:
            column = found.labels["column"]
            known, now = present(reference, column), present(current, column)
            if column == "note":
                known, now = known.str.len(), now.str.len()
            assert found.value == pytest.approx((now < known.min() if side == "below" else now > known.max()).mean())
    with pytest.raises(ParameterError, match="both, below, above"):
        OutOfRangeShare(side="left")


numbers = st.lists(st.floats(-100, 100).map(lambda v: round(v, 1)), min_size=1, max_size=600)


@given(numbers, numbers)
def test_out_of_range_of_any_numbers(reference, current):
    truth = np.mean([not min(reference) <= v <= max(reference) for v in current])
    assert value(OutOfRangeShare("x"), {"x": current}, {"x": reference}).value == pytest.approx(truth)


def test_the_outer_cells_of_a_baseline_are_empty():
    # a bug once: the first cell reached up to the minimum and held it
    x = np.sort(np.random.default_rng(0).normal(size=5000))
    quantiles = Quantiles()
    quantiles.update(Numbers(x))
    cuts = edges(quantiles, None, 256)
    assert (cuts[0], cuts[-1]) == (np.nextafter(x[0], -np.inf), x[-1])
    counts = Baseline.of({"x": x}).profile.get("bins", "x").counts
    assert counts[0] == counts[-1] == 0


def test_a_baseline_at_the_end_of_float64():
    # a bug once: the cut just below the smallest float overflowed with a warning
    least = float(np.finfo(float).min)
    assert value(OutOfRangeShare("x"), {"x": [least, 0.0]}, {"x": [least]}).value == 0.5


def test_against_other_rows_than_the_baselines_the_bounds_hold():
    rng = np.random.default_rng(0)
    base = Baseline.of({"x": rng.normal(size=5000)})
    before, now = rng.normal(size=300), rng.normal(0, 1.5, 400)
    found = OutOfRangeShare("x").compute(Profile.of({"x": now}, base), Profile.of({"x": before}, base)).values[0]
    truth = ((now < before.min()) | (now > before.max())).mean()
    assert found.low <= truth <= found.high
    assert found.high - found.low < 0.1


def test_infinities_are_absent_not_out_of_range():
    found = value(OutOfRangeShare("x"), {"x": [1.0, float("inf"), float("-inf"), 9.0]}, {"x": [0.0, 5.0]})
    assert (found.value, found.n) == (0.5, 2)


def test_times_out_of_range_but_not_the_timestamp():
    days = [dt.datetime(2024, 1, d) for d in range(1, 31)]  # noqa: DTZ001
    later = [d + dt.timedelta(days=15) for d in days]
    base = Baseline.of({"at": days, "due": days}, schema=Schema(timestamp="at"))
    found = OutOfRangeShare().compute(Profile.of({"at": later, "due": later}, base), base.profile).values
    assert [(v.labels, v.value) for v in found] == [({"column": "due"}, 0.5)]


names = st.lists(st.sampled_from(["", "a", "b", "Ä", "日本", "a ", "<b>", "1"]), min_size=1, max_size=50)


@given(names, names)
def test_unseen_labels(reference, current):
    found = value(UnseenShare("x"), {"x": current}, {"x": reference})
    unseen = [v for v in current if v not in set(reference)]
    assert found.value == pytest.approx(len(unseen) / len(current))
    assert found.low is None
    if unseen:
        assert found.note == f"e.g. {', '.join(sorted(set(unseen))[:5])}" or len(set(unseen)) > 5


def test_rare_labels_are_not_unseen():
    rng = np.random.default_rng(0)
    reference = [*rng.choice(["a", "b"], 20_000), *(f"id{i}" for i in range(5000))]
    current = [*(f"id{i}" for i in range(0, 5000, 2)), *(f"new{i}" for i in range(500))]
    found = value(UnseenShare("x"), {"x": current}, {"x": reference})
    assert found.value == pytest.approx(500 / 3000)
    assert found.note.count("new") == 5


def test_too_many_labels_give_bounds():
    reference = [f"id{i}" for i in range(12_000)] + ["often"] * 1000
    current = ["often"] * 60 + ["id7"] * 30 + ["new"] * 10
    found = value(UnseenShare("x"), {"x": current}, {"x": reference})
    assert found.value is None
    assert found.low <= 0.1 <= found.high < 0.5
    assert "cannot be told apart" in found.note


def changes(current, reference, **options) -> list[list[object]]:
    base = Baseline.of(reference, **options)
    found = SchemaChanges().compute(Profile.of(current, base), base.profile)
    assert found.values[0].value == len({row[0] for figure in found.figures for row in figure.rows})
    return found.figures[0].rows if found.figures else []


REFERENCE = {"n": [1.0, 2.0, None], "s": ["a", "b", "c"], "b": [True, False, None], "ü": [1, 2, 3]}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"n": [None] * 3}, []),
        ({"n": [1, 2, 3]}, []),
        ({"n": ["1", "2", "x"]}, [["n", "other type", "number", "string"],
                                  ["n", "unreadable values", "0 of 3 rows", "1 of 3 rows"]]),
        ({"s": [1, 2, 3]}, [["s", "other type", "string", "number"]]),
        ({"b": ["yes", "no", "maybe"]}, [["b", "other type", "boolean", "string"],
                                         ["b", "unreadable values", "0 of 3 rows", "1 of 3 rows"]]),
        ({"new": [None] * 3}, [["new", "new column", "", "no values"]]),
        ({"new": [1.0] * 3}, [["new", "new column", "", "number"]]),
    ],
)  # fmt: skip
def test_schema_changes(change, expected):
    assert changes(REFERENCE | change, REFERENCE) == expected


def test_missing_columns():
    assert changes({"s": ["a"], "b": [True], "ü": [1]}, REFERENCE) == [
        ["n", "missing column", "3 of 3 rows", "0 of 1 rows"]
    ]
    assert len(changes({"other": [1]}, REFERENCE)) == 5
    assert changes({k: v for k, v in REFERENCE.items() if k != "n"}, REFERENCE, schema=Schema(ignore=("n",))) == []


def test_columns_of_some_batches_only():
    base = Baseline.of(REFERENCE)
    half = Profile.of(REFERENCE, base) + Profile.of({"n": [1.0], "s": ["a"], "b": [True]}, base)
    found = SchemaChanges().compute(half, base.profile)
    assert found.figures[0].rows == [["ü", "partly missing", "3 of 3 rows", "3 of 4 rows"]]


def test_what_the_reference_had_too_is_no_change():
    texts = {"n": ["1", "2", "x"]}
    base = Baseline.of(texts, schema=Schema(kinds={"n": Kind.NUMERIC}))
    assert SchemaChanges().compute(Profile.of(texts, base), base.profile).values[0].value == 0.0


@pytest.mark.filterwarnings("ignore:skipped")
def test_lists_are_a_type_of_their_own():
    rows = changes(pl.DataFrame(REFERENCE).with_columns(n=pl.Series([[1], [2], [3]])), REFERENCE)
    assert rows == [["n", "other type", "number", "vector"], ["n", "unreadable values", "0 of 3 rows", "3 of 3 rows"]]
    rows = changes(pl.DataFrame(REFERENCE).with_columns(n=pl.Series([["a"], ["b"], ["c"]])), REFERENCE)
    assert rows == [["n", "other type", "number", "unsupported"]]


def test_without_a_baseline():
    found = SchemaChanges().compute(Profile.of({"a": ["x"], "c": [1]}), Profile.of({"a": [1], "b": [1]}))
    assert [row[:2] for row in found.figures[0].rows] == [
        ["a", "other type"],
        ["b", "missing column"],
        ["c", "new column"],
    ]


def test_constant_and_empty_columns():
    rows = pl.DataFrame(
        {"one": [1.0, None, 1.0], "nan": [float("nan"), None, float("inf")], "null": [None] * 3, "two": [1, 2, 1],
         "ü": ["x"] * 3, "alone": [None, None, 5]}
    )  # fmt: skip
    constant, empty = result(ConstantColumns(), rows), result(EmptyColumns(), rows)
    assert (constant.values[0].value, empty.values[0].value) == (2.0, 2.0)
    assert [row[0] for row in constant.figures[0].rows] == ["one", "ü"]
    assert [row[0] for row in empty.figures[0].rows] == ["nan", "null"]
    against = result(EmptyColumns(), rows.with_columns(two=pl.lit(None)), rows)
    assert (against.values[0].value, against.values[0].reference) == (3.0, 2.0)
    assert [row[0] for row in against.figures[0].rows if row[2] == "no"] == ["two"]
    clean = result(EmptyColumns(), {"a": [1, 2]})
    assert (clean.status, clean.values[0].value, clean.figures) == ("ok", 0.0, [])


def test_the_prediction_is_watched_and_the_target_may_come_late():
    rows = {"x": [1, 2, 3], "y": [1, 1, 1], "p": [None, None, None]}
    schema = Schema(target="y", prediction="p")
    profile = Profile.of(rows, schema=schema)
    assert ConstantColumns().compute(profile, None).values[0].value == 0
    assert EmptyColumns().compute(profile, None).values[0].note == "p"
    base = Baseline.of({**rows, "p": [1, 1, 1]}, schema=schema)
    unlabelled = Profile.of({"x": [1, 2, 3], "p": [1, 1, 1]}, base)
    assert SchemaChanges().compute(unlabelled, base.profile).values[0].value == 0


def test_p_values_when_nothing_changed():
    rng = np.random.default_rng(0)
    metrics = (OutOfRangeShare("x"), UnseenShare("s"))
    p: dict[str, list[float]] = {m.spec.name: [] for m in metrics}
    for _ in range(300):
        reference, current = (
            {"x": rng.normal(size=n), "s": rng.zipf(1.5, n).clip(max=400).astype(str)} for n in (300, 200)
        )
        for metric in metrics:
            p[metric.spec.name].append(value(metric, current, reference).p_value)
    for found in p.values():
        assert np.mean(np.array(found) <= 0.05) <= 0.07
        assert np.mean(np.array(found) <= 0.25) <= 0.3
    assert value(OutOfRangeShare("x"), {"x": [9.0] * 5 + [0.5] * 5}, {"x": np.linspace(0, 1, 300)}).p_value < 1e-4
