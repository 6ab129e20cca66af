"""Windows of profiles: parts are the whole, minutes are hours, and a file is small and sound."""

import datetime as dt
import itertools
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from barograph import Baseline, Profile, ProfileWindows, Report, Schema
from barograph.errors import FormatError, MergeError, ParameterError, SchemaError

SCHEMA = Schema(target="y", prediction="p", timestamp="ts")


def rows(n: int, seed: int, minutes: int = 300) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    times = np.datetime64("2024-03-10T00:30") + rng.integers(0, minutes * 60, n).astype("timedelta64[s]")
    said = rng.integers(0, 2, n)
    return pl.DataFrame(
        {
            "ts": times.astype("datetime64[us]"),
            "x": rng.normal(size=n),
            "seats": rng.integers(0, 9, n),
            "city": np.array(["Ulm", "Bonn", "Köln"])[rng.integers(0, 3, n)],
            "y": np.where(rng.uniform(size=n) < 0.8, said, 1 - said),
            "p": said,
        }
    ).with_columns(ts=pl.when(pl.int_range(n) % 50 > 0).then(pl.col("ts")))


@pytest.fixture(scope="module")
def base() -> Baseline:
    return Baseline.of(rows(3000, 0), schema=SCHEMA, every=0)


def exact(windows: ProfileWindows) -> dict[str, object]:
    """All counts of all windows; of sketches and sums nothing."""
    named = ("counts", "bins", "categories", "distinct", "columns", "confusion")
    return {
        start: [made.n_rows, [state for need, state in made.body()["summaries"] if need["summary"] in named]]
        for start, made in windows.profiles.items()
    } | {"timeless": windows.n_timeless}


def test_each_window_is_the_profile_of_its_rows(base: Baseline) -> None:
    data = rows(2000, 1)
    windows = ProfileWindows.of(data, base, every="1h", sketches=True)
    assert windows.n_timeless == 40
    assert windows.n_rows == 1960
    assert windows.baseline_id == base.id
    for start, made in windows.profiles.items():
        here = data.filter(pl.col("ts").dt.truncate("1h") == dt.datetime.fromisoformat(start[:19]))
        whole = Profile.of(here, base)
        assert exact(ProfileWindows("1h", {start: made})) == exact(ProfileWindows("1h", {start: whole}))


def test_parts_in_any_order_are_the_whole(base: Baseline) -> None:
    data = rows(2000, 2)
    parts = [ProfileWindows.of(data[i::3], base, every="30m", sketches=True) for i in range(3)]
    whole = exact(ProfileWindows.of(data, base, every="30m", sketches=True))
    for order in itertools.permutations(parts):
        assert exact(order[0] + order[1] + order[2]) == whole
        assert exact(order[0] + (order[1] + order[2])) == whole


@pytest.mark.parametrize("every", ["1h", "2h", "1d", "1w", "1mo"])
def test_minutes_roll_up_to_what_the_rows_give(base: Baseline, every: str) -> None:
    data = rows(1500, 3)
    minutes = ProfileWindows.of(data, base, every="1m", sketches=True)
    before = minutes.to_bytes()
    assert exact(minutes.rollup(every)) == exact(ProfileWindows.of(data, base, every=every, sketches=True))
    assert exact(minutes.rollup("1h").rollup("1d")) == exact(minutes.rollup("1d"))
    assert minutes.to_bytes() == before, "rolling up changes nothing of what it is of"
    assert minutes.rollup("1m") is minutes


@pytest.mark.parametrize(("short", "long"), [("90m", "1h"), ("1h", "90m"), ("1w", "1mo"), ("1d", "1h")])
def test_windows_that_do_not_nest_are_refused(base: Baseline, short: str, long: str) -> None:
    windows = ProfileWindows.of(rows(500, 4, minutes=80_000), base, every=short)
    with pytest.raises(ParameterError, match=f"windows of {short} do not roll up to windows of {long}.*ask for"):
        windows.rollup(long)


def test_a_timeline_of_windows_is_that_of_their_rows(base: Baseline, tmp_path: Path) -> None:
    data = rows(3000, 5)
    windows = ProfileWindows.of(data, base, every="10m", sketches=True)
    windows.write(tmp_path / "w")
    report = Report(["data_drift", "classification"])
    there = report.timeline(data, base, every="1h")
    for source in (windows, tmp_path / "w"):
        here = report.timeline(source, base, every="1h")
        assert [(w.start, w.end, w.n_rows) for w in here.windows] == [(w.start, w.end, w.n_rows) for w in there.windows]
        assert here.notes == there.notes
        for mine, theirs in zip(here.windows, there.windows, strict=True):
            assert (mine.run is None) == (theirs.run is None)
            if mine.run and theirs.run:
                assert [v.status for v in mine.run.verdicts] == [v.status for v in theirs.run.verdicts]
                assert [v.value for v in mine.run.find("psi")] == [v.value for v in theirs.run.find("psi")]
    with pytest.raises(ParameterError, match="do not roll up"):
        report.timeline(windows, base, every="5m")


