"""What windows differ by nature is learned from the reference, and no alarm; what is more than that still is one."""

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from barograph import Baseline, Check, Profile, Report, Schema, close_to_reference, no_drift
from barograph.calibration import Noise
from barograph.demo.flights import months, read
from barograph.errors import ParameterError
from barograph.metrics import drift
from barograph.metrics.drift import KS, PSI, AndersonDarling, MissingDrift, Wasserstein
from barograph.metrics.drift.cells import Cells, Comparison
from barograph.metrics.performance import MAE, Accuracy
from barograph.needs import Need
from barograph.reference_windows import ReferenceWindows
from barograph.schema import Kind
from barograph.summaries import Bins, Moments
from barograph.variation import Excess, Varied, described, spread, varied

COMPARISONS = [m for m in vars(drift).values() if isinstance(m, type) and issubclass(m, Comparison)]
FINE = np.linspace(-4, 4, 161)
EDGES = stats.norm.ppf(np.arange(1, 20) / 20)
SCHEMA = Schema(kinds={"x": Kind.NUMERIC})
START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def cells_of(metric: Comparison, current: np.ndarray, reference: np.ndarray) -> Cells:
    two = metric.spec.name in ("fisher_exact", "z_test")
    nominal = isinstance(metric, MissingDrift | drift.ClockDrift) or two
    if two:
        current, reference = (np.array([side[:3].sum(), side[3:].sum()]) for side in (current, reference))
    if nominal:
        return Cells(current, reference)
    return Cells(current, reference, np.arange(reference.size - 1.0), -1.0, reference.size - 1.0, 2.0)


@pytest.mark.parametrize("kind", COMPARISONS, ids=lambda kind: kind.__name__)
def test_each_statistic_has_the_degree_and_the_growth_that_it_says(kind):
    metric, step = kind(), np.array([3, 2, 1, -1, -2, -3])
    reference = np.array([20_000, 30_000, 25_000, 25_000, 30_000, 20_000]) * 100

    def value(cells: Cells) -> float:
        return float(metric.statistic(cells.current.astype(float), cells.reference.astype(float), cells))

    small, twice = (value(cells_of(metric, reference + i * 4000 * step, reference)) for i in (1, 2))
    assert twice / small == pytest.approx(2.0**kind.degree, rel=0.02)
    more = value(cells_of(metric, 4 * (reference + 4000 * step), 4 * reference))
    assert more / small == pytest.approx(2.0**kind.degree if kind.grows else 1.0, rel=0.01)


def counted(rng: np.random.Generator, n: int, shift: float = 0.0, edges: np.ndarray = EDGES) -> Profile:
    """A profile of `n` normal values, drawn as counts."""
    p = np.diff(stats.norm.cdf(edges - shift), prepend=0, append=1)
    moments = Moments(n, shift, float(n), -5.0, 5.0)
    bins = Bins(edges, rng.multinomial(n, p).astype(np.int64))
    return Profile(SCHEMA, {Need("bins", ("x",)): bins, Need("moments", ("x",)): moments}, n, "b")


def reference_of(parts: list[Profile]) -> Profile:
    whole = sum(parts)
    assert isinstance(whole, Profile)
    whole.windows = ReferenceWindows(whole, 1000, {str(1000 * i): part for i, part in enumerate(parts)})
    return whole


def law(metric: Comparison, current: Profile, reference: Profile) -> tuple[float, float | None]:
    """The value, and its p-value where windows differ."""
    cells = metric.cells(current, reference, "x", "value")
    assert isinstance(cells, Cells)
    found = varied(metric, cells, current, reference, "x", "value")
    return metric.observed(cells), None if found is None else found.p_value(metric.observed(cells))


