"""A dashboard as Grafana would show it: variables filled from Prometheus, panels repeated, targets run and named."""

from __future__ import annotations

import copy
import json
import math
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
Labels = dict[str, str]

STEP = 60
INTERVALS = {"__interval": "1m", "__rate_interval": "4m", "__range": "150m"}
_NAMED = re.compile(r"\$\{(\w+)(?:\.\w+)?(?::\w+)?\}|\$(\w+)")
_LABEL_VALUES = re.compile(r"label_values\((?:(?P<selector>.+),\s*)?(?P<label>\w+)\)", re.DOTALL)


def filled(text: str, values: Mapping[str, str]) -> str:
    """Variables put in; an unknown one is an error."""
    return _NAMED.sub(lambda found: values[found[1] or found[2]], text)


@dataclass(frozen=True)
class Past:
    """A Prometheus and the time that is looked at."""

    address: str
    start: float
    end: float

    def _get(self, path: str, **asked: Any) -> Any:
        data = urllib.parse.urlencode(asked, doseq=True)
        request = urllib.request.Request(f"{self.address}/api/v1/{path}?{data}")
        if path.startswith("query"):
            request = urllib.request.Request(f"{self.address}/api/v1/{path}", data.encode())
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                found = json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(f"{error.read().decode()}: {asked}") from error
        return found["data"]

    def values(self, query: str) -> list[str]:
        """What label_values() gives for the time looked at."""
        parts = _LABEL_VALUES.fullmatch(query)
        assert parts, query
        found = self._get(
            f"label/{parts['label']}/values", **{"match[]": parts["selector"]}, start=self.start, end=self.end
        )
        return sorted(map(str, found))

    def series(self, expr: str, *, instant: bool) -> list[tuple[Labels, list[float]]]:
        """Labels and values of the series that an expression gives."""
        if instant:
            result = self._get("query", query=expr, time=self.end)["result"]
            return [(one["metric"], [float(one["value"][1])]) for one in result]
        result = self._get("query_range", query=expr, start=self.start, end=self.end, step=STEP)["result"]
        return [(one["metric"], [float(value) for _, value in one["values"]]) for one in result]


def variables(dashboard: Json, past: Past, chosen: Mapping[str, str]) -> dict[str, list[str]]:
    """The values of each variable in their order, those chosen as they are."""
    values, options = dict(INTERVALS), {}
    for variable in dashboard["templating"]["list"]:
        name = variable["name"]
        if variable["type"] == "query":
            options[name] = past.values(filled(variable["query"], values))
        elif variable["type"] == "textbox":
            options[name] = [variable["query"]]
        else:
            options[name] = ["the data source"]
        if name in chosen:
            options[name] = [one for one in options[name] if one == chosen[name]]
        values[name] = _chosen(variable, options[name])
    return options


def _chosen(variable: Json, options: list[str]) -> str:
    """What Grafana puts in at first: of several all, as their own expression or as those listed."""
    if not variable.get("multi"):
        return "".join(options[:1])
    return str(variable.get("allValue") or f"({'|'.join(map(re.escape, options))})")


@dataclass(frozen=True)
class Shown:
    """One target of one panel, and what it gave."""

    panel: str
    ref: str
    expr: str
    series: list[tuple[Labels, list[float]]]
    span: list[tuple[float, float]]

    def faults(self) -> Iterator[str]:
        """What must not be seen."""
        for (labels, values), (low, high) in zip(self.series, self.span, strict=True):
            wrong = [v for v in values if not math.isfinite(v) or not low <= v <= high]
            if wrong or not values:
                yield f"{self.panel} {self.ref}: {wrong[:3]} not in {low} to {high}: {labels}"


def shown(dashboard: Json, past: Past, **chosen: str) -> Iterator[Shown]:
    """Every target of every panel, with the variables chosen or else all of their values."""
    options = variables(dashboard, past, chosen)
    values = INTERVALS | {v["name"]: _chosen(v, options[v["name"]]) for v in dashboard["templating"]["list"]}
    for panel in dashboard["panels"]:
        repeat = panel.get("repeat")
        for value in options[repeat] if repeat else [None]:
            now = values if value is None else values | {str(repeat): re.escape(value)}
            for target in panel.get("targets", []):
                yield _target(panel, target, past, now)


def _target(panel: Json, target: Json, past: Past, values: Mapping[str, str]) -> Shown:
    expr = filled(target["expr"], values)
    series = past.series(expr, instant=target["instant"])
    named = [_legend(target["legendFormat"], labels, values) for labels, _ in series]
    span = [_span(panel["fieldConfig"], name) for name in named]
    return Shown(filled(panel["title"], values), target["refId"], expr, series, span)


def _legend(template: str, labels: Labels, values: Mapping[str, str]) -> str:
    return re.sub(r"\{\{(\w+)\}\}", lambda found: labels.get(found[1], ""), filled(template, values))


def _span(config: Json, name: str) -> tuple[float, float]:
    """The range of a series, as the panel and its overrides say."""
    ends = {"min": -math.inf, "max": math.inf} | {k: v for k, v in config["defaults"].items() if k in ("min", "max")}
    for override in config["overrides"]:
        matcher = override["matcher"]
        if matcher["id"] == "byRegexp" and re.search(matcher["options"].strip("/"), name):
            ends |= {p["id"]: p["value"] for p in override["properties"] if p["id"] in ends}
    return float(ends["min"]), float(ends["max"])


def renamed(dashboard: Json, name: str) -> Json:
    """The dashboard as it would be if what it calls `name` had another name: only the panels that show it."""
    made = copy.deepcopy(dashboard)
    whole = re.compile(rf"(?<![a-zA-Z0-9_:]){re.escape(name)}(?![a-zA-Z0-9_:])")
    for panel in made["panels"]:
        found = [target for target in panel.get("targets", []) if whole.search(target["expr"])]
        for target in found:
            target["expr"] = whole.sub(f"{name}_before", target["expr"])
        panel["targets"] = found
    made["panels"] = [panel for panel in made["panels"] if panel["targets"]]
    return made
