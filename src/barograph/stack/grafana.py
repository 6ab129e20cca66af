"""What Grafana is provisioned with: one data source under a fixed uid, and a folder of dashboards."""

from __future__ import annotations

from typing import Any

from barograph.stack import prometheus
from barograph.stack.settings import Settings

DATASOURCE_UID = "barograph-prometheus"
FOLDER, FOLDER_UID = "Barograph", "barograph"
DASHBOARDS_AT = "/etc/grafana/dashboards"  # not under /var/lib/grafana: that is the volume with Grafana's own data


def datasource(settings: Settings) -> dict[str, Any]:
    """provisioning/datasources: `timeInterval` must be the scrape interval, or `$__rate_interval` finds one sample."""
    return {
        "apiVersion": 1,
        "datasources": [
            {
                "name": "Prometheus (Barograph)",
                "type": "prometheus",
                "uid": DATASOURCE_UID,
                "url": prometheus.url(settings, "prometheus"),
                "access": "proxy",
                # beside the sources of another Grafana a second default would keep it from starting
                "isDefault": settings.format == "compose",
                "editable": False,
                "jsonData": {"timeInterval": f"{settings.interval}s", "httpMethod": "POST"},
            }
        ],
    }


def provider() -> dict[str, Any]:
    """provisioning/dashboards: read from files; what is changed in the browser is saved as a copy, not over them."""
    return {
        "apiVersion": 1,
        "providers": [
            {
                "name": "barograph",
                "folder": FOLDER,
                "folderUid": FOLDER_UID,
                "type": "file",
                "disableDeletion": True,
                "allowUiUpdates": False,
                "updateIntervalSeconds": 30,
                "options": {"path": DASHBOARDS_AT, "foldersFromFilesStructure": False},
            }
        ],
    }
