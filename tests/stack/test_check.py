"""`stack check` on a real Prometheus and a real Alertmanager, whole and broken in every way it must tell apart.

Grafana cannot run where these tests run: a small HTTP server stands for its API, written after Grafana's documented
answers and forwarding queries to the real Prometheus. What it cannot show is that Grafana itself answers so; the smoke
script for hosts with Docker (`make grafana-smoke`) does.
"""

from __future__ import annotations

import json
import socket
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from stacks import Handler, folder_of, free_ports, running, served, until

from barograph.errors import ParameterError
from barograph.stack import web
from barograph.stack.check import WATCHDOG, Expected, check, names_of, wait, wrong
from barograph.stack.contents import rule_files
from barograph.stack.findings import Finding
from barograph.stack.grafana import DATASOURCE_UID
from barograph.stack.queries import BUILT_IN, Query, Variable, filled, queries, variables
from barograph.stack.settings import Settings
from barograph.stack.web import Api, basic, bearer

RULES = names_of(rule_files(Settings()).values())
PAGE = '# TYPE predictions_total counter\npredictions_total{model_version="1"} 5\nload{job="theirs"} 1\n'


def dashboard(title: str, *exprs: str, instant: bool = False) -> dict[str, Any]:
    panels = [
        {"title": f"P{i}", "targets": [{"refId": "A", "expr": expr, "instant": instant}]}
        for i, expr in enumerate(exprs)
    ]
    return {"uid": f"uid-{title}", "title": title, "panels": [{"type": "row", "title": "R", "panels": panels}]}


FULL = {"a.json": dashboard("Full", 'up{job=~"ml-.+"}', "predictions_total{} > 0")}
EXPECTED = Expected(RULES, FULL)


def statuses(found: list[Finding]) -> dict[str, str]:
    return {f"{finding.subject}": finding.status for finding in found}


def said(found: list[Finding], subject: str) -> str:
    return "\n".join(f"{one.found}: {one.advice}" for one in found if one.subject == subject)


class Stack:
    """A running stack, and where it is."""

    def __init__(self, folder: Path, ports: dict[str, int], targets: tuple[str, ...]) -> None:
        self.folder, self.ports, self.targets = folder, ports, targets
        self.prometheus, self.alertmanager = (f"http://127.0.0.1:{ports[n]}" for n in ("prometheus", "alertmanager"))

    def reload(self, address: str | None = None) -> None:
        request = urllib.request.Request(f"{address or self.prometheus}/-/reload", b"")
        urllib.request.urlopen(request, timeout=10).close()


