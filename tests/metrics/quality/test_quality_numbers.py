"""Every number of data quality against pandas and numpy on the raw rows."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from quality_oracle import messy, present, result, value

from barograph import Check, Profile, Report, eq, gt, gte, lt
from barograph.errors import ParameterError
from barograph.metrics.quality import (
    AbsentShare,
    DistinctCount,
    DistinctShare,
    Maximum,
    Mean,
    Minimum,
    MissingShare,
    Quantile,
    RowCount,
    Std,
    TopShare,
)
from barograph.render import render

ROWS = messy(0, 3000)
SMALL = messy(1, 400)
COLUMNS = ROWS.columns
both = pytest.mark.parametrize("rows", [ROWS, SMALL], ids=["3000 rows", "400 rows"])


@both
def test_rows(rows):
    found = value(RowCount(), rows, ROWS)
    assert (found.value, found.n, found.reference) == (rows.height, rows.height, ROWS.height)


def test_no_rows_are_counted_as_none_at_all():
    assert value(RowCount(), ROWS.clear(), ROWS).value == 0.0


@both
def test_missing(rows):
    for found in result(MissingShare(), rows).values:
        series = rows[found.labels["column"]].to_pandas()
        assert found.value == pytest.approx(series.isna().mean())
        assert found.n == rows.height


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("null", lambda x: x.is_null()),
        ("nan", lambda x: x.is_nan()),
        ("pos_inf", lambda x: x == np.inf),
        ("neg_inf", lambda x: x == -np.inf),
        ("infinite", lambda x: x.is_infinite()),
        ("invalid", lambda x: x.is_null() & x.is_not_null()),
    ],
)
def test_absent_sorts(sort, expected):
    share = int(expected(ROWS["x"]).fill_null(value=False).sum()) / ROWS.height
    found = value(AbsentShare("x", sort), ROWS)
    assert found.value == pytest.approx(share)
    assert found.labels == {"column": "x"}


def test_words_among_numbers_are_invalid():
    found = value(AbsentShare("x"), {"x": ["1", "2,5", "", "old"]}, {"x": [1.0, 2.0]})
    assert (found.value, found.reference) == (0.5, 0.0)  # "" is null
    assert AbsentShare("x").params == {}
    assert AbsentShare("x", "null").params == {"sort": "null"}


def test_an_unknown_sort_is_refused():
    with pytest.raises(ParameterError, match=r"no sort 'zero'.*pos_inf"):
        AbsentShare(sort="zero")


@both
def test_distinct(rows):
    for count, share in zip(result(DistinctCount(), rows).values, result(DistinctShare(), rows).values, strict=True):
        values = present(rows, count.labels["column"])
        truth = values.nunique()
        if truth <= 512:
            assert (count.value, count.low, count.high) == (truth, None, None)
            assert share.value == pytest.approx(truth / len(values))
        else:
            assert count.low <= truth <= count.high
            assert share.low <= truth / len(values) <= share.high <= 1.0
        assert count.n == share.n == len(values)


def test_an_identity_has_only_distinct_values():
    assert value(DistinctShare("row"), SMALL).value == 1.0
    assert value(DistinctShare("row"), ROWS).high == 1.0
    assert value(DistinctShare("row"), ROWS).value <= 1.0


@both
def test_moments_and_ends(rows):
    metrics = {Mean: "mean", Std: "std", Minimum: "min", Maximum: "max"}
    for metric, name in metrics.items():
        for column in ("x", "few", "many"):
            values = present(rows, column)
            found = value(metric(column), rows)
            assert found.value == pytest.approx(getattr(values, name)(), rel=1e-12)
            assert found.n == len(values)


def test_standard_errors():
    values = present(ROWS, "x")
    assert value(Mean("x"), ROWS).se == pytest.approx(values.sem())
    assert value(Std("x"), ROWS).se == pytest.approx(values.std() / math.sqrt(2 * (len(values) - 1)))
    draws = np.random.default_rng(0).normal(10, 3, (2000, len(values)))
    assert value(Std("x"), ROWS).se == pytest.approx(draws.std(axis=1, ddof=1).std(), rel=0.1)
    assert value(Quantile("x", 0.9), ROWS).se == pytest.approx(np.quantile(draws, 0.9, axis=1).std(), rel=0.35)
    missing = value(MissingShare("x"), ROWS)
    assert missing.se == pytest.approx(math.sqrt(missing.value * (1 - missing.value) / 3000), rel=0.01)
    assert value(MissingShare("many"), ROWS).se == pytest.approx(1 / 3002, rel=0.01)  # 0 of 3000 is not surely 0


@both
def test_text_is_measured_by_its_length(rows):
    lengths = rows["note"].to_pandas().str.len()
    for metric, name in ((Mean, "mean"), (Std, "std"), (Minimum, "min"), (Maximum, "max"), (Quantile, "median")):
        found = value(metric("note"), rows)
        assert found.labels == {"column": "note", "view": "length"}
        assert found.value == pytest.approx(getattr(lengths, name)(), rel=1e-12)


def test_times_have_ends_but_no_mean():
    at = ROWS["at"].to_pandas()
    found = value(Maximum("at"), ROWS)
    assert found.value == at.max().timestamp()
    assert found.note.startswith(at.max().isoformat())
    assert value(Minimum("at"), ROWS).value == at.min().timestamp()
    assert value(Mean("at"), ROWS).value is None
    assert "datetime" in value(Mean("at"), ROWS).note
    assert "at" not in {v.labels["column"] for v in result(Mean(), ROWS).values}


@both
@pytest.mark.parametrize("q", [0.01, 0.25, 0.5, 0.9, 0.999])
def test_quantiles(rows, q):
    for column in ("x", "few", "many"):
        truth = float(np.quantile(present(rows, column), q))
        found = value(Quantile(column, q), rows)
        if found.low is None:
            assert found.n <= 512
            assert found.value == pytest.approx(truth)
        else:
            assert found.low <= truth <= found.high
            assert found.low <= found.value <= found.high


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=1500), st.floats(0.001, 0.999))
def test_quantile_bounds_hold_over_batches(numbers, q):
    parts = [{"x": numbers[i::3]} for i in range(3) if numbers[i::3]]
    found = Quantile("x", q).compute(sum(Profile.of(part) for part in parts), None).values[0]
    truth = float(np.quantile(np.array(numbers), q))
    if found.low is None:
        assert found.value == pytest.approx(truth, rel=1e-9, abs=1e-9)
    else:
        assert found.low <= truth <= found.high


@pytest.mark.parametrize("q", [0.0, 1.0, -1.0, 2.0, float("nan")])
def test_a_quantile_that_does_not_exist_is_refused(q):
    with pytest.raises(ParameterError, match="0 < q < 1"):
        Quantile("x", q)


def test_the_parameter_is_part_of_the_identity():
    assert Quantile("x").params == {}
    assert Quantile("x", 0.9).params == {"q": 0.9}


@both
def test_top_share(rows):
    for found in result(TopShare(), rows).values:
        values = present(rows, found.labels["column"])
        counts = values.value_counts()
        truth = counts.iloc[0] / len(values)
        if found.high is None:
            assert found.value == pytest.approx(truth)
        else:
            assert found.value <= truth <= found.high
    city = value(TopShare("city"), rows)
    assert city.note == f"most frequent: {present(rows, 'city').mode()[0]}"
    assert "note" not in {v.labels["column"] for v in result(TopShare(), rows).values}


@given(st.lists(st.lists(st.integers(0, 400), min_size=1, max_size=600), min_size=1, max_size=4))
def test_top_share_bounds_hold_over_batches(batches):
    found = TopShare("x").compute(sum(Profile.of({"x": [float(v) for v in b]}) for b in batches), None).values[0]
    truth = pd.Series([v for b in batches for v in b]).value_counts().iloc[0] / sum(map(len, batches))
    assert found.value <= truth + 1e-12
    assert truth <= (found.value if found.high is None else found.high) + 1e-12


def test_the_reference_is_read_the_same_way():
    for metric in (MissingShare(), AbsentShare(), DistinctCount(), Mean(), Std(), Minimum(), Quantile(), TopShare()):
        alone = {tuple(v.labels.items()): v for v in result(metric, ROWS).values}
        for found in result(metric, SMALL, ROWS).values:
            there = alone[tuple(found.labels.items())]
            assert (found.reference, found.reference_se) == (there.value, there.se)


def test_merged_windows_say_the_same():
    parts = sum(Profile.of(ROWS[i : i + 500]) for i in range(0, 3000, 500))
    whole = Profile.of(ROWS)
    for metric in (MissingShare(), AbsentShare(sort="infinite"), DistinctCount(), Mean(), Std(), Maximum()):
        for one, other in zip(metric.compute(whole, None).values, metric.compute(parts, None).values, strict=True):
            assert one.labels == other.labels
            assert other.value == pytest.approx(one.value, rel=1e-12)


def test_beyond_float64_is_said():
    rows = {"x": [1.7e308, -1.7e308] * 10}
    assert value(Std("x"), rows).value is None
    assert "beyond float64" in value(Std("x"), rows).note
    assert value(Quantile("x"), rows).value == pytest.approx(0.0)
    assert value(Mean("x"), pl.DataFrame(rows)).value == pytest.approx(0.0)


def test_ends_of_integers_of_64_bits_are_exact():
    """whylogs gives -1 for 2^64 - 1, and float64 cannot tell 2^53 + 1 from 2^53."""
    rng = np.random.default_rng(5)
    signed = rng.integers(-(2**63), 2**63 - 1, 400)
    large = np.array([2**64 - 1, 2**64 - 3, 2**63 + 1], np.uint64)
    near = np.array([2**53 + 1, 2**53 + 3])
    for values in (signed, large, near, near - 2**54 - 4, np.array([1, 2**53])):
        rows = pl.DataFrame({"x": values})
        truth = min(values.tolist()), max(values.tolist())
        parts = [Profile.of(rows[i::3]) for i in range(3) if len(rows[i::3])]
        for profile in (Profile.of(rows), Profile.from_bytes(sum(parts[1:], parts[0]).to_bytes())):
            found = [metric("x").compute(profile, None).values[0].value for metric in (Minimum, Maximum)]
            assert [int(end) for end in found] == list(truth)
    run = Report(
        [Check(Minimum("x"), condition) for condition in (gte(2**53 + 1), eq(2**53 + 1), lt(2**53 + 2))]
        + [Check(Minimum("x"), condition, "warn") for condition in (gt(2**53 + 1), eq(2**53))]
    ).run(current={"x": near})
    assert [verdict.status for verdict in run.verdicts] == ["pass"] * 3 + ["warn"] * 2
    assert run.verdicts[-2].reason == "9007199254740993 is not > 9007199254740993"
    assert '"value":9007199254740993' in render(run, "json").replace(" ", "")
    assert "9,007,199,254,740,993" in render(run, "text")


def test_a_day_of_floats_beside_a_day_of_integers():
    """Ends compare exactly across both; a tie with a float that was rounded is the float's."""
    whole, floats = Profile.of({"x": [2**53 + 1]}), Profile.of({"x": [2.0**53, 5e15]})
    for both in (whole + floats, floats + whole):
        assert Minimum("x").compute(both, None).values[0].value == 5e15
        assert Maximum("x").compute(both, None).values[0].value == 2**53 + 1
