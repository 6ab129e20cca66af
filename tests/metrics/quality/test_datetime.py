"""Datetime columns: range, freshness, hours and weekdays, gaps; and the drift of the clock."""

import datetime as dt

import numpy as np
import pytest

from barograph import Baseline, Check, Profile, Report, Schema, lt, no_drift
from barograph.errors import ParameterError
from barograph.metrics.drift import KS, ClockDrift
from barograph.metrics.quality import ClockDistribution, Freshness, LargestGap, Maximum, Minimum
from barograph.summaries import Clock, Gaps
from barograph.types import Numbers

EPOCH = np.datetime64("1970-01-01", "us")


def moments(rng: np.random.Generator, n: int, days: int = 60) -> np.ndarray:
    return np.sort(EPOCH + (19_800 * 86_400e6 + rng.uniform(0, days * 86_400e6, n)).astype("m8[us]"))


def seconds(times: np.ndarray) -> np.ndarray:
    return (times - EPOCH).astype(np.int64) / 1e6


def test_clock_is_that_of_the_calendar():
    times = moments(np.random.default_rng(0), 2000, days=9000)
    clock = Clock()
    clock.update(Numbers(np.sort(seconds(times))))
    for offset in (0, 2, -5):
        local = [moment + dt.timedelta(hours=offset) for moment in times.tolist()]
        assert clock.hours(offset).tolist() == np.bincount([m.hour for m in local], minlength=24).tolist()
        assert clock.days(offset).tolist() == np.bincount([m.weekday() for m in local], minlength=7).tolist()
    before = Clock()
    before.update(Numbers(np.array([-1.0, -1e-3])))  # just before 1970: Wednesday, 23 o'clock
    assert (before.hours()[23], before.days()[2]) == (2, 2)


@pytest.mark.parametrize("n", [2, 3, 50, 1000, 20_000])
def test_longest_gap_is_exact_above_the_resolution(n):
    rng = np.random.default_rng(n)
    times = seconds(moments(rng, n, days=30))
    parts = [Gaps() for _ in range(4)]
    for part, values in zip(parts, (times[i::4] for i in range(4)), strict=True):
        part.update(Numbers(values))
    whole = Gaps()
    whole.update(Numbers(times))
    merged = parts[0].merge(parts[1]).merge(parts[2].merge(parts[3]))
    assert merged.to_state() == whole.to_state()
    assert whole.cells.size <= 1024
    assert whole.resolution <= max(1, (times[-1] - times[0]) / 512)
    truth = np.diff(times).max()
    gap = whole.longest
    assert gap.low <= truth <= gap.high
    if n < 50:
        return
    outage = np.concatenate([times[times < times[0] + 86_400], times[times > times[0] + 6 * 86_400]])
    broken = Gaps()
    broken.update(Numbers(outage))
    assert broken.longest.low == broken.longest.high == np.diff(outage).max()


def test_gap_reports_where_it_begins_and_its_bounds():
    times = [
        dt.datetime(2024, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=i) for i in range(5000) if not 1000 < i < 2000
    ]
    run = Report([Check(LargestGap("t"), lt(3600))]).run({"t": times})
    value = run.find("largest_gap")[0]
    assert value.value == value.low == value.high == 1000 * 60
    assert value.note == "from 2024-01-01T16:40:00+00:00"
    assert run.status == "fail"
    close = Report([LargestGap("t")]).run({"t": [dt.datetime(2024, 1, 1, 0, 0, 0, i * 1000, dt.UTC) for i in range(5)]})
    value = close.find("largest_gap")[0]
    assert (value.value, value.low) == (0.0, 0.0)
    assert value.high == pytest.approx(0.004, abs=1e-6)
    assert "shorter ones than 1 s" in value.note


def test_freshness_by_the_clock_and_by_the_rows():
    rows = {
        "t": ["2024-05-01T12:00:00", "2024-05-02T12:00:00", None],
        "paid": ["2024-05-01T10:00:00", "2024-05-02T11:00:00", None],
        "x": [1.0, 2.0, 3.0],
    }
    schema = Schema(timestamp="t", kinds={"paid": "datetime"})
    run = Report([Freshness(), Freshness(now="2024-05-02T15:00:00+02:00"), Freshness("t"), Freshness("x")])
    run = run.run(rows, schema=schema)
    own = run.results[0].values
    assert [(v.labels["column"], v.value) for v in own] == [("paid", 3600.0)]
    assert own[0].note == "newest: 2024-05-02T11:00:00+00:00"
    assert {v.labels["column"]: v.value for v in run.results[1].values} == {"t": 3600.0, "paid": 7200.0}
    assert "give now=" in run.results[2].values[0].note
    assert "is numeric" in run.results[3].values[0].note
    future = Report([Freshness("paid", now="2024-05-01T00:00")]).run(rows, schema=schema)
    assert future.value("freshness", column="paid") == -35 * 3600
    for now in ("yesterday", "", 5):
        with pytest.raises(ParameterError, match="ISO 8601"):
            Freshness(now=now)


