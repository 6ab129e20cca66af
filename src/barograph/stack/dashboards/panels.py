"""Parts of Grafana's classic dashboards, as plain dicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from barograph.stack import names
from barograph.stack.names import Name

Json = dict[str, Any]
Span = tuple[float | None, float | None]

DATASOURCE: Json = {"type": "prometheus", "uid": "${datasource}"}
RATE = "$__rate_interval"
RED, ORANGE, YELLOW, GREEN, BLUE, PURPLE, GREY = "red", "orange", "yellow", "green", "blue", "purple", "gray"
STATUS_COLOURS = {"pass": GREEN, "warn": YELLOW, "unknown": GREY, "fail": RED, "error": PURPLE}
THRESHOLD, REFERENCE = "threshold", "reference"
"""Words in the legends of what a value is held against, by which they are drawn as what they are."""

# What every selector begins with, and what is added to it by level. What has one value at a time is no expression:
# Grafana would leave the dots and brackets in it as they are.
TARGETS = 'job=~"$job", instance=~"$instance"'
VERSIONS = f'{TARGETS}, model_version=~"$version"'
MODELS = f'{TARGETS}, model="$model", model_version=~"$version"'
WINDOWS = f'{MODELS}, window="$window"'
COLUMNS = f'{WINDOWS}, column=~"$feature"'


class Query(NamedTuple):
    """One expression of a panel. `form` is Grafana's: time_series, table or heatmap."""

    expr: str
    legend: str = ""
    form: str = "time_series"
    instant: bool = False


def rate(counter: Name | str, selector: str, by: str = "", *, of: str = "rate") -> str:
    """Summed rate of a counter over all instances."""
    return f"sum{f' by ({by})' if by else ''} ({of}({counter}{{{selector}}}[{RATE}]))"


def quantile(q: float, histogram: Name, selector: str, by: str = "") -> str:
    """A quantile over all instances. Without traffic it is NaN, which the comparison leaves out."""
    labels = ", ".join(filter(None, [by, "le"]))
    return f"histogram_quantile({q}, {rate(histogram.bucket, selector, labels)}) > -Inf"


def ratio(part: str, whole: str) -> str:
    """A share, and nothing where there is nothing to share."""
    return f"{part} / ({whole} > 0)"


def _panel(
    kind: str, title: str, about: str, queries: Iterable[Query], unit: str, span: Span, more: Json
) -> Json:  # fmt: skip
    defaults: Json = {"unit": unit, **more.pop("defaults", {})}
    defaults |= {end: value for end, value in zip(("min", "max"), span, strict=True) if value is not None}
    defaults["custom"] = more.pop("custom", {})
    width, height = more.pop("size", (12, 8))
    targets = [
        {
            "datasource": DATASOURCE,
            "editorMode": "code",
            "expr": query.expr,
            "format": query.form,
            "instant": query.instant,
            "legendFormat": query.legend or "__auto",
            "range": not query.instant,
            "refId": chr(ord("A") + number),
        }
        for number, query in enumerate(queries)
    ]
    return {
        "type": kind,
        "title": title,
        "description": about,
        "datasource": DATASOURCE,
        "targets": targets,
        "fieldConfig": {"defaults": defaults, "overrides": more.pop("overrides", [])},
        "gridPos": {"w": width, "h": height},
        **more,
    }


