"""Files counted in turn: the same profile as in one go, and little lost by what stops it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from barograph import Baseline, Profile, Schema, Segments, profile_files
from barograph.errors import FormatError, InputError, ParameterError
from barograph.file_by_file import Interrupted

N_FILES = 12


def day(at: int, n: int = 300) -> pl.DataFrame:
    rng = np.random.default_rng(at)
    return pl.DataFrame(
        {
            "delay": rng.normal(size=n),
            "seats": rng.integers(0, 9, n),
            "city": np.array(["Ulm", "Bonn", "Köln"])[rng.integers(0, 3, n)],
            "late": rng.uniform(size=n) < 0.2,
        }
    )


@pytest.fixture
def days(tmp_path: Path) -> Path:
    folder = tmp_path / "days"
    folder.mkdir()
    for at in range(N_FILES):
        day(at).write_parquet(folder / f"{at:02}.parquet")
    return folder


def counts(profile: Profile) -> dict[str, object]:
    """All that is exact."""
    exact = ("counts", "bins", "categories", "distinct", "columns", "topk")
    body = profile.body()
    return {str(need): state for need, state in body["summaries"] if need["summary"] in exact} | {"n": body["n_rows"]}


def left_behind(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file()}


def stopping_at(monkeypatch: pytest.MonkeyPatch, at: int, how: Exception | None = None) -> None:
    """Have the work stop at the batch `at`: by Ctrl-C, or by an error."""
    seen = []
    original = Profile.add

    def add(self: Profile, batch: pl.DataFrame, *rest: object) -> None:
        original(self, batch, *rest)
        seen.append(batch.height)
        if len(seen) == at:
            if how is not None:
                raise how
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Profile, "add", add)


@pytest.mark.parametrize("suffix", ["parquet", "csv", "arrow", "jsonl"])
def test_it_is_the_profile_of_all_rows(tmp_path: Path, suffix: str) -> None:
    write = {
        "parquet": pl.DataFrame.write_parquet, "csv": pl.DataFrame.write_csv, "arrow": pl.DataFrame.write_ipc,
        "jsonl": pl.DataFrame.write_ndjson,
    }[suffix]  # fmt: skip
    folder = tmp_path / "rows"
    folder.mkdir()
    for at in range(3):
        write(day(at), folder / f"{at}.{suffix}")
    base = Baseline.of(day(99, 2000))
    made = profile_files(folder, tmp_path / "out", base)
    assert isinstance(made, Profile)
    whole = Profile.of(folder, base)
    assert counts(made) == counts(whole)
    assert made.name == whole.name
    assert made.get("moments", "delay").mean_ == pytest.approx(whole.get("moments", "delay").mean_)
    assert counts(Profile.read(tmp_path / "out")) == counts(whole)
    assert left_behind(tmp_path) == {"out"}


def test_columns_that_some_files_lack_are_null_there(tmp_path: Path) -> None:
    for at, frame in enumerate([day(0), day(1).drop("city"), day(2).with_columns(pl.col("seats").cast(pl.Float64))]):
        frame.write_parquet(tmp_path / f"{at}.parquet")
    made, whole = profile_files(tmp_path / "*.parquet"), Profile.of(tmp_path / "*.parquet")
    assert counts(made) == counts(whole)
    assert made.get("counts", "city").n_null == 300


def test_without_rows_the_columns_are_known(tmp_path: Path) -> None:
    day(0, 0).write_parquet(tmp_path / "none.parquet")
    made = profile_files(tmp_path / "none.parquet", tmp_path / "out")
    assert made.n_rows == 0
    assert made.columns == Profile.of(tmp_path / "none.parquet").columns


def test_segments(days: Path, tmp_path: Path) -> None:
    base = Baseline.of(day(99, 2000), schema=Schema(segments="city"))
    made = profile_files(days, tmp_path / "out", base, segmented=True)
    whole = Segments.of(days, base)
    assert isinstance(made, Segments)
    assert {key: part.n_rows for key, part in made.parts.items()} == {k: p.n_rows for k, p in whole.parts.items()}
    assert counts(made.whole) == counts(whole.whole)
    alone = profile_files(days, schema=Schema(segments="city"), segmented=True)
    assert alone.n_rows == N_FILES * 300


def test_ctrl_c_leaves_a_partial_profile_and_resuming_counts_each_file_once(
    days: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, base = tmp_path / "out.profile", Baseline.of(day(99, 2000))
    with monkeypatch.context() as patched:
        stopping_at(patched, 5)
        with pytest.raises(Interrupted, match=r"1,500 rows of 4 whole files; resume") as stopped:
            profile_files(days, out, base)
    assert counts(stopped.value.counted) == counts(Profile.of([days / f"{at:02}.parquet" for at in range(5)], base))
    partial = Profile.read(tmp_path / "out.profile.partial")
    assert partial.n_rows == 1500
    assert partial.name == "4 of 12 files, interrupted"
    assert not out.exists()
    made = profile_files(days, out, base, resume=True)
    assert counts(made) == counts(Profile.of(days, base))
    assert left_behind(tmp_path) == {"out.profile"}
    again = profile_files(days, out, base, resume=True)
    assert counts(again) == counts(made), "nothing to go on with: it begins anew"


def test_ctrl_c_without_an_output_hands_over_what_was_counted(days: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGINT)
    stopping_at(monkeypatch, 3)
    with pytest.raises(KeyboardInterrupt, match="with an output they would be kept") as stopped:
        profile_files(days)
    assert stopped.value.counted.n_rows == 900  # type: ignore[attr-defined]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_broken_file_loses_nothing_that_was_counted(days: Path, tmp_path: Path) -> None:
    day(0, 10_000).write_parquet(
        days / "00.parquet"
    )  # enough to tell the columns: others are read when they are counted
    broken = days / "06.parquet"
    good = broken.read_bytes()
    broken.write_bytes(good[:100] + bytes(len(good) // 2) + good[100 + len(good) // 2 :])
    out = tmp_path / "out"
    with pytest.raises(
        InputError, match=r"06\.parquet cannot be read to its end: .*11,500 rows of 6 whole files; resume"
    ):
        profile_files(days, out)
    assert Profile.read(tmp_path / "out.partial").n_rows == 11_500
    broken.write_bytes(good)
    assert counts(profile_files(days, out, resume=True)) == counts(Profile.of(days))


def test_files_that_were_changed_and_calls_that_are_others_are_refused(
    days: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, base = tmp_path / "out", Baseline.of(day(99, 2000))
    with monkeypatch.context() as patched:
        stopping_at(patched, 3)
        with pytest.raises(Interrupted):
            profile_files(days, out, base)
    with pytest.raises(ParameterError, match="another baseline"):
        profile_files(days, out, resume=True)
    day(5).write_parquet(days / "00.parquet")
    with pytest.raises(InputError, match=r"00\.parquet was changed since it was counted"):
        profile_files(days, out, base, resume=True)
    (tmp_path / "out.progress").write_bytes(b"BAROGRPHxx")
    with pytest.raises(FormatError):
        profile_files(days, out, base, resume=True)
    assert profile_files(days, out, base).n_rows == N_FILES * 300, "anew it is always possible"
    assert left_behind(tmp_path) == {"out"}


def test_files_that_came_since_are_counted_too(days: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        stopping_at(patched, 3)
        with pytest.raises(Interrupted):
            profile_files(days, tmp_path / "out")
    day(50).write_parquet(days / "50.parquet")
    assert profile_files(days, tmp_path / "out", resume=True).n_rows == (N_FILES + 1) * 300


def test_what_it_is_not_for(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file"):
        profile_files({"a": [1]})
    day(0).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(ParameterError, match="say which"):
        profile_files(tmp_path / "a.parquet", resume=True)
    with pytest.raises(ParameterError, match="brings its own schema"):
        profile_files(tmp_path / "a.parquet", baseline=Baseline.of(day(0)), schema=Schema(target="late"))


SLOW = """
import sys, time
from barograph import Profile
from barograph.cli import main
add = Profile.add
def slow(self, batch, *rest):
    add(self, batch, *rest)
    time.sleep(0.1)
Profile.add = slow
import barograph.file_by_file
barograph.file_by_file.WRITE_EVERY = 0.0
sys.argv = ["barograph", "profile", *sys.argv[1:]]
main()
"""


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGKILL])
def test_a_real_process_that_is_stopped(days: Path, tmp_path: Path, by: signal.Signals) -> None:
    """Each batch takes its time, so that the signal meets work that goes on."""
    out, progress = tmp_path / "out.profile", tmp_path / "out.profile.progress"
    command = [sys.executable, "-c", SLOW, str(days), "-o", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while not progress.exists() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    assert progress.exists(), process.communicate()
    process.send_signal(by)
    said, told = process.communicate(timeout=60)
    assert not out.exists()
    if by is signal.SIGINT:
        assert process.returncode == 130, told
        assert "interrupted: what was counted is in" in told
        assert "files, interrupted: " in said
        n = Profile.read(tmp_path / "out.profile.partial").n_rows
        assert 0 < n < N_FILES * 300
        assert n % 300 == 0
    done = subprocess.run(
        [sys.executable, "-m", "barograph", "profile", str(days), "-o", str(out), "--resume"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert counts(Profile.read(out)) == counts(Profile.of(days))
    assert left_behind(tmp_path) == {"out.profile"}
