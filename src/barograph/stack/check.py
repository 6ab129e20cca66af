"""Is a running stack whole? Asked of its own APIs: targets, rules, alerts on their way, dashboards and their data."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from barograph.errors import ParameterError
from barograph.stack.dashboards_check import Panels
from barograph.stack.findings import Finding, listed
from barograph.stack.grafana import DATASOURCE_UID
from barograph.stack.settings import JOB
from barograph.stack.web import AnswerError, Api

WATCHDOG = "Watchdog"
TARGETS_AT_MOST = 20
START = "start it (docker compose up -d, ./run.sh), or correct the address"
RELOAD = "then reload: docker compose kill -s SIGHUP prometheus, or kill -HUP"


@dataclass(frozen=True)
class Expected:
    """What a whole stack has: names of rules, dashboards by file name, and those that may have no data."""

    rules: frozenset[str]
    dashboards: Mapping[str, Mapping[str, Any]]
    may_be_empty: frozenset[str] = field(default_factory=frozenset)
    datasource: str = DATASOURCE_UID


def names_of(rules: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Names of the alerts and records in rule files."""
    groups = (group for file in rules for group in file["groups"])
    return frozenset(rule.get("alert") or rule["record"] for group in groups for rule in group["rules"])


def check(
    addresses: Iterable[str], expected: Expected, authorization: str | None = None, timeout: float = 10.0
) -> list[Finding]:
    """Look at every server named; which is which is told from what it answers.

    `authorization` is the header for Grafana, and sent to no other. Where a Grafana is among the servers the panels'
    queries go through it, else straight to Prometheus.

    Raises `ParameterError` for what is no address.
    """
    apis = {Api(address, timeout=timeout): None for address in addresses}
    if not apis:
        raise ParameterError("there is nothing to look at; give the addresses of Prometheus, Alertmanager and Grafana")
    found: list[Finding] = []
    kinds: list[tuple[str, Api]] = []
    for api in apis:
        try:
            kind = _kind(api)
        except AnswerError as error:
            found.append(Finding(api.address, "reachable", "wrong", str(error), _remedy(error)))
            continue
        if kind is None:
            advice = "give the address under which it serves its API, with its path prefix if it has one"
            what = "answers, but is no Prometheus, Alertmanager or Grafana"
            found.append(Finding(api.address, "reachable", "wrong", what, advice))
            continue
        kinds.append((kind, api))
    through_grafana = any(kind == "grafana" for kind, _ in kinds)
    for kind, api in kinds:
        if kind == "grafana":
            api.headers.update({} if authorization is None else {"Authorization": authorization})
            found += Panels(api, expected.dashboards, expected.may_be_empty, expected.datasource).findings()
        elif kind == "prometheus":
            found += _prometheus(api, expected, panels=not through_grafana)
        else:
            found += _alertmanager(api)
    return found


def wait(
    look: Callable[[], list[Finding]], seconds: float, clock: Callable[[], float] = time.monotonic
) -> list[Finding]:
    """Look until nothing is wrong or the time is over; the last findings."""
    end = clock() + seconds
    while wrong(found := look()) and clock() < end:
        time.sleep(min(1.0, max(end - clock(), 0.0)))
    return found


def wrong(found: Collection[Finding]) -> bool:
    """Whether anything is: a check that found nothing to look at has not passed."""
    return not found or any(finding.status == "wrong" for finding in found)


def _kind(api: Api) -> str | None:
    """Which of the three a server is. Raises `AnswerError` where nothing answers or credentials are asked for."""
    probes = (
        ("grafana", "/api/health", "database"),
        ("prometheus", "/api/v1/status/buildinfo", "data"),
        ("alertmanager", "/api/v2/status", "cluster"),
    )
    for kind, path, mark in probes:
        try:
            answer = api.get(path)
        except AnswerError as error:
            if error.status in (0, 401, 403) or 300 <= error.status < 400:
                raise
            continue
        if isinstance(answer, dict) and mark in answer:
            return kind
    return None


