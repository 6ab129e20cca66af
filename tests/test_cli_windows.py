"""`barograph windows` and `rollup`, and a timeline of what they wrote."""

import json
from pathlib import Path
from typing import Any

import pytest

from barograph import ProfileWindows
from cli_runs import ROLES, Ran, rows


def values(run: dict[str, Any]) -> list[object]:
    """What is counted and not summed: the same to the last bit."""
    return [
        value["value"] for result in run["results"] if result["spec"]["name"] == "psi" for value in result["values"]
    ]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    rows(1).write_parquet(tmp_path / "reference.parquet")
    rows(2, shift=3.0).write_parquet(tmp_path / "now.parquet")
    monkeypatch.chdir(tmp_path)
    assert Ran("baseline", "reference.parquet", *ROLES, "-o", "r.baseline").code == 0
    return tmp_path


def test_windows_roll_up_and_are_a_timeline(desk: Path) -> None:
    made = Ran("windows", "now.parquet", "--baseline", "r.baseline", "--every", "1h", "-o", "hours.windows")
    assert made.code == 0
    assert "1,000 windows of 1h with 2,000 rows: 2026-01-01T00:00:00+00:00 to 2026-02-11T15:00:00+00:00" in made.err
    rolled = Ran("rollup", "hours.windows", "--every", "1w", "-o", "weeks.windows")
    assert rolled.code == 0
    assert "7 windows of 1w with 2,000 rows" in rolled.err
    weeks = [
        Ran("timeline", "--current", source, "--reference", "r.baseline", "--every", "1w", "--format", "json")
        for source in ("weeks.windows", "hours.windows", "now.parquet")
    ]
    assert {ran.code for ran in weeks} == {0}
    told = [[(w["start"], w["n_rows"], values(w["run"])) for w in json.loads(ran.out)["windows"]] for ran in weeks]
    assert told[0] == told[1] == told[2]
    assert len(told[0]) == 7


def test_old_windows_become_longer_and_young_ones_stay(desk: Path) -> None:
    Ran("windows", "now.parquet", *ROLES, "--every", "1h", "-o", "hours.windows")
    ran = Ran(
        "rollup", "hours.windows", "--every", "1d", "-o", "days.windows", "--before", "2026-02-01", "--rest", "young"
    )
    assert ran.code == 0
    days, young = ProfileWindows.read("days.windows"), ProfileWindows.read("young")
    assert (days.every, len(days.profiles), young.every) == ("1d", 31, "1h")
    assert days.n_rows + young.n_rows == 2000
    both = Ran("rollup", "days.windows", "young", "--every", "1d", "-o", "all.windows")
    assert both.code == 0
    whole = ProfileWindows.read("hours.windows").rollup("1d")
    assert {s: p.n_rows for s, p in ProfileWindows.read("all.windows").profiles.items()} == {
        start: made.n_rows for start, made in whole.profiles.items()
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rollup", "hours.windows", "--every", "90m", "-o", "x"], "do not roll up to windows of 90m"),
        (["rollup", "hours.windows", "--every", "1d", "-o", "x", "--before", "2026-02-01"], "give both or none"),
        (["rollup", "r.baseline", "--every", "1d", "-o", "x"], "holds a baseline where windows are needed"),
        (["rollup", "nowhere", "--every", "1d", "-o", "x"], "nowhere"),
        (["windows", "now.parquet", "--every", "1h", "-o", "x"], "timestamp"),
        (["windows", "now.parquet", "--every", "soon", "--timestamp", "ts", "-o", "x"], "no window length"),
        (["windows", "now.parquet", "--baseline", "r.baseline", *ROLES, "--every", "1h", "-o", "x"], "its own schema"),
        (["report", "--current", "hours.windows", "--reference", "r.baseline"], "timeline"),
    ],
)
def test_what_is_refused(desk: Path, arguments: list[str], said: str) -> None:
    Ran("windows", "now.parquet", *ROLES, "--every", "1h", "-o", "hours.windows")
    ran = Ran(*arguments)
    assert ran.code == 2
    assert said in ran.err
    assert not (desk / "x").exists()
