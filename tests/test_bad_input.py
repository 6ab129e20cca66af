"""What is wrong with the input is said, and nothing passes because there was nothing to fail."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from barograph import Baseline, Check, Profile, Report, Schema, gte, no_drift
from barograph.errors import InputError, ParameterError, SchemaError
from barograph.metrics.drift import PSI
from barograph.metrics.performance import Accuracy, Precision
from barograph.profile import SkippedColumnsWarning
from barograph.results import Run
from cli_runs import Ran, refused

N = 600


def rows(seed: int = 1, n: int = N) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {"age": rng.normal(40, 10, n), "city": rng.choice(["Ulm", "Bonn", "Köln"], n)}


def labelled(seed: int, classes: list[str], n: int = N) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    target = rng.choice(classes, n)
    return {"x": rng.normal(size=n), "y": target, "p": np.where(rng.random(n) < 0.8, target, classes[0])}


LABELLED = Schema(target="y", prediction="p")


def judged(run: Run, metric: str, **labels: str) -> list[tuple[str, str]]:
    """Status and reason of a metric's verdicts."""
    return [(v.status, v.reason) for v in run.verdicts if v.metric == metric and labels.items() <= {**v.labels}.items()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("files")
    pl.DataFrame(rows()).write_csv(made / "good.csv")
    pl.DataFrame(rows()).write_parquet(made / "good.parquet")
    baseline = Baseline.of(rows())
    baseline.write(made / "a.baseline")
    Profile.of(rows(2), baseline).write(made / "a.profile")
    return made


# -- files of rows -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["empty.csv", "empty.parquet", "empty.jsonl"])
def test_empty_file(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"")
    for command in (["profile", folder / name], ["check", "--current", folder / name]):
        assert f"{name} is empty (0 bytes)" in refused(*command)


def test_header_only(folder: Path) -> None:
    (folder / "header.csv").write_text("age,city\n")
    ran = Ran("profile", folder / "header.csv")
    assert (ran.code, ran.err) == (0, "")
    assert "header.csv: 0 rows, 2 columns" in ran.out
    assert "no rows" in ran.out
    assert Ran("check", "--current", folder / "header.csv").code == 1
    assert Ran("check", "--current", folder / "header.csv", "--reference", folder / "good.csv").code == 1
    said = refused("check", "--current", folder / "good.csv", "--reference", folder / "header.csv")
    assert "a baseline needs rows, and header.csv has none" in said


def test_no_rows_pass_nothing() -> None:
    nothing = pl.DataFrame(rows()).clear()
    run = Report("data_drift").run(nothing, rows())
    assert not run.passed
    assert not [v for v in run.verdicts if v.status == "pass"]
    assert judged(run, "psi") == [("unknown", "no values in the current rows")] * 2


def test_one_row() -> None:
    run = Report("data_drift").run(rows(n=1), rows())
    assert run.status == "unknown"
    assert not run.passed
    assert judged(run, "psi", column="age") == [("unknown", "only 1 rows; at least 10 are needed")]
    against_one = Report("data_drift").run(rows(), rows(n=1))
    assert not against_one.passed
    assert [status for status, _ in judged(against_one, "psi")] == ["unknown"]


def test_a_tiny_reference_lets_nothing_pass() -> None:
    """Nine rows far away from the current ones: PSI cannot judge, and the report must not pass for it."""
    run = Report("data_drift").run({"age": np.linspace(900, 999, 1000)}, {"age": np.arange(9.0)})
    assert not run.passed
    (status, reason), *_ = judged(run, "psi")
    assert status == "unknown"
    assert "the reference has too few values" in reason


def test_a_check_of_labels_that_do_not_occur() -> None:
    run = Report([Check(Precision(), gte(0), where={"class": "zzz"})]).run(labelled(1, ["a", "b"]), schema=LABELLED)
    assert (run.status, run.passed) == ("unknown", False)
    assert judged(run, "precision") == [("unknown", "no value has the labels {'class': 'zzz'}")]


def test_all_null_column() -> None:
    null = pl.DataFrame({"age": [None] * N, "city": rows()["city"]})
    run = Report().run(null, rows())
    assert judged(run, "psi", column="age") == [("unknown", "no values in the current rows")]
    assert judged(run, "missing_drift", column="age")[0][0] == "fail"
    both = Report().run(null, null)
    assert any("Too few values in the reference to judge: age" in note for note in both.notes)
    assert both.passed  # city was judged


def test_only_null_columns_pass_nothing() -> None:
    null = pl.DataFrame({"a": [None] * N, "b": [None] * N})
    assert not Report("data_drift").run(null, null).passed


def test_constant_column() -> None:
    constant = {**rows(), "age": np.full(N, 41.0)}
    run = Report().run(constant, rows())
    assert judged(run, "psi", column="age")[0][0] == "fail"
    assert judged(run, "constant_columns")[0][0] in ("fail", "warn")
    same = Report().run(constant, constant)
    assert same.passed
    assert same.value("psi", column="age") == 0


def test_no_common_column() -> None:
    run = Report().run({"a": np.arange(N), "b": np.arange(N)}, rows())
    assert not run.passed
    assert {status for status, _ in judged(run, "psi")} == {"unknown"}
    assert judged(run, "schema_changes")[0][0] == "fail"
    assert run.value("schema_changes") == 4


def test_wrong_path(folder: Path) -> None:
    assert "did you mean good.csv" in refused("profile", folder / "god.csv")
    assert "no file matches" in refused("profile", folder / "*.tsv")
    assert "there is no file" in refused("check", "--current", folder / "good.csv", "--reference", folder / "x.csv")
    assert "unknown extension '.xlsx'" in refused("profile", _made(folder / "a.xlsx", b"PK"))
    assert "cannot be read" in refused("check", "--config", folder / "none.yaml")
    assert "none.profile cannot be read" in refused("merge", folder / "none.profile", "-o", folder / "x")
    assert "nothing to look at" in refused("check")


def test_an_unwritable_place(folder: Path) -> None:
    said = refused("profile", folder / "good.csv", "-o", folder / "good.csv" / "x.profile")
    assert "good.csv" in said


@pytest.mark.parametrize("keep", [3, 100, 0.5, 0.99])
def test_truncated_parquet(folder: Path, keep: float) -> None:
    whole = (folder / "good.parquet").read_bytes()
    cut = _made(folder / "cut.parquet", whole[: int(keep * len(whole)) if keep < 1 else int(keep)])
    assert "is no readable parquet file (truncated, or of another format)" in refused("profile", cut)


def _made(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


# -- schemas -----------------------------------------------------------------------------------------------------------


def test_schema_of_absent_columns(folder: Path) -> None:
    good = folder / "good.csv"
    assert "target is 'churned', and there is no such column; the columns are 'age', 'city'" in refused(
        "profile", good, "--target", "churned"
    )
    assert "segment is 'land'" in refused("profile", good, "--segment", "land")
    assert "kinds for columns that are not there: 'agee'; the columns are 'age', 'city'" in refused(
        "check", "--current", good, "--kind", "agee=numeric"
    )
    with pytest.raises(SchemaError, match="timestamp is 'ts', and there is no such column"):
        Report().timeline(rows(), every="1d", schema=Schema(timestamp="ts"))


def test_schema_against_the_baseline(folder: Path) -> None:
    said = refused("check", "--current", folder / "good.csv", "--reference", folder / "a.baseline", "--target", "city")
    assert "was frozen with" in said


def test_a_metric_of_an_absent_column(folder: Path) -> None:
    with pytest.raises(ParameterError, match="asks for column 'agee'; the columns are 'age'"):
        Report([Check(PSI("agee"), no_drift())]).run(rows(2), rows())


def test_presets_without_their_roles() -> None:
    for preset in ("classification", "regression", "target_drift"):
        run = Report(preset).run(rows(2), rows())
        assert (run.status, run.passed) == ("unknown", False)


# -- classes -----------------------------------------------------------------------------------------------------------


def test_labels_unseen_in_the_reference() -> None:
    run = Report().run(labelled(2, ["a", "b", "new"]), labelled(1, ["a", "b"]), schema=LABELLED)
    assert not run.passed
    assert judged(run, "unseen_share", column="y")[0][0] == "fail"
    accuracy = run.value("accuracy")
    rows_ = labelled(2, ["a", "b", "new"])
    assert accuracy == pytest.approx((rows_["y"] == rows_["p"]).mean())


def test_one_class_only() -> None:
    run = Report().run(labelled(2, ["a"]), labelled(1, ["a", "b"]), schema=LABELLED)
    assert not run.passed
    assert judged(run, "recall")[0][0] == "unknown"
    scored = {"y": np.ones(N, int), "s": np.random.default_rng(3).random(N)}
    run = Report("classification").run(scored, scored, schema=Schema(target="y", score="s"))
    assert judged(run, "roc_auc")[0][0] == "unknown"
    assert not run.passed


def test_performance_without_labels() -> None:
    unlabelled = pl.DataFrame(labelled(2, ["a", "b"])).with_columns(y=pl.lit(None, pl.String))
    run = Report([Check(Accuracy(), gte(0))]).run(unlabelled, labelled(1, ["a", "b"]), schema=LABELLED)
    assert (run.status, run.passed) == ("unknown", False)


# -- columns -----------------------------------------------------------------------------------------------------------


def test_duplicate_column_names(folder: Path) -> None:
    _made(folder / "twice.csv", b"a,b,a\n1,2,3\n")
    said = refused("profile", folder / "twice.csv")
    assert "'a'" in said
    with pytest.raises(InputError, match="columns of the same name: 'a'"):
        Report().run(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(InputError, match=r"'1' \(from 1, '1'\)"):
        Report().run(pd.DataFrame([[1, 2]], columns=[1, "1"]))


def test_column_names_that_are_no_strings() -> None:
    frame = pd.DataFrame(rows()).set_axis([0, 1], axis=1)
    run = Report().run(frame, frame)
    assert run.passed
    assert run.value("psi", column="0") == 0


def test_two_thousand_columns() -> None:
    rng = np.random.default_rng(4)
    wide = pl.DataFrame({f"c{i}": rng.normal(size=100) for i in range(2_000)})
    moved = wide.with_columns(pl.col("c7") + 50)
    run = Report("data_drift").run(moved, wide)
    failed = {v.labels["column"] for v in run.verdicts if v.status == "fail"}
    assert failed == {"c7"}
    assert len(judged(run, "psi")) == 2_000
    for format_ in ("text", "json", "markdown", "junit", "html"):
        assert "c7" in run.render(format_)


NAMES = [
    "</script>",
    "<!--",
    "a\nb",
    "x" * 10_000,
    "",
    " ",
    "\x1b[2J",
    '"q"',
    "'",
    "{{ 7*7 }}",
    "\u2028",
    "|",
    "👩🏽‍💻",
    "a\x00b",
]


def test_hostile_names() -> None:
    rng = np.random.default_rng(5)
    hostile = {name: rng.normal(size=200) for name in NAMES} | {"labels": rng.choice(NAMES, 200)}
    run = Report().run(hostile, hostile)
    assert run.passed
    assert run.value("psi", column="</script>") == 0
    tame = Report().run({f"c{i}": rng.normal(size=200) for i in range(len(NAMES))})
    assert run.render("html").count("</script") == tame.render("html").count("</script")
    assert "\x1b" not in run.render("text")
    for format_ in ("json", "markdown", "junit"):
        assert run.render(format_)
    assert Profile.from_bytes(Profile.of(hostile).to_bytes()).columns == tuple(hostile)


def test_lists_and_structs_are_skipped_aloud(folder: Path) -> None:
    nested = pl.DataFrame({**rows(), "tags": [["a"]] * N, "geo": [{"lat": 1.0}] * N})
    with pytest.warns(SkippedColumnsWarning, match=r"'tags' \(List\(String\)\), 'geo' \(Struct"):
        profile = Profile.of(nested)
    assert profile.columns == ("age", "city")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkippedColumnsWarning)
        assert Report().run(nested, nested).passed
        assert not Report().run(nested, rows()).passed  # new columns, be they readable or not
    nested.write_parquet(folder / "nested.parquet")
    ran = Ran("profile", folder / "nested.parquet")
    assert ran.code == 0
    assert "tags" not in ran.out
    assert ran.err.startswith("barograph: warning: skipped, for they hold no single values: 'tags'")
    with pytest.raises(InputError, match="no column that can be read: 'tags'"):
        Profile.of(nested.select("tags"))


def test_kind_changed() -> None:
    run = Report().run({**rows(2), "age": [f"x{i}" for i in range(N)]}, rows())
    assert not run.passed
    assert judged(run, "schema_changes")[0][0] == "fail"
    assert judged(run, "psi", column="age")[0] == ("unknown", "no values in the current rows")
    assert judged(run, "missing_drift", column="age")[0][0] == "fail"
    readable = Report().run({**rows(), "age": [str(x) for x in rows()["age"]]}, rows())
    assert [v.metric for v in readable.verdicts if v.status == "fail"] == ["schema_changes"]
    assert readable.value("psi", column="age") == 0


def test_missing_and_new_columns() -> None:
    run = Report().run({"age": rows(2)["age"]}, rows())
    assert judged(run, "psi", column="city") == [("unknown", "no values in the current rows")]
    assert judged(run, "missing_share", column="city") == [("unknown", "the rows have no column 'city'")]
    assert (judged(run, "schema_changes")[0][0], run.value("schema_changes"), run.passed) == ("fail", 1, False)
    run = Report().run({**rows(2), "new": np.arange(N)}, rows())
    assert [v.metric for v in run.verdicts if v.status != "pass"] == ["schema_changes"]


# -- options -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--alpha", 2], "alpha is 2.0; it is a chance between 0 and 1"),
        (["--preset", "data_drft"], "there is no preset 'data_drft'; there are data_drift"),
        (["--threshold", 0.5, "--target", "age", "--prediction", "age"], "two roles"),
        (["-o", "x.pdf"], "no format for 'x.pdf'"),
        (["--check", "psi is low"], "is not understood"),
        (["--score", "=x"], "give CLASS=COLUMN"),
    ],
)
def test_impossible_options(folder: Path, flags: list[object], words: str) -> None:
    assert words in refused("check", "--current", folder / "good.csv", *flags)


def test_impossible_windows_and_bins(folder: Path) -> None:
    good = folder / "good.csv"
    assert "a window is a time such as '1d'" in refused("timeline", "--current", good, "--every", 0)
    assert "windows of time need" in refused("timeline", "--current", good, "--every", "1d")
    assert "a baseline of 1 bins" in refused("baseline", good, "-o", folder / "x", "--bins", 1)
    with pytest.raises(ParameterError, match="alpha"):
        Report(alpha=0)
