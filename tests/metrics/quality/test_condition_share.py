"""Shares of rows that hold a condition, against polars on the raw rows, and what can never pass for want of data."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from quality_oracle import messy

from barograph import Baseline, Check, Profile, Report, gte
from barograph.config import ad_hoc, parse
from barograph.errors import ParameterError
from barograph.metrics.quality import CategoryShare, ConditionShare, InListShare, InRangeShare

ROWS = messy(5, 2000)


def of(metric, rows):
    (only,) = metric.compute(Profile.of(rows, needs=metric.needs), None).values
    return only


def test_a_condition_over_several_columns():
    rng = np.random.default_rng(0)
    rows = pl.DataFrame({"dep": rng.normal(10, 30, 5000), "arr": rng.normal(10, 40, 5000)})
    rows = rows.with_columns(pl.when(pl.col("dep") > 60).then(None).otherwise(pl.col("dep")).alias("dep"))
    truth = rows.drop_nulls().select((pl.col("arr") >= pl.col("dep") - 60).mean()).item()
    found = of(ConditionShare("arr >= dep - 60"), rows)
    assert found.value == pytest.approx(truth)
    assert found.n == rows.drop_nulls().height
    run = Report([Check(ConditionShare("arr >= dep - 60", examples=3), gte(0.99))]).run(rows)
    assert [v.status for v in run.verdicts] == ["fail"]
    assert len(run.results[0].figures[0].rows) == 3
    assert not Report([ConditionShare("arr >= dep - 60")]).run(rows).results[0].figures


def test_shares_of_one_column():
    x = ROWS["x"].drop_nulls()
    x = x.filter(~x.is_nan())
    assert of(InRangeShare("x", 5, 12.5), ROWS).value == pytest.approx(x.is_between(5, 12.5).mean())
    assert of(InRangeShare("at", "2024-03-02"), ROWS).value == pytest.approx(
        ROWS.select((pl.col("at") >= pl.datetime(2024, 3, 2)).mean()).item()
    )
    city = ROWS["city"].drop_nulls()
    assert of(InListShare("city", ("Ulm", "東京")), ROWS).value == pytest.approx(city.is_in(["Ulm", "東京"]).mean())
    assert of(CategoryShare("city", "東京"), ROWS).value == pytest.approx((city == "東京").mean())
    assert of(CategoryShare("few", 3), ROWS).value == pytest.approx((ROWS["few"].drop_nulls() == 3).mean())
    assert of(CategoryShare("city", "nowhere"), ROWS).value == 0.0
    assert of(CategoryShare("city"), ROWS).value is None
    assert of(InListShare("few", [0, 3]), ROWS).value == pytest.approx(ROWS["few"].drop_nulls().is_in([0, 3]).mean())
    whole = ConditionShare("matches(city, '[A-Z][a-z]+')")
    assert of(whole, ROWS).value == pytest.approx((city == "Ulm").mean())
    assert of(ConditionShare("contains(note, 'Nummer 1')"), ROWS).value == pytest.approx(
        ROWS["note"].str.contains("Nummer 1").mean()
    )


def test_merged_parts_say_what_the_whole_says():
    metric = ConditionShare("x > 10 and few is not None")
    base = Baseline.of(ROWS, needs=metric.needs)
    whole = metric.compute(Profile.of(ROWS, base), base.profile).values[0]
    parts = sum(Profile.of(ROWS[i::3], base) for i in range(3))
    assert metric.compute(parts, base.profile).values[0] == whole
    read = Profile.from_bytes(parts.to_bytes())
    assert metric.compute(read, base.profile).values[0] == whole
    assert whole.reference == whole.value


def test_over_batches_counts_and_total_agree():
    """A peer overwrites the total with each batch, so that more rows fail than there are."""
    metric = ConditionShare("few >= 3")
    parts = sum(Profile.of(ROWS[i : i + 2], needs=metric.needs) for i in range(0, 40, 2))
    found = metric.compute(parts, None).values[0]
    assert found.n == ROWS[:40]["few"].drop_nulls().len()
    assert found.value == pytest.approx((ROWS[:40]["few"].drop_nulls() >= 3).mean())


def verdict(metric, rows):
    run = Report([Check(metric, gte(0.0))]).run(rows)
    assert not run.passed
    return run.verdicts[0].status


def test_nothing_passes_for_want_of_data():
    strings = {"x": ["a", "b"] * 20}
    assert verdict(ConditionShare("x > 0"), strings) == "unknown"
    assert verdict(InRangeShare("x", 0, 1), strings) == "unknown"
    assert verdict(InRangeShare("x", 0, 1), pl.DataFrame({"x": [None] * 9}, schema={"x": pl.Float64})) == "unknown"
    assert verdict(ConditionShare("nowhere > 0"), strings) == "unknown"
    assert verdict(InListShare("x"), strings) == "unknown"
    assert verdict(ConditionShare("x == 'a'"), pl.DataFrame({"x": ["a"]}).clear()) == "unknown"
    bare = Profile.of(strings)
    assert "needs=" in ConditionShare("x == 'a'").compute(bare, None).values[0].note


def test_labels_that_no_sketch_keeps_are_seen():
    """A peer passes 100,000 labels of which none is allowed, for its list of frequent ones is empty."""
    rows = {"city": [f"c{i}" for i in range(100_000)]}
    run = Report([Check(InListShare("city", ("Ulm",)), gte(1.0))]).run(rows)
    assert run.verdicts[0].status == "fail"
    assert run.verdicts[0].value == 0.0


def test_times_are_judged():
    """A peer drops a constraint on a datetime column, and passes."""
    run = Report([Check(InRangeShare("at", "2030-01-01"), gte(0.9))]).run(ROWS)
    assert run.verdicts[0].status == "fail"


def test_from_text():
    made = ad_hoc("condition_share((x < 3) or abs(y) > 2) >= 99%")
    assert made.metric == ConditionShare("(x < 3) or abs(y) > 2")
    assert str(made.condition) == ">= 0.99"
    text = "checks: [{metric: in_list_share, column: city, values: [Ulm, 3], gte: 0.5}]"
    assert parse(text).checks[0].metric == InListShare("city", ("Ulm", 3))
    with pytest.raises(ParameterError, match="attributes"):
        parse("checks: [{metric: condition_share, condition: 'x.y > 1', gte: 0.5}]")


@pytest.mark.parametrize(
    "make",
    [
        lambda: ConditionShare("x >"), lambda: ConditionShare("x > 1", examples=21),
        lambda: ConditionShare("matches(x, '(')"),
        lambda: InRangeShare("x", 2, 1), lambda: InRangeShare("x", "soon"), lambda: InRangeShare("x", float("inf")),
    ],
)  # fmt: skip
def test_impossible_parameters_are_refused(make):
    with pytest.raises(ParameterError):
        make()
