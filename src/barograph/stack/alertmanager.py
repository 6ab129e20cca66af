"""alertmanager.yml: who hears what, which alert makes others redundant, and examples of ways to be told.

Without a change nobody is sent anything: alerts stand in Alertmanager and Grafana. The receivers `webhook`, `email` and
`slack` are examples; name one in `route` and put its secret into its file. Secrets stand in files only, one each.
"""

from __future__ import annotations

from typing import Any

from barograph.errors import ParameterError

NOBODY, WATCHDOG = "nobody", "dead-mans-switch"
SECRETS = "/etc/alertmanager/secrets"
RESULTS = "drift|quality|performance"
EXAMPLE = "example.invalid"  # a name that no resolver knows (RFC 2606): an example must not reach a stranger

_A_COLUMN = 'column!=""'


def config(
    *,
    webhook: str | None = None,
    watchdog: str | None = None,
    secrets: str = SECRETS,
    group_wait: str = "30s",
    group_interval: str = "5m",
) -> dict[str, Any]:
    """The configuration as plain data.

    Parameters
    ----------
    webhook
        Address that all alerts are posted to; without it they are shown and not sent.
    watchdog
        Address of a dead man's switch: a service that raises the alarm when it is no longer called.
    secrets
        Folder of the files with secrets, as Alertmanager sees it. Absolute: some paths are relative to where it is
        started, others to its configuration.
    group_wait, group_interval
        How long the first notification waits for others of its group, and the next ones.

    Raises `ParameterError`.
    """
    for address in (webhook, watchdog):
        if address is not None and not address.startswith(("http://", "https://")):
            raise ParameterError(f"{address!r} is no address of a webhook; it begins with http:// or https://")
    receiver = NOBODY if webhook is None else "webhook"
    return {
        "route": _route(receiver, group_wait, group_interval),
        "inhibit_rules": _inhibitions(),
        "receivers": [
            {"name": NOBODY},
            {"name": WATCHDOG, **({"webhook_configs": [_heartbeat(watchdog)]} if watchdog else {})},
            {"name": "webhook", "webhook_configs": [_webhook(webhook, secrets)]},
            {"name": "email", "email_configs": [_email(secrets)]},
            {"name": "slack", "slack_configs": [_slack(secrets)]},
        ],
    }


def _route(receiver: str, wait: str, interval: str) -> dict[str, Any]:
    """One message for all that happens to a model at once; what is urgent and what is not in messages of their own."""
    return {
        "receiver": receiver,
        "group_by": ["job", "model", "area", "severity"],
        "group_wait": wait,
        "group_interval": interval,
        "repeat_interval": "12h",
        "routes": [
            {
                "matchers": ['alertname="Watchdog"'],
                "receiver": WATCHDOG,
                "group_by": ["alertname"],
                "group_wait": "0s",
                "group_interval": "1m",
                "repeat_interval": "1m",
            },
            {"matchers": ['severity="critical"'], "receiver": receiver, "repeat_interval": "4h"},
            {"matchers": ['severity="info"'], "receiver": receiver, "repeat_interval": "7d"},
        ],
    }


def _inhibitions() -> list[dict[str, Any]]:
    """What is said already, or is not known any more. An alert that is muted is not reported as resolved either."""
    of_model, of_version = ["job", "model"], ["job", "model", "model_version"]
    return [
        # results of a dead monitor vanish, and so would their alerts; nobody knows that what they told of is over
        _mutes(['alertname="MonitorDown"', 'model!=""'], [f'area=~"{RESULTS}"'], of_model),
        _mutes(['alertname="MonitorDown"', 'model=""'], [f'area=~"{RESULTS}"'], ["job"]),
        _mutes(['alertname="DriftResultStale"'], [f'area=~"{RESULTS}"'], of_model),
        _mutes(
            ['alertname="MonitorDown"', 'model!=""'],
            ['alertname=~"NoTraffic|DriftResultStale|LabelsLate|BaselineOutdated"'],
            of_model,
        ),
        _mutes(
            ['alertname="MonitorDown"', 'model=""'],
            ['alertname=~"NoTraffic|DriftResultStale|LabelsLate|BaselineOutdated"'],
            ["job"],
        ),
        # broken values drift too
        _mutes(['alertname="DataQualityBroken"', _A_COLUMN], ['area="drift"', _A_COLUMN], [*of_version, "column"]),
        _mutes(['alertname="ManyFeaturesDrifted"'], ['alertname="FeatureDrift"'], of_version),
        _mutes(['alertname="ErrorBudgetBurnFast"'], ['alertname=~"ErrorBudgetBurnSlow|ErrorBudgetLeak"'], of_model),
        _mutes(['alertname="ErrorBudgetBurnSlow"'], ['alertname="ErrorBudgetLeak"'], of_model),
    ]


def _mutes(source: list[str], target: list[str], equal: list[str]) -> dict[str, Any]:
    return {"source_matchers": source, "target_matchers": target, "equal": equal}


def _webhook(address: str | None, secrets: str) -> dict[str, Any]:
    if address is not None:
        return {"url": address, "send_resolved": True}
    authorization = {"type": "Bearer", "credentials_file": f"{secrets}/webhook-token"}
    return {
        "url": f"https://{EXAMPLE}/alerts",
        "send_resolved": True,
        "http_config": {"authorization": authorization},
    }


def _heartbeat(address: str) -> dict[str, Any]:
    return {"url": address, "send_resolved": False}


def _email(secrets: str) -> dict[str, Any]:
    return {
        "to": f"models@{EXAMPLE}",
        "from": f"alertmanager@{EXAMPLE}",
        "smarthost": f"smtp.{EXAMPLE}:587",
        "auth_username": f"alertmanager@{EXAMPLE}",
        "auth_password_file": f"{secrets}/smtp-password",
        "send_resolved": True,
    }


def _slack(secrets: str) -> dict[str, Any]:
    told = "*{{ .Annotations.summary }}*\n{{ .Annotations.description }}\n{{ .Annotations.runbook_url }}\n"
    return {
        "api_url_file": f"{secrets}/slack-url",
        "channel": "#models",
        "title": "{{ .Status | toUpper }}: {{ .CommonLabels.model }} {{ .CommonLabels.area }}",
        "text": f"{{{{ range .Alerts }}}}{told}{{{{ end }}}}",
        "send_resolved": True,
    }
