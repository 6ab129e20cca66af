"""Days beyond anything the reference saw are nothing unusual where days differ; what is far beyond, or lasts, is."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from barograph import Baseline, Report, Schema
from barograph.records import Records

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
SCHEMA = Schema(timestamp="t", kinds={"x": "numeric", "c": "categorical"})


def days(rng: np.random.Generator, n_days: int, first: int = 0, shift: float = 0.0, each: int = 100) -> pl.DataFrame:
    """Each day has a level of its own, and a route that may be of this day only."""
    level = np.repeat(rng.normal(size=n_days) + shift, each)
    route = np.repeat(np.where(rng.random(n_days) < 0.1, np.arange(first, first + n_days), -1), each)
    mine = rng.random(n_days * each) < 0.05
    return pl.DataFrame({
        "t": [START + dt.timedelta(days=first + i // each, minutes=i % each) for i in range(n_days * each)],
        "x": level + 0.3 * rng.normal(size=n_days * each),
        "c": np.where(mine, [f"r{i}" for i in route], "main").astype(str),
    })  # fmt: skip


def failed(report: Report, rows: pl.DataFrame, base: Baseline) -> set[str]:
    return {v.metric for v in report.run(rows, base).verdicts if v.status == "fail"} & {
        "out_of_range_share",
        "unseen_share",
    }


def test_record_days_are_no_alarm_and_what_lasts_or_is_far_beyond_is() -> None:
    rng = np.random.default_rng(20)
    report, alarms, naive = Report(["data_quality"]), 0, 0
    for _ in range(12):
        rows = days(rng, 30)
        base, alone = Baseline.of(rows, schema=SCHEMA, every="1d"), Baseline.of(rows, schema=SCHEMA, every=0)
        for first in range(30, 40):
            day = days(rng, 1, first)
            alarms += bool(failed(report, day, base))
            naive += bool(failed(report, day, alone))
    assert naive > 0.1 * 120
    assert alarms <= 2
    assert failed(report, days(rng, 1, 50, shift=40.0), base) == {"out_of_range_share"}  # another unit
    assert failed(report, days(rng, 30, 50, shift=5.0), base) == {"out_of_range_share"}  # another season
    assert failed(report, days(rng, 30, 60).with_columns(c=pl.lit("elsewhere")), base) == {"unseen_share"}


def test_the_law_is_between_its_bounds() -> None:
    law = Records(0.02, 10.0, p_alone=1e-12)
    tails = [law.p_value(share) for share in (0.01, 0.02, 0.05, 0.1, 0.3, 1.0)]
    assert tails[:2] == [1.0, 1.0] and tails == sorted(tails, reverse=True) and tails[-1] == 1e-12
    assert law.p_value(law.threshold(0.001)) == pytest.approx(0.001, rel=1e-3)
    one = Records(0.02, 1.0, p_alone=1e-12)
    assert one.p_value(1.0) == pytest.approx(0.04)  # a day may be the coldest with all its rows
    far = one._replace(p_far=1e-6)
    assert far.p_value(0.5) == pytest.approx(2e-6) and far.threshold(0.001) == 0.0
    assert one._replace(p_alone=0.3).p_value(1.0) == 0.3


def test_windows_that_are_never_beyond_each_other_change_nothing() -> None:
    rng = np.random.default_rng(3)
    rows = days(rng, 20).with_columns(x=pl.Series(np.tile(np.arange(100.0), 20)), c=pl.lit("main"))
    base = Baseline.of(rows, schema=SCHEMA, every="1d")
    day = rows.head(100).with_columns(x=pl.col("x") + 20)
    assert failed(Report(["data_quality"]), day, base) == {"out_of_range_share"}
