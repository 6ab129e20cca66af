"""alertmanager.yml as `amtool` and a real Alertmanager take it: who is told, what is muted, where secrets are."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from running import alertmanager, ask, binary, free_port, until

from barograph.errors import ParameterError
from barograph.stack.alertmanager import NOBODY, WATCHDOG, config
from barograph.stack.alerts import alerts

KNOWN = {alert.name: alert for alert in alerts()}


def amtool(*arguments: str) -> str:
    done = subprocess.run([binary("amtool"), *arguments], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file as it is generated for somebody with a webhook and a dead man's switch."""
    path = tmp_path_factory.mktemp("told") / "alertmanager.yml"
    path.write_text(yaml.safe_dump(config(webhook="http://127.0.0.1:9/hook", watchdog="https://127.0.0.1:9/beat")))
    return path


@pytest.mark.parametrize("made", [config(), config(webhook="http://a/b", watchdog="http://c", secrets="secrets")])
def test_it_is_valid(made: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "alertmanager.yml").write_text(yaml.safe_dump(made))
    assert "SUCCESS" in amtool("check-config", str(tmp_path / "alertmanager.yml"))


@pytest.mark.parametrize("name", KNOWN)
def test_every_alert_has_a_receiver(name: str, told: Path) -> None:
    labels = (f"alertname={name}", f"severity={KNOWN[name].severity}", f"area={KNOWN[name].area}", "job=ml-api")
    reached = amtool("config", "routes", "test", f"--config.file={told}", *labels).strip()
    assert reached == (WATCHDOG if name == "Watchdog" else "webhook")


def test_nobody_is_told_unasked() -> None:
    """As it is generated it sends nothing to anybody, least of all to the addresses of the examples."""
    made = config()
    empty = {receiver["name"] for receiver in made["receivers"] if len(receiver) == 1}
    routes = [made["route"], *made["route"]["routes"]]
    assert {route["receiver"] for route in routes} == empty == {NOBODY, WATCHDOG}
    examples = [receiver for receiver in made["receivers"] if receiver["name"] not in empty]
    assert [receiver["name"] for receiver in examples] == ["webhook", "email", "slack"]
    assert all("example.invalid" in str(receiver) or receiver["name"] == "slack" for receiver in examples)


def test_secrets_come_from_files() -> None:
    def leaves(node: Any, key: str = "") -> Iterator[tuple[str, Any]]:
        if isinstance(node, dict | list):
            for name, child in node.items() if isinstance(node, dict) else enumerate(node):
                yield from leaves(child, str(name))
        else:
            yield key, node

    found = dict(leaves(config(secrets="/somewhere")))
    files = {key: value for key, value in found.items() if str(value).startswith("/somewhere/")}
    assert sorted(files) == ["api_url_file", "auth_password_file", "credentials_file"]
    assert not {"api_url", "auth_password", "auth_secret", "credentials", "password", "bearer_token"} & set(found)


def test_addresses_are_addresses() -> None:
    for wrong in ({"webhook": "hooks.example"}, {"watchdog": "ftp://x"}):
        with pytest.raises(ParameterError):
            config(**wrong)


MODEL = {"job": "ml-api", "model": "flights"}
VERSION = {**MODEL, "model_version": "7"}
COLUMN = {**VERSION, "column": "wind"}
MUTED: list[tuple[str, tuple[str, dict[str, str]], tuple[str, dict[str, str]], bool]] = [
    ("a dead monitor tells nothing", ("MonitorDown", MODEL), ("FeatureDrift", COLUMN), True),
    ("nor of performance", ("MonitorDown", MODEL), ("PerformanceDown", VERSION), True),
    ("nor of traffic", ("MonitorDown", MODEL), ("NoTraffic", MODEL), True),
    ("other models are seen", ("MonitorDown", MODEL), ("FeatureDrift", {**COLUMN, "model": "fares"}), False),
    ("no monitor at all", ("MonitorDown", {"job": "ml-api"}), ("FeatureDrift", COLUMN), True),
    ("no monitor of another job", ("MonitorDown", {"job": "other"}), ("FeatureDrift", COLUMN), False),
    ("old results", ("DriftResultStale", {**MODEL, "cause": "x"}), ("PredictionDrift", COLUMN), True),
    ("broken values drift", ("DataQualityBroken", COLUMN), ("FeatureDrift", COLUMN), True),
    ("other columns drift", ("DataQualityBroken", COLUMN), ("FeatureDrift", {**COLUMN, "column": "hour"}), False),
    ("a changed schema explains no column", ("DataQualityBroken", VERSION), ("FeatureDrift", COLUMN), False),
    ("nor the share of drifted ones", ("DataQualityBroken", VERSION), ("ManyFeaturesDrifted", VERSION), False),
    ("many are told of once", ("ManyFeaturesDrifted", VERSION), ("FeatureDrift", COLUMN), True),
    ("but for the prediction", ("ManyFeaturesDrifted", VERSION), ("PredictionDrift", COLUMN), False),
    ("another version", ("ManyFeaturesDrifted", VERSION), ("FeatureDrift", {**COLUMN, "model_version": "8"}), False),
    ("the fastest burn", ("ErrorBudgetBurnFast", MODEL), ("ErrorBudgetBurnSlow", MODEL), True),
    ("the slower burn", ("ErrorBudgetBurnSlow", MODEL), ("ErrorBudgetLeak", MODEL), True),
    ("latency is another matter", ("ErrorBudgetBurnFast", MODEL), ("LatencyHigh", MODEL), False),
    ("drift is no reason for errors", ("FeatureDrift", COLUMN), ("ErrorBudgetBurnFast", MODEL), False),
]


@pytest.fixture(scope="module")
def suppressed(told: Path) -> Iterator[dict[str, bool]]:
    """Which targets a real Alertmanager mutes. Each pair of alerts has a job of its own, so that they do not meet."""
    sent = []
    for i, (_, *pair, _) in enumerate(MUTED):
        for role, (name, labels) in zip(("source", "target"), pair, strict=True):
            own = {**labels, "job": f"{labels['job']}-{i}"}
            rule = {"alertname": name, "severity": KNOWN[name].severity, "area": KNOWN[name].area}
            sent.append({
                "labels": rule | own, "annotations": {"pair": f"{i} {role}"}, "startsAt": datetime.now(UTC).isoformat(),
            })  # fmt: skip
    with alertmanager(told.parent, free_port()) as address:
        ask(f"{address}/api/v2/alerts", sent)
        listed = f"{address}/api/v2/alerts"

        def found() -> dict[str, bool]:
            return {a["annotations"]["pair"]: bool(a["status"]["inhibitedBy"]) for a in ask(listed) or ()}

        def settled() -> bool:
            """Alerts are listed before the inhibitor knows them; it takes them in the order in which they came."""
            seen = found()
            return all(seen.get(f"{i} target", False) >= muted for i, (*_, muted) in enumerate(MUTED))

        with contextlib.suppress(AssertionError):  # each pair has a test of its own that says what is wrong
            until(settled, what="all that shall be muted are")
        yield found()


@pytest.mark.parametrize("i", range(len(MUTED)), ids=[what for what, *_ in MUTED])
def test_what_is_muted(i: int, suppressed: dict[str, bool]) -> None:
    assert suppressed[f"{i} target"] is MUTED[i][3]
    assert not suppressed[f"{i} source"]
