"""The dashboards as files and pages: committed as generated, complete, and whole in themselves."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import INTERVALS, Json

from barograph.stack import names
from barograph.stack.dashboards import dashboards, frame, panels
from barograph.stack.dashboards.__main__ import FOLDER, PAGE, main
from barograph.stack.dashboards.page import page
from barograph.stack.text import as_json

EVERY = dashboards()
PROMISED = {
    "service.json": ["datasource", "job", "instance", "version"],
    "predictions.json": ["datasource", "job", "instance", "model", "version", "window"],
    "drift.json": ["datasource", "job", "instance", "model", "version", "window", "feature", "report"],
    "quality.json": ["datasource", "job", "instance", "model", "version", "window", "feature", "report"],
    "performance.json": ["datasource", "job", "instance", "model", "version", "window", "metric"],
    "health.json": ["datasource", "job", "instance", "model", "version"],
}
# What Grafana itself puts in, beside a dashboard's own variables.
OWN = {*INTERVALS, "__all", "__field", "__value", "__url_time_range"}


def shown(made: Json) -> Iterator[Json]:
    return (panel for panel in made["panels"] if panel["type"] != "row")


def titles(file: str) -> list[str]:
    return [panel["title"] for panel in shown(EVERY[file])]


def test_committed_as_generated() -> None:
    again = "run `python -m barograph.stack.dashboards`"
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(EVERY), again
    for name, made in EVERY.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == as_json(made), again
    assert PAGE.read_text(encoding="utf-8") == page(EVERY), again


def test_written_by_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from barograph.stack.dashboards import __main__ as command

    monkeypatch.setattr(command, "FOLDER", tmp_path / "made" / "dashboards")
    monkeypatch.setattr(command, "PAGE", tmp_path / "dashboards.md")
    main()
    assert {p.name: json.loads(p.read_text()) for p in (tmp_path / "made" / "dashboards").iterdir()} == EVERY


@pytest.mark.parametrize("file", EVERY)
def test_variables_are_those_promised(file: str) -> None:
    assert [variable["name"] for variable in EVERY[file]["templating"]["list"]] == PROMISED[file]


@pytest.mark.parametrize("file", EVERY)
def test_every_variable_that_is_used_is_there(file: str) -> None:
    made = EVERY[file]
    used = {a or b for a, b in re.findall(r"\$(?:\{(\w+)(?:[.:][^}]*)?\}|(\w+))", json.dumps(made))}
    assert used <= OWN | set(PROMISED[file])
    # job and data source are always used; a variable that changes nothing would be a lie
    assert set(PROMISED[file]) <= used


@pytest.mark.parametrize("file", EVERY)
def test_variables_use_only_those_before_them(file: str) -> None:
    before: set[str] = set()
    for variable in EVERY[file]["templating"]["list"]:
        assert before >= set(re.findall(r"\$(\w+)", variable["query"]))
        before.add(variable["name"])


@pytest.mark.parametrize("file", EVERY)
def test_panels_stand_apart(file: str) -> None:
    made = EVERY[file]["panels"]
    assert [panel["id"] for panel in made] == list(range(1, len(made) + 1))
    places = [panel["gridPos"] for panel in made]
    assert all(p["x"] >= 0 and p["x"] + p["w"] <= 24 and p["w"] > 0 and p["h"] > 0 for p in places)
    for a, b in itertools.combinations(places, 2):
        apart = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
        assert apart or a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"], (a, b)


@pytest.mark.parametrize("file", EVERY)
def test_titles_tell_panels_apart(file: str) -> None:
    found = titles(file)
    assert len(set(found)) == len(found)
    for panel in shown(EVERY[file]):
        refs = [target["refId"] for target in panel.get("targets", [])]
        assert len(set(refs)) == len(refs)


def test_uids_tell_dashboards_apart() -> None:
    uids = [made["uid"] for made in EVERY.values()]
    assert len(set(uids)) == len(uids) == 6
    assert all(made["editable"] is False and len(made["uid"]) <= 40 for made in EVERY.values())


def test_the_panels_that_people_know() -> None:
    assert {"Predictions per Minute", "P95 Latency", "Error Rate"} <= set(titles("service.json"))
    assert any(title.startswith("Prediction distribution") for title in titles("predictions.json"))
    service = json.dumps(EVERY["service.json"])
    assert all(f"histogram_quantile({q}" in service for q in (0.5, 0.95, 0.99))
    assert any(panel["type"] == "heatmap" for panel in shown(EVERY["predictions.json"]))
    assert {"timeseries", "table", "state-timeline", "stat"} <= {panel["type"] for panel in shown(EVERY["drift.json"])}


def test_links_lead_to_dashboards_that_exist() -> None:
    uids = {made["uid"]: {v["name"] for v in made["templating"]["list"]} for made in EVERY.values()}
    urls = set(re.findall(r'"url": "([^"]+)"', json.dumps(list(EVERY.values()))))
    inside = [url for url in urls if url.startswith("/d/")]
    assert len(inside) >= 2
    for url in inside:
        uid, _, rest = url.removeprefix("/d/").partition("?")
        kept = set(re.findall(r"\$\{(\w+):queryparam\}", rest)) | set(re.findall(r"var-(\w+)=", rest))
        assert kept <= uids[uid], url
    assert any(url.startswith("${report:raw}#") for url in urls), "from a feature to its report"
    for made in EVERY.values():
        (menu,) = made["links"]
        assert menu["tags"] == [frame.TAG]
        assert frame.TAG in made["tags"]


def test_what_a_spec_says_is_what_its_panel_says() -> None:
    for file, name in (
        ("drift.json", names.PSI), ("drift.json", names.MISSING_DRIFT), ("quality.json", names.MISSING),
        ("quality.json", names.UNSEEN), ("quality.json", names.EMPTY), ("predictions.json", names.PREDICTED_RATE),
    ):  # fmt: skip
        (panel,) = (p for p in shown(EVERY[file]) if name.title in p["title"])
        defaults = panel["fieldConfig"]["defaults"]
        assert name.help in panel["description"]
        assert defaults["unit"] == name.unit
        assert (defaults.get("min"), defaults.get("max")) == name.range
    glossary = json.dumps(EVERY["performance.json"])
    for spec in names.PERFORMANCE:
        if spec.direction != "none":
            assert spec.title in glossary
            assert names.of(spec).name in glossary


def test_thresholds_and_references_are_drawn_as_such() -> None:
    for made in EVERY.values():
        for panel in shown(made):
            for target in panel.get("targets", []):
                for word in (panels.THRESHOLD, panels.REFERENCE):
                    if f"_{word}{{" in target["expr"] or f'_{word}"' in target["expr"]:
                        assert (
                            target["legendFormat"].startswith(f"{word} ")
                            or panel["type"] == "table"
                            or "/ (" in target["expr"]
                        )


def test_no_threshold_is_a_constant() -> None:
    """Lines and colours change at 0 or at a verdict; what is too much, a series says."""
    codes = set(names.STATUSES.values())
    for made in EVERY.values():
        for panel in shown(made):
            steps = panel.get("fieldConfig", {}).get("defaults", {}).get("thresholds", {}).get("steps", [])
            assert {step["value"] for step in steps} <= {None, 1e-9, *codes}


def test_every_dashboard_marks_alerts_deployments_and_baselines() -> None:
    for made in EVERY.values():
        marks = [mark["name"] for mark in made["annotations"]["list"] if "expr" in mark]
        assert marks == ["Alerts", "Deployments", "New baselines"]


def test_the_page_tells_of_every_panel() -> None:
    text = page(EVERY)
    for made in EVERY.values():
        assert f"## {made['title']}\n" in text
        for panel in shown(made):
            assert panel["type"] == "text" or panel["description"] in text
    assert "$" not in text.replace("\\$", "")
