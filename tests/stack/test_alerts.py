"""Every alert fires when it should, stays silent when it should not, and resolves: on Prometheus' own rule engine."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scenes_monitor
import scenes_results
import scenes_service
import yaml
from fastapi import FastAPI
from firing import documents, series
from promql_names import matchers, metrics_of, selectors
from running import binary

from barograph import Baseline, Schema
from barograph.checks import Check, lt
from barograph.errors import ParameterError
from barograph.live import Monitor, MonitorCollector, instrument
from barograph.live.exposition import Everything
from barograph.live.service import LATENCY_BUCKETS, STATUSES
from barograph.metrics import drift, performance, quality
from barograph.needs import Need, default_needs
from barograph.stack import names
from barograph.stack.alerts import Objectives, alerts, rules

CASES = [*scenes_service.CASES, *scenes_results.CASES, *scenes_monitor.CASES]
RULES = rules()
OWN = {"up", "prometheus_rule_evaluation_failures_total"}  # of Prometheus itself


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen([binary("promtool"), *arguments], cwd=folder, **pipes)


def finish(process: subprocess.Popen[str]) -> str:
    out, _ = process.communicate(timeout=100)
    assert process.returncode == 0, out
    return out


def test_every_alert_has_its_scenes() -> None:
    known = [alert.name for alert in alerts()]
    assert sorted(case.alert for case in CASES) == sorted(known) == sorted(set(known))
    for case in CASES:
        found = list(case.fires.expected.values())
        assert any(found), f"{case.alert} never fires"
        if case.alert == "Watchdog":  # it is there for always firing
            assert all(found)
            continue
        assert found[0] and not found[1], f"{case.alert} does not resolve"
        assert case.silent is not None and case.silent.expected, f"{case.alert} is never silent"
        assert not any(case.silent.expected.values())


def test_all_scenes(tmp_path: Path) -> None:
    made = documents(CASES, RULES)
    for name, document in made.items():
        (tmp_path / name).write_text(yaml.safe_dump(document, allow_unicode=True))
    running = [start(tmp_path, "test", "rules", name) for name in made if name.startswith("test-")]
    for process in running:
        finish(process)


def test_rules_are_valid(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(RULES, allow_unicode=True))
    finish(start(tmp_path, "check", "rules", "--lint=all", "--lint-fatal", "rules.yml"))


def test_every_alert_says_what_to_do() -> None:
    for rule in (r for group in RULES["groups"] for r in group["rules"] if "alert" in r):
        assert rule["labels"]["severity"] in ("critical", "warning", "info", "none"), rule["alert"]
        assert rule["labels"]["area"], rule["alert"]
        assert rule["annotations"]["summary"] and rule["annotations"]["description"]
        url = rules(runbooks="https://x.example/r")
        assert rule["annotations"]["runbook_url"] == f"docs/runbooks/{rule['alert']}.md"
        texts = [r["annotations"]["runbook_url"] for group in url["groups"] for r in group["rules"] if "alert" in r]
        assert f"https://x.example/r/{rule['alert']}.md" in texts


def test_the_users_numbers_stand_in_one_place() -> None:
    given = Objectives(availability=0.95, fast_enough=0.5, traffic=7, drifted=0.9, label_delay="9d", left_out=0.4)
    ours, usual = rules(given), RULES
    assert {r["expr"] for r in ours["groups"][0]["rules"]} == {
        "vector(0.05)", "vector(0.5)", "vector(7)", "vector(0.9)", "vector(777600)", "vector(7776000)", "vector(0.4)",
    }  # fmt: skip
    memory = ("[27d]", "[9d]")  # how long labels are remembered follows from how long they may take
    assert yaml.safe_dump(ours["groups"][1:]).replace(*memory) == yaml.safe_dump(usual["groups"][1:])


@pytest.mark.parametrize("wrong", [
    {"availability": 99.9}, {"availability": 1.0}, {"latency": 0}, {"latency": 60}, {"traffic": float("inf")},
    {"label_delay": "soon"}, {"baseline_age": ""},
], ids=str)  # fmt: skip
def test_impossible_objectives(wrong: dict[str, Any]) -> None:
    with pytest.raises(ParameterError):
        Objectives(**wrong)


def test_impossible_rules() -> None:
    for wrong in ({"job": 'a"}'}, {"job": ""}, {"pace": 0}, {"pace": float("nan")}):
        with pytest.raises(ParameterError):
            rules(**wrong)


def test_pace_and_interval() -> None:
    quick = rules(pace=1 / 300, interval="1s")
    made = {r.get("alert"): r for g in quick["groups"] for r in g["rules"]}
    assert (made["FeatureDrift"]["for"], made["FeatureDrift"]["keep_firing_for"]) == ("3s", "3s")
    assert made["MonitorDown"]["for"] == "1s" and "keep_firing_for" not in made["MonitorDown"]
    assert "for" not in made["Watchdog"]
    assert {g["interval"] for g in quick["groups"]} == {"1s"}


FLIGHTS = Schema(timestamp="at", target="late", prediction="said", score="p", task="classification", positive=True)
FARES = Schema(target="paid", prediction="fare", task="regression")


def rows(n: int, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    p = rng.random(n)
    return {
        "distance": rng.normal(1000, 250, n), "city": rng.choice(["Ulm", "Bonn"], n), "p": p, "said": p > 0.5,
        "late": rng.random(n) < p, "at": [datetime(2026, 1, 1, tzinfo=UTC)] * n,
        "fare": 100 * p, "paid": 100 * p + rng.normal(0, 5, n), "face": rng.normal(size=(n, 3)),
        "note": [f"Seat {i} is by the window. Aisle {i % 9}!" for i in rng.integers(0, 10**6, n)],
        "booked": [datetime(2025, 1 + i % 12, 1 + i % 28, i % 24, tzinfo=UTC) for i in range(n)],
    }  # fmt: skip


GIVEN = {  # what says nothing without a parameter
    "ConditionShare": ("distance > 500",), "InListShare": ("city", ("Ulm",)), "CategoryShare": ("city", "Ulm"),
    "InRangeShare": ("distance", 0, 1e6),
}  # fmt: skip


def every_check() -> list[Check]:
    packages = (drift, quality, performance)
    return [
        Check(getattr(package, name)(*GIVEN.get(name, ())), lt(1e12))
        for package in packages
        for name in package.__all__
    ]


def everything(schema: Schema) -> list[Need]:
    """What windows hold when nobody asks, and what some metric asks for beside it."""
    asked = (need for check in every_check() for need in check.metric.needs(schema))
    return [*default_needs(schema, anchored=True), *asked]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What real pages show: of the usual checks, and of all that can be made."""
    collectors: list[Any] = []
    for name, schema in (("flights", FLIGHTS), ("fares", FARES)):
        drop = {"paid", "fare"} if name == "flights" else {"late", "said", "p"}
        table, now = ({k: v for k, v in rows(500, seed).items() if k not in drop} for seed in (1, 2))
        baseline = Baseline.of(table, schema=schema, needs=everything)
        monitor = Monitor(baseline, model=name, spool=tmp_path_factory.mktemp(name), handle_sigterm=False)
        app = FastAPI()
        instrument(app, monitor)
        monitor.log({k: v[0] for k, v in now.items()}, prediction=1.0)
        monitor.log_batch(now)
        monitor.close()
        collectors += [
            MonitorCollector(monitor),
            MonitorCollector(monitor, items=every_check(), every_value=True, series_at_most=100_000),
        ]
    return [sample for one in [*collectors, Everything()] for family in one.collect() for sample in family.samples]


