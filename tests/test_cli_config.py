"""The command line with a configuration file, and the file that `init` writes."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from barograph.cli.starter import quoted
from barograph.config import load
from cli_runs import ROLES, Ran, refused, rows


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    rows(1).write_parquet(folder / "reference.parquet")
    rows(2).write_csv(folder / "same.csv")
    rows(3, shift=8).write_parquet(folder / "moved.parquet")
    return folder


def test_flags_replace_the_keys_of_the_file(data: Path, tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(
        f"current: {data / 'moved.parquet'}\nreference: {data / 'reference.parquet'}\n"
        "checks: [{metric: psi, column: age, lt: 0.1}]\noutputs: [r.md]\ntitle: From the file\n"
    )
    ran = Ran("check", "--config", tmp_path / "b.yaml")
    assert ran.code == 1
    assert "From the file" in (tmp_path / "r.md").read_text(encoding="utf-8")
    ran = Ran("check", "--config", tmp_path / "b.yaml", "--current", data / "same.csv", "--title", "Mine")
    assert ran.code == 0
    assert "Mine" in ran.out
    assert Ran("check", "--config", tmp_path / "b.yaml", "--check", "psi(age) < 9").code == 0


def test_a_reference_with_windows_and_a_season(data: Path, tmp_path: Path) -> None:
    """2,000 rows half an hour apart: 41 days."""
    frozen = tmp_path / "r.baseline"
    assert Ran("baseline", data / "reference.parquet", *ROLES, "--every", "1d", "-o", frozen).code == 0
    ran = Ran("report", "--current", data / "same.csv", "--reference", frozen, "--season", "week")
    assert ran.code == 0 and "the same place of the week" in ran.out.replace("\n", " ")
    ran = Ran("report", "--current", data / "same.csv", "--reference", frozen)
    assert "windows of 1d of the reference is part of the noise" in ran.out.replace("\n", " ")
    said = refused("report", "--current", data / "same.csv", "--reference", frozen, "--season", "year")
    assert "there is no season 'year'" in said
    assert Ran("baseline", data / "reference.parquet", *ROLES, "--every", "0", "-o", frozen).code == 0
    ran = Ran("report", "--current", data / "same.csv", "--reference", frozen)
    assert "Rows are taken as independent" in ran.out.replace("\n", " ")


def test_init_then_check(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows(2).write_csv(tmp_path / "today.csv")
    monkeypatch.chdir(tmp_path)
    ran = Ran("init", "today.csv", "-o", "conf/barograph.yaml")
    assert (ran.code, ran.out) == (0, "")
    text = Path("conf/barograph.yaml").read_text(encoding="utf-8")
    for line in (
        "  # target: target",
        "  # score: score",
        "  # timestamp: ts",
        "  # id: request_id",
        "    age: numeric",
    ):
        assert line in text.splitlines()
    monkeypatch.chdir(data)  # paths are the file's, not the shell's
    assert load(tmp_path / "conf/barograph.yaml").current == [str(tmp_path / "conf/../today.csv")]
    ran = Ran("check", "--config", tmp_path / "conf/barograph.yaml")
    assert ran.code == 0, ran.out + ran.err
    assert (tmp_path / "conf/barograph-report.html").exists()


def test_init_with_all_its_comments_removed(data: Path, tmp_path: Path) -> None:
    """What the comments suggest is right."""
    path = tmp_path / "b.yaml"
    Ran("init", data / "same.csv", "-o", path)
    lines = path.read_text(encoding="utf-8").splitlines()
    keep = [line for line in lines if "..." not in line and "presets:" not in line]
    keys = ("reference", "target", "score", "timestamp", "id", "positive", "checks", "- {", "alpha", "title", "every")
    bare = [line.replace("# ", "", 1) if line.replace("# ", "", 1).lstrip().startswith(keys) else line for line in keep]
    text = "\n".join(bare).replace("reference.parquet  ", f"{data / 'reference.parquet'}  ", 1)
    path.write_text(text, encoding="utf-8")
    config = load(path)
    assert config.schema is not None
    assert set(config.schema.roles.values()) == {"target", "score", "timestamp", "id"}
    assert [c.metric.spec.name for c in config.checks] == ["row_count", "missing_share", "psi", "accuracy"]
    ran = Ran("check", "--config", path)
    assert ran.code == 0, ran.out + ran.err
    assert Ran("timeline", "--config", path).code == 0


def test_init_does_not_overwrite(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "barograph.yaml"
    path.write_text("mine")
    ran = Ran("init", data / "same.csv", "-o", path)
    assert ran.code == 2
    assert "--force" in ran.err
    assert path.read_text() == "mine"
    assert Ran("init", data / "same.csv", "-o", path, "--force").code == 0
    assert load(path).current == [str(data / "same.csv")]


HOSTILE = [
    "yes", "1", "2024-01-01", "a: b", "- x", "# no", "x" * 10_000, "a\nb\ttab", "\x1b[31m", '"q"', "'", "\\", "{",
    "é☃😀", "\u2028", "\ufeff", "~", "null", "&a", "*a", "!t", "%", "@", "`", " lead", "y", "=", "<<", "</script>",
]  # fmt: skip


def test_init_survives_any_name(tmp_path: Path) -> None:
    pl.DataFrame({name: [1.5, 2.5] for name in HOSTILE}).write_parquet(tmp_path / "h.parquet")
    assert Ran("init", tmp_path / "h.parquet", "-o", tmp_path / "b.yaml").code == 0
    schema = load(tmp_path / "b.yaml").schema
    assert schema is not None
    assert set(schema.kinds) >= set(HOSTILE) - {"y"}  # `y` looks like a target
    assert "\n" not in quoted("a\nb")
    ran = Ran("check", "--config", tmp_path / "b.yaml")
    assert ran.code == 0, ran.err
