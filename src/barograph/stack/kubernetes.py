"""Manifests for a cluster with the Prometheus operator, as kube-prometheus-stack installs it.

One ServiceMonitor for each service named, or one for every Service with a label; a PrometheusRule for each rule file; a
ConfigMap for each dashboard, found by Grafana's sidecar; a kustomization that sets namespace and labels in one place.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from barograph.stack.settings import JOB, Settings, split_target
from barograph.stack.text import as_json

GROUP = "monitoring.coreos.com/v1"
SCRAPE_LABEL = "barograph-scrape"
NAME_LABEL = "app.kubernetes.io/name"
LABELS = {"app.kubernetes.io/name": "barograph", "app.kubernetes.io/component": "monitoring"}
SIDECAR = {"grafana_dashboard": "1"}
RELEASE = "kube-prometheus-stack"  # its operator reads only what bears `release: <name of the Helm release>`
NAMESPACE = "monitoring"
CONFIG_MAP_AT_MOST = 1 << 20
NAME_AT_MOST = 63


def manifests(
    settings: Settings, rules: Mapping[str, Mapping[str, Any]], dashboards: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Path -> manifest. `rules` and `dashboards` are by file name."""
    made = {f"servicemonitors/{name}.yaml": monitor for name, monitor in _monitors(settings)}
    for file, groups in rules.items():
        name = object_name(file)
        made[f"rules/{name}.yaml"] = {
            "apiVersion": GROUP, "kind": "PrometheusRule", "metadata": _metadata(name), "spec": dict(groups),
        }  # fmt: skip
    for file, dashboard in dashboards.items():
        name = object_name(file)
        made[f"dashboards/{name}.yaml"] = _config_map(name, file, dashboard)
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": NAMESPACE,
        "labels": [{"pairs": {"release": RELEASE}}],
        "resources": sorted(made),
    }
    return {"kustomization.yaml": kustomization, **made}


def object_name(file: str) -> str:
    """A name that Kubernetes takes, from a file's name.

    >>> object_name("service.json"), object_name("Barograph_Drift.yml")
    ('barograph-service', 'barograph-drift')
    """
    stem = re.sub(r"[^a-z0-9]+", "-", file.rsplit(".", 1)[0].lower()).strip("-")
    return _short(stem if stem.startswith("barograph") else f"barograph-{stem}".strip("-"), file)


def _short(name: str, whole: str, *, clashes: bool = False) -> str:
    """A name clipped to what Kubernetes takes everywhere, and still another one for another whole."""
    if len(name) <= NAME_AT_MOST and not clashes:
        return name
    return f"{name[: NAME_AT_MOST - 9].rstrip('-')}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


def _monitors(settings: Settings) -> list[tuple[str, dict[str, Any]]]:
    if not settings.targets:
        spec = _spec(settings, {SCRAPE_LABEL: "true"}, {"any": True}, "http")
        return [(JOB, _monitor(JOB, spec))]
    made = []
    plain = [f"{JOB}-{re.sub('[.:]', '-', target)}" for target in settings.targets]
    for target, name in zip(settings.targets, plain, strict=True):
        service, port = split_target(target)
        app, _, namespace = service.partition(".")
        among = {"matchNames": [namespace]} if namespace else {"any": True}
        own = _short(name, target, clashes=plain.count(name) > 1)  # a-b.c and a.b-c
        made.append((own, _monitor(own, _spec(settings, {NAME_LABEL: app}, among, port))))
    return made


def _monitor(name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": GROUP, "kind": "ServiceMonitor", "metadata": _metadata(name), "spec": spec}


def _spec(settings: Settings, selector: dict[str, str], namespaces: dict[str, Any], port: str) -> dict[str, Any]:
    endpoint: dict[str, Any] = {
        # a name is the Service's port, a number the container's
        **({"targetPort": int(port)} if port.isdecimal() else {"port": port}),
        "path": "/metrics",
        "interval": f"{settings.interval}s",
        "scrapeTimeout": f"{min(settings.interval, 10)}s",
        # rules and dashboards know one job; the operator would name it after each Service
        "relabelings": [{"action": "replace", "targetLabel": "job", "replacement": JOB}],
    }
    return {"selector": {"matchLabels": selector}, "namespaceSelector": namespaces, "endpoints": [endpoint]}


def _config_map(name: str, file: str, dashboard: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": _metadata(name, SIDECAR) | {"annotations": {"grafana_folder": "Barograph"}},
        "data": {file: as_json(dashboard)},
    }


def _metadata(name: str, more: Mapping[str, str] | None = None) -> dict[str, Any]:
    return {"name": name, "labels": {**LABELS, **(more or {})}}