def lines(
    title: str, about: str, *queries: Query, unit: str = "short", span: Span = (0, None), **more: Any
) -> Json:  # fmt: skip
    """Lines over time. What is called a threshold or reference is drawn dashed."""
    custom = {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 5, "showPoints": "auto", "spanNulls": False}
    options = {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    overrides = [_dashed(THRESHOLD, RED), _dashed(REFERENCE, GREY), *more.pop("overrides", [])]
    more = {"options": options, "custom": custom, "overrides": overrides, **more}
    return _panel("timeseries", title, about, queries, unit, span, more)


def _dashed(word: str, colour: str) -> Json:
    style = {"fill": "dash", "dash": [8, 8]}
    return override(
        "byRegexp", f"/^{word} /",
        **{"custom.lineStyle": style, "custom.fillOpacity": 0, "color": {"mode": "fixed", "fixedColor": colour}},
    )  # fmt: skip


def override(matcher: str, what: str, **properties: Any) -> Json:
    """Properties of some of a panel's fields only."""
    listed = [{"id": name, "value": value} for name, value in properties.items()]
    return {"matcher": {"id": matcher, "options": what}, "properties": listed}


def stat(
    title: str, about: str, expr: str, *, unit: str = "short", span: Span = (0, None),
    colour: str = BLUE, legend: str = "", size: tuple[int, int] = (4, 4), **more: Any,
) -> Json:  # fmt: skip
    """The last value, large, over a small curve."""
    options = {
        "graphMode": "area", "colorMode": "value", "justifyMode": "auto", "textMode": "auto", "wideLayout": True,
        "showPercentChange": False, "percentChangeColorMode": "standard", "orientation": "auto",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
    }  # fmt: skip
    defaults = {"color": {"mode": "fixed", "fixedColor": colour}, **more.pop("defaults", {})}
    more = {"options": options, "defaults": defaults, "size": size, **more}
    return _panel("stat", title, about, [Query(expr, legend)], unit, span, more)


def from_zero(colour: str = RED) -> Json:
    """Green at 0, another colour above: for what should not be there at all."""
    steps = [{"color": GREEN, "value": None}, {"color": colour, "value": 1e-9}]
    return {"color": {"mode": "thresholds"}, "thresholds": {"mode": "absolute", "steps": steps}}


def verdicts() -> Json:
    """Words and colours of the codes of a check's verdict."""
    options = {
        str(code): {"text": status, "color": STATUS_COLOURS[status], "index": code}
        for status, code in names.STATUSES.items()
    }
    steps = [{"color": STATUS_COLOURS[status], "value": code or None} for status, code in names.STATUSES.items()]
    return {
        "mappings": [{"type": "value", "options": options}],
        "color": {"mode": "thresholds"},
        "thresholds": {"mode": "absolute", "steps": steps},
    }


def timeline(title: str, about: str, *queries: Query, **more: Any) -> Json:
    """Verdicts over time, one row a series."""
    options = {
        "showValue": "never", "rowHeight": 0.9, "mergeValues": True, "alignValue": "left", "perPage": 20,
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
        "tooltip": {"mode": "single", "sort": "none"},
    }  # fmt: skip
    custom = {"lineWidth": 0, "fillOpacity": 80, "spanNulls": False}
    defaults = {**verdicts(), **more.pop("defaults", {})}
    more = {"options": options, "custom": custom, "defaults": defaults, **more}
    return _panel("state-timeline", title, about, queries, "none", names.CHECK.range, more)


def heatmap(title: str, about: str, histogram: Name, selector: str, **more: Any) -> Json:
    """How many values fell into each bucket of a histogram, over time."""
    options = {
        "calculate": False,
        "cellGap": 1,
        "color": {
            "mode": "scheme", "scheme": "Blues", "fill": "dark-blue", "scale": "exponential", "exponent": 0.5,
            "steps": 64, "reverse": False,
        },
        "exemplars": {"color": "rgba(255,0,255,0.7)"},
        "filterValues": {"le": 1e-9},
        "legend": {"show": True},
        "rowsFrame": {"layout": "auto"},
        "showValue": "never",
        "tooltip": {"mode": "single", "yHistogram": True, "showColorScale": True},
        "yAxis": {"axisPlacement": "left", "reverse": False, "unit": histogram.unit},
    }  # fmt: skip
    query = Query(rate(histogram.bucket, selector, "le", of="increase"), "{{le}}", "heatmap")
    return _panel("heatmap", title, about, [query], "short", (0, None), {"options": options, **more})


def table(title: str, about: str, key: Mapping[str, str], columns: Mapping[str, str], **more: Any) -> Json:
    """Values of several expressions side by side, joined by their labels.

    `key` renames the labels in the order of the columns; `columns` is title -> expression.
    """
    queries = [Query(expr, "", "table", instant=True) for expr in columns.values()]
    letters = [chr(ord("A") + number) for number in range(len(columns))]
    # Grafana calls the value of a single query "Value"
    values = {
        f"Value #{letter}" if len(columns) > 1 else "Value": shown
        for letter, shown in zip(letters, columns, strict=True)
    }
    renamed = {**key, **values}
    organize = {
        "excludeByName": {"Time": True},
        "indexByName": {name: number for number, name in enumerate(renamed)},
        "renameByName": renamed,
    }
    transformations = [{"id": "merge", "options": {}}, {"id": "organize", "options": organize}]
    options = {"showHeader": True, "frameIndex": 0, "cellHeight": "sm", **more.pop("options", {})}
    custom = {"align": "auto", "inspect": False, "filterable": True}
    more = {"options": options, "custom": custom, "transformations": transformations, **more}
    return _panel("table", title, about, queries, "none", (None, None), more)


def text(title: str, markdown: str, size: tuple[int, int] = (24, 6)) -> Json:
    """Words."""
    return {
        "type": "text",
        "title": title,
        "description": "",
        "options": {"mode": "markdown", "content": markdown},
        "gridPos": {"w": size[0], "h": size[1]},
    }


def link(title: str, url: str) -> Json:
    """Where a click on a value leads."""
    unused = {"icon": "", "tooltip": "", "tags": [], "asDropdown": False, "includeVars": False, "keepTime": False}
    return {"title": title, "type": "link", "url": url, "targetBlank": True, **unused}