@contextmanager
def stack(folder: Path, *programs: str, targets: tuple[str, ...] = (), extra: Any = None) -> Iterator[Stack]:
    ports = free_ports()
    folder_of(folder, format="files", ports=ports, targets=targets, interval=1)
    if extra is not None:
        (folder / "prometheus" / "rules" / "extra.yml").write_text(yaml.safe_dump(extra))
    with running(folder, ports, *programs):
        yield Stack(folder, ports, targets)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack with a service that is up, and one rule more, which cannot be evaluated."""
    clash = {"record": "clash", "expr": "prometheus_build_info * on () group_left () (up >= 0)"}
    extra = {"groups": [{"name": "extra", "interval": "1s", "rules": [clash]}]}
    with ExitStack() as held:
        service = held.enter_context(served({"/metrics": (200, PAGE)}))
        folder = tmp_path_factory.mktemp("whole") / "stack"
        made = held.enter_context(stack(folder, targets=(service,), extra=extra))
        until(lambda: not wrong(check([made.prometheus], EXPECTED)), "everything was scraped once", 60)
        yield made


def test_a_whole_stack(whole: Stack) -> None:
    found = wait(lambda: check([whole.prometheus, whole.alertmanager], EXPECTED), 60)
    assert not wrong(found), found
    shown = {subject: status for subject, status in statuses(found).items() if subject != "receivers"}
    assert shown == dict.fromkeys(["ready", "targets", "rules", "alertmanagers", "alerts", "dashboard Full"], "ok") | {
        key: status for key, status in shown.items() if key == "alerts"
    }
    assert said(found, "targets") == "1 of 1 are up: "
    assert f"all {len(RULES)} are loaded and healthy" in said(found, "rules")
    assert WATCHDOG in said([one for one in found if one.server == whole.alertmanager], "alerts")
    assert "sent to nobody" in said(found, "receivers")


def test_rules_that_are_missing_or_cannot_be_evaluated(whole: Stack) -> None:
    expected = Expected(RULES | {"clash", "NeverWritten"}, FULL)
    until(lambda: "rule clash" in statuses(check([whole.prometheus], expected)), "the rule is evaluated")
    found = check([whole.prometheus], expected)
    assert wrong(found)
    assert "1 of" in said(found, "rules")
    assert "NeverWritten" in said(found, "rules")
    assert "promtool check config" in said(found, "rules")
    assert "many-to-one" in said(found, "rule clash") or "duplicate" in said(found, "rule clash")


def test_empty_and_impossible_queries(whole: Stack) -> None:
    shown = {
        "empty.json": dashboard("Empty", "up{}", "barograph_psi{} > 0", "barograph_ks{}"),
        "gone.json": dashboard("Gone", 'up{job="other"}', instant=True),
        "broken.json": dashboard("Broken", "rate(up{})"),
        "bare.json": dashboard("Bare"),
    }
    found = check([whole.prometheus], Expected(RULES, shown, frozenset({"gone"})))
    assert {k: v for k, v in statuses(found).items() if k.startswith("dashboard")} == {
        "dashboard Empty": "wrong", "dashboard Gone": "note", "dashboard Broken": "wrong", "dashboard Bare": "wrong",
    }  # fmt: skip
    assert "1 of 3 queries have data; empty: P1, P2" in said(found, "dashboard Empty")
    assert "no series barograph_psi, barograph_ks" in said(found, "dashboard Empty")
    assert "range vector" in said(found, "dashboard Broken")
    strict = check([whole.prometheus], Expected(RULES, {"gone.json": shown["gone.json"]}))
    assert "the series are there" in said(strict, "dashboard Gone")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Prometheus whose Alertmanager is dead, and whose services are down, bare, locked and unknown."""
    with ExitStack() as held:
        bare = held.enter_context(served({}))
        locked = held.enter_context(served({"/metrics": (401, "no")}))
        silent = held.enter_context(socket.socket())  # bound, and nobody listens: no other test can have the port
        silent.bind(("127.0.0.1", 0))
        targets = (f"127.0.0.1:{silent.getsockname()[1]}", bare, locked, "no.such.invalid:80")
        folder = tmp_path_factory.mktemp("broken") / "stack"
        yield held.enter_context(stack(folder, "prometheus", targets=targets))


def test_targets_that_are_down_say_why(broken: Stack) -> None:
    def scraped() -> list[Finding]:
        found = check([broken.prometheus], EXPECTED)
        known = "of 4 are up" in said(found, "targets")
        return found if known and not any("not scraped yet" in one.found for one in found) else []

    found = until(scraped, "all were scraped")
    assert wrong(found)
    assert statuses(found)["targets"] == "wrong"
    assert "0 of 4 are up" in said(found, "targets")
    down, bare, locked, unknown = (f"target {target}" for target in broken.targets)
    assert "listen on 0.0.0.0" in said(found, down)
    assert "has no /metrics" in said(found, bare)
    assert "wants a token" in said(found, locked)
    assert said(found, unknown)


