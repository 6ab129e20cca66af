"""Figures as Vega-Lite specifications: plain dicts, one small function a picture.

A chart is a specification without data, the same for all charts of its sort, and columns of data beside it; `whole`
joins them. Field names are fixed: what came from data is only ever a value, because Vega-Lite reads `.` and `[` in
field names. Colours are names (`current`, `reference`, ...) that the page replaces by those of its theme.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import cycle, pairwise
from typing import Any, TypeAlias

from barograph.render.words import LIMIT, plain
from barograph.results import Bars, Figure, Heat, Lines, Table, Unit

Json: TypeAlias = dict[str, Any]
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"

# The same promise as numbers.share(), inside the chart: what is not 0 or 1 is never said to be.
_SHARE = (
    "datum.y === null ? '–' : datum.y === 0 ? '0 %' : datum.y === 1 ? '100 %'"
    " : datum.y > 0 && datum.y < 5e-7 ? '< 0.0001 %' : datum.y < 1 && datum.y > 1 - 5e-7 ? '> 99.9999 %'"
    " : datum.y > 0.999 && datum.y < 1 ? format(datum.y * 100, '.7~r') + ' %' : format(datum.y * 100, '.4~r') + ' %'"
)
_COUNT = "datum.y === null ? '–' : format(datum.y, ',.6~g')"
_MAX_BARS = 40
OTHER_COLOURS = ["third", "fourth", "fifth", "sixth"]


@dataclass(frozen=True)
class Chart:
    """A specification, its data by fixed field name, and what a reader who sees no picture is told.

    `small` is the picture beside a column's name, from the same data.
    """

    spec: Json
    data: dict[str, list[Any]]
    title: str
    alt: str
    small: Json | None = None


_INHERITED = frozenset(
    ("constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf")
)


def drawn(text: str, limit: int | None = LIMIT) -> str:
    """Text for a chart: as `plain`, and nothing that every JavaScript object has a member of that name for.

    Vega looks names up in plain objects; an invisible word joiner makes them other names.

    >>> drawn("constructor") == "constructor", drawn("age")
    (False, 'age')
    """
    shown = plain(text, limit)
    return f"{shown}\u2060" if shown in _INHERITED or shown.startswith("__") else shown


def whole(chart: Chart, *, small: bool = False) -> Json:
    """The full specification, data included, ready for any Vega-Lite tool."""
    rows = [dict(zip(chart.data, row, strict=True)) for row in zip(*chart.data.values(), strict=True)]
    spec = chart.small if small and chart.small is not None else chart.spec
    return {"$schema": SCHEMA, **spec, "data": {"name": "rows", "values": rows}}


def chart(figure: Figure) -> Chart | None:
    """The picture of a figure; a table has none."""
    match figure:
        case Bars():
            return _histogram(figure) if _ordered(figure) else _categories(figure)
        case Lines():
            return _curves(figure)
        case Heat():
            return _heat(figure)
        case Table():
            return None


def _ordered(bars: Bars) -> bool:
    """Whether cells can stand on a number axis: edges known, and no cell so wide that it would dwarf the others."""
    if bars.edges is None or len(bars.edges) != len(bars.cells) + 1 or len(bars.cells) < 3:
        return False
    edges = _closed(bars.edges)
    widths = [b - a for a, b in pairwise(edges)]
    return all(w > 0 and math.isfinite(w) for w in widths) and max(widths) <= 0.5 * (edges[-1] - edges[0])


def _closed(edges: list[float]) -> list[float]:
    """Open ends get the width of their neighbour, to be drawable."""
    ends = list(edges)
    if not math.isfinite(ends[0]):
        ends[0] = ends[1] - (ends[2] - ends[1])
    if not math.isfinite(ends[-1]):
        ends[-1] = ends[-2] + (ends[-2] - ends[-3])
    return ends


def _histogram(bars: Bars) -> Chart:
    """Reference filled, current a line over it. Height is a share, or a share per unit where widths differ."""
    edges = _closed(bars.edges or [])
    digits = 6 + max(0, math.ceil(math.log10(max(abs(edges[0]), abs(edges[-1])) / (edges[-1] - edges[0]))))
    widths = [b - a for a, b in pairwise(edges)]
    even = max(widths) - min(widths) <= 0.01 * max(widths)
    data: dict[str, list[Any]] = {"a": [], "b": [], "s": [], "h": [], "y": []}
    marks = [float(f"{edge:.{digits}g}") for edge in edges]  # enough digits to tell neighbours apart, far from 0 too
    for name, shares in bars.series.items():
        data["a"] += marks[:-1]
        data["b"] += marks[1:]
        data["s"] += [drawn(name, 40)] * len(shares)
        data["y"] += [_finite(y) for y in shares]
        data["h"] += [_finite(y if even else y / width) for y, width in zip(shares, widths, strict=True)]
    names = [drawn(name, 40) for name in bars.series]
    axis = {"format": "~%"} if even and _shares(bars) else {}
    title = drawn(bars.y_title, 40) if even else f"{drawn(bars.y_title, 40)} per unit"
    spec = {
        "usermeta": {"columns": {"a": "from", "b": "to", "s": "side", "y": "share"}},
        "width": "container",
        "height": 240,
        "transform": [
            {"calculate": _SHARE if _shares(bars) else _COUNT, "as": "said"},
            {"calculate": "format(datum.a, '~g') + ' to ' + format(datum.b, '~g')", "as": "cell"},
        ],
        "encoding": {
            "x": {"field": "a", "type": "quantitative", "title": drawn(bars.x_title, 60) or None, "scale": _X_SCALE},
            "x2": {"field": "b"},
            "y": {"field": "h", "type": "quantitative", "title": title, "axis": axis, "stack": None},
            "tooltip": _tips(("cell", "range"), ("s", "side"), ("said", "share")),
        },
        "layer": _overlay(names, legend=True),
    }
    small = _small(
        {
            "encoding": {
                "x": {"field": "a", "type": "quantitative", "axis": None, "scale": _X_SCALE},
                "x2": {"field": "b"},
                "y": {"field": "h", "type": "quantitative", "axis": None, "stack": None},
            },
            "layer": _overlay(names, legend=False),
        }
    )
    return Chart(spec, data, _title(bars), _bars_alt(bars), small)


_X_SCALE = {"zero": False, "nice": False, "padding": 4}


def _overlay(names: list[str], *, legend: bool) -> list[Json]:
    """One layer a series; `reference` first and filled, the others translucent with a line on top."""
    colour: Json = {"field": "s", "type": "nominal", "scale": _scale(names)}
    colour["legend"] = _LEGEND if legend else None
    ordered = sorted(names, key=lambda name: name != "reference")
    layers: list[Json] = []
    for name in ordered:
        mark: Json = {"type": "rect", "tooltip": legend, "fillOpacity": 0.75 if name == "reference" else 0.32}
        filled = {"color": colour, "y2": {"datum": 0}}
        layers.append({"transform": [_only(name, ordered)], "mark": mark, "encoding": filled})
        if name != "reference":
            rule = {"type": "rule", "strokeWidth": 2 if legend else 1.25, "strokeCap": "butt"}
            layers.append({"transform": [_only(name, ordered)], "mark": rule, "encoding": {"color": colour}})
    return layers


def _only(name: str, names: list[str]) -> Json:
    """A name is data: it goes into the filter as a value."""
    return {"filter": {"field": "s", "equal": name}} if len(names) > 1 else {"filter": "true"}


def _categories(bars: Bars) -> Chart:
    """Grouped bars. Many or long names lie on their side, where they can be read."""
    cells = _distinct(bars.cells)
    kept = range(len(cells)) if len(cells) <= _MAX_BARS else sorted(_largest(bars, _MAX_BARS))
    data: dict[str, list[Any]] = {"x": [], "s": [], "y": []}
    for name, shares in bars.series.items():
        for i in kept:
            data["x"].append(cells[i])
            data["s"].append(drawn(name, 40))
            data["y"].append(_finite(shares[i]))
    names = [drawn(name, 40) for name in bars.series]
    colour = {"field": "s", "type": "nominal", "scale": _scale(names), "legend": _LEGEND}
    cell: Json = {"field": "x", "type": "nominal", "sort": None, "title": drawn(bars.x_title, 60) or None}
    cell["axis"] = {"labelLimit": 180, "labelAngle": 0, "ticks": False, "domain": False, "grid": False}
    size: Json = {"field": "y", "type": "quantitative", "title": drawn(bars.y_title, 40)}
    size["axis"] = {"format": "~%"} if _shares(bars) else {}
    lying = len(kept) > 8 or max((len(c) for c in cells), default=0) > 9
    offset = {"field": "s", "type": "nominal", "sort": names[::-1] if lying else None}
    places = {"y": cell, "yOffset": offset, "x": size} if lying else {"x": cell, "xOffset": offset, "y": size}
    spec: Json = {
        "usermeta": {"columns": {"x": "value", "s": "side", "y": drawn(bars.y_title, 40)}},
        "width": "container",
        "height": max(80, len(kept) * (11 * len(names) + 6)) if lying else 240,
        "transform": [{"calculate": _SHARE if _shares(bars) else _COUNT, "as": "said"}],
        "mark": {"type": "bar", "tooltip": True, "cornerRadiusEnd": 1},
        "encoding": {
            **places,
            "color": colour,
            "tooltip": _tips(("x", "value"), ("s", "side"), ("said", drawn(bars.y_title, 40))),
        },
    }
    small = _small(
        {
            "mark": {"type": "bar"},
            "encoding": {
                "x": {"field": "x", "type": "nominal", "sort": None, "axis": None, "scale": {"paddingInner": 0.25}},
                "xOffset": {"field": "s", "type": "nominal", "sort": None},
                "y": {"field": "y", "type": "quantitative", "axis": None, "stack": None},
                "color": {**colour, "legend": None},
            },
        }
    )
    left = len(cells) - len(kept)
    title = _title(bars) + (f" (the {_MAX_BARS} largest of {len(cells):,} values)" if left else "")
    return Chart(spec, data, title, _bars_alt(bars), small)


def _shares(bars: Bars) -> bool:
    """Whether the bars are shares, or any other number, such as counts, or a metric by segment."""
    return "share" in bars.y_title


def _curves(figure: Lines) -> Chart:
    """ROC, precision-recall, calibration, and any other curve; the diagonal is dashed."""
    data: dict[str, list[Any]] = {"x": [], "y": [], "s": [], "i": []}
    for line in figure.lines:
        for i, (x, y) in enumerate(zip(line.x, line.y, strict=True)):
            for key, cell in zip(data, (_finite(x), _finite(y), drawn(line.name, 60), i), strict=True):
                data[key].append(cell)
    names = list(dict.fromkeys(drawn(line.name, 60) for line in figure.lines))
    points = max((len(line.x) for line in figure.lines), default=0) <= 25
    legend = {**_LEGEND, "symbolType": "stroke", "symbolStrokeWidth": 3, "columns": 3} if len(names) > 1 else None
    several = len(set(names) - {"current", "reference"}) > len(OTHER_COLOURS)
    curve: Json = {
        "mark": {"type": "line", "strokeWidth": 2, "tooltip": True, "point": {"size": 36} if points else False},
        "encoding": {
            "x": {"field": "x", "type": "quantitative", "title": drawn(figure.x_title, 60), "scale": {"zero": False}},
            "y": {"field": "y", "type": "quantitative", "title": drawn(figure.y_title, 60), "scale": {"zero": False}},
            "color": {"field": "s", "type": "nominal", "scale": _scale(names), "legend": legend},
            **({"strokeDash": _dashes(names, legend)} if several else {}),
            "order": {"field": "i", "type": "quantitative"},
            "tooltip": [
                {"field": "s", "type": "nominal", "title": "curve"},
                {"field": "x", "type": "quantitative", "format": ".4~g", "title": drawn(figure.x_title, 60)},
                {"field": "y", "type": "quantitative", "format": ".4~g", "title": drawn(figure.y_title, 60)},
            ],
        },
    }
    layers = [curve]
    if figure.diagonal:
        encoding: Json = {axis: {"datum": 0, "type": "quantitative"} for axis in "xy"}
        encoding |= {f"{axis}2": {"datum": 1} for axis in "xy"}
        mark = {"type": "rule", "color": "muted", "strokeDash": [4, 4]}
        layers.insert(0, {"data": {"values": [{}]}, "mark": mark, "encoding": encoding})
    said = "; ".join(f"{name}: {sum(drawn(li.name, 60) == name for li in figure.lines)} curve" for name in names[:6])
    alt = f"Curves of {drawn(figure.y_title, 60)} over {drawn(figure.x_title, 60)}: {said}."
    columns = {"s": "curve", "x": drawn(figure.x_title, 60), "y": drawn(figure.y_title, 60)}
    spec = {"usermeta": {"columns": columns}, "width": "container", "height": 280, "layer": layers}
    return Chart(spec, data, _title(figure), alt)


def _heat(figure: Heat) -> Chart:
    """A matrix with its numbers written into the cells, as long as they fit."""
    rows, columns = _distinct(figure.rows), _distinct(figure.columns)
    data: dict[str, list[Any]] = {"r": [], "c": [], "v": []}
    for row, values in zip(rows, figure.values, strict=True):
        for column, v in zip(columns, values, strict=True):
            for key, cell in zip(data, (row, column, _finite(v)), strict=True):
                data[key].append(cell)
    x: Json = {"field": "c", "type": "nominal", "sort": None, "title": drawn(figure.x_title, 60)}
    y: Json = {"field": "r", "type": "nominal", "sort": None, "title": drawn(figure.y_title, 60)}
    x["axis"] = {
        "labelAngle": 0 if len(columns) <= 6 else -45 if len(columns) <= 15 else -90,
        "labelLimit": 120,
        "grid": False,
        "ticks": False,
    }
    y["axis"] = {"labelLimit": 120, "grid": False, "ticks": False}
    value = {"field": "v", "type": "quantitative"}
    tips = [{**x, "title": x["title"] or "column"}, {**y, "title": y["title"] or "row"}, {**value, "title": "value"}]
    tips = [{k: v for k, v in tip.items() if k in ("field", "type", "title")} for tip in tips]
    middle = 0.0 if figure.middle is None else figure.middle
    peak = max((abs(v - middle) for v in data["v"] if v is not None), default=0.0)
    layers: list[Json] = [
        {
            "mark": {"type": "rect", "tooltip": True},
            "encoding": {"color": {**value, **_heat_colours(figure.middle, peak)}, "tooltip": tips},
        }
    ]
    if max(len(rows), len(columns)) <= 12:
        bright = {"condition": {"test": f"abs(datum.v - {middle!r}) > {peak * 0.55!r}", "value": "onheat"}}
        whole = all(v is None or v % 1 == 0 for v in data["v"])
        text = {**value, "format": ",d" if whole and figure.middle is None else ",.3~g"}
        written = {"text": text, "color": {**bright, "value": "ink"}}
        known = [{"filter": "isValid(datum.v)"}]
        layers.append({"transform": known, "mark": {"type": "text", "fontSize": 13}, "encoding": written})
    spec = {
        "usermeta": {"columns": {"r": drawn(figure.y_title, 60), "c": drawn(figure.x_title, 60), "v": "value"}},
        "width": "container",
        "height": max(120, min(44 * len(rows), max(480, 16 * min(len(rows), 60)))),
        "encoding": {"x": x, "y": y},
        "layer": layers,
    }
    across, down = drawn(figure.x_title, 60), drawn(figure.y_title, 60)
    alt = f"Matrix of {len(rows)} rows ({down}) and {len(columns)} columns ({across})."
    return Chart(spec, data, _title(figure), alt)


def _heat_colours(middle: float | None, peak: float) -> Json:
    """One colour from the least to the most; two that part at the middle, equally far to both sides."""
    if middle is None:
        return {"legend": None, "scale": {"range": ["heat0", "heat1"]}}
    reach = peak or 1.0
    scale = {
        "domain": [middle - reach, middle, middle + reach],
        "range": ["heat2", "heat0", "heat1"],
        "interpolate": "rgb",
    }
    return {"legend": {"title": None, "orient": "top", "gradientLength": 160, "format": ".2~g"}, "scale": scale}


_LEGEND: Json = {"orient": "top", "title": None, "symbolType": "square"}


def _small(spec: Json) -> Json:
    return {"width": 132, "height": 34, "padding": 0, "config": {"view": {"stroke": None}}, **spec}


def _tips(*fields: tuple[str, str]) -> list[Json]:
    return [{"field": name, "type": "nominal", "title": title} for name, title in fields]


def _scale(names: list[str]) -> Json:
    """`current` and `reference` keep their colours on every chart; other series take what is left, in order."""
    spare = cycle(OTHER_COLOURS)
    return {"domain": names, "range": [n if n in ("current", "reference") else next(spare) for n in names]}


def _distinct(names: list[str]) -> list[str]:
    """Names on one line each, still different from each other after clipping."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        short = drawn(name, 60) or "(empty)"
        seen[short] = seen.get(short, 0) + 1
        result.append(short if seen[short] == 1 else f"{short} ({seen[short]})")
    return result