@pytest.mark.parametrize("metric", [PSI(), KS(), AndersonDarling(), Wasserstein()], ids=lambda m: m.spec.name)
@pytest.mark.parametrize("sd", [0.2, 0.5])
def test_days_that_differ_by_nature_are_no_alarm(metric, sd):
    """30 days of reference, a shift of each day: at 1 %, independent rows alarm in most days, this in about 1 %."""
    rng, alarms, naive, n = np.random.default_rng(5), 0, 0, 0
    for _ in range(40):
        reference = reference_of([counted(rng, 500, sd * rng.normal()) for _ in range(30)])
        for _ in range(15):
            current = counted(rng, 500, sd * rng.normal())
            value, p = law(metric, current, reference)
            assert p is not None
            cells = metric.cells(current, reference, "x", "value")
            found = varied(metric, cells, current, reference, "x", "value")
            alarms += p < 0.01
            naive += found.iid.p_value((value ** (2 // metric.degree)) / found.growth) < 0.01
            n += 1
    assert naive / n > 0.2
    assert alarms / n <= 0.02


@pytest.mark.parametrize("metric", [PSI(), KS(), AndersonDarling()], ids=lambda m: m.spec.name)
def test_like_days_keep_the_rate_and_most_of_the_power(metric):
    from barograph.calibration import noise

    rng, alarms, found, n = np.random.default_rng(6), 0, 0, 0
    for _ in range(100):
        reference = reference_of([counted(rng, 500) for _ in range(30)])
        for _ in range(10):
            for shift in (0.0, 0.3):
                current = counted(rng, 500, shift)
                value, p = law(metric, current, reference)
                if p is None:
                    cells = metric.cells(current, reference, "x", "value")
                    p = noise(metric, cells).p_value(value)
                alarms += p < 0.01 and not shift
                found += p < 0.01 and bool(shift)
            n += 1
    assert 0.002 <= alarms / n <= 0.015
    assert found / n > 0.97


def test_the_excess_of_shifts_is_their_variance():
    """Wasserstein's distance of a shift is the shift: its squared excess is the variance of the days' means."""
    rng = np.random.default_rng(1)
    reference = reference_of([counted(rng, 2000, 0.3 * rng.normal(), FINE) for _ in range(300)])
    current = counted(rng, 2000, 0.0, FINE)
    metric = Wasserstein(scaled=False)
    cells = metric.cells(current, reference, "x", "value")
    assert isinstance(cells, Cells)
    found = varied(metric, cells, current, reference, "x", "value")
    assert found is not None
    assert found.excess.mean == pytest.approx(0.09, rel=0.15)
    assert found.excess.freedom == pytest.approx(299, rel=0.2)
    assert found.excess.rank == pytest.approx(1, abs=0.3)


def test_the_law_is_that_of_noise_and_a_square():
    """Against draws of independent noise and an F variable."""
    rng = np.random.default_rng(0)
    iid, excess = Noise(0.02, 0.0001), Excess(0.03, 12.0, 2.5)
    found = Varied(iid, excess, 1, 1.0)
    square = rng.gamma(4, 0.005, 400_000) + 0.03 * rng.f(2.5, 30.0, 400_000)
    for alpha in (0.5, 0.1, 0.01, 0.001):
        value = float(np.sqrt(np.quantile(square, 1 - alpha)))
        assert found.p_value(value) == pytest.approx(alpha, rel=0.06)
        assert found.threshold(alpha) == pytest.approx(value, rel=0.06)
        assert found.p_value(found.threshold(alpha)) == pytest.approx(alpha, rel=1e-6)
    assert found.expected == pytest.approx(np.sqrt(0.05))
    assert found.p_value(0.0) == 1.0
    assert all(found.p_value(t) >= iid.p_value(t**2) for t in (0.05, 0.2, 0.5, 1.0))


def test_few_windows_give_wide_thresholds():
    rng = np.random.default_rng(2)
    shifts = rng.normal(size=40) * 0.5
    parts = [counted(rng, 500, shift) for shift in shifts]
    limits = []
    for k in (3, 8, 40):
        reference, current = reference_of(parts[:k]), counted(rng, 500)
        cells = PSI().cells(current, reference, "x", "value")
        assert isinstance(cells, Cells)
        found = varied(PSI(), cells, current, reference, "x", "value")
        assert found is not None
        limits.append(found.threshold(0.001))
    assert limits[0] > limits[1] > limits[2]


def test_rows_of_many_windows_vary_less():
    """Of a month against days: as much as the mean of 20 days differs from that of 40."""
    rng = np.random.default_rng(3)
    reference = reference_of([counted(rng, 500, 0.3 * rng.normal(), FINE) for _ in range(40)])
    metric = Wasserstein(scaled=False)

    def excess(n: int) -> float:
        current = counted(rng, n, 0.0, FINE)
        cells = metric.cells(current, reference, "x", "value")
        assert isinstance(cells, Cells)
        found = varied(metric, cells, current, reference, "x", "value")
        assert found is not None
        return found.excess.mean

    assert excess(250) == excess(500)  # less than a window is one
    assert excess(10_000) == pytest.approx(0.09 * (1 / 20 + 1 / 40), rel=0.6)


def days(rng: np.random.Generator, n_days: int, make: Any, n: int = 400, first: int = 0) -> pl.DataFrame:
    """Rows of days, each made by `make(rng, day, n)`."""
    parts = []
    for day in range(first, first + n_days):
        at = [START + dt.timedelta(days=day, seconds=86_399 * i / n) for i in range(n)]
        parts.append(pl.DataFrame({"t": at, **make(rng, day, n)}))
    return pl.concat(parts)


def scored(sd: float) -> Any:
    def make(rng: np.random.Generator, day: int, n: int) -> dict[str, np.ndarray]:
        y = rng.integers(0, 2, n)
        right = rng.uniform(size=n) < np.clip(0.8 + sd * rng.normal(), 0, 1)
        return {"y": y, "p": np.where(right, y, 1 - y)}

    return make


def test_performance_that_varies_by_nature_is_no_alarm():
    schema = Schema(timestamp="t", target="y", prediction="p")
    report = Report([Check(Accuracy(), close_to_reference())])
    alarms, naive, worse, like = 0, 0, 0, 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        frame = days(rng, 30, scored(0.05), 300)
        known, plain = (Baseline.of(frame, schema=schema, every=every) for every in ("1d", 0))
        for day in range(8):
            now = days(rng, 1, scored(0.05), 300, 40 + day)
            alarms += report.run(now, known).status == "fail"
            naive += report.run(now, plain).status == "fail"
        bad = days(rng, 1, lambda rng, day, n: {"y": np.ones(n, int), "p": rng.integers(0, 2, n)}, first=60)
        worse += report.run(bad, known).status == "fail"
        even = Baseline.of(days(rng, 30, scored(0.0), 300), schema=schema)
        like += spread(Accuracy(), _value(Accuracy(), now, even), Profile.of(now, even), even.profile) is None
    assert naive / 64 > 0.15
    assert alarms <= 2
    assert worse == 8
    assert 1 <= like <= 7  # of like days half seem to vary a little


def _value(metric: Any, now: pl.DataFrame, base: Baseline) -> Any:
    return metric.compute(Profile.of(now, base), base.profile).values[0]


def test_the_variance_between_windows_is_that_of_their_values():
    rng = np.random.default_rng(4)
    effects = rng.normal(size=120) * 0.5

    def make(rng: np.random.Generator, day: int, n: int) -> dict[str, np.ndarray]:
        y = rng.normal(size=n)
        return {"y": y, "p": y + np.abs(rng.normal(size=n) * 0.3) + 5 + effects[day % 120]}

    base = Baseline.of(days(rng, 120, make, 50), schema=Schema(timestamp="t", target="y", prediction="p"), every="1d")
    now = days(rng, 1, make, 50)
    found = spread(MAE(), _value(MAE(), now, base), Profile.of(now, base), base.profile)
    assert found is not None
    assert found.mean == pytest.approx(effects.var(ddof=1), rel=0.1)
    assert found.freedom == pytest.approx(119, rel=0.05)


@pytest.mark.parametrize(
    "t",
    [
        [START] * 900,
        [None] * 900,
        [START + dt.timedelta(hours=i % 2 * 500) for i in range(900)],
        [None if i % 3 else START + dt.timedelta(hours=i) for i in range(900)],
    ],
    ids=["one moment", "no times", "two windows", "few times"],
)
def test_odd_times_and_columns_make_verdicts_like_any_others(t):
    rng = np.random.default_rng(0)
    odd = {
        "constant": [7.0] * 900,
        "empty": [None] * 900,
        "word": ["a"] * 900,
        "inf": [np.inf, 1.0, np.nan] * 300,
        "huge": [1e308, -1e308, 5.0] * 300,
        "x": rng.normal(size=900),
    }
    frame = pl.DataFrame({"t": t, **odd}, schema_overrides={"t": pl.Datetime("us", "UTC"), "empty": pl.Float64})
    base = Baseline.of(frame, schema=Schema(timestamp="t"), every="1d")
    run = Report(["data_drift"]).run(frame, Baseline.from_bytes(base.to_bytes()))
    assert [v for v in run.verdicts if v.status in ("fail", "error")] == []


def test_reports_say_what_noise_is_taken_to_be():
    rng = np.random.default_rng(0)
    frame = days(rng, 12, lambda rng, day, n: {"x": rng.normal(size=n)})
    known, plain = (Baseline.of(frame, schema=Schema(timestamp="t"), every=every) for every in (None, 0))
    report = Report([Check(PSI("x"), no_drift())])
    assert "The variation between 12 windows of 1d" in " ".join(report.run(frame, known).notes)
    assert "taken as independent" in " ".join(report.run(frame, plain).notes)
    assert "cover less than one" in " ".join(report.run(frame[:100], known).notes)
    assert "taken as independent" in described(known.profile, None)


def test_segments_are_taken_to_vary_as_all_rows_do():
    rng = np.random.default_rng(0)
    schema = Schema(timestamp="t", segments="k")

    def make(rng: np.random.Generator, day: int, n: int) -> dict[str, Any]:
        return {"x": rng.normal(size=n) + 0.5 * rng.normal(), "k": np.array(["a", "b"])[rng.integers(0, 2, n)]}

    frame, now = days(rng, 30, make), days(rng, 1, make, first=40)
    report = Report([Check(PSI("x"), no_drift(0.0))], by="k")
    limits = {}
    for every in ("1d", 0):
        run = report.run(now, Baseline.of(frame, schema=schema, every=every))
        limits[every] = [v.threshold for v in run.verdicts]
    assert all(known > 5 * plain for known, plain in zip(limits["1d"], limits[0], strict=True))


def weekly(sd: float, shift: float = 0.0) -> Any:
    def make(rng: np.random.Generator, day: int, n: int) -> dict[str, np.ndarray]:
        return {"x": rng.normal(size=n) + (0.8 if day % 7 > 4 else 0.0) + sd * rng.normal() + shift}

    return make


def test_a_season_sees_what_weekdays_hide():
    rng = np.random.default_rng(8)
    base = Baseline.of(days(rng, 56, weekly(0.05)), schema=Schema(timestamp="t"), every="1d")
    checks = [Check(PSI("x"), no_drift(0.0))]
    plain, season = Report(checks), Report(checks, season="week")
    alarms, found, hidden = 0, 0, 0
    for day in range(60, 88):
        now, moved = (days(rng, 1, weekly(0.05, shift), first=day) for shift in (0.0, 0.5))
        alarms += season.run(now, base).verdicts[0].finding != "no evidence"
        found += season.run(moved, base).verdicts[0].finding != "no evidence"
        hidden += plain.run(moved, base).verdicts[0].finding == "no evidence"
    assert alarms <= 1
    assert found >= 26
    assert hidden >= 15
    notes = " ".join(season.run(now, base).notes)
    assert "its 8 windows of 1d at the same place of the week" in notes
    assert "windows at the same place of the season" in notes
    line = season.timeline(days(rng, 3, weekly(0.05), first=91), base, every="1d")
    assert [w.run.verdicts[0].finding for w in line.windows if w.run] == ["no evidence"] * 3


def test_the_reference_of_an_hour_is_the_same_hours():
    rng = np.random.default_rng(0)
    frame = days(rng, 14, lambda rng, day, n: {"x": rng.normal(size=n)}, 480)
    base = Baseline.of(frame, schema=Schema(timestamp="t"), every="1h")
    hour = frame.filter(pl.col("t").dt.date() == dt.date(2024, 1, 8), pl.col("t").dt.hour() == 5)
    run = Report(["data_drift"], season="week").run(hour, base)
    assert run.reference is not None
    assert run.reference.n_rows == frame.filter(pl.col("t").dt.weekday() == 1, pl.col("t").dt.hour() == 5).height
    same = Report(["data_drift"], season="day").run(hour, base)
    assert same.reference is not None
    assert same.reference.n_rows == frame.filter(pl.col("t").dt.hour() == 5).height
    assert {v.status for v in same.verdicts} == {"pass"}


def test_where_there_is_no_season_the_whole_reference_is_used_or_it_is_refused():
    rng = np.random.default_rng(0)
    make = weekly(0.0)
    base = Baseline.of(days(rng, 12, make), schema=Schema(timestamp="t"))
    report = Report([PSI("x")], season="week")
    wide, lonely = report.run(days(rng, 2, make), base), report.run(days(rng, 1, make, first=13), base)
    assert "do not lie in one window of 1d" in " ".join(wide.notes)
    assert "fewer than two windows" in " ".join(lonely.notes)
    assert wide.reference is not None
    assert wide.reference.n_rows == base.profile.n_rows
    now = days(rng, 1, make)
    with pytest.raises(ParameterError, match="has no windows to take those"):
        report.run(now, Baseline.of(now, schema=Schema(timestamp="t"), every=0))
    with pytest.raises(ParameterError, match="no place of their own in a day"):
        Report([PSI("x")], season="day").run(now, base)
    with pytest.raises(ParameterError, match="there is no season 'month'"):
        Report([PSI("x")], season="month")
    with pytest.raises(ParameterError, match="segments"):
        Report([PSI("x")], season="week", by="k")


def test_the_flights_of_a_month_against_march():
    flights = read().drop("arr_delay", "dep_delay", "air_time")
    march = months(flights, 3)
    base = Baseline.of(march, schema=Schema(target="late", timestamp="ts"))
    report = Report(["data_drift"])
    half = np.random.default_rng(1).uniform(size=march.height) < 0.5
    frozen = Baseline.of(march.filter(half), schema=Schema(target="late", timestamp="ts"))
    again = report.run(march.filter(~half), frozen)
    assert {v.finding for v in again.verdicts} <= {"no evidence", ""}
    july = report.run(months(flights, 7), base)
    drifted = {v.labels["column"] for v in july.verdicts if v.finding == "drift"}
    assert drifted >= {"temp", "dewp"}
    assert not drifted & {"distance", "carrier", "origin"}