def test_segments_in_windows(tmp_path: Path) -> None:
    base = Baseline.of(rows(3000, 0), schema=SCHEMA.replace(segments="city"), every=0)
    data = rows(1500, 6)
    minutes = ProfileWindows.of(data, base, every="5m", segmented=True)
    hours = ProfileWindows.from_bytes(minutes.to_bytes()).rollup("1h")
    there = ProfileWindows.of(data, base, every="1h", segmented=True)
    for start, made in hours.profiles.items():
        other = there.profiles[start]
        assert {k: p.n_rows for k, p in made.parts.items()} == {k: p.n_rows for k, p in other.parts.items()}
        for key, part in made.parts.items():
            assert part.get("bins", "x").counts.tolist() == other.parts[key].get("bins", "x").counts.tolist()


def test_a_file_gives_back_what_was_written_and_is_small(base: Baseline, tmp_path: Path) -> None:
    windows = ProfileWindows.of(rows(2000, 7), base, every="1m")
    windows.write(tmp_path / "w")
    again = ProfileWindows.read(tmp_path / "w")
    assert again.every == "1m"
    assert list(again.profiles) == list(windows.profiles)
    for mine, theirs in zip(windows.profiles.values(), again.profiles.values(), strict=True):
        assert mine.to_bytes() == theirs.to_bytes()
    assert again.to_bytes() == windows.to_bytes()
    alone = sum(len(made.to_bytes()) for made in windows.profiles.values())
    assert (tmp_path / "w").stat().st_size < alone / 4, "cells are written once"


def test_without_sketches_drift_and_performance_are_the_same(base: Baseline) -> None:
    data = rows(3000, 5)
    lean, full = (ProfileWindows.of(data, base, every="1h", sketches=sketches) for sketches in (False, True))
    assert len(lean.to_bytes()) < len(full.to_bytes()) / 3
    report = Report(["data_drift", "classification"])
    for mine, theirs in zip(lean.profiles.values(), full.profiles.values(), strict=True):
        here, there = report.run(mine, base), report.run(theirs, base)
        assert [v.status for v in here.verdicts] == [v.status for v in there.verdicts]
        for metric in ("psi", "accuracy"):
            assert [v.value for v in here.find(metric)] == [v.value for v in there.find(metric)]


def test_windows_without_a_baseline_and_of_unlike_rows() -> None:
    one = ProfileWindows.of(rows(500, 8), every="1h", schema=SCHEMA)
    other = ProfileWindows.of(rows(500, 9).drop("x"), every="1h", schema=SCHEMA)
    both = one + other
    assert both.n_rows == 980
    assert exact(ProfileWindows.from_bytes(both.to_bytes())) == exact(both)


def test_nothing_is_a_window_of_nothing(base: Baseline) -> None:
    empty = ProfileWindows("1h")
    some = ProfileWindows.of(rows(100, 1), base, every="1h", sketches=True)
    assert exact(empty + some) == exact(some + empty) == exact(some)
    assert ProfileWindows.from_bytes(empty.to_bytes()).profiles == {}
    assert empty.listed() == []
    assert "none yet" in repr(empty)
    assert "windows of 1h with 98 rows" in repr(some)


def test_old_windows_are_told_from_new_ones(base: Baseline) -> None:
    minutes = ProfileWindows.of(rows(2000, 7), base, every="1m", sketches=True)
    old, new = minutes.split("2024-03-10T03:00Z")
    assert max(old.profiles) < "2024-03-10T03:00" <= min(new.profiles)
    assert exact(old + new) == exact(minutes)
    assert exact(old.rollup("1h") + new.rollup("1h")) == exact(minutes.rollup("1h"))


def test_what_is_refused(base: Baseline) -> None:
    some = ProfileWindows.of(rows(100, 1), base, every="1h", sketches=True)
    with pytest.raises(MergeError, match="roll the shorter ones up first"):
        some + some.rollup("1d")
    other = Baseline.of(rows(200, 5), schema=SCHEMA, every=0)
    with pytest.raises(MergeError, match="baseline"):
        some + ProfileWindows.of(rows(100, 1), other, every="1h")
    with pytest.raises(MergeError, match="different baselines"):
        some + ProfileWindows.of(rows(100, 1).with_columns(pl.col("ts").dt.offset_by("9d")), other, every="1h")
    with pytest.raises(ValueError, match="no window length"):
        ProfileWindows("soon")
    with pytest.raises(SchemaError, match="timestamp"):
        ProfileWindows.of(rows(10, 1), every="1h", schema=Schema(target="y"))
    with pytest.raises(ParameterError, match="brings its own schema"):
        ProfileWindows.of(rows(10, 1), base, every="1h", schema=SCHEMA)


@pytest.mark.parametrize("damage", ["every", "n_timeless", "template", "states"])
def test_damaged_files_are_refused(base: Baseline, damage: str) -> None:
    from barograph import codec

    body = codec.decode("windows", ProfileWindows.of(rows(100, 1), base, every="1h", sketches=True).to_bytes())
    if damage == "states":
        body["windows"][0][3] = [[10_000, {"counts": b""}]]
    else:
        body[damage] = {"every": "never", "n_timeless": -1, "template": b"x"}[damage]
    with pytest.raises(FormatError):
        ProfileWindows.from_bytes(codec.encode("windows", body))