def test_a_dead_alertmanager(broken: Stack) -> None:
    def failed() -> list[Finding]:
        found = check([broken.prometheus, broken.alertmanager], EXPECTED, timeout=5)
        return found if "did not get through" in said(found, "alertmanagers") else []

    found = until(failed, "alerts cannot be sent", 30)
    assert wrong(found)
    assert f"127.0.0.1:{broken.ports['alertmanager']}" in said(found, "alertmanagers")
    (gone,) = [one for one in found if one.server == broken.alertmanager]
    assert (gone.subject, gone.status) == ("reachable", "wrong")
    assert "refused" in gone.found
    assert f"GET {broken.alertmanager}/api/health" in gone.found


def test_no_alertmanager_and_no_targets(tmp_path: Path) -> None:
    with stack(tmp_path / "stack", "prometheus") as made:
        path = made.folder / "prometheus" / "prometheus.yml"
        config = yaml.safe_load(path.read_text())
        del config["alerting"]
        config["scrape_configs"] = config["scrape_configs"][1:]
        path.write_text(yaml.safe_dump(config))
        made.reload()

        def gone() -> list[Finding]:
            found = check([made.prometheus], Expected(frozenset(), {}))
            both = "knows none" in said(found, "alertmanagers") and "no service" in said(found, "targets")
            return found if both else []

        found = until(gone, "neither is known")
        assert (statuses(found)["alertmanagers"], statuses(found)["targets"]) == ("wrong", "wrong")
        assert "prometheus/targets/ml-api.yml" in said(found, "targets")


def test_an_alertmanager_that_nobody_sends_to(tmp_path: Path) -> None:
    with stack(tmp_path / "stack", "alertmanager") as made:
        path = made.folder / "alertmanager" / "alertmanager.yml"
        path.write_text(path.read_text().replace("  receiver: nobody\n", "  receiver: webhook\n", 1))
        made.reload(made.alertmanager)
        assert "notifications go to webhook" in said(check([made.alertmanager], EXPECTED), "receivers")
        found = check([made.alertmanager], EXPECTED)
        assert statuses(found)["ready"] == "ok"
        assert statuses(found)["alerts"] == "wrong"
        assert "has not arrived" in said(found, "alerts")


# -- Grafana's API, by a server that stands for it -------------------------------------------------------------------


class Grafana(Handler):
    """Grafana's answers, as its documentation has them; queries go on to the Prometheus in `server.prometheus`."""

    def _allowed(self) -> bool:
        if self.headers.get("Authorization") in ("Bearer good", basic("admin", "pa:ss")):
            return True
        self._answer(401, {"message": "Unauthorized"})
        return False

    def _answer(self, status: int, body: Any) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def do_GET(self) -> None:
        if self.path == "/api/health":
            self._answer(200, {"database": "ok", "version": "12.4.10"})
        elif self._allowed():
            found = self.server.pages.get(self.path.rpartition("/")[2])  # type: ignore[attr-defined]
            missing = (404, {"message": "Dashboard not found"})
            self._answer(*(missing if found is None else (200, {"dashboard": found, "meta": {}})))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self._allowed():
            return
        (query,) = body["queries"]
        if self.path != "/api/ds/query" or query["datasource"]["uid"] != DATASOURCE_UID:
            self._answer(404, {"message": "data source not found"})
            return
        asked = urllib.parse.urlencode({"query": query["expr"]})
        address = f"{self.server.pages['prometheus']}/api/v1/query?{asked}"  # type: ignore[attr-defined]
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                found = json.load(answer)["data"]["result"]
        except urllib.error.HTTPError as error:
            with error:
                told = json.load(error)["error"]
            self._answer(400, {"results": {"A": {"error": told, "status": 400}}})
            return
        # no series is one frame without fields or values, or none
        frames = [
            {
                "schema": {"fields": [{"name": "Time"}, {"name": "Value", "labels": one["metric"]}]},
                "data": {"values": [[0], [float(one["value"][1])]]},
            }
            for one in found
        ]
        self._answer(200, {"results": {"A": {"status": 200, "frames": frames or [{"data": {"values": []}}]}}})