def test_range_of_datetimes():
    times = moments(np.random.default_rng(1), 50)
    run = Report([Minimum("t"), Maximum("t")]).run({"t": times})
    assert run.value("minimum", column="t") == pytest.approx(seconds(times)[0], abs=1e-6)
    assert run.value("maximum", column="t") == pytest.approx(seconds(times)[-1], abs=1e-6)


def test_clock_bars():
    times = [dt.datetime(2024, 5, 1, 23, 30, tzinfo=dt.UTC)] * 3 + [dt.datetime(2024, 5, 4, 1, tzinfo=dt.UTC)]
    run = Report([ClockDistribution(), ClockDistribution(utc_offset=1)]).run({"t": times}, {"t": times[:3]})
    hours, days = run.results[0].figures
    assert hours.series["current"][23] == 0.75
    assert hours.series["reference"][23] == 1.0
    assert days.cells[2] == "Wednesday"
    assert days.series["current"] == [0, 0, 0.75, 0, 0, 0.25, 0]
    later = run.results[1].figures[1]
    assert later.series["current"] == [0, 0, 0, 0.75, 0, 0.25, 0]
    assert "Hours of t" in run.render("html")
    for offset in (15, 0.5, True):
        with pytest.raises(ParameterError, match="whole number of hours"):
            ClockDistribution(utc_offset=offset)


def test_clock_drift_is_kuipers_and_does_not_see_where_the_day_is_cut():
    rng = np.random.default_rng(2)
    ours, theirs = rng.multinomial(200, [1 / 24] * 24), rng.multinomial(300, [1 / 24] * 24)
    metric = ClockDrift()
    plain = np.cumsum(ours / 200) - np.cumsum(theirs / 300)
    expected = max(plain.max(), 0) + max(-plain.min(), 0)
    for turn in range(0, 24, 5):
        found = metric.statistic(np.roll(ours, turn).astype(float), np.roll(theirs, turn).astype(float), None)
        assert found == pytest.approx(expected, abs=1e-12)


def test_clock_drift_keeps_its_rate_and_finds_a_shift():
    report = Report([Check(ClockDrift(), no_drift(0))], alpha=0.05)
    fails = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        fails += report.run({"t": moments(rng, 400)}, {"t": moments(rng, 400)}).status == "fail"
    assert fails <= 9  # 3 expected
    rng = np.random.default_rng(3)
    times = moments(rng, 3000)
    working = times[[9 <= moment.hour < 17 for moment in times.tolist()]]
    run = Report([Check(ClockDrift(), no_drift())]).run({"t": working}, {"t": times})
    assert run.verdict("clock_drift", view="hour").status == "fail"
    assert run.verdict("clock_drift", view="weekday").status == "pass"


def test_later_times_of_the_same_hours_have_not_drifted_by_the_clock():
    rng = np.random.default_rng(4)
    reference = moments(rng, 2000, days=56)
    later = moments(rng, 2000, days=56) + np.timedelta64(56, "D")
    run = Report([Check(ClockDrift(), no_drift()), Check(KS("t"), no_drift())]).run({"t": later}, {"t": reference})
    assert {v.metric: v.status for v in run.verdicts} == {"clock_drift": "pass", "ks": "fail"}


def test_odd_columns():
    base = Baseline.of({"t": moments(np.random.default_rng(5), 30), "x": [1.0] * 30}, needs=ClockDrift().needs)
    for rows in ({"t": [None, None]}, {"x": [1.0]}, {"t": ["no time"]}):
        assert ClockDrift("t").compute(Profile.of(rows, base), base.profile).status == "unknown"
    assert "is numeric" in ClockDrift("x").compute(base.profile, base.profile).values[0].note
    one = Profile.of({"t": [dt.date(2024, 1, 1)] * 3}, needs=LargestGap().needs)
    assert "fewer than two" in LargestGap().compute(one, None).values[0].note