def _prometheus(api: Api, expected: Expected, *, panels: bool) -> Iterator[Finding]:
    parts: list[tuple[str, Callable[[], Iterable[Finding]]]] = [
        ("ready", lambda: _ready(api)),
        ("targets", lambda: _targets(api)),
        ("rules", lambda: _rules(api, expected.rules)),
        ("alerts", lambda: _firing(api)),
        ("alertmanagers", lambda: _notified(api)),
    ]
    if panels:
        straight = Panels(api, expected.dashboards, expected.may_be_empty)
        parts.append(("panels", straight.data))
    yield from _attempted(api, parts)


def _attempted(api: Api, parts: Iterable[tuple[str, Callable[[], Iterable[Finding]]]]) -> Iterator[Finding]:
    """One part that gets no answer, or none that can be understood, does not keep the others from being looked at."""
    for subject, part in parts:
        try:
            yield from list(part())
        except AnswerError as error:
            yield Finding(api.address, subject, "wrong", str(error), _remedy(error))
        except (KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError) as error:
            what = f"answered something else than was expected ({type(error).__name__}: {error})"
            advice = "is it a Prometheus from 2.40 on, an Alertmanager from 0.25 on?"
            yield Finding(api.address, subject, "wrong", what, advice)


def _remedy(error: AnswerError) -> str:
    """What to do about a server that does not answer, or not as it should."""
    if error.status in (401, 403):
        return "it asks for credentials: give them as http://user:password@host, or ask where it asks for none"
    if 300 <= error.status < 400:
        return "give the address that it redirects to"
    return START if error.status == 0 else "look at its log; is something else behind this address?"


def _ready(api: Api) -> Iterator[Finding]:
    if api.up("/-/ready"):
        yield Finding(api.address, "ready", "ok", "it is")
    else:
        yield Finding(
            api.address, "ready", "wrong", "not yet, or no more", "look again with --wait 60, then at its log"
        )


def _targets(api: Api) -> Iterator[Finding]:
    active = api.get("/api/v1/targets", state="active")["data"]["activeTargets"]
    ours = [target for target in active if target["labels"].get("job") == JOB]
    if not ours:
        advice = f"name your services in prometheus/targets/{JOB}.yml; on Kubernetes label them, see docs/stack.md"
        yield Finding(api.address, "targets", "wrong", f"no service is scraped as job {JOB}", advice)
        return
    bad = [target for target in ours if target["health"] != "up"]
    yield Finding(
        api.address, "targets", "wrong" if bad else "ok", f"{len(ours) - len(bad)} of {len(ours)} are up",
        "see the lines below" if bad else "",
    )  # fmt: skip
    for target in bad[:TARGETS_AT_MOST]:
        error = target.get("lastError") or "not scraped yet"
        name = target["labels"].get("instance", target.get("scrapeUrl", "?"))
        yield Finding(api.address, f"target {name}", "wrong", error, _advice(error))


def _advice(error: str) -> str:
    """What to do about the usual reasons why a scrape fails."""
    known = {
        "not scraped yet": "wait for the next scrape, for example with --wait 60",
        "connection refused": "start the service; if Prometheus is in a container, it must listen on 0.0.0.0",
        "no such host": "correct the name in the targets; Prometheus must be able to resolve it",
        "deadline exceeded": "the service does not answer in time; is a firewall between, or its event loop blocked?",
        "404": "the service has no /metrics: barograph.live.instrument(app, monitor) adds it",
        "401": "the service wants a token: give it to the job as authorization.credentials_file",
        "403": "the service wants a token: give it to the job as authorization.credentials_file",
    }
    return next((advice for part, advice in known.items() if part in error), "open /metrics of the service by hand")


