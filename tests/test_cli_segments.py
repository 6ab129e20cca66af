"""Segments from the command line: freeze, profile, merge, check, show, and what is refused."""

import json
from pathlib import Path

import polars as pl
import pytest

from barograph import Baseline, config
from barograph.errors import ParameterError
from barograph.segments import Segments
from cli_runs import ROLES, Ran, refused, rows


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A reference, a day like it, and one on which age moved in one city."""
    monkeypatch.chdir(tmp_path)
    rows(1).write_parquet("reference.parquet")
    rows(2).write_parquet("same.parquet")
    moved = rows(3).with_columns(age=pl.when(pl.col("city") == "Ulm").then(pl.col("age") + 15).otherwise("age"))
    moved.write_parquet("moved.parquet")
    return tmp_path


def test_check_by_a_column(data: Path) -> None:
    what = ["--reference", "reference.parquet", "--preset", "data_drift", "--by", "city", *ROLES]
    assert Ran("check", "--current", "same.parquet", *what).code == 0
    ran = Ran("check", "--current", "moved.parquet", *what, "--format", "json")
    assert ran.code == 1
    body = json.loads(ran.out)
    assert {s["name"]: s.get("status") for s in body["segments"]}["Ulm"] == "fail"
    failed = {(v["labels"]["column"], v["labels"].get("segment")) for v in body["verdicts"] if v["status"] == "fail"}
    assert ("age", "Ulm") in failed and ("age", "Bonn") not in failed


def test_baseline_profiles_merge_and_show(data: Path) -> None:
    assert Ran("baseline", "reference.parquet", "-o", "b.baseline", "--segment", "city", *ROLES).code == 0
    assert Baseline.read("b.baseline").segments is not None
    for day in ("same", "moved"):
        what = ("profile", f"{day}.parquet", "--baseline", "b.baseline", "--by", "city", "-o", f"{day}.segments")
        ran = Ran(*what)
        assert ran.code == 0 and "3 segments by city" in ran.out
    assert Ran("merge", "same.segments", "moved.segments", "-o", "both.segments").code == 0
    both = Segments.read("both.segments")
    assert both.n_rows == 4000 and sum(part.n_rows for part in both.parts.values()) == 4000
    shown = Ran("show", "both.segments")
    assert shown.code == 0 and "Köln" in shown.out and "4,000 rows" in shown.out
    alone = Ran("check", "--current", "moved.segments", "--reference", "b.baseline", "--preset", "data_drift")
    several = ["--current", "same.segments", "--current", "moved.segments", "--reference", "b.baseline"]
    assert alone.code == 1 and "Ulm" in alone.out
    assert Ran("report", *several, "--preset", "data_drift", "-o", "r.html", "-o", "r.json").code == 0
    assert "Segment by segment" in Path("r.html").read_text()
    assert "Ulm" in Ran("show", "r.json").out


def test_a_timeline_by_a_column(data: Path) -> None:
    what = ["--reference", "reference.parquet", "--preset", "data_drift", "--by", "city", *ROLES]
    ran = Ran("timeline", "--current", "moved.parquet", *what, "--every", "1000", "--format", "json")
    assert ran.code == 0
    assert [len(w["run"]["segments"]) for w in json.loads(ran.out)["windows"]] == [3, 3]


def test_by_in_a_configuration(data: Path) -> None:
    assert config.parse("by: city").by == ["city"] and config.parse("by: [city, age]").by == ["city", "age"]
    assert config.parse("by: {long haul: distance > 1500}").by == {"long haul": "distance > 1500"}
    with pytest.raises(ParameterError, match="by"):
        config.parse("by: {long haul: [distance]}")
    Path("barograph.yaml").write_text(
        "current: moved.parquet\nreference: reference.parquet\npresets: [data_drift]\nby: city\n"
    )
    assert '"name":"Ulm"' in Ran("report", "--config", "barograph.yaml", "--format", "json").out
    assert "# by: " in Ran("init", "same.parquet", "-o", "new.yaml").err + Path("new.yaml").read_text()


OLD = "over 40: age > 40"


def test_named_conditions(data: Path) -> None:
    ran = Ran("check", "--current", "moved.parquet", "--reference", "reference.parquet", "--preset", "data_drift",
              "--by", OLD, "--by", "Ulm: city == 'Ulm'", *ROLES, "--format", "json")  # fmt: skip
    assert ran.code == 1
    told = {s["name"]: s for s in json.loads(ran.out)["segments"]}
    assert list(told) == ["over 40", "Ulm", "(other)"] and told["Ulm"]["status"] == "fail"
    assert told["Ulm"]["keys"] == {"Ulm": "city == 'Ulm'"}
    assert Ran("baseline", "reference.parquet", "-o", "b.baseline", "--segment", OLD, *ROLES).code == 0
    ran = Ran("profile", "same.parquet", "--baseline", "b.baseline", "--by", "over 40: age>40", "-o", "s.segments")
    assert ran.code == 0 and "segments by over 40" in ran.out
    assert Ran("check", "--current", "s.segments", "--reference", "b.baseline", "--preset", "data_drift").code == 0
    Path("barograph.yaml").write_text(
        "current: same.parquet\nreference: reference.parquet\npresets: [data_drift]\nby: {over 40: age > 40}\n"
    )
    assert '"name":"over 40"' in Ran("report", "--config", "barograph.yaml", "--format", "json").out
    assert "different names" in refused("check", "--current", "same.parquet", "--by", OLD, "--by", "city")
    assert "'nowhere'" in refused("check", "--current", "same.parquet", "--by", "a: nowhere > 1")
    assert "over 50" in refused("profile", "same.parquet", "--baseline", "b.baseline", "--by", "over 50: age > 50")


def test_what_does_not_fit_is_refused(data: Path) -> None:
    Ran("baseline", "reference.parquet", "-o", "plain.baseline", *ROLES)
    Ran("profile", "same.parquet", "-o", "same.profile", *ROLES)
    Ran("profile", "same.parquet", "-o", "same.segments", "--by", "city", *ROLES)
    assert "segments by no column" in refused(
        "check", "--current", "same.parquet", "--reference", "plain.baseline", "--by", "city"
    )
    assert "frozen with segments by no column" in refused(
        "profile", "same.parquet", "--baseline", "plain.baseline", "--by", "city"
    )
    assert "'nowhere'" in refused("report", "--current", "same.parquet", "--by", "nowhere")
    assert "one profile" in refused("report", "--current", "same.profile", "--by", "city")
    assert "segments are needed" in refused("merge", "same.segments", "same.profile", "-o", "x.segments")
    assert "several kinds" in refused("report", "--current", "same.segments", "--current", "same.profile")
