"""prometheus.yml, its targets, and the rules it reads."""

from __future__ import annotations

from typing import Any

import yaml

from barograph.live import promql
from barograph.stack.settings import EVERYWHERE, JOB, LOOPBACK, PORTS, Settings

RULES = "rules"
TARGETS = "targets"
DRIFT_WINDOW = "1h"


def config(settings: Settings) -> dict[str, Any]:
    """prometheus.yml: paths are relative to the file, so that the folder can lie anywhere."""
    timeout = min(settings.interval, 10)
    return {
        "global": {
            "scrape_interval": f"{settings.interval}s",
            "scrape_timeout": f"{timeout}s",
            "evaluation_interval": f"{settings.interval}s",
        },
        "rule_files": [f"{RULES}/*.yml"],
        "alerting": {"alertmanagers": [_own(_address(settings, "alertmanager"))]},
        "scrape_configs": [
            {
                "job_name": JOB,
                "metrics_path": "/metrics",
                # from a file, so that adding a model needs neither a restart nor a reload
                "file_sd_configs": [{"files": [f"{TARGETS}/{JOB}.yml"], "refresh_interval": "30s"}],
            },
            {"job_name": "prometheus", **_own(_address(settings, "prometheus", itself=True))},
            {"job_name": "alertmanager", **_own(_address(settings, "alertmanager"))},
        ],
    }


def targets(settings: Settings) -> list[dict[str, Any]]:
    """targets/ml-api.yml: the services that are scraped."""
    return [_static(*settings.scraped)]


def drift_rules(settings: Settings) -> dict[str, Any] | None:
    """Drift computed by Prometheus itself over all replicas, for the baseline's columns; none without a baseline."""
    if settings.baseline is None:
        return None
    made: dict[str, Any] = yaml.safe_load(promql.rules(DRIFT_WINDOW, columns=settings.columns))
    for group in made["groups"]:
        group["name"] = "barograph-drift-in-promql"  # names of groups must differ within a Kubernetes object
    return made


def url(settings: Settings, name: str) -> str:
    """Where one of the three is found by the others."""
    return f"http://{_address(settings, name)}"


def _address(settings: Settings, name: str, *, itself: bool = False) -> str:
    """In compose by the service's name and its port inside; else on this machine."""
    if settings.format == "compose":
        return f"{'localhost' if itself else name}:{PORTS[name]}"
    host = LOOPBACK if settings.bind == EVERYWHERE else settings.bind
    return f"{host}:{settings.ports[name]}"


def _static(*targets: str) -> dict[str, Any]:
    return {"targets": list(targets)}


def _own(target: str) -> dict[str, Any]:
    return {"static_configs": [_static(target)]}
