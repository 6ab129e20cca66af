"""Every file of a stack, by its path in the folder: a pure function of the settings (but for new secrets)."""

from __future__ import annotations

from typing import Any

from barograph.stack import compose, grafana, guide, kubernetes, plain, prometheus
from barograph.stack.alertmanager import config as alertmanager_config
from barograph.stack.alerts import RUNBOOKS
from barograph.stack.alerts import rules as alert_rules
from barograph.stack.dashboards import dashboards
from barograph.stack.settings import JOB, Settings
from barograph.stack.text import File, as_json, as_yaml

HOME = "service.json"
SECRETS = "alertmanager/secrets"
ENV = ".env"
_MADE = "Made by `barograph stack init`. Edit it as you like: running init again leaves edited files alone."


def files(settings: Settings) -> dict[str, File]:
    """Path -> file, in the order in which a reader would open them."""
    if settings.format == "kubernetes":
        found = kubernetes.manifests(settings, rule_files(settings), dashboards())
        made = {path: File(as_yaml(manifest, _MADE)) for path, manifest in found.items()}
        return {"README.md": File(guide.readme(settings)), **made}
    made = {"README.md": File(guide.readme(settings)), ".gitignore": File(guide.IGNORED)}
    if settings.format == "compose":
        made["docker-compose.yml"] = File(as_yaml(compose.compose(settings, HOME), _MADE + "\n" + guide.COMPOSE))
        made[ENV] = File(compose.environment(), 0o600, once=True)
    else:
        made["run.sh"] = File(plain.script(settings), 0o755)
    return made | _prometheus(settings) | _alertmanager(settings) | _grafana(settings)


def rule_files(settings: Settings) -> dict[str, dict[str, Any]]:
    """File name -> groups of rules."""
    made = {"barograph.yml": alert_rules(runbooks=settings.runbooks or RUNBOOKS)}
    drift = prometheus.drift_rules(settings)
    return made if drift is None else {**made, "drift.yml": drift}


def _prometheus(settings: Settings) -> dict[str, File]:
    made = {
        "prometheus/prometheus.yml": File(as_yaml(prometheus.config(settings), _MADE)),
        f"prometheus/{prometheus.TARGETS}/{JOB}.yml": File(
            as_yaml(prometheus.targets(settings), f"{_MADE}\n{guide.TARGETS}")
        ),
    }
    for name, groups in rule_files(settings).items():
        made[f"prometheus/{prometheus.RULES}/{name}"] = File(as_yaml(groups, _MADE))
    return made


def _alertmanager(settings: Settings) -> dict[str, File]:
    # run.sh starts it in its configuration's folder, where both meanings that it has for relative paths are the same
    config = alertmanager_config(secrets="secrets") if settings.format == "files" else alertmanager_config()
    return {
        "alertmanager/alertmanager.yml": File(as_yaml(config, f"{_MADE}\n{guide.RECEIVERS}")),
        f"{SECRETS}/README": File(guide.SECRETS),
    }


def _grafana(settings: Settings) -> dict[str, File]:
    at = "grafana/provisioning"
    made = {
        f"{at}/datasources/barograph.yml": File(as_yaml(grafana.datasource(settings), _MADE)),
        f"{at}/dashboards/barograph.yml": File(as_yaml(grafana.provider(), _MADE)),
    }
    return made | {f"grafana/dashboards/{name}": File(as_json(body)) for name, body in dashboards().items()}
