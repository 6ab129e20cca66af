"""The dashboards keep the rules of Grafana's dashboard-linter, and each rule finds what it is for."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

import pytest
from browsing import Json
from lint import RULES, Rule, panel_units, target_logql, variable

from barograph.stack.dashboards import dashboards

EVERY = dashboards()
# Those of Grafana's list that are used; test_grafana_schema holds all units to the list itself.
UNITS = frozenset({"short", "none", "percentunit", "s", "reqps", "cpm", "cps", "rowsps"})
ALL: dict[str, Rule] = {**RULES, "panel-units": lambda made: panel_units(made, UNITS)}


def test_there_are_17() -> None:
    assert len(ALL) == 17


@pytest.mark.parametrize("rule", ALL)
@pytest.mark.parametrize("file", EVERY)
def test_kept(file: str, rule: str) -> None:
    assert list(ALL[rule](EVERY[file])) == []


def first(made: Json) -> Json:
    """The first panel with a query."""
    return next(panel for panel in made["panels"] if panel.get("targets"))


def asks(expr: str) -> Callable[[Json], None]:
    return lambda made: first(made)["targets"][0].update(expr=expr)


def sets(name: str, **values: object) -> Callable[[Json], None]:
    return lambda made: variable(made, name).update(values)


def shows(**values: object) -> Callable[[Json], None]:
    return lambda made: first(made).update(values)


WHO = 'job=~"$job", instance=~"$instance"'
FAULTS: list[tuple[str, Callable[[Json], None]]] = [
    ("template-datasource", sets("datasource", label="Source")),
    ("template-datasource", sets("datasource", type="custom")),
    ("template-job", sets("job", multi=False)),
    ("template-instance", sets("instance", allValue=".*")),
    ("template-label-promql", sets("job", query="label_values(up{, job)")),
    ("template-label-promql", sets("job", query="up")),
    ("template-on-time-change-reload", sets("instance", refresh=1)),
    ("panel-datasource", shows(datasource={"type": "prometheus", "uid": "fixed"})),
    ("panel-title-description", shows(description="")),
    ("panel-no-targets", shows(targets=[])),
    ("panel-units", lambda made: first(made)["fieldConfig"]["defaults"].update(unit="predictions")),
    ("target-promql", asks(f"sum(rate(x{{{WHO}}}))")),
    ("target-rate-interval", asks(f"rate(x_total{{{WHO}}}[5m])")),
    ("target-job", asks('up{instance=~"$instance"}')),
    ("target-job", asks(f'up{{{WHO}}} / rate(x_total{{job="a", instance=~"$instance"}}[$__rate_interval])')),
    ("target-instance", asks('up{job=~"$job"}')),
    ("target-counter-agg", asks(f"sum(x_total{{{WHO}}})")),
    ("target-logql", lambda made: first(made)["targets"][0].update(datasource={"type": "loki"})),
    ("target-logql-auto", asks(f"x{{{WHO}}}[$__auto]")),
    ("uneditable-dashboard", lambda made: made.update(editable=True)),
]


@pytest.mark.parametrize(("rule", "spoil"), FAULTS, ids=[f"{n}-{rule}" for n, (rule, _) in enumerate(FAULTS)])
def test_faults_are_found(rule: str, spoil: Callable[[Json], None]) -> None:
    made = copy.deepcopy(EVERY["service.json"])
    spoil(made)
    assert list(ALL[rule](made))


def test_every_rule_has_a_fault() -> None:
    assert {rule for rule, _ in FAULTS} == set(ALL)


def test_rules_are_generators() -> None:
    assert isinstance(target_logql({"panels": []}), Iterator)
