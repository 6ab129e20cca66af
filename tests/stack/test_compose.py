"""docker-compose.yml: by the compose schema, and by what was promised of it. No container is started here."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from stacks import folder_of

from barograph.stack.compose import IMAGES, PASSWORD, environment
from barograph.stack.contents import files
from barograph.stack.grafana import DASHBOARDS_AT, DATASOURCE_UID
from barograph.stack.settings import Settings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of(tmp_path_factory.mktemp("compose") / "stack", targets=("localhost:8000", "churn:80"))


@pytest.fixture(scope="module")
def services(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = loaded(folder / "docker-compose.yml")["services"]
    return found


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_compose_schema_accepts_it_and_not_everything(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text((folder / "docker-compose.yml").read_text().replace("healthcheck:", "healthchecks:", 1))
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    good, bad = (
        subprocess.run([*command, path], capture_output=True, text=True)
        for path in (folder / "docker-compose.yml", broken)
    )
    assert good.returncode == 0, good.stdout
    assert bad.returncode == 1, "the schema would accept anything"
    assert "healthchecks" in bad.stdout


def test_each_service_is_pinned_bounded_and_unprivileged(services: dict[str, Any]) -> None:
    assert set(services) == {"prometheus", "alertmanager", "grafana"}
    for name, service in services.items():
        assert re.fullmatch(r"[a-z]+/[a-z]+:v?\d+\.\d+\.\d+", service["image"]), "a version, not a moving tag"
        assert service["image"] == IMAGES[name]
        assert not service["user"].startswith(("0", "root"))
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert not service.get("privileged")
        limits = service["deploy"]["resources"]["limits"]
        assert float(limits["cpus"]) > 0
        assert re.fullmatch(r"\d+[MG]", limits["memory"])
        assert service["healthcheck"]["test"][:2] == ["CMD", "wget"]
        assert service["restart"] == "unless-stopped"


def test_only_this_machine_is_listened_to_unless_asked(services: dict[str, Any]) -> None:
    assert [s["ports"] for s in services.values()] == [
        ["127.0.0.1:9090:9090"], ["127.0.0.1:9093:9093"], ["127.0.0.1:3000:3000"],
    ]  # fmt: skip
    assert "network_mode" not in str(services)
    asked = files(Settings(bind="0.0.0.0", ports={"grafana": 3001}))["docker-compose.yml"].text
    assert yaml.safe_load(asked)["services"]["grafana"]["ports"] == ["0.0.0.0:3001:3000"]
    assert yaml.safe_load(asked)["services"]["grafana"]["environment"]["GF_SERVER_ROOT_URL"] == "http://localhost:3001/"


def test_the_hosts_services_are_found_on_linux_too(folder: Path, services: dict[str, Any]) -> None:
    assert services["prometheus"]["extra_hosts"] == ["host.docker.internal:host-gateway"]
    targets = loaded(folder / "prometheus" / "targets" / "ml-api.yml")
    assert targets == [{"targets": ["host.docker.internal:8000", "churn:80"]}]


def test_what_is_mounted_is_there(folder: Path, services: dict[str, Any]) -> None:
    named = set(loaded(folder / "docker-compose.yml")["volumes"])
    for service in services.values():
        for volume in service["volumes"]:
            source, at, *rest = volume.split(":")
            if source.startswith("./"):
                assert (folder / source).is_dir()
                assert rest == ["ro"]
            else:
                assert source in named
            assert at.startswith("/")
    home = services["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (folder / "grafana" / "dashboards" / home.removeprefix(f"{DASHBOARDS_AT}/")).is_file()


def test_configuration_inside_fits_what_compose_says(folder: Path, services: dict[str, Any]) -> None:
    config = loaded(folder / "prometheus" / "prometheus.yml")
    alertmanagers = config["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"]
    assert alertmanagers == ["alertmanager:9093"]
    provisioned = folder / "grafana" / "provisioning"
    source = loaded(provisioned / "datasources" / "barograph.yml")["datasources"][0]
    assert (source["uid"], source["url"]) == (DATASOURCE_UID, "http://prometheus:9090")
    assert source["jsonData"]["timeInterval"] == config["global"]["scrape_interval"]
    provider = loaded(provisioned / "dashboards" / "barograph.yml")["providers"][0]
    assert f"./grafana/dashboards:{provider['options']['path']}:ro" in services["grafana"]["volumes"]
    command = services["prometheus"]["command"]
    assert "--config.file=/etc/prometheus/prometheus.yml" in command
    assert "./prometheus:/etc/prometheus:ro" in services["prometheus"]["volumes"]


def test_the_password_is_made_for_this_folder_and_stays(folder: Path, services: dict[str, Any]) -> None:
    env = folder / ".env"
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    (line,) = [line for line in env.read_text().splitlines() if not line.startswith("#")]
    name, _, password = line.partition("=")
    assert name == PASSWORD
    assert re.fullmatch(r"[A-Za-z0-9_-]{32,}", password), "nothing that compose or a shell would expand"
    assert services["grafana"]["environment"]["GF_SECURITY_ADMIN_PASSWORD"].startswith(f"${{{PASSWORD}:?")
    others = [path for path in folder.rglob("*") if path.is_file() and path != env]
    assert all(password not in path.read_text(encoding="utf-8") for path in others)
    assert len({environment() for _ in range(20)}) == 20
    assert ".env" in (folder / ".gitignore").read_text().splitlines()


def test_nothing_calls_home(services: dict[str, Any]) -> None:
    settings = services["grafana"]["environment"]
    off = ("REPORTING_ENABLED", "CHECK_FOR_UPDATES", "CHECK_FOR_PLUGIN_UPDATES", "FEED_ENABLED", "EXTERNAL_ENABLED")
    assert all(value == "false" for name, value in settings.items() if name.endswith(off))
    assert sum(name.endswith(off) for name in settings) == len(off)
    assert settings["GF_USERS_ALLOW_SIGN_UP"] == settings["GF_AUTH_ANONYMOUS_ENABLED"] == "false"
