"""What the windows of a timeline say together: its cells, natural variation, states, and how it is shown."""

import json
from base64 import b64decode, b64encode
from pathlib import Path

import msgspec
import numpy as np
import pytest

from barograph import Baseline, Check, Profile, Report, Schema, no_drift
from barograph.codec import decode, encode
from barograph.errors import FormatError, MergeError, ParameterError
from barograph.metrics.drift import PSI
from barograph.report import ReportTimeline
from barograph.results import Timeline
from barograph.run import computed
from barograph.sequential import CELLS_AT_MOST
from barograph.stream_cells import StreamCells, natural_variation, stream_cells
from barograph.streams import State, described, streams

RNG = np.random.default_rng(20)
REFERENCE = {"x": RNG.normal(size=20_000), "c": RNG.choice(["a", "b", "c"], 20_000)}
SHIFTED = np.concatenate([RNG.normal(size=4000), RNG.normal(0.15, 1, size=6000)])
STREAM = {"x": SHIFTED, "c": RNG.choice(["a", "b", "c"], 10_000)}
BASE = Baseline.of(REFERENCE)


def part(rows: dict[str, np.ndarray], start: int, end: int | None = None) -> dict[str, np.ndarray]:
    return {name: values[start:end] for name, values in rows.items()}


@pytest.fixture(scope="module")
def timeline() -> ReportTimeline:
    return Report("data_drift").timeline(STREAM, BASE, every=500)


def cells_of(reference: Baseline, column: str, view: str = "value") -> StreamCells:
    found = stream_cells(reference.profile, column, view)
    assert found is not None
    return found


def test_a_small_shift_is_found_over_windows_of_which_none_fails(timeline: ReportTimeline) -> None:
    assert [w.run.status for w in timeline.windows if w.run] == ["pass"] * 20
    found, quiet = timeline.stream("x"), timeline.stream("c")
    assert found is not None
    assert quiet is not None
    assert found.verdict.finding == "real but small"
    assert found.verdict.status == "pass"
    assert int(found.since or 0) in range(3000, 5500, 500)
    assert int(found.detected or 0) in range(4000, 7000, 500)
    assert found.size == pytest.approx(0.15**2, abs=0.01)  # of a normal law PSI is the square of the shift
    assert (quiet.verdict.finding, quiet.since, quiet.detected, quiet.size) == ("no evidence", None, None, None)
    assert all(v.value is not None and v.threshold == pytest.approx(np.log10(200)) for v in quiet.values[:8] if v)
    assert timeline.passed
    assert any("independent" in note for note in timeline.notes)


def test_what_matters_fails_the_timeline_though_each_window_is_too_small_to() -> None:
    stream = {"x": RNG.normal(0.55, 1, size=400)}
    timeline = Report("data_drift").timeline(stream, Baseline.of({"x": REFERENCE["x"]}), every=20)
    found = timeline.stream("x")
    assert found is not None
    assert found.verdict.finding == "drift"
    assert found.detected is not None
    first = next(i for i, w in enumerate(timeline.windows) if w.start == found.detected)
    assert [w.run.passed for w in timeline.windows[: first + 1] if w.run] == [True] * (first + 1)
    assert timeline.status == "fail"
    assert not timeline.passed
    assert "drift began about" in found.verdict.reason
    larger = Report("data_drift", at_least={"psi": 1.0}).timeline(stream, Baseline.of({"x": REFERENCE["x"]}), every=20)
    assert larger.passed


@pytest.mark.parametrize("as_file", [False, True])
def test_a_timeline_goes_on_from_an_earlier_one(timeline: ReportTimeline, tmp_path: Path, as_file: bool) -> None:
    report = Report("data_drift")
    first = report.timeline(part(STREAM, 0, 4500), BASE, every=500)
    earlier = first.save(tmp_path / "first.json") if as_file else first
    second = report.timeline(part(STREAM, 4500), BASE, every=500, resume=earlier)
    for one, two, whole in zip(first.streams, second.streams, timeline.streams, strict=True):
        assert one.values + two.values == whole.values
        assert two.size == whole.size


