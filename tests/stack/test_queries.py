"""Every query of every dashboard, on a real Prometheus that holds hours of a real fleet."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from backfill import END, FARES, FLIGHTS, JOB, PORTS, START, Page, backfill, pages
from browsing import INTERVALS, Json, Past, Shown, filled, renamed, shown, variables
from prometheus import binary, prometheus
from prometheus_client.core import Metric
from promql_names import expressions, metrics_of
from servers import serve, until

from barograph.checks import Check
from barograph.needs import default_needs
from barograph.presets import PRESETS
from barograph.schema import Kind
from barograph.stack import names
from barograph.stack.dashboards import dashboards

MODELS = {"flights": ("classification", FLIGHTS), "fares": ("regression", FARES), "ports": ("classification", PORTS)}
WINDOWS = ("last", "running")
EVERY = dashboards()
# What is rightly empty: outcomes that come with the predictions have no coverage, a regressor no classes, and classes
# without a score are no numbers.
COVERAGE = {"Label coverage", "Label coverage by version"}
VALUES = {"Mean prediction", "Median prediction", "Mean prediction by version", "Value quantiles"}
EMPTY = {
    "flights": set[str](),
    "fares": {*COVERAGE, names.PREDICTED_RATE.title, names.TARGET_RATE.title, names.UNSEEN.title},
    "ports": {*COVERAGE, *VALUES},
}


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Past, list[Page]]]:
    """The past of a fleet, and the pages it was made of."""
    binary("prometheus")
    folder = tmp_path_factory.mktemp("fleet")
    found = pages(folder / "spools")
    backfill(folder, found)
    with prometheus(folder) as address:
        yield Past(address, START, END), found


@pytest.fixture(scope="module")
def past(fleet: tuple[Past, list[Page]]) -> Past:
    return fleet[0]


def has(dashboard: Json, variable: str) -> bool:
    return any(v["name"] == variable for v in dashboard["templating"]["list"])


def choices(dashboard: Json) -> list[dict[str, str]]:
    """Of variables with one value at a time, each of them."""
    models = [{"model": model} for model in MODELS] if has(dashboard, "model") else [{}]
    windows = [{"window": window} for window in WINDOWS] if has(dashboard, "window") else [{}]
    return [one | other for one, other in itertools.product(models, windows)]


@pytest.mark.parametrize("file", EVERY)
def test_every_panel_shows_something_sound(past: Past, file: str) -> None:
    dashboard = EVERY[file]
    for chosen in choices(dashboard):
        found = list(shown(dashboard, past, **chosen))
        faults = [fault for one in found for fault in one.faults()]
        assert not faults, (chosen, faults)
        empty = {one.panel for one in found if not one.series and not limits(one)}
        rightly = EMPTY.get(chosen.get("model", ""), set())
        assert empty == rightly & {one.panel for one in found}, chosen


def limits(one: Shown) -> bool:
    """Whether a target shows thresholds of a metric that may have none, because no check judges it."""
    return bool(re.search(r'__name__=~"\(barograph_\w+\)_threshold"', one.expr))


@pytest.mark.parametrize("file", EVERY)
def test_every_variable_has_values(past: Past, file: str) -> None:
    for chosen in choices(EVERY[file]):
        found = variables(EVERY[file], past, chosen)
        assert all(found.values()), {name: values for name, values in found.items() if not values}
        assert found["job"] == [JOB]


@pytest.mark.parametrize("model", MODELS)
def test_performance_shows_what_the_models_task_has(past: Past, model: str) -> None:
    """By the names of the Specs: a metric that Prometheus has under another name is not among them."""
    task, schema = MODELS[model]
    items = [item.metric if isinstance(item, Check) else item for item in PRESETS[task](schema, compared=True)]
    # error quantiles and the like are no single number that is better or worse; some pictures need what windows lack
    kept = {need.summary for need in default_needs(schema, anchored=True)}
    wide = schema.replace(kinds={**schema.kinds, "feature": Kind.NUMERIC})  # some ask for each feature
    held = [item for item in items if all(need.view == "value" and need.summary in kept for need in item.needs(wide))]
    expected = {names.of(item).name for item in held if item.spec.direction != "none"}
    for window in WINDOWS:
        found = variables(EVERY["performance.json"], past, {"model": model, "window": window})["metric"]
        assert set(found) == expected
    thresholds = {
        one.panel for one in shown(EVERY["performance.json"], past, model=model) if limits(one) and one.series
    }
    assert len(thresholds) >= 4


def test_before_the_first_window_is_complete_the_running_one_is_shown(
    fleet: tuple[Past, list[Page]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    past, found = fleet
    folder, end = tmp_path_factory.mktemp("young"), START + 20 * 60
    backfill(folder, [page for page in found if page[0] <= end])
    with prometheus(folder) as address:
        young = Past(address, START, end)
        for file, dashboard in EVERY.items():
            if has(dashboard, "window"):
                assert variables(dashboard, young, {})["window"] == ["running"], file
                assert variables(dashboard, past, {})["window"] == ["last", "running"], file
            model = {"model": "fares"} if has(dashboard, "model") else {}
            empty = {one.panel for one in shown(dashboard, young, **model) if not one.series and not limits(one)}
            assert empty <= EMPTY["fares"], file


VOCABULARY = [name.name for name in names.FIXED] + [
    name.name for name in (
        names.PSI, names.MISSING_DRIFT, names.MISSING, names.OUT_OF_RANGE, names.UNSEEN, names.EMPTY, names.CONSTANT,
        names.CHANGED, names.DRIFTED, names.PREDICTED_RATE, names.TARGET_RATE,
    )
]  # fmt: skip
NOT_SHOWN = {names.WINDOW_START.name, names.COLUMN_ROLE.name}  # read by alerts


@pytest.mark.parametrize("name", VOCABULARY)
def test_a_renamed_metric_is_noticed(past: Past, name: str) -> None:
    """As if the metric had another name than the dashboards call it by: some panel must be found empty."""
    noticed = shows = 0
    for dashboard in EVERY.values():
        for suffix in ("", "_bucket", "_sum", "_count"):
            other = renamed(dashboard, name + suffix)
            if other["panels"]:
                shows += 1
                chosen = {"model": "flights"} if has(dashboard, "model") else {}
                noticed += any(not one.series for one in shown(other, past, **chosen))
    assert (shows == 0) == (name in NOT_SHOWN)
    assert noticed or not shows, f"{name} could be renamed, and no panel would be missed"


def test_a_metric_renamed_on_the_page_is_noticed(
    fleet: tuple[Past, list[Page]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The other side: the code has a new name and the dashboards have not."""
    _, found = fleet
    folder = tmp_path_factory.mktemp("renamed")
    old = {names.PSI.name, "predictions", names.FLUSHED.name, "barograph_accuracy_ratio"}
    backfill(folder, [(at, target, [with_new_name(f, old) for f in families]) for at, target, families in found[-120:]])
    missed = {
        "drift.json": "Population stability index",
        "service.json": "Predictions per Minute",
        "health.json": "Since flush",
    }
    with prometheus(folder) as address:
        there = Past(address, START, END)
        for file, panel in missed.items():
            model = {"model": "flights"} if has(EVERY[file], "model") else {}
            empty = [one.panel for one in shown(EVERY[file], there, **model) if not one.series]
            assert any(panel in title for title in empty), (file, empty)
        metrics = variables(EVERY["performance.json"], there, {"model": "flights"})["metric"]
        assert "barograph_accuracy_ratio" not in metrics
        assert "barograph_f1_ratio" in metrics


