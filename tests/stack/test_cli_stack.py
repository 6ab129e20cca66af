"""`barograph stack init` and `barograph stack check`, as they are typed."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import yaml
from stacks import BASELINE, binary, free_port, free_ports, running, served, until

import cli_runs
from barograph.stack.dashboards import dashboards
from barograph.stack.folder import MANIFEST

Ran, refused = partial(cli_runs.Ran, "stack"), partial(cli_runs.refused, "stack")


def targets(folder: Path) -> list[str]:
    found: list[str] = yaml.safe_load((folder / "prometheus" / "targets" / "ml-api.yml").read_text())[0]["targets"]
    return found


def test_init_writes_a_folder_and_says_what_next(tmp_path: Path) -> None:
    folder = tmp_path / "my stack"
    ran = Ran("init", folder, "--target", "churn:80", "--target", "localhost:8000")
    assert (ran.code, ran.out) == (0, "")
    assert "localhost:8000 would be the container itself" in ran.err
    assert f"next: cd '{folder}' && docker compose up -d" in ran.err
    assert targets(folder) == ["churn:80", "host.docker.internal:8000"]
    assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600
    password = (folder / ".env").read_text().rpartition("=")[2].strip()
    assert len(password) >= 32
    assert password not in ran.err


def test_again_is_the_same_and_options_are_remembered(tmp_path: Path) -> None:
    BASELINE.write(tmp_path / "b")
    given = ["--target", "churn:80", "--baseline", tmp_path / "b", "--port", "grafana=3001", "--bind", "0.0.0.0"]
    assert "ask for no password" in Ran("init", tmp_path / "s", *given).err
    before = {p: p.read_bytes() for p in (tmp_path / "s").rglob("*") if p.is_file()}
    assert json.loads((tmp_path / "s" / MANIFEST).read_bytes())["baseline"] == "../b"
    ran = Ran("init", tmp_path / "s")
    assert "files are unchanged" in ran.err
    assert {p: p.read_bytes() for p in (tmp_path / "s").rglob("*") if p.is_file()} == before
    assert "--format compose" in refused("init", tmp_path / "s", "--format", "files")
    shutil.move(tmp_path / "s", tmp_path / "moved")  # beside its baseline still
    assert "files are unchanged" in Ran("init", tmp_path / "moved").err
    (tmp_path / "b").unlink()
    assert "give --baseline FILE" in refused("init", tmp_path / "moved")


def test_edits_are_protected_and_shown(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    Ran("init", folder, "--target", "churn:80")
    edited = folder / "prometheus" / "targets" / "ml-api.yml"
    edited.write_text("- targets: [mine:1]\n")
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    shown = Ran("init", folder, "--target", "other:80", "--diff")
    assert shown.code == 0
    assert "--- a/prometheus/targets/ml-api.yml\n+++ b/prometheus/targets/ml-api.yml\n" in shown.out
    assert "-- targets: [mine:1]\n" in shown.out
    assert "+  - other:80\n" in shown.out
    assert "ml-api.yml: left alone: you edited it; the new version is beside it" in shown.err
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    ran = Ran("init", folder, "--target", "other:80")
    assert "prometheus/targets/ml-api.yml: left alone: you edited it" in ran.err
    assert targets(folder) == ["mine:1"]
    assert "other:80" in edited.with_name("ml-api.yml.new").read_text()


def test_the_diff_of_a_new_folder_writes_nothing_and_tells_no_secret(tmp_path: Path) -> None:
    ran = Ran("init", tmp_path / "s", "--diff")
    assert ran.code == 0
    assert "+++ b/docker-compose.yml" in ran.out
    assert "GRAFANA_ADMIN_PASSWORD=" not in ran.out
    assert not (tmp_path / "s").exists()


def test_the_diff_is_a_patch(tmp_path: Path) -> None:
    if shutil.which("patch") is None:
        pytest.skip("patch is not there")
    folder = tmp_path / "s"
    Ran("init", folder, "--format", "files")
    (folder / "README.md").write_text("mine")
    (folder / "run.sh").unlink()
    diff = Ran("init", folder, "--diff").out
    subprocess.run(["patch", "-p1", "-s"], cwd=folder, input=diff, text=True, check=True)
    ran = Ran("init", folder).err
    assert "edited" not in ran
    assert "files are unchanged" in ran
    assert not list(folder.rglob("*.new"))


def test_an_env_of_the_users_is_left_and_looked_at(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MINE=1\n")
    (tmp_path / ".env").chmod(0o644)
    ran = Ran("init", tmp_path)
    assert (tmp_path / ".env").read_text() == "MINE=1\n"
    assert "can be read by others" in ran.err
    assert "has no GRAFANA_ADMIN_PASSWORD" in ran.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--target", "http://x:1"], "give host:port alone"),
        (["--target", "x:1\n- evil"], "is no host:port"),
        (["--port", "grafana"], "give NAME=PORT"),
        (["--port", "loki=1"], "no port is called 'loki'"),
        (["--bind", "everywhere"], "is no IPv4 address"),
        (["--baseline", "nowhere"], "nowhere cannot be read"),
        (["--format", "kubernetes", "--target", "localhost:8000/x"], "is no service"),
    ],
)
def test_bad_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str) -> None:
    monkeypatch.chdir(tmp_path)
    assert message in refused("init", "s", *arguments)
    assert not (tmp_path / "s").exists()


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "is a file; give a folder" in refused("init", tmp_path / "file")


@pytest.mark.parametrize("arguments", [["init", "s"], ["check", "http://localhost:1"]])
def test_what_must_be_installed_is_said(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    assert "pip install 'barograph[serve]'" in refused(*arguments)


def test_help_has_examples() -> None:
    for command in ("init", "check"):
        assert "Examples" in Ran(command, "--help").out


@pytest.fixture
def ports() -> dict[str, int]:
    return free_ports()


def test_check_a_folder_that_runs_and_one_that_does_not(tmp_path: Path, ports: dict[str, int]) -> None:
    binary("prometheus"), binary("prometheus-alertmanager")
    folder = tmp_path / "s"
    empty = [flag for name in dashboards() for flag in ("--may-be-empty", name.removesuffix(".json"))]
    with served({"/metrics": (200, "x 1\n")}) as service:
        given = [flag for name, port in ports.items() for flag in ("--port", f"{name}={port}")]
        assert Ran("init", folder, "--format", "files", "--target", service, *given).code == 0
        path = folder / "prometheus" / "prometheus.yml"
        path.write_text(path.read_text().replace("15s", "1s").replace("10s", "1s"))
        with running(folder, ports) as programs:
            ran = Ran("check", "--dir", folder, "--wait", 60, *empty)
            assert ran.code == 0, ran.out
            assert "all is well" in ran.out
            programs["alertmanager"].terminate()
            programs["alertmanager"].wait(10)
            ran = Ran("check", "--dir", folder, "--timeout", 5, *empty)
            assert ran.code == 1
            assert "start it" in ran.out
            assert "are wrong" in ran.out.splitlines()[-1]
    ran = Ran("check", "--dir", folder)
    assert ran.code == 1
    assert "2 of 2 are wrong" in ran.out


def test_credentials_for_grafana_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from barograph.cli.stack import _authorization
    from barograph.stack.web import basic, bearer

    Ran("init", tmp_path / "s")
    (tmp_path / "token").write_text("from-file\n")
    password = (tmp_path / "s" / ".env").read_text().rpartition("=")[2].strip()
    monkeypatch.delenv("GRAFANA_TOKEN", raising=False)
    assert _authorization(None, None) is None
    assert _authorization(None, tmp_path / "s") == basic("admin", password)
    monkeypatch.setenv("GRAFANA_TOKEN", "from-environment")
    assert _authorization(None, tmp_path / "s") == bearer("from-environment")
    assert _authorization(tmp_path / "token", None) == bearer("from-file")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["localhost:9090"], "is no address such as http://localhost:9090"),
        (["--dir", "nowhere"], "was not made by barograph stack init"),
        (["--token-file", "nowhere"], "No such file"),
        (["--timeout", "0"], "give seconds"),
        (["--may-be-empty", "nothing"], "there is no dashboard 'nothing'"),
    ],
)
def test_check_of_bad_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert message in refused("check", *arguments)


def test_check_names_what_does_not_answer() -> None:
    address = f"http://127.0.0.1:{free_port()}"
    ran = Ran("check", address)
    assert ran.code == 1
    assert address in ran.out
    assert "refused" in ran.out


def test_the_table_is_safe_for_terminals() -> None:
    hostile = json.dumps({"message": "\x1b[2J[bold]red[/bold]\n" + "x" * 10_000})
    with served({"/api/health": (403, hostile)}) as address:
        ran = Ran("check", f"http://{address}")
    assert ran.code == 1
    assert "\x1b" not in ran.out
    assert "[bold]red" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 160


def test_nothing_is_left_behind_by_umask(tmp_path: Path) -> None:
    old = os.umask(0o077)
    try:
        Ran("init", tmp_path / "s")
    finally:
        os.umask(old)
    folders = [path for path in (tmp_path / "s").rglob("*") if path.is_dir()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o755}
    until(lambda: (tmp_path / "s" / ".env").exists(), "written")
