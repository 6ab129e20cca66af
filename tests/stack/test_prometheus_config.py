"""The generated configuration, as promtool, amtool, Prometheus and Alertmanager read it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from stacks import BASELINE, binary, folder_of, free_ports, served, until

from barograph.errors import ParameterError
from barograph.live.cells import column_cells
from barograph.special import normal_tail_inverse
from barograph.stack.check import Api
from barograph.stack.settings import FORMATS, Settings, moved


def run(*command: object) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("kind", ["compose", "files"])
@pytest.mark.parametrize("baseline", [None, BASELINE], ids=["plain", "baseline"])
def test_promtool_and_amtool_accept_the_folder(tmp_path: Path, kind: Any, baseline: Any) -> None:
    targets = ("localhost:8000", "[::1]:9", "a_b.c-d:80", "10.0.0.1:65535")
    folder = folder_of(tmp_path / "a stack's folder", format=kind, baseline=baseline, targets=targets)
    said = run(binary("promtool"), "check", "config", "--lint=all", folder / "prometheus" / "prometheus.yml")
    assert said.count("rules found") == (2 if baseline else 1)
    run(binary("promtool"), "check", "rules", "--lint=all", *sorted((folder / "prometheus" / "rules").glob("*.yml")))
    run(binary("amtool"), "check-config", folder / "alertmanager" / "alertmanager.yml")


def test_the_baseline_decides_about_rules_and_their_number_of_columns(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "stack", baseline=BASELINE)
    text = (folder / "prometheus" / "rules" / "drift.yml").read_text()
    records = {rule["record"]: rule["expr"] for group in yaml.safe_load(text)["groups"] for rule in group["rules"]}
    n = len(column_cells(BASELINE))
    assert n == Settings(baseline=BASELINE).columns == 3
    (threshold,) = (expr for name, expr in records.items() if name.startswith("column:barograph_psi_threshold:"))
    assert f"{normal_tail_inverse(0.01 / n):.4f}" in threshold
    assert not (folder_of(tmp_path / "without") / "prometheus" / "rules" / "drift.yml").exists()


def test_alerts_lead_to_the_runbooks_where_the_user_keeps_them(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "stack", runbooks="https://wiki.example.com/ml")
    text = (folder / "prometheus" / "rules" / "barograph.yml").read_text()
    links = set(re.findall(r"runbook_url: (\S+)", text))
    assert links
    assert all(link.startswith("https://wiki.example.com/ml/") for link in links)


def test_groups_of_rules_have_names_of_their_own(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "stack", baseline=BASELINE)
    rules = [yaml.safe_load(path.read_text()) for path in (folder / "prometheus" / "rules").glob("*.yml")]
    names = [group["name"] for file in rules for group in file["groups"]]
    assert len(set(names)) == len(names)


def test_the_job_is_ml_api_and_reads_its_targets_from_a_file(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "stack", format="files")
    config = yaml.safe_load((folder / "prometheus" / "prometheus.yml").read_text())
    assert [job["job_name"] for job in config["scrape_configs"]] == ["ml-api", "prometheus", "alertmanager"]
    assert config["scrape_configs"][0]["file_sd_configs"][0]["files"] == ["targets/ml-api.yml"]
    assert config["rule_files"] == ["rules/*.yml"]
    assert yaml.safe_load((folder / "prometheus/targets/ml-api.yml").read_text()) == [{"targets": ["localhost:8000"]}]


def test_run_sh_starts_both_and_stops_both(tmp_path: Path) -> None:
    binary("prometheus"), binary("prometheus-alertmanager")
    ports = free_ports()
    with served({"/metrics": (200, "up_and_running 1\n")}) as service:
        folder = folder_of(tmp_path / "a folder", format="files", ports=ports, targets=(service,), interval=1)
        log = (tmp_path / "log").open("wb")
        script = subprocess.Popen([folder / "run.sh"], cwd="/", stdout=log, stderr=log, start_new_session=True)
        try:
            prometheus, alertmanager = (Api(f"http://127.0.0.1:{ports[n]}") for n in ("prometheus", "alertmanager"))

            def there() -> bool:
                assert script.poll() is None, (tmp_path / "log").read_text()
                return prometheus.up("/-/ready") and alertmanager.up("/-/ready")

            until(there, "both are ready")
            targets = until(lambda: up(prometheus), "the service is scraped")
            assert targets["ml-api"] == [service]
            assert prometheus.get("/api/v1/rules")["data"]["groups"]
            assert prometheus.get("/api/v1/alertmanagers")["data"]["activeAlertmanagers"]
            script.send_signal(signal.SIGTERM)
            assert script.wait(20) == 0
            assert not prometheus.up("/-/ready")
            assert not alertmanager.up("/-/ready")
        finally:
            if script.poll() is None:
                os.killpg(script.pid, signal.SIGKILL)
                script.wait(10)
            log.close()
    assert {path.name for path in (folder / "data").iterdir()} == {"prometheus", "alertmanager"}


def up(prometheus: Api) -> dict[str, list[str]]:
    """Instances by job, once a service of ours is up."""
    found: dict[str, list[str]] = {}
    for target in prometheus.get("/api/v1/targets", state="active")["data"]["activeTargets"]:
        if target["health"] == "up":
            found.setdefault(target["labels"]["job"], []).append(target["labels"]["instance"])
    return found if "ml-api" in found else {}


def test_run_sh_says_what_is_missing_and_ends_with_either(tmp_path: Path) -> None:
    ports = free_ports()
    folder = folder_of(tmp_path / "stack", format="files", ports=ports)
    bare = {"PATH": str(tmp_path / "bin")}
    (tmp_path / "bin").mkdir()
    for tool in ("dirname", "mkdir", "sleep", "sh"):
        (tmp_path / "bin" / tool).symlink_to(binary(tool))
    done = subprocess.run([binary("sh"), folder / "run.sh"], env=bare, capture_output=True, text=True, timeout=20)
    assert done.returncode != 0
    assert "neither of these is installed: prometheus" in done.stderr
    (folder / "prometheus" / "prometheus.yml").write_text("nonsense: [")
    with (tmp_path / "log").open("w+") as log:
        done = subprocess.run([folder / "run.sh"], stdout=log, stderr=log, timeout=30)
        log.seek(0)
        said = log.read()
    assert done.returncode == 1
    assert "one of the two has ended" in said
    assert not Api(f"http://127.0.0.1:{ports['alertmanager']}").up("/-/ready")


@pytest.mark.parametrize(
    ("target", "means"),
    [("localhost:8000", "host.docker.internal:8000"), ("127.0.0.1:1", "host.docker.internal:1"),
     ("0.0.0.0:1", "host.docker.internal:1"), ("[::1]:1", "host.docker.internal:1"), ("churn:80", "churn:80")],
)  # fmt: skip
def test_in_a_container_this_machine_has_another_name(target: str, means: str) -> None:
    assert Settings(targets=(target,)).scraped == (means,)
    assert Settings(targets=(target,), format="files").scraped == (target,)
    assert moved([target]) == ([] if target == means else [(target, means)])


@pytest.mark.parametrize(
    "target",
    ["", "churn", "churn:", ":80", "churn:0", "churn:65536", "churn:99999999999999999999", "churn:8O", "churn:٨٠",
     "http://churn:80", "churn:80/metrics", "a b:80", "a\n:80", "churn:80\n- evil", 'x": [', "'; rm -rf /:80", "a:b:80",
     "::1:80", "[::1:80", "[churn]:80", "[fe80::1%eth0]:80", "1.2.3:80", "300.1.1.1:80", "é:80", "$(id):80", "a..b:80",
     "-a:80", "a" * 64 + ":80", "{{ x }}:80"],
)  # fmt: skip
def test_hostile_targets_are_refused(target: str) -> None:
    with pytest.raises(ParameterError, match="the target"):
        Settings(targets=(target,))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"format": "helm"}, "there is no format 'helm'; there are compose, files, kubernetes"),
        ({"ports": {"loki": 1}}, "no port is called 'loki'"),
        ({"ports": {"grafana": 0}}, "grafana cannot listen on port 0"),
        ({"ports": {"grafana": 9090}}, "two of"),
        ({"bind": "all"}, "is no IPv4 address"),
        ({"bind": "$(id)"}, "is no IPv4 address"),
        ({"runbooks": "https://x/{{ $labels.x }}"}, "is no address"),
        ({"runbooks": "javascript:alert(1)"}, "is no address"),
        ({"interval": 0}, "give at least 1"),
    ],
)
def test_impossible_settings(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=re.escape(message)):
        Settings(**settings)


def test_a_target_is_said_once() -> None:
    assert Settings(targets=("a:1", "b:2", "a:01")).targets == ("a:1", "b:2")
    assert FORMATS == ("compose", "files", "kubernetes")