def with_new_name(family: Metric, old: set[str]) -> Metric:
    if family.name not in old:
        return family
    made = Metric(f"new_{family.name}", family.documentation, family.type)
    for sample in family.samples:
        made.add_sample(f"new_{sample.name}", sample.labels, sample.value)
    return made


@pytest.mark.parametrize("file", EVERY)
def test_queries_run_for_everything_at_once_too(past: Past, file: str) -> None:
    """Of all models, versions and windows together no two series may become one, which Prometheus refuses."""
    every = INTERVALS | {variable["name"]: ".+" for variable in EVERY[file]["templating"]["list"]}
    for panel in EVERY[file]["panels"]:
        for target in panel.get("targets", []):
            expr = re.sub(r'="\$(model|window)"', r'=~"$\1"', target["expr"])
            assert past.series(filled(expr, every), instant=target["instant"]), panel["title"]


def test_annotations(past: Past) -> None:
    """Alerts, deployments and baselines appear when they are, and not for as long as they last."""
    for file, dashboard in EVERY.items():
        marks = {a["name"]: a for a in dashboard["annotations"]["list"] if "expr" in a}
        assert set(marks) == {"Alerts", "Deployments", "New baselines"}, file
        values = {"job": ".+", "instance": ".+", "model": "flights"}
        found = {name: past.series(filled(mark["expr"], values), instant=False) for name, mark in marks.items()}
        deployed = {
            labels["model_version"]: values for labels, values in found["Deployments"] if labels["model"] == "flights"
        }
        assert set(deployed) == {"3", "4"}
        assert all(len(values) <= 6 for values in deployed.values())
        assert len([1 for labels, _ in found["New baselines"] if labels["model"] == "flights"]) == 2
        assert {labels["alertname"] for labels, _ in found["Alerts"]} == {"FeatureDrift"}


