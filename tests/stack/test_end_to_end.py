"""A service under traffic drifts; Prometheus sees it, Alertmanager tells of it; then the monitor dies.

With the generated rules and configuration: hours become seconds by the generators' own parameters.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from flown import rows
from running import Hook, alertmanager, ask, binary, free_port, hook, prometheus, until
from servers import SOURCE, Server, serve

from barograph.stack.alertmanager import config
from barograph.stack.alerts import rules
from barograph.stack.contents import files
from barograph.stack.settings import Settings

PACE = 1 / 300  # fifteen minutes in three seconds


@contextmanager
def traffic(service: Server) -> Iterator[list[float]]:
    """Some hundred predictions a second; the last number of the list is the lowest distance."""
    lowest, stop = [0.0], threading.Event()

    def ask_on() -> None:
        seed = 10
        while not stop.wait(0.1):
            seed += 1
            try:
                service.ask("POST", "/predict", rows(15, seed, lowest[-1]))
            except OSError:
                return  # it is dead by now

    thread = threading.Thread(target=ask_on)
    thread.start()
    try:
        yield lowest
    finally:
        stop.set()
        thread.join()


def write(folder: Path, service: int, told: Hook) -> dict[str, int]:
    """The generated configuration, with everything faster; the ports."""
    ports = {name: free_port() for name in ("prometheus", "alertmanager", "grafana")}
    made = files(Settings(format="files", targets=(f"127.0.0.1:{service}",), ports=ports, interval=1))
    quick = config(webhook=told.address, group_wait="200ms", group_interval="1s")
    texts = {
        **{path: made[path].text for path in ("prometheus/prometheus.yml", "prometheus/targets/ml-api.yml")},
        "prometheus/rules/barograph.yml": yaml.safe_dump(rules(pace=PACE)),
        "alertmanager/alertmanager.yml": yaml.safe_dump(quick),
    }
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return ports


def firing(address: str) -> set[str]:
    """Names of the alerts that fire at Prometheus."""
    found = ask(f"{address}/api/v1/alerts")["data"]["alerts"]
    return {alert["labels"]["alertname"] for alert in found if alert["state"] == "firing"}


def unhealthy(address: str) -> dict[str, str]:
    """Rules that cannot be evaluated, and why."""
    groups = ask(f"{address}/api/v1/rules")["data"]["groups"]
    return {r["name"]: r.get("lastError", "") for group in groups for r in group["rules"] if r["health"] != "ok"}


def results(address: str) -> list[Any]:
    """Scores of drift of a complete window."""
    query = "query?query=barograph_psi_threshold%7Bwindow%3D%22last%22%7D"
    return list(ask(f"{address}/api/v1/{query}")["data"]["result"])


def test_drift_is_told_of_and_not_resolved_by_a_dead_monitor(tmp_path: Path) -> None:
    binary("prometheus")
    here = os.pathsep.join([str(SOURCE), str(Path(__file__).parent)])
    uvicorn = ("uvicorn", "flown:app", "--port", "{port}", "--log-level", "warning")
    with hook() as told, serve(tmp_path, *uvicorn, PYTHONPATH=here) as service, traffic(service) as lowest:
        ports = write(tmp_path, service.port, told)
        with (
            alertmanager(tmp_path / "alertmanager", ports["alertmanager"]) as manager,
            prometheus(tmp_path / "prometheus", ports["prometheus"]) as watcher,
        ):
            until(lambda: results(watcher), "a complete window is scraped", 25)
            known = f"{watcher}/api/v1/alertmanagers"
            until(lambda: ask(known)["data"]["activeAlertmanagers"], "it knows whom to tell")
            # the first scrape comes after five seconds: more than the five minutes that MonitorDown waits are here
            until(lambda: firing(watcher) == {"Watchdog"}, "all is well", 10)
            assert {alert["labels"]["alertname"] for alert in told.alerts()} <= {"MonitorDown"}

            assert unhealthy(watcher) == {}

            lowest.append(0.6)
            found = until(lambda: told.alerts("firing", alertname="FeatureDrift"), "drift is told of", 25)[0]
            assert found["labels"] == {
                "alertname": "FeatureDrift", "severity": "warning", "area": "drift", "job": "ml-api",
                "model": "flights", "model_version": "7", "column": "distance", "metric": "psi",
            }  # fmt: skip
            assert found["annotations"]["description"].startswith("psi of distance is ")
            assert found["annotations"]["runbook_url"].endswith("docs/runbooks/FeatureDrift.md")
            assert not told.alerts(alertname="MonitorDown", model="flights")

            service.process.kill()
            until(lambda: told.alerts("firing", alertname="MonitorDown", model="flights"), "the monitor is down", 15)
            until(lambda: "FeatureDrift" not in firing(watcher), "there is nothing left to see the drift in", 15)
            nothing_is_said_to_be_over(manager, told)
            assert {alert["labels"]["alertname"] for alert in told.alerts()} <= {"FeatureDrift", "MonitorDown"}


def nothing_is_said_to_be_over(manager: str, told: Hook) -> None:
    """The alert is over for Alertmanager too, which tells of another one that is, and not of this."""
    until(lambda: not ask(f"{manager}/api/v2/alerts?filter=alertname%3D%22FeatureDrift%22"), "it is over", 10)
    drift = {"alertname": "FeatureDrift", "area": "drift", "severity": "warning"}
    labels = {**drift, "job": "ml-api", "model": "other"}
    now = datetime.now(UTC)
    ask(f"{manager}/api/v2/alerts", [{"labels": labels, "startsAt": now.isoformat()}])
    until(lambda: told.alerts("firing", model="other"), "another model drifts")
    over = {"labels": labels, "startsAt": now.isoformat(), "endsAt": (now + timedelta(milliseconds=1)).isoformat()}
    ask(f"{manager}/api/v2/alerts", [over])
    until(lambda: told.alerts("resolved", model="other"), "the other is over")
    after = time.monotonic() + 2  # two more group intervals
    until(lambda: time.monotonic() > after, "time passes")
    assert not told.alerts("resolved", model="flights")