@pytest.fixture
def grafana(whole: Stack) -> Iterator[tuple[str, dict[str, Any]]]:
    pages: dict[str, Any] = {"prometheus": whole.prometheus}
    with served(pages, Grafana) as address:
        yield f"http://{address}", pages


def test_dashboards_through_grafana(whole: Stack, grafana: tuple[str, dict[str, Any]]) -> None:
    address, pages = grafana
    pages["uid-Full"] = FULL["a.json"]
    urls = [whole.prometheus, whole.alertmanager, address]
    for authorization in (bearer("good"), basic("admin", "pa:ss")):
        found = wait(lambda: check(urls, EXPECTED, authorization), 60)  # noqa: B023
        assert not wrong(found), found
        assert [one.server for one in found if one.subject == "dashboard Full"] == [address]
    pages["uid-Full"] = dashboard("Full", "up{}", "nothing_of_this_name{}", "up{} +")  # what users made of it
    found = check([address], EXPECTED, bearer("good"))
    assert "fails" in said(found, "dashboard Full")
    pages["uid-Full"] = dashboard("Full", "up{}", "nothing_of_this_name{}")
    assert "no series nothing_of_this_name" in said(check([address], EXPECTED, bearer("good")), "dashboard Full")
    other = Expected(RULES, FULL, datasource="other")
    assert "data source not found" in said(check([address], other, bearer("good")), "dashboard Full")


def test_dashboards_that_are_missing(grafana: tuple[str, dict[str, Any]]) -> None:
    found = check([grafana[0]], EXPECTED, bearer("good"))
    assert [one.status for one in found] == ["wrong"]
    assert "1 of 1 are missing: Full" in said(found, "dashboards")
    assert "Dashboard not found" in said(found, "dashboards")


@pytest.mark.parametrize("authorization", [None, bearer("bad")])
def test_wrong_or_no_credentials(grafana: tuple[str, dict[str, Any]], authorization: str | None) -> None:
    found = check([grafana[0]], EXPECTED, authorization)
    assert [one.status for one in found] == ["wrong"]
    assert "GRAFANA_TOKEN" in said(found, "dashboards")


# -- what answers badly, or not at all ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ({}, "is no Prometheus, Alertmanager or Grafana"),
        ({"/api/health": (200, "[1]"), "/api/v1/status/buildinfo": (200, "<html>")}, "is no Prometheus"),
        ({"/api/health": (401, "{}")}, "answered 401"),
        ({"/api/health": (302, "")}, "a redirect to nowhere; give that address"),
        ({"/api/v1/status/buildinfo": (200, '{"data": {}}')}, "answered 404"),
        (
            {"/api/v1/status/buildinfo": (200, '{"data": {}}'), "/api/v1/targets": (200, '{"data": [1]}')},
            "answered something else than was expected",
        ),
        ({"/api/v2/status": (200, '{"cluster": {}, "config": {"original": "a: ["}}')}, "something else than"),
    ],
)
def test_servers_that_are_something_else(pages: dict[str, tuple[int, str]], words: str) -> None:
    with served(pages) as address:
        found = check([f"http://{address}"], EXPECTED)
    assert wrong(found)
    assert words in "\n".join(one.found for one in found)
    assert all(one.advice for one in found if one.status == "wrong")


def test_a_server_that_never_answers() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        (found,) = check([f"http://127.0.0.1:{silent.getsockname()[1]}"], EXPECTED, timeout=0.2)
    assert (found.status, "timed out" in found.found) == ("wrong", True)


def test_answers_without_end_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "BYTES_AT_MOST", 10)
    with served({"/x": (200, "1" * 100)}) as address, pytest.raises(web.AnswerError, match="more than 10 bytes"):
        Api(f"http://{address}").get("/x")