def test_drift_is_seen(past: Past) -> None:
    """The numbers, once: what was injected is what the dashboards say."""
    found = {(one.panel, one.ref): one for one in shown(EVERY["drift.json"], past, model="flights", window="last")}
    table = {
        labels["column"]: values[0] for labels, values in found["Top features", "A"].series if labels["metric"] == "psi"
    }
    assert table["distance"] > 1
    assert table["hour"] < 1
    states = {labels["column"]: values[-1] for labels, values in found["Drift by column", "A"].series}
    assert states["distance"] == names.STATUSES["fail"]
    assert states["hour"] == names.STATUSES["pass"]
    assert states["late"] == names.STATUSES["pass"], "judged where outcomes arrive"
    ((_, failed),) = found["Columns drifted", "A"].series
    assert failed[-1] == sum(state == names.STATUSES["fail"] for state in states.values())
    quality = {(one.panel, one.ref): one for one in shown(EVERY["quality.json"], past, model="flights", window="last")}
    unseen = [
        values[-1]
        for labels, values in quality[names.UNSEEN.title, "A"].series
        if labels["instance"] == "api-1:8000" and labels["model_version"] == "4"
    ]
    assert unseen[0] > 0.1


def test_coverage_and_lag_of_labels(past: Past) -> None:
    found = {
        (one.panel, one.ref): one for one in shown(EVERY["performance.json"], past, model="flights", window="last")
    }
    coverage = {
        labels["model_version"]: values[-1] for labels, values in found["Label coverage by version", "A"].series
    }
    assert 0.4 < coverage["4"] < 0.75  # 7 of 10, and those of the last minutes are still to come
    lag: Any = {labels["model_version"]: values for labels, values in found["Label lag by version", "A"].series}
    assert max(lag["4"]) <= 25 * 60
    fares = {one.panel: one for one in shown(EVERY["performance.json"], past, model="fares")}
    assert max(fares["Label lag"].series[0][1]) <= 5 * 60


def test_every_name_is_in_the_vocabulary() -> None:
    known = {*VOCABULARY, names.ROW_COUNT.name, "up", "ALERTS"} | {
        names.of(spec).name for spec in (*names.DRIFT, *names.QUALITY, *names.PERFORMANCE)
    }
    ends = re.compile("_(threshold|reference|bucket|sum|count)$")
    for file, dashboard in EVERY.items():
        used = {ends.sub("", name) for expr in expressions(dashboard) for name in metrics_of(expr)}
        assert used <= known, (file, used - known)


class Now(Past):
    """As `Past`, but what is there at this moment."""

    def series(self, expr: str, *, instant: bool) -> list[tuple[dict[str, str], list[float]]]:
        return super().series(expr, instant=True)


# That service knows no outcomes, its model gives a score and no classes, and has no categories.
NOT_LIVE = {names.PREDICTED_RATE.title, names.TARGET_RATE.title, names.UNSEEN.title}


def test_a_live_service_fills_them(tmp_path: Path) -> None:
    """A real service under a real server, scraped by a real Prometheus: within its first seconds."""
    command = ("uvicorn", "served:app", "--port", "{port}")
    with serve(tmp_path, *command) as server, prometheus(tmp_path, targets=[f"127.0.0.1:{server.port}"]) as address:

        def counted() -> bool:
            for hour in range(24):
                server.ask("POST", "/predict", {"distance": 80.0 * hour, "hour": hour})
            now = Now(address, time.time() - 60, time.time())
            return bool(now.series(f"rate({names.PREDICTION_VALUE.count}[1m]) > 0 and on () {names.PSI}", instant=True))

        until(counted, what="predictions and scores in Prometheus")
        now = Now(address, time.time() - 60, time.time())
        for file in ("service.json", "predictions.json", "drift.json", "quality.json", "health.json"):
            found = list(shown(EVERY[file], now))
            assert not [fault for one in found for fault in one.faults()]
            assert {one.panel for one in found if not one.series} <= NOT_LIVE, file