def kept(state: str) -> list[dict[str, object]]:
    return decode("stream", b64decode(state))["columns"]


def test_the_state_is_small_and_says_what_the_whole_says(timeline: ReportTimeline) -> None:
    first = Report("data_drift").timeline(part(STREAM, 0, 4500), BASE, every=500)
    second = Report("data_drift").timeline(part(STREAM, 4500), BASE, every=500, resume=first)
    evidence = [[column["evidence"] for column in kept(state)] for state in (second.state, timeline.state)]
    assert evidence[0] == evidence[1]
    assert len(b64decode(timeline.state)) < 2 * 2000


def test_a_column_is_reset_alone(timeline: ReportTimeline) -> None:
    report = Report("data_drift")
    again = report.timeline(part(STREAM, 0, 2000), BASE, every=500, resume=timeline, reset="x")
    fresh = report.timeline(part(STREAM, 0, 2000), BASE, every=500)
    assert again.stream("x") == fresh.stream("x")
    assert again.stream("c") != fresh.stream("c")
    for resume in (timeline, None):
        with pytest.raises(ParameterError, match="no evidence about 'nowhere'"):
            report.timeline(STREAM, BASE, every=500, resume=resume, reset=["nowhere"])


def test_windows_of_time_that_a_state_has_are_not_counted_twice() -> None:
    times = np.datetime64("2026-03-01") + np.arange(2000).astype("timedelta64[h]")
    rows = {"x": RNG.normal(size=2000), "t": times}
    base = Baseline.of(rows, schema=Schema(timestamp="t"))
    report = Report("data_drift")
    first = report.timeline(rows, base, every="1w")
    again = report.timeline(rows, base, every="1w", resume=first)
    assert again.state == first.state
    assert [value for stream in again.streams for value in stream.values] == [None] * len(again.windows)
    assert again.streams[0].verdict.status == "unknown"


BROKEN = ["not base64!", b64encode(b"BAROGRPHxx").decode(), b64encode(encode("profile", {})).decode()]
BROKEN += [b64encode(encode("stream", body)).decode() for body in ([], {"columns": [1]}, {"x": 1}, {"columns": None})]


@pytest.mark.parametrize("state", [*BROKEN, ""])
def test_a_hostile_state_is_refused(state: str) -> None:
    with pytest.raises(FormatError):
        Report("data_drift").timeline(STREAM, BASE, every=5000, resume=Timeline("t", "1d", [], state=state))


def test_a_hostile_column_in_a_state_is_refused(timeline: ReportTimeline, tmp_path: Path) -> None:
    body = decode("stream", b64decode(timeline.state))
    changes = [{"size": float("nan")}, {"since": "x" * 2000}, {"evidence": {}}, {"detected": None}, {"more": 1}]
    for change in changes:
        hostile = {**body, "columns": [{**body["columns"][0], **change}]}
        state = b64encode(encode("stream", hostile)).decode()
        with pytest.raises(FormatError):
            Report("data_drift").timeline(STREAM, BASE, every=5000, resume=Timeline("t", "1d", [], state=state))
    with pytest.raises(MergeError, match="start the stream anew"):
        Report("data_drift").timeline(
            STREAM, REFERENCE | {"x": SHIFTED[:20_000].repeat(2)}, every=5000, resume=timeline
        )
    (tmp_path / "bad.json").write_text("{")
    for path in (tmp_path / "bad.json", tmp_path / "none.json"):
        with pytest.raises(FormatError):
            Report("data_drift").timeline(STREAM, BASE, every=5000, resume=path)


