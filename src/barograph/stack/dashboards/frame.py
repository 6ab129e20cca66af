"""What all dashboards have around their panels: variables, annotations, links, and where each panel stands."""

from __future__ import annotations

from collections.abc import Sequence

from barograph.stack import names
from barograph.stack.dashboards.panels import BLUE, DATASOURCE, GREEN, MODELS, RED, TARGETS, Json, link

SCHEMA_VERSION = 39  # Grafana 10.3's; newer ones migrate it when they load it
TAG = "barograph"
UID = "barograph-"
TITLES = {
    "service": "Service", "predictions": "Predictions", "drift": "Drift", "quality": "Quality",
    "performance": "Performance", "health": "Monitor health",
}  # fmt: skip
WIDTH = 24
MODEL_ONLY = f'{TARGETS}, model="$model"'

Row = tuple[str, Sequence[Json]]


def dashboard(name: str, about: str, variables: Sequence[Json], rows: Sequence[Row]) -> Json:
    """A whole dashboard; a row without a title has no heading."""
    others = {"title": "Dashboards", "type": "dashboards", "icon": "external link", "tooltip": "", "url": ""}
    return {
        "uid": UID + name,
        "title": TITLES[name],
        "description": about,
        "tags": [TAG],
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "1m",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "annotations": {"list": marks(with_model=any(v["name"] == "model" for v in variables))},
        "links": [
            {**others, "tags": [TAG], "asDropdown": True, "targetBlank": False, "includeVars": True, "keepTime": True}
        ],
        "templating": {"list": [datasource(), *variables]},
        "panels": placed(rows),
    }


def placed(rows: Sequence[Row]) -> list[Json]:
    """Panels with ids and places: from left to right, in lines as high as their highest panel."""
    found: list[Json] = []
    y = 0
    for title, panels in rows:
        if title:
            found.append({
                "type": "row", "title": title, "collapsed": False, "panels": [], "id": len(found) + 1,
                "gridPos": {"x": 0, "y": y, "w": WIDTH, "h": 1},
            })  # fmt: skip
            y += 1
        x = high = 0
        for panel in panels:
            size = panel["gridPos"]
            if x + size["w"] > WIDTH:
                x, y, high = 0, y + high, 0
            found.append({**panel, "id": len(found) + 1, "gridPos": {"x": x, "y": y, **size}})
            x, high = x + size["w"], max(high, size["h"])
        y += high
    return found


def datasource() -> Json:
    """Which Prometheus."""
    return {
        "name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "hide": 0,
        "multi": False, "includeAll": False, "options": [], "refresh": 1, "regex": "",
    }  # fmt: skip


def variable(
    name: str, label: str, query: str, *, several: bool = True, about: str = "", everything: str = ".+"
) -> Json:  # fmt: skip
    """A variable of the values of a label, in their order; of several all are chosen, else the first.

    All are the regular expression `everything`; without one, those that are listed.
    """
    made: Json = {
        "name": name, "label": label, "description": about, "type": "query", "datasource": DATASOURCE, "query": query,
        "definition": query, "refresh": 2, "sort": 1, "hide": 0, "regex": "", "options": [],
        "multi": several, "includeAll": several,
    }  # fmt: skip
    if several:
        made["current"] = {"selected": True, "text": ["All"], "value": ["$__all"]}
        made |= {"allValue": everything} if everything else {}
    return made


def targets(root: object) -> list[Json]:
    """Job and instance of those that show a metric."""
    return [
        variable("job", "Job", f"label_values({root}, job)"),
        variable("instance", "Instance", f'label_values({root}{{job=~"$job"}}, instance)'),
    ]


def models(root: object = names.BASELINE) -> list[Json]:
    """Job, instance, model (one at a time: numbers of two models in one chart say nothing) and its versions."""
    return [
        *targets(root),
        variable("model", "Model", f"label_values({root}{{{TARGETS}}}, model)", several=False),
        # all of this model: predictions bear no model, and any version would be those of all models
        variable("version", "Version", f"label_values({root}{{{MODEL_ONLY}}}, model_version)", everything=""),
    ]