def _dashes(names: list[str], legend: Json | None) -> Json:
    """Where colours come round again, lines differ by their dashes."""
    turns = cycle(sorted([[1, 0], [6, 3], [2, 2]] * len(OTHER_COLOURS), key=[[1, 0], [6, 3], [2, 2]].index))
    solid = ("current", "reference")
    scale = {"domain": names, "range": [[1, 0] if n in solid else next(turns) for n in names]}
    return {"field": "s", "type": "nominal", "scale": scale, "legend": legend}


def _largest(bars: Bars, k: int) -> list[int]:
    weight = [max(shares[i] for shares in bars.series.values()) for i in range(len(bars.cells))]
    return sorted(range(len(weight)), key=lambda i: -weight[i])[:k]


def _finite(x: Any) -> Any:
    """JSON has no infinities. Six digits are more than a pixel, but what is not 1 must not become 1."""
    if not isinstance(x, float):
        return x
    short = float(f"{x:.6g}") if math.isfinite(x) else None
    return x if short == 1.0 else short


def _title(figure: Bars | Lines | Heat) -> str:
    return drawn(figure.title)


def _bars_alt(bars: Bars) -> str:
    """In words: how many cells, and where the sides differ most."""
    from barograph.render.numbers import number

    unit: Unit = "ratio" if _shares(bars) else ""
    text = f"Bar chart of {len(bars.cells)} cells, {' and '.join(drawn(n, 40) for n in bars.series)}."
    if {"current", "reference"} <= bars.series.keys() and bars.cells:
        current, reference = bars.series["current"], bars.series["reference"]
        at = max(range(len(current)), key=lambda i: abs(current[i] - reference[i]))
        text += f" Largest difference at {drawn(bars.cells[at], 60)}: reference {number(reference[at], unit)},"
        text += f" current {number(current[at], unit)}."
    return text