def test_ordered_cells_count_rows_as_they_are() -> None:
    rows = {"x": np.where(np.arange(10_000) % 10 == 0, np.nan, np.round(RNG.lognormal(size=10_000), 3))}
    base = Baseline.of(rows)
    cells = cells_of(base, "x")
    now = {"x": np.array([np.nan, None, -5.0, 0.5, 1e9], float)}
    counted = cells.counts(Profile.of(now, base))
    assert counted is not None
    assert (counted[0], counted[1], counted[-1], counted.sum()) == (2, 1, 1, 5)
    assert cells.reference[0] == 1000
    assert cells.reference.sum() == 10_000
    assert 16 <= cells.reference.size <= CELLS_AT_MOST
    np.testing.assert_allclose(cells.reference[1:-1], 9000 / 16, rtol=0.1)


@pytest.mark.parametrize("values", [[1.0], [0.0, 1.0], list(range(40)), [0.0] * 30 + list(range(200))])
def test_discrete_columns_have_few_cells(values: list[float]) -> None:
    cells = cells_of(Baseline.of({"x": np.tile(np.array(values, float), 60)}), "x")
    assert 2 <= cells.reference.size <= CELLS_AT_MOST
    assert cells.reference.sum() == 60 * len(values)


def test_few_labels_stand_alone_and_rare_ones_stand_with_those_never_seen() -> None:
    base = Baseline.of({"c": ["a"] * 50 + ["b"] * 30 + ["c"] * 4})
    cells = cells_of(base, "c")
    assert sorted(cells.reference.tolist()) == [0, 4, 30, 50]
    counted = cells.counts(Profile.of({"c": ["a", "new", "c", None]}, base))
    assert counted is not None
    assert (counted[0], counted[-1], counted.sum()) == (1, 2, 4)


@pytest.mark.parametrize("n_labels", [100, 2000])
def test_many_labels_share_cells_by_hash_and_new_ones_are_expected(n_labels: int) -> None:
    """No cell is chosen for what it happened to have: rows of the same law are no evidence."""
    rng = np.random.default_rng(4)
    labels = np.array([f"label {i}" for i in range(n_labels)])
    shares = np.concatenate([[0.3], np.full(n_labels - 1, 0.7 / (n_labels - 1))])
    base = Baseline.of({"c": rng.choice(labels, 3000, p=shares)})
    cells = cells_of(base, "c")
    assert cells.reference.size <= CELLS_AT_MOST
    assert cells.reference.sum() == pytest.approx(3000)
    timeline = Report("data_drift").timeline({"c": rng.choice(labels, 9000, p=shares)}, base, every=300)
    assert timeline.streams[0].detected is None
    moved = Report("data_drift").timeline(
        {"c": rng.choice([*labels, "new"], 3000, p=[*(0.9 * shares), 0.1])}, base, every=300
    )
    assert moved.streams[0].detected is not None


def test_labels_that_come_later_are_no_drift() -> None:
    rows = {"x": RNG.normal(size=2000), "y": RNG.integers(0, 2, 2000), "p": RNG.integers(0, 2, 2000)}
    base = Baseline.of(rows, schema=Schema(target="y", prediction="p"))
    late = {**part(rows, 0, 1000), "y": np.where(np.arange(1000) < 600, rows["y"][:1000], np.nan)}
    timeline = Report(["data_drift", "target_drift"]).timeline(late, base, every=100)
    found = timeline.stream("y")
    assert found is not None
    assert found.detected is None
    assert found.values[-1] is None


def test_windows_without_the_column_and_gaps_add_nothing() -> None:
    rows = {
        "x": RNG.normal(size=300),
        "z": RNG.normal(size=300),
        "t": np.datetime64("2026-03-01") + np.arange(300).astype("timedelta64[h]"),
    }
    base = Baseline.of(rows, schema=Schema(timestamp="t"))
    kept_rows = np.r_[0:72, 120:300]
    timeline = Report("data_drift").timeline({"x": rows["x"][kept_rows], "t": rows["t"][kept_rows]}, base, every="1d")
    x, z = timeline.stream("x"), timeline.stream("z")
    assert x is not None
    assert z is not None
    assert [value is None for value in x.values] == [window.run is None for window in timeline.windows]
    assert set(z.values) == {None}
    assert z.verdict.status == "unknown"