def test_credentials_reach_their_server_and_nobody_elses_eyes() -> None:
    api = Api("http://user:pa%3Ass@localhost:9090/prefix/")
    assert api.address == "http://localhost:9090/prefix"
    assert api.headers == {"Authorization": basic("user", "pa:ss")}
    assert Api("https://[::1]:3/").address == "https://[::1]:3"
    with pytest.raises(ParameterError) as refused:
        Api("ftp://user:secret@host")
    assert "secret" not in str(refused.value)
    with pytest.raises(ParameterError, match="no HTTP header can carry"):
        bearer("a\nb")


@pytest.mark.parametrize(
    "address",
    ["localhost:9090", "file:///etc/passwd", "http://", "http://a b", "http://x:99999", "http://x/?q", "x", ""],
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(ParameterError):
        check([address], EXPECTED)
    with pytest.raises(ParameterError, match="nothing to look at"):
        check([], EXPECTED)


def test_waiting_ends_when_all_is_well_or_time_is_over() -> None:
    looks = iter([[Finding("s", "x", "wrong", "")], [Finding("s", "x", "ok", "")]])
    clock = iter([0.0, 0.1, 100.0, 100.0])
    assert not wrong(wait(lambda: next(looks), 0.11, lambda: next(clock)))
    assert wrong(wait(lambda: [Finding("s", "x", "wrong", "")], 0))
    assert wrong([]), "nothing looked at is no pass"
    assert not wrong([Finding("s", "x", "note", "")])


def test_queries_of_a_dashboard() -> None:
    made = dashboard("D", "up{}") | {"panels": [
        {"targets": [{"expr": 'b{} > on () sum(c_total{d="e"})', "instant": True}, {"refId": "B"}]},
        {"type": "row", "panels": [{"title": "P", "targets": [{"expr": "x", "instant": True, "range": True}]}]},
    ]}  # fmt: skip
    assert queries(made) == [
        Query("untitled", 'b{} > on () sum(c_total{d="e"})', instant=True), Query("P", "x", instant=False)
    ]  # fmt: skip
    assert queries(made)[0].metrics == ["b", "c_total"]
    assert queries({}) == variables({}) == []


def test_variables_of_a_dashboard() -> None:
    given = [
        {"name": "datasource", "type": "datasource", "query": "prometheus"},
        {"name": "job", "type": "query", "query": {"query": "label_values(up, job)"}, "multi": True},
        {"name": "model", "type": "query", "query": 'label_values(up{job=~"$job"}, model)'},
        {"name": "all", "type": "custom", "current": {"value": "$__all"}},
        {"name": "several", "type": "custom", "current": {"value": ["a", "b"]}},
        {"name": "text", "type": "textbox", "query": "7"},
        {"name": "odd", "type": "query", "query": "metrics(up)"},
    ]
    assert variables({"templating": {"list": given}}) == [
        Variable("datasource"), Variable("job"), Variable("model", "", 'up{job=~"$job"}', "model"), Variable("all"),
        Variable("several", "a|b"), Variable("text", "7"), Variable("odd"),
    ]  # fmt: skip
    assert filled("${job:regex} $job[$__rate_interval] $1 $unknown", BUILT_IN | {"job": "x"}) == "x x[5m] $1 $unknown"


def test_a_variable_of_one_value_is_each_in_turn(whole: Stack, grafana: tuple[str, dict[str, Any]]) -> None:
    """A panel that only one of several models fills is no empty panel; nor may labels of two models get mixed."""
    one = {"name": "job", "type": "query", "query": "label_values(up{}, job)"}
    exprs = 'predictions_total{job="$job"}', 'up{job="$job"} * on () group_left () up{job=~"$job"}'
    shown = dashboard("One", *exprs, instant=True) | {"templating": {"list": [one]}}
    grafana[1]["uid-One"] = shown
    for address in (whole.prometheus, grafana[0]):
        found = check([address], Expected(RULES, {"one.json": shown}), bearer("good"))
        assert "2 of 2 queries have data" in said(found, "dashboard One")
