"""The JSON against Grafana's own schemas, each panel against those of its kind.

They are another project's data and are read from where they lie: beside this repository, or where
BAROGRAPH_GRAFANA_SCHEMAS says.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from browsing import Json
from jsonschema import Draft7Validator

from barograph.stack.dashboards import dashboards

ROOT = Path(__file__).parent.parent.parent
FOLDER = Path(os.environ.get("BAROGRAPH_GRAFANA_SCHEMAS", ROOT.parent / "shared" / "grafana-schemas"))
EVERY = dashboards()
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"Grafana's schemas are not in {FOLDER}")


@cache
def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.jsonschema.json").read_text())
    return found


@cache
def validator(name: str, part: str) -> Draft7Validator:
    return Draft7Validator({"$ref": f"#/definitions/{part}", "definitions": schema(name)["definitions"]})


@cache
def units() -> frozenset[str]:
    return frozenset(one["const"] for one in schema("units")["definitions"].values() if "const" in one)


def faults(made: Json) -> Iterator[str]:
    """What is wrong with a dashboard; overrides are held to their panel's own schema by hand."""
    whole = copy.deepcopy(made)
    for panel in whole["panels"]:
        if panel["type"] != "row":
            yield from _panel(panel)
    yield from _said("dashboard", "Dashboard", whole)


def _panel(panel: Json) -> Iterator[str]:
    kind = panel["type"].replace("-", "")
    if not (FOLDER / f"{kind}.jsonschema.json").exists():
        yield f"there is no panel {panel['type']}"
        return
    yield from _said(kind, "Options", panel["options"])
    for target in panel.get("targets", []):
        yield from _said("prometheus", "Dataquery", target)
    if "fieldConfig" not in panel:
        yield from _said("dashboard", "Panel", panel)
        return
    config = panel["fieldConfig"]
    fields = [config["defaults"], *map(_overridden, config["overrides"])]
    for field in fields:
        if field.get("unit", "none") not in units():
            yield f"{panel['title']}: no unit {field['unit']!r}"
        # a part of what a panel says does not have all that the whole must have
        if "FieldConfig" in schema(kind)["definitions"] and (field is fields[0] or kind != "table"):
            yield from _said(kind, "FieldConfig", field.get("custom", {}))
        yield from _said("dashboard", "FieldConfig", field)
    config["overrides"] = []  # the schema takes any value there for an object
    yield from _said("dashboard", "Panel", panel)


def _overridden(override: Json) -> Json:
    """An override's properties as the field configuration that they make."""
    made: Json = {"custom": {}}
    for one in override["properties"]:
        name, inside, part = one["id"].partition(".")
        (made[name] if inside else made)[part or name] = one["value"]
    return made


def _said(name: str, part: str, data: object) -> Iterator[str]:
    for error in validator(name, part).iter_errors(data):
        yield f"{name}.{part} {error.json_path}: {error.message[:300]}"


@pytest.mark.parametrize("file", EVERY)
def test_valid(file: str) -> None:
    assert list(faults(EVERY[file])) == []


def spoiled(kind: str, *path: str, value: object) -> Callable[[Json], None]:
    def spoil(made: Json) -> None:
        inside = next(p for p in made["panels"] if p["type"] == kind)
        for step in path[:-1]:
            inside = inside[int(step) if step.isdigit() else step]
        inside[path[-1]] = value

    return spoil


FAULTS = {
    "unit": spoiled("timeseries", "fieldConfig", "defaults", "unit", value="requests"),
    "panel": spoiled("stat", "type", value="number"),
    "expression": spoiled("timeseries", "targets", "0", "expr", value=3),
    "option": spoiled("stat", "options", "colour", value="red"),
    "mode": spoiled("state-timeline", "options", "showValue", value="sometimes"),
    "custom": spoiled("timeseries", "fieldConfig", "defaults", "custom", "lineWidth", value="thick"),
    "place": spoiled("table", "gridPos", "w", value=25),
    "threshold": spoiled("stat", "fieldConfig", "defaults", "thresholds", value={"mode": "absolute"}),
    "override": spoiled(
        "timeseries", "fieldConfig", "overrides", "0", "properties",
        value=[{"id": "custom.lineWidth", "value": "thick"}],
    ),
    "variable": lambda made: made["templating"]["list"][1].update(refresh=7),
    "version": lambda made: made.update(schemaVersion="39"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_found(fault: str) -> None:
    made = copy.deepcopy(EVERY["drift.json"])
    FAULTS[fault](made)
    assert list(faults(made))