def test_no_reference_or_no_check_of_drift_is_no_stream() -> None:
    for timeline in (Report("data_quality").timeline(STREAM, BASE, every=5000), Report().timeline(STREAM, every=5000)):
        assert (timeline.streams, timeline.state) == ([], "")


def of_days(rng: np.random.Generator, n_days: int, spread: float, lasting: float = 0.0) -> dict[str, np.ndarray]:
    """Six columns over days of 100 rows whose means differ by nature."""
    days = rng.normal(size=(6, n_days)) * spread
    for at in range(1, n_days):
        days[:, at] = lasting * days[:, at - 1] + np.sqrt(1 - lasting**2) * days[:, at]
    times = np.datetime64("2026-03-02") + (np.arange(n_days * 100) * 864).astype("timedelta64[s]")
    return {f"x{i}": rng.normal(size=n_days * 100) + np.repeat(days[i], 100) for i in range(6)} | {"t": times}


@pytest.mark.parametrize("lasting", [0.0, 0.5])
def test_days_that_differ_by_nature_are_no_drift(lasting: float) -> None:
    rng = np.random.default_rng(6)
    base = Baseline.of(of_days(rng, 40, 0.3, lasting), schema=Schema(timestamp="t"), every="1d")
    rows = of_days(rng, 40, 0.3, lasting)
    days = [Profile.of({name: v[at : at + 100] for name, v in rows.items()}, base) for at in range(0, 4000, 100)]
    windows = [(str(at), computed([Check(PSI(), no_drift())], day, base.profile)) for at, day in enumerate(days)]
    found, _ = streams(windows, base.profile, 0.01, State())
    assert [stream.detected for stream in found] == [None] * 6
    assert "rows count for less" in described(base.profile)
    base.profile.windows = None
    alarmed, _ = streams(windows, base.profile, 0.01, State())
    assert sum(stream.detected is not None for stream in alarmed) >= 4
    assert "their rows" in described(base.profile)


def test_a_design_effect_is_that_of_the_days() -> None:
    """Var(mean of a day) = 1/n + spread^2: with 100 rows and a spread of 0.3 ten times that of independent rows."""
    rng = np.random.default_rng(7)
    for spread, low, high in ((0.0, 1.0, 1.6), (0.3, 6.0, 16.0)):
        base = Baseline.of(of_days(rng, 60, spread), schema=Schema(timestamp="t"), every="1d")
        found = [natural_variation(base.windows, cells_of(base, f"x{i}")) for i in range(6)]
        assert low <= np.median([one.effect for one in found]) <= high
        assert found[0].rows == 100
        day = Profile.of(of_days(rng, 1, spread), base)
        assert found[0].design_effect(day, base.windows) == pytest.approx(found[0].effect)
        half = Profile.of({name: values[::2] for name, values in of_days(rng, 1, spread).items()}, base)
        assert found[0].design_effect(half, base.windows) - 1 == pytest.approx((found[0].effect - 1) / 2)


def test_it_is_shown_in_every_form(timeline: ReportTimeline) -> None:
    for form in ("text", "markdown", "html"):
        shown = timeline.render(form)
        assert "Over all windows together: 1 of 2 columns changed, 0 by as much as matters." in shown
        assert "real but small" in shown
        assert "All windows together" in shown
    assert 'name="all windows together" tests="2" failures="0"' in timeline.render("junit")
    streams = json.loads(timeline.render("json"))["streams"]
    assert [stream["verdict"]["finding"] for stream in streams] == ["real but small", "no evidence"]
    assert msgspec.convert(json.loads(timeline.render("json")), Timeline).streams == timeline.streams
