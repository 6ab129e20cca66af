"""The 17 rules of Grafana's dashboard-linter, as functions of a dashboard that give what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import promql_parser
from browsing import Json
from promql_names import matchers, nodes, plain, selectors

LINTED = {"stat", "singlestat", "graph", "table", "timeseries", "gauge"}
TITLED = LINTED - {"table", "singlestat"}
DATASOURCE = {"${datasource}", "$datasource"}
COUNTED = {"rate", "irate", "increase"}
Rule = Callable[[Json], Iterator[str]]


def panels(made: Json, *types: str) -> list[Json]:
    return [p for p in made["panels"] if p["type"] in (types or LINTED)]


def targets(made: Json) -> Iterator[tuple[str, str]]:
    for panel in made["panels"]:
        for target in panel.get("targets", []):
            yield f"{panel.get('title')} {target.get('refId')}", target["expr"]


def variable(made: Json, name: str) -> Json:
    return next((v for v in made["templating"]["list"] if v["name"] == name), {})


def queried(made: Json) -> list[Json]:
    return [v for v in made["templating"]["list"] if v["type"] == "query"]


def template_datasource(made: Json) -> Iterator[str]:
    found = [v for v in made["templating"]["list"] if v["type"] == "datasource"]
    if len(found) != 1:
        yield f"{len(found)} variables of data sources"
    for one in found:
        if one["name"] not in ("datasource", "prometheus_datasource") or one.get("label") != "Data source":
            yield f"named {one['name']}, {one.get('label')}"
        if one["query"] != "prometheus":
            yield f"of {one['query']}"


def _template(made: Json, name: str) -> Iterator[str]:
    found = variable(made, name)
    wanted = {"type": "query", "label": name.capitalize(), "multi": True, "allValue": ".+"}
    for key, value in wanted.items():
        if found.get(key) != value:
            yield f"{name} has {key} {found.get(key)!r}"
    if found.get("datasource", {}).get("uid") not in DATASOURCE:
        yield f"{name} has another data source"


def template_job(made: Json) -> Iterator[str]:
    yield from _template(made, "job")


def template_instance(made: Json) -> Iterator[str]:
    yield from _template(made, "instance")


def template_label_promql(made: Json) -> Iterator[str]:
    for one in queried(made):
        found = re.fullmatch(r"label_values\((.+),\s*\w+\)", one["query"], re.DOTALL)
        if not found:
            yield f"{one['name']}: {one['query']}"
            continue
        try:
            promql_parser.parse(plain(found[1]))
        except ValueError as error:
            yield f"{one['name']}: {error}"


def template_on_time_change_reload(made: Json) -> Iterator[str]:
    yield from (one["name"] for one in queried(made) if one.get("refresh") != 2)


def panel_datasource(made: Json) -> Iterator[str]:
    for panel in panels(made):
        if panel.get("datasource", {}).get("uid") not in DATASOURCE:
            yield panel["title"]


def panel_title_description(made: Json) -> Iterator[str]:
    yield from (str(p.get("id")) for p in panels(made, *TITLED) if not (p.get("title") and p.get("description")))


def panel_units(made: Json, units: frozenset[str]) -> Iterator[str]:
    for panel in panels(made):
        defaults = panel["fieldConfig"]["defaults"]
        if not defaults.get("mappings") and defaults.get("unit") not in units:
            yield f"{panel['title']}: {defaults.get('unit')!r}"


def panel_no_targets(made: Json) -> Iterator[str]:
    yield from (p["title"] for p in panels(made) if not p.get("targets"))


def target_promql(made: Json) -> Iterator[str]:
    for where, expr in targets(made):
        try:
            promql_parser.parse(plain(expr))
        except ValueError as error:
            yield f"{where}: {error}"


def target_rate_interval(made: Json) -> Iterator[str]:
    for where, expr in targets(made):
        found = re.findall(r"\bi?rate\([^\[\]]*\[([^\]]*)\]", expr)
        yield from (f"{where}: {interval}" for interval in found if interval != "$__rate_interval")


def _matches(made: Json, label: str) -> Iterator[str]:
    for where, expr in targets(made):
        for selector, _ in selectors(expr):
            if (label, "MatchOp.Re", f"${label}") not in matchers(selector):
                yield f"{where}: {selector.prettify()}"


def target_job(made: Json) -> Iterator[str]:
    yield from _matches(made, "job")


def target_instance(made: Json) -> Iterator[str]:
    yield from _matches(made, "instance")


def target_counter_agg(made: Json) -> Iterator[str]:
    for where, expr in targets(made):
        for node, above in nodes(expr):
            if isinstance(node, promql_parser.VectorSelector) and (node.name or "").endswith("_total"):
                calls = {n.func.name for n in above if isinstance(n, promql_parser.Call)}
                if not calls & COUNTED:
                    yield f"{where}: {node.name}"


def _loki(made: Json) -> bool:
    return any(
        t.get("datasource", {}).get("type") != "prometheus" for p in made["panels"] for t in p.get("targets", [])
    )


def target_logql(made: Json) -> Iterator[str]:
    """Queries of logs would have to parse; there are none."""
    yield from ["a query of another kind than Prometheus"] if _loki(made) else []


def target_logql_auto(made: Json) -> Iterator[str]:
    """Ranges of queries of logs would have to be $__auto; there are none."""
    yield from ["$__auto"] if _loki(made) or any("$__auto" in expr for _, expr in targets(made)) else []


def uneditable_dashboard(made: Json) -> Iterator[str]:
    yield from ["editable"] if made.get("editable") is not False else []


RULES: dict[str, Rule] = {
    rule.__name__.replace("_", "-"): rule
    for rule in (
        template_datasource, template_job, template_instance, template_label_promql, template_on_time_change_reload,
        panel_datasource, panel_title_description, panel_no_targets, target_promql, target_rate_interval, target_job,
        target_instance, target_counter_agg, target_logql, target_logql_auto, uneditable_dashboard,
    )
}  # fmt: skip
"""All but panel-units, which needs the list of units."""