def window() -> Json:
    """The last complete window; before there is one, the running one, which is the only value then."""
    about = "last: the newest complete window; running: the one that rows still come to"
    query = f"label_values({names.WINDOW_ROWS}{{{MODELS}}}, window)"
    return variable("window", "Window", query, several=False, about=about)


def feature(checks: str) -> Json:
    """Columns that the named checks judge (a regular expression): features, prediction, scores and target."""
    query = f'label_values({names.CHECK}{{{MODELS}, window="$window", metric=~"{checks}"}}, column)'
    return variable("feature", "Feature", query)


def report() -> Json:
    """Where the user keeps the HTML reports of `barograph report`."""
    about = "Address of the HTML report that links of features lead to, such as https://reports.example.com/latest.html"
    return {
        "name": "report", "label": "Report", "description": about, "type": "textbox", "hide": 0, "query": "report.html",
        "current": {"selected": True, "text": "report.html", "value": "report.html"},
        "options": [{"selected": True, "text": "report.html", "value": "report.html"}],
    }  # fmt: skip


def feature_links(column: str, *dashboards: str) -> list[Json]:
    """From a feature to its report, and to what other dashboards say of it; `column` is Grafana's word for its name.

    The report names its columns in plain text, which browsers scroll to and mark.
    """
    kept = "${datasource:queryparam}&${job:queryparam}&${instance:queryparam}&${model:queryparam}&${version:queryparam}"
    found = [link("Report of this column", f"${{report:raw}}#:~:text=${{{column}:percentencode}}")]
    for name in dashboards:
        url = f"/d/{UID}{name}?${{__url_time_range}}&{kept}&var-feature=${{{column}:percentencode}}"
        found.append(link(f"{TITLES[name]} of this column", url))
    return found


def marks(*, with_model: bool) -> list[Json]:
    """Alerts that fire, new versions, new baselines.

    New is what nobody showed in the day before: a service that was down for an hour is no deployment.
    """
    firing = 'alertstate="firing", area=~".+", area!="watchdog"'
    scope, alerts = TARGETS, f"ALERTS{{{firing}}}"
    if with_model:  # alerts about a service have no model
        scope, alerts = MODEL_ONLY, f'ALERTS{{{firing}, model="$model"}} or ALERTS{{{firing}, model=""}}'
    return [
        {
            "name": "Annotations & Alerts", "type": "dashboard", "builtIn": 1, "enable": True, "hide": True,
            "iconColor": "rgba(0, 211, 255, 1)", "datasource": {"type": "grafana", "uid": "-- Grafana --"},
        },
        _annotation(
            "Alerts", RED, alerts, "{{alertname}}", "{{severity}} {{model}} {{column}} {{metric}}", "severity,area"
        ),
        _annotation(
            "Deployments", BLUE, _new(f"{names.BASELINE}{{{scope}}}", "model, model_version"),
            "Deployed: {{model}} {{model_version}}", "The first time that this version is seen.", "model,model_version",
        ),
        _annotation(
            "New baselines", GREEN, _new(f"{names.BASELINE}{{{scope}}}", "model, baseline"),
            "New baseline: {{model}}", "{{baseline}}", "model",
        ),
    ]  # fmt: skip


def _annotation(name: str, colour: str, expr: str, title: str, text: str, tags: str) -> Json:
    return {
        "name": name, "enable": True, "hide": False, "iconColor": colour, "datasource": DATASOURCE, "expr": expr,
        "titleFormat": title, "textFormat": text, "tagKeys": tags, "step": "60s", "useValueForTime": False,
    }  # fmt: skip


def _new(series: str, by: str) -> str:
    before = f"max by ({by}) (present_over_time({series}[1d] offset 5m))"
    return f"max by ({by}) ({series}) unless {before}"