@pytest.fixture(scope="module")
def page(samples: list[Any]) -> dict[str, set[str]]:
    """Names of the series, with those of their labels."""
    found: dict[str, set[str]] = {}
    for sample in samples:
        found.setdefault(sample.name, set()).update(sample.labels)
    return found


def test_rules_take_a_whole_page(samples: list[Any], tmp_path: Path) -> None:
    """Of two processes where nothing is wrong, all metrics checked: no rule fails to match, and nobody is woken."""
    made: dict[str, str] = {}
    for sample in samples:
        rising = 60 if sample.name.endswith("_timestamp_seconds") else 0  # what stands still would be stale
        for instance in ("a:8000", "b:8000"):
            made |= series(sample.name, f"{sample.value:f}+{rising}x60", **{**sample.labels, "instance": instance})
    made |= series("up", "1x60") | series("up", "1x60", instance="b:8000")
    quiet = {"eval_time": "45m", "exp_alerts": []}
    test = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in made.items()],
        "alert_rule_test": [{**quiet, "alertname": alert.name} for alert in alerts() if alert.name != "Watchdog"],
    }
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(RULES, allow_unicode=True))
    document = {"rule_files": ["rules.yml"], "evaluation_interval": "5m", "tests": [test]}
    (tmp_path / "test.yml").write_text(yaml.safe_dump(document, allow_unicode=True))
    finish(start(tmp_path, "test", "rules", "test.yml"))


def test_every_name_in_a_rule_is_on_a_page(page: dict[str, set[str]]) -> None:
    rules_of = [rule for group in RULES["groups"] for rule in group["rules"]]
    recorded = {rule["record"] for rule in rules_of if "record" in rule}
    read = {name: rule for rule in rules_of for name in metrics_of(rule["expr"])}
    assert not sorted(set(read) - set(page) - recorded - OWN), "no page has these series"
    assert recorded <= set(read), "recorded and never read"


def test_every_label_in_a_rule_is_on_a_page(page: dict[str, set[str]]) -> None:
    for rule in (rule for group in RULES["groups"] for rule in group["rules"]):
        for selector, _ in selectors(rule["expr"]):
            if selector.name in page:
                labels = {label for label, _, _ in matchers(selector)} - {"job", "instance"}
                assert labels <= page[selector.name], f"{selector.name} has no labels {labels - page[selector.name]}"


def test_values_in_matchers_are_on_a_page(page: dict[str, set[str]]) -> None:
    """Names of metrics, statuses and buckets that a selector asks for."""
    known = {spec.name for group in (names.DRIFT, names.QUALITY, names.PERFORMANCE) for spec in group}
    for rule in (rule for group in RULES["groups"] for rule in group["rules"]):
        for selector, _ in selectors(rule["expr"]):
            for label, _, value in matchers(selector):
                allowed = {
                    "metric": known, "window": {"last", "running"}, "status": set(STATUSES), "role": {"target"},
                    "le": {str(edge) for edge in LATENCY_BUCKETS}, "job": {"ml-api"}, "rule_group": {".*barograph-.*"},
                }[label]  # fmt: skip
                assert set(value.split("|")) <= allowed, f"{rule} asks for {label}={value}"
