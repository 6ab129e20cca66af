"""The command line: what goes to stdout, to stderr and to files, and the exit codes."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest

from barograph import Baseline, Profile
from barograph.cli import app, main
from barograph.cli import commands as commands_module
from cli_runs import ROLES, N, Ran, rows


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    rows(1).write_parquet(folder / "reference.parquet")
    rows(2).write_csv(folder / "same.csv")
    rows(3, shift=8).write_parquet(folder / "moved.parquet")
    rows(2)[:1000].write_parquet(folder / "part-1.parquet")
    rows(2)[1000:].write_parquet(folder / "part-2.parquet")
    Baseline.of(folder / "reference.parquet").write(folder / "reference.baseline")
    return folder


# -- help, version, entry points ---------------------------------------------------------------------------------------


COMMANDS = ["profile", "merge", "baseline", "report", "check", "timeline", "show", "init", "demo", "windows", "rollup"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command: str) -> None:
    ran = Ran(command, "--help")
    assert ran.code == 0
    assert f"Example: barograph {command}" in ran.out


def test_every_command_is_listed_and_tested() -> None:
    assert [c.name or c.callback.__name__ for c in app.registered_commands] == COMMANDS
    assert all(name in Ran("--help").out for name in COMMANDS)


def test_version() -> None:
    from importlib.metadata import version

    assert Ran("--version").out == f"barograph {version('barograph')}\n"


def test_the_module_is_a_program(data: Path) -> None:
    command = [sys.executable, "-m", "barograph", "check", "--current", "same.csv", "--reference", "reference.baseline"]
    done = subprocess.run(command, cwd=data, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "checks passed" in done.stdout


def test_the_console_script(data: Path) -> None:
    script = Path(sys.executable).with_name("barograph")
    if not script.exists():
        pytest.skip("the package is not installed with its scripts")
    done = subprocess.run([script, "show", "none"], cwd=data, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "barograph: none cannot be read: No such file or directory\n"


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGPIPE there")
def test_a_closed_pipe_is_no_error(data: Path) -> None:
    report = f"{shlex.quote(sys.executable)} -m barograph report --current same.csv --format html"
    command = f"set -o pipefail; {report} | true"
    done = subprocess.run(["bash", "-c", command], cwd=data, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (141, "")


def test_interrupted(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands_module, "_run", interrupt)
    ran = Ran("check", "--current", data / "same.csv")
    assert (ran.code, ran.out, ran.err) == (130, "", "interrupted\n")


def test_a_bug_is_not_a_failed_check(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(commands_module, "_run", broken)
    monkeypatch.setattr(sys, "argv", ["barograph", "check", "--current", "x.csv"])
    with pytest.raises(SystemExit) as exit_:
        main()
    assert exit_.value.code == 3
    assert "ZeroDivisionError: oops" in capsys.readouterr().err


def test_debug_shows_the_traceback(data: Path) -> None:
    from barograph.errors import InputError

    with pytest.raises(InputError):
        Ran("--debug", "check", "--current", data / "none.csv")


# -- profile, merge, baseline, show ------------------------------------------------------------------------------------


def test_profile_prints_one_line_a_column(data: Path) -> None:
    ran = Ran("profile", data / "same.csv", *ROLES)
    assert ran.code == 0
    assert ran.out.startswith(f"same.csv: {N:,} rows, 6 columns\nfrom 2026-01-01T00:00:00")
    assert "task: classification of 0, 1" in ran.out
    lines = {line.split()[0]: line.split() for line in ran.out.splitlines() if line.strip()}
    assert lines["age"][1:4] == ["numeric", "feature", "0"]
    assert lines["target"][1:3] == ["categorical", "target"]
    assert "Köln (" in ran.out


def test_profile_writes_and_merge_adds(data: Path, tmp_path: Path) -> None:
    for part in (1, 2):
        ran = Ran("profile", data / f"part-{part}.parquet", "-o", tmp_path / f"{part}.profile")
        assert ran.err == f"wrote {tmp_path / f'{part}.profile'}\n"
    ran = Ran("merge", tmp_path / "1.profile", tmp_path / "2.profile", "-o", tmp_path / "all.profile")
    assert (ran.code, ran.out) == (0, "")
    assert f"{N:,} rows of 2 profiles" in ran.err
    whole, direct = Profile.read(tmp_path / "all.profile"), Profile.of(str(data / "part-*.parquet"))
    assert whole.n_rows == direct.n_rows == N
    assert whole.get("counts", "age").to_state() == direct.get("counts", "age").to_state()
    assert Ran("profile", data / "part-*.parquet").out.startswith(f"part-1.parquet and 1 more: {N:,} rows")


def test_baseline_is_shown_and_counted_in(data: Path, tmp_path: Path) -> None:
    ran = Ran("baseline", data / "reference.parquet", "-o", tmp_path / "b", "--bins", 32, *ROLES)
    frozen = Baseline.read(tmp_path / "b")
    assert (ran.code, ran.out) == (0, "")
    assert frozen.id in ran.err
    assert frozen.schema.roles == {"target": "target", "score": "score", "ts": "timestamp", "request_id": "id"}
    ran = Ran("profile", data / "same.csv", "--baseline", tmp_path / "b", "-o", tmp_path / "p")
    assert ran.out.splitlines()[0].endswith(f"counted in the bins of baseline {frozen.id}")
    assert Profile.read(tmp_path / "p").baseline_id == frozen.id
    shown = Ran("show", tmp_path / "b").out
    assert shown.startswith(f"baseline {frozen.id} of reference.parquet: {N:,} rows, 6 columns\n")
    assert Ran("show", tmp_path / "p").out.startswith("profile same.csv")
    compared = Ran("check", "--current", tmp_path / "p", "--reference", tmp_path / "b")
    assert compared.code == 0, compared.out
    ran = Ran("profile", data / "same.csv", "--baseline", tmp_path / "b", "--target", "target")
    assert ran.code == 2
    assert "brings its own schema" in ran.err


def test_show_a_saved_report(data: Path, tmp_path: Path) -> None:
    given = ["--current", data / "moved.parquet", "--reference", data / "reference.baseline"]
    printed = Ran("report", *given, "-o", tmp_path / "r.json").out
    assert Ran("show", tmp_path / "r.json").out == printed
    window = ["--timestamp", "ts", "--every", "1w"]
    given = ["--current", data / "moved.parquet", "--reference", data / "reference.parquet", *window]
    printed = Ran("timeline", *given, "-o", tmp_path / "t.json").out
    assert Ran("show", tmp_path / "t.json").out == printed
    (tmp_path / "x.json").write_text("[1]")
    assert "no report that Barograph saved" in Ran("show", tmp_path / "x.json").err
    ran = Ran("show", data / "same.csv")
    assert ran.code == 2
    assert "barograph profile" in ran.err


def test_overview_is_safe_for_terminals(tmp_path: Path) -> None:
    hostile = {"\x1b[2Jred": [1], "a\nb": ["x\ny"], "x" * 500: [2], "[bold]": ["[red]"]}
    pl.DataFrame(hostile).write_parquet(tmp_path / "h.parquet")
    out = Ran("profile", tmp_path / "h.parquet").out
    assert "\x1b" not in out
    assert "[bold]" in out
    assert len(out.splitlines()) == 4 + len(hostile)


# -- report and check --------------------------------------------------------------------------------------------------


def test_check_passes_and_fails(data: Path) -> None:
    reference = ["--reference", data / "reference.parquet", *ROLES]
    same, moved = (Ran("check", "--current", data / name, *reference) for name in ("same.csv", "moved.parquet"))
    assert (same.code, moved.code) == (0, 1), same.out
    assert (same.err, moved.err) == ("", "")
    assert Ran("report", "--current", data / "moved.parquet", *reference).code == 0


def test_all_numeric_and_all_nominal_rows_can_pass(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    for name, values in (("n", rng.normal(size=500)), ("c", rng.choice(["a", "b"], 500))):
        pl.DataFrame({name: values}).write_parquet(tmp_path / f"{name}.parquet")
        for preset in ("data_quality", "data_stability"):
            same = ["--current", tmp_path / f"{name}.parquet", "--reference", tmp_path / f"{name}.parquet"]
            ran = Ran("check", *same, "--preset", preset)
            assert ran.code == 0, ran.out


def test_formats_on_stdout_are_nothing_but_the_report(data: Path) -> None:
    given = [
        "check",
        "--current",
        data / "moved.parquet",
        "--reference",
        data / "reference.baseline",
        "--title",
        "Früh",
    ]
    body = json.loads(Ran(*given, "--format", "json").out)
    assert body["title"] == "Früh"
    assert body["summary"]["all_passed"] is False
    assert int(ElementTree.fromstring(Ran(*given, "--format", "junit").out).attrib["failures"]) > 0
    pages = [Ran(*given, *flags).out for flags in (["--markdown"], ["--format", "markdown"])]
    short, long = (re.sub(r"\d\d:\d\d:\d\d UTC", "then", page) for page in pages)  # two runs may be a second apart
    assert short == long
    assert Ran(*given, "--markdown").out.startswith("## ")
    assert Ran(*given, "--format", "html").out.lstrip().lower().startswith("<!doctype html>")
    assert Ran(*given, "--format", "pdf").code == 2
    assert "contradict" in Ran(*given, "--markdown", "--format", "json").err


def test_files_by_suffix(data: Path, tmp_path: Path) -> None:
    outputs = [tmp_path / "out" / f"r{suffix}" for suffix in (".html", ".json", ".md", ".xml", ".txt")]
    flags = [flag for path in outputs for flag in ("-o", path)]
    given = ["--current", data / "same.csv", "--reference", data / "reference.baseline"]
    ran = Ran("check", *given, *flags, "--junit", tmp_path / "junit.report")
    assert ran.code == 0
    assert ran.err.splitlines() == [f"wrote {path}" for path in [*outputs, tmp_path / "junit.report"]]
    assert ran.out.rstrip() == outputs[-1].read_text(encoding="utf-8").rstrip()
    json.loads(outputs[1].read_text(encoding="utf-8"))
    ElementTree.parse(outputs[3])
    ElementTree.parse(tmp_path / "junit.report")
    ran = Ran("check", "--current", "not-even-opened.csv", "-o", "r.pdf")
    assert (ran.code, ran.out) == (2, "")
    assert "'r.pdf'" in ran.err


def test_ad_hoc_checks(data: Path) -> None:
    given = ["check", "--current", data / "moved.parquet", "--reference", data / "reference.baseline"]
    assert Ran(*given, "--check", "psi(age) < 9", "--check", "row_count >= 2000").code == 0
    assert Ran(*given, "--check", "psi(age) < 0.1").code == 1
    ran = Ran(*given, "--check", "psi(agee) < 0.1")
    assert ran.code == 2
    assert "asks for column 'agee'; the columns are" in ran.err
    ran = Ran(*given, "--check", "pis(age) < 0.1")
    assert (ran.code, ran.out) == (2, "")
    assert "did you mean 'psi'" in ran.err


def test_profiles_of_days_are_merged(data: Path, tmp_path: Path) -> None:
    for part in (1, 2):
        Ran(
            "profile",
            data / f"part-{part}.parquet",
            "--baseline",
            data / "reference.baseline",
            "-o",
            tmp_path / f"{part}",
        )
    days = ["--current", tmp_path / "1", "--current", tmp_path / "2", "--reference", data / "reference.baseline"]
    body = json.loads(Ran("check", *days, "--format", "json").out)
    assert body["current"]["n_rows"] == N
    ran = Ran("check", "--current", tmp_path / "1", "--current", data / "same.csv")
    assert "several kinds" in ran.err


def test_timeline(data: Path, tmp_path: Path) -> None:
    given = ["--current", data / "same.csv", "--reference", data / "reference.parquet", *ROLES, "--format", "json"]
    body = json.loads(Ran("timeline", *given, "--every", "1w", "-o", tmp_path / "t.html").out)
    assert body["every"] == "1w"
    assert sum(w["n_rows"] for w in body["windows"]) == N
    assert (tmp_path / "t.html").stat().st_size > 10_000
    assert len(json.loads(Ran("timeline", *given, "--every", "500").out)["windows"]) == 4
    assert "give --every 1d" in Ran("timeline", *given).err
    Ran("timeline", *given, "--every", "1w", "-o", tmp_path / "t.json")
    resumed = json.loads(Ran("timeline", *given, "--every", "1w", "--resume", tmp_path / "t.json").out)
    assert {value for stream in resumed["streams"] for value in stream["values"]} == {None}, "all were counted before"
    ran = Ran("timeline", "--current", data / "same.csv", "--every", "1d")
    assert ran.code == 2
    assert "timestamp" in ran.err
    assert "time of a profile's rows is gone" not in ran.err


def test_schema_flags(data: Path, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("target: target\nkinds: {age: numeric}\n")
    flags = ["--schema", tmp_path / "s.yaml", "--score", "score", "--kind", "city=text", "--ignore", "request_id"]
    Ran(
        "profile",
        data / "same.csv",
        *flags,
        "--positive",
        0,
        "--threshold",
        0.4,
        "--segment",
        "city",
        "-o",
        tmp_path / "p",
    )
    schema = Profile.read(tmp_path / "p").schema
    assert (schema.target, schema.score, schema.positive, schema.threshold) == ("target", "score", "0", 0.4)
    assert (schema.kinds["city"], schema.segments, "request_id" in schema.kinds) == ("text", ("city",), False)
    Ran("profile", data / "same.csv", "--target", "target", "--score", "1=score", "-o", tmp_path / "p")
    assert Profile.read(tmp_path / "p").schema.score == {"1": "score"}
    for wrong, word in ((["--kind", "age"], "COLUMN=KIND"), (["--kind", "age=int"], "numeric, categorical")):
        ran = Ran("profile", data / "same.csv", *wrong)
        assert ran.code == 2
        assert word in ran.err
    told = ["check", "--current", tmp_path / "p", "--target", "age"]
    assert "is a profile with the roles" in Ran(*told).err


def test_demo_is_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import types

    seen: list[Path] = []
    fake = types.ModuleType("barograph.demo")
    fake.run_demo = seen.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "barograph.demo", fake)
    assert Ran("demo", "--out", tmp_path).code == 0
    assert seen == [tmp_path]
