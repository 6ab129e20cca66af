"""docker-compose.yml: Prometheus, Alertmanager and Grafana, each bounded, unprivileged and on loopback."""

from __future__ import annotations

import secrets
from typing import Any

from barograph.stack import grafana
from barograph.stack.settings import GATEWAY, PORTS, Settings

IMAGES = {
    "prometheus": "prom/prometheus:v3.13.3",  # long-term support until July 2027
    "alertmanager": "prom/alertmanager:v0.33.1",
    "grafana": "grafana/grafana:12.4.10",
}
PASSWORD = "GRAFANA_ADMIN_PASSWORD"  # noqa: S105 - the name of the variable
NOBODY, GRAFANA = "65534:65534", "472:0"  # the users that own the volumes in these images
LIMITS = {"prometheus": ("2.0", "2G"), "alertmanager": ("0.5", "256M"), "grafana": ("1.0", "1G")}
HEALTH = {"prometheus": "/-/healthy", "alertmanager": "/-/healthy", "grafana": "/api/health"}
RETENTION = ("30d", "8GB")


def compose(settings: Settings, home: str) -> dict[str, Any]:
    """The compose file; `home` is the file name of the dashboard that Grafana opens with."""
    days, size = RETENTION
    return {
        "services": {
            "prometheus": {
                **_service(settings, "prometheus", NOBODY),
                "read_only": True,
                "command": [
                    "--config.file=/etc/prometheus/prometheus.yml",
                    "--storage.tsdb.path=/prometheus",
                    f"--storage.tsdb.retention.time={days}",
                    f"--storage.tsdb.retention.size={size}",
                    f"--web.external-url={_outside(settings, 'prometheus')}",
                    "--enable-feature=exemplar-storage",
                ],
                # so that a service on the host is found on Linux too, where Docker has no such name by itself
                "extra_hosts": [f"{GATEWAY}:host-gateway"],
                "volumes": ["./prometheus:/etc/prometheus:ro", "prometheus-data:/prometheus"],
            },
            "alertmanager": {
                **_service(settings, "alertmanager", NOBODY),
                "read_only": True,
                "command": [
                    "--config.file=/etc/alertmanager/alertmanager.yml",
                    "--storage.path=/alertmanager",
                    "--data.retention=192h",  # longer than the longest repeat_interval, or it would repeat earlier
                    f"--web.external-url={_outside(settings, 'alertmanager')}",
                    "--cluster.listen-address=",  # one of it needs no gossip
                ],
                "extra_hosts": [f"{GATEWAY}:host-gateway"],
                "volumes": ["./alertmanager:/etc/alertmanager:ro", "alertmanager-data:/alertmanager"],
            },
            "grafana": {
                **_service(settings, "grafana", GRAFANA),
                "environment": _grafana_environment(settings, home),
                "volumes": [
                    "./grafana/provisioning/datasources:/etc/grafana/provisioning/datasources:ro",
                    "./grafana/provisioning/dashboards:/etc/grafana/provisioning/dashboards:ro",
                    f"./grafana/dashboards:{grafana.DASHBOARDS_AT}:ro",
                    "grafana-data:/var/lib/grafana",
                ],
                "depends_on": {"prometheus": {"condition": "service_healthy"}},
            },
        },
        "volumes": {"prometheus-data": {}, "alertmanager-data": {}, "grafana-data": {}},
    }


def _service(settings: Settings, name: str, user: str) -> dict[str, Any]:
    cpus, memory = LIMITS[name]
    probe = f"http://127.0.0.1:{PORTS[name]}{HEALTH[name]}"
    return {
        "image": IMAGES[name],
        "restart": "unless-stopped",
        "user": user,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "deploy": {"resources": {"limits": {"cpus": cpus, "memory": memory}}},
        "logging": {"driver": "json-file", "options": {"max-size": "10m", "max-file": "3"}},
        "ports": [f"{settings.bind}:{settings.ports[name]}:{PORTS[name]}"],
        "healthcheck": {
            # busybox's wget is in all three images, curl is not
            "test": ["CMD", "wget", "-q", "-O", "/dev/null", probe],
            "interval": "10s",
            "timeout": "5s",
            "retries": 6,
            "start_period": "30s",
        },
    }


def _grafana_environment(settings: Settings, home: str) -> dict[str, str]:
    return {
        "GF_SECURITY_ADMIN_USER": "admin",
        # from .env, and no start without it: Grafana's own default is known to everybody
        "GF_SECURITY_ADMIN_PASSWORD": f"${{{PASSWORD}:?set it in the file .env beside docker-compose.yml}}",
        "GF_SERVER_ROOT_URL": f"{_outside(settings, 'grafana')}/",
        "GF_USERS_ALLOW_SIGN_UP": "false",
        "GF_AUTH_ANONYMOUS_ENABLED": "false",
        "GF_ANALYTICS_REPORTING_ENABLED": "false",
        "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
        "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
        "GF_NEWS_NEWS_FEED_ENABLED": "false",
        "GF_PLUGINS_PREINSTALL_DISABLED": "true",
        "GF_SNAPSHOTS_EXTERNAL_ENABLED": "false",
        "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH": f"{grafana.DASHBOARDS_AT}/{home}",
    }


def _outside(settings: Settings, name: str) -> str:
    """The address that links in notifications lead to."""
    return f"http://localhost:{settings.ports[name]}"


def environment() -> str:
    """A new .env: nobody's default, and never the same twice."""
    return (
        "# Secrets of docker-compose.yml, made for this folder: keep it to yourself, and out of version control.\n"
        "# Grafana takes the password at its first start; later it is changed in Grafana.\n"
        f"{PASSWORD}={secrets.token_urlsafe(24)}\n"
    )