def _rules(api: Api, expected: frozenset[str]) -> Iterator[Finding]:
    groups = api.get("/api/v1/rules")["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    loaded = {rule["name"] for rule in rules}
    ours = [rule for rule in rules if rule["name"] in expected]
    failed = {rule["name"]: rule.get("lastError", "") for rule in ours if rule["health"] == "err"}
    fresh = {rule["name"] for rule in ours if rule["health"] not in ("ok", "err")}
    if missing := sorted(expected - loaded):
        what = f"{len(missing)} of {len(expected)} are not loaded: {listed(missing)}"
        advice = f"promtool check config shows why; the files belong into rule_files, {RELOAD}"
        yield Finding(api.address, "rules", "wrong", what, advice)
    for name, error in list(failed.items())[:TARGETS_AT_MOST]:
        advice = "run its expression in Prometheus; two services with the same labels are the usual reason"
        yield Finding(api.address, f"rule {name}", "wrong", error or "its evaluation fails", advice)
    if fresh:
        what = f"{len(fresh)} were not evaluated yet"
        yield Finding(api.address, "rules", "wrong", what, "look again after an evaluation interval, with --wait 60")
    if not missing and not failed and not fresh:
        yield Finding(api.address, "rules", "ok", f"all {len(expected)} are loaded and healthy")


def _firing(api: Api) -> Iterator[Finding]:
    alerts = api.get("/api/v1/alerts")["data"]["alerts"]
    firing = sorted({a["labels"]["alertname"] for a in alerts if a["state"] == "firing"} - {WATCHDOG})
    if firing:
        yield Finding(api.address, "alerts", "note", f"firing: {listed(firing)}", "their runbooks say what to do")


def _notified(api: Api) -> Iterator[Finding]:
    active = api.get("/api/v1/alertmanagers")["data"]["activeAlertmanagers"]
    if not active:
        advice = f"name one under alerting.alertmanagers in prometheus.yml, {RELOAD}"
        yield Finding(api.address, "alertmanagers", "wrong", "it knows none, so nobody is told of alerts", advice)
        return
    known = listed(sorted(one["url"].partition("/api/")[0] for one in active))
    errors = "sum by (alertmanager) (increase(prometheus_notifications_errors_total[5m])) > 0"
    failing = api.form("/api/v1/query", query=errors)["data"]["result"]
    if failing:
        whom = listed(sorted(one["metric"].get("alertmanager", "?").partition("/api/")[0] for one in failing))
        what = f"alerts did not get through to {whom} in the last 5 minutes"
        advice = "is Alertmanager running, and reachable from Prometheus?"
        yield Finding(api.address, "alertmanagers", "wrong", what, advice)
    else:
        yield Finding(api.address, "alertmanagers", "ok", f"alerts are sent to {known}")


def _alertmanager(api: Api) -> Iterator[Finding]:
    yield from _attempted(
        api, [("ready", lambda: _ready(api)), ("alerts", lambda: _arrived(api)), ("receivers", lambda: _receivers(api))]
    )


def _arrived(api: Api) -> Iterator[Finding]:
    alerts = api.get("/api/v2/alerts", filter=f'alertname="{WATCHDOG}"')
    if alerts:
        yield Finding(api.address, "alerts", "ok", f"they arrive: {WATCHDOG}, which always fires, is here")
    else:
        advice = "does Prometheus know this Alertmanager, and has it evaluated its rules? look again with --wait 60"
        yield Finding(api.address, "alerts", "wrong", f"{WATCHDOG}, which always fires, has not arrived", advice)


def _receivers(api: Api) -> Iterator[Finding]:
    config = yaml.safe_load(api.get("/api/v2/status")["config"]["original"])
    sends = {one["name"]: any(key.endswith("_configs") and one[key] for key in one) for one in config["receivers"]}
    used = dict.fromkeys(_routed(config["route"], config["route"]["receiver"]))
    if sending := [name for name in used if sends.get(name)]:
        yield Finding(api.address, "receivers", "ok", f"notifications go to {listed(sending)}")
    else:
        advice = "name a receiver in route of alertmanager/alertmanager.yml, which has examples"
        yield Finding(api.address, "receivers", "note", "alerts are shown, and sent to nobody", advice)


def _routed(route: Mapping[str, Any], above: str) -> Iterator[str]:
    """Receivers that a route leads to; that of the watchdog tells nobody of anything else."""
    own = route.get("receiver") or above
    if not any(WATCHDOG in str(matcher) for matcher in route.get("matchers") or ()):
        yield own
        for child in route.get("routes") or ():
            yield from _routed(child, own)
