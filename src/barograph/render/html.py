"""One HTML file that holds everything: opens offline, asks the network for nothing, stays inert whatever the data says.

Text from data is escaped by Jinja2; chart data is JSON in a script block that is never run; scripts are allowed by
their hash only. Charts are Vega-Lite, drawn when they come into view by the Vega runtime under `vendor/`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from barograph.render import charts, numbers, outline, segments, summary, timeline, words
from barograph.render.anchors import Anchors
from barograph.render.evidence import evidence
from barograph.results import SEVERITY, Figure, Run, Table, Timeline

if TYPE_CHECKING:
    import jinja2

HERE = Path(__file__).parent
VENDORED = ("vega.min.js", "vega-lite.min.js", "vega-interpreter.js")

# Runs before anything is shown: without it everything stays open, to be read as plain text.
_SCRIPTED = 'document.documentElement.classList.add("js")'

# Beyond this, a page is slow to open and nobody reads on; what is left out is counted on the page.
MOST_SERIES = 60
MOST_WINDOW_ROWS = 2000
MOST_TABLE_ROWS = 200
MOST_ATTENTION = 100
MOST_IN_SEGMENT = 12


def html(run: Run | Timeline) -> str:
    """The page of a run or a timeline.

    >>> from barograph.results import Side
    >>> page = html(Run("<b>Churn</b>", Side("today", 0), results=[], verdicts=[]))
    >>> "<b>Churn" in page, "&lt;b&gt;Churn" in page
    (False, True)
    """
    store = Store()
    body: dict[str, Any]
    if isinstance(run, Timeline):
        told = timeline.story(run)
        body = {"told": told, "shown": _shown_series(told), "with_values": _fits(run)}
        body["segments"] = timeline.course_rows(run)
        template, drawn = "timeline.html.j2", bool(told.series)
    else:
        seen = segments.overview(run)
        body = {"outline": outline.outline(run), "segment_titles": seen.titles, "segments": _segments(run, seen)}
        template, drawn = "run.html.j2", any(not isinstance(f, Table) for r in run.results for f in r.figures)
    scripts = _scripts(charted=drawn)
    page = {"css": _asset("page.css"), "policy": _policy(scripts), "scripts": scripts, "store": store}
    return _environment().get_template(template).render(run=run, **page, **body)


def _segments(run: Run, seen: segments.Overview) -> list[tuple[segments.Line, outline.Outline]]:
    """The overview's lines, each with what there is to say of its segment."""
    told = [outline.outline(one) for _, one in segments.of_each(run)]
    return list(zip(seen.lines, told, strict=True))


class Store:
    """Charts of one page. Equal specifications and equal columns of data are kept once."""

    def __init__(self) -> None:
        self.charts: list[dict[str, Any]] = []
        self._pool: list[Any] = []
        self._specs: list[charts.Json] = []
        self._places: dict[str, int] = {}

    def add(self, chart: charts.Chart) -> int:
        """Keeps a chart; its number on the page."""
        entry: dict[str, Any] = {"f": {k: self._keep(self._pool, pack(v)) for k, v in chart.data.items()}}
        entry["s"] = self._keep(self._specs, chart.spec)
        if chart.small is not None:
            entry["m"] = self._keep(self._specs, chart.small)
        self.charts.append(entry)
        return len(self.charts) - 1

    def as_json(self) -> str:
        """All of it, safe inside a script block."""
        return script_json({"charts": self.charts, "specs": self._specs, "pool": self._pool})

    def _keep(self, into: list[Any], what: Any) -> int:
        key = f"{id(into)}{json.dumps(what)}"
        if key not in self._places:
            into.append(what)
            self._places[key] = len(into) - 1
        return self._places[key]


def pack(column: list[Any]) -> Any:
    """A column as it is, or shorter: `{"r": [[value, times], ...]}` for runs, `{"t": [...], "n": times}` for repeats.

    >>> pack([1, 1, 1, 1, 2, 2, 2, 2]), pack([1, 2, 3, 1, 2, 3]), pack([1, 2])
    ({'r': [[1, 4], [2, 4]]}, {'t': [1, 2, 3], 'n': 2}, [1, 2])
    """
    runs: list[list[Any]] = []
    for cell in column:
        if runs and runs[-1][0] == cell:
            runs[-1][1] += 1
        else:
            runs.append([cell, 1])
    if len(runs) * 3 < len(column):
        return {"r": runs}
    half = len(column) // 2
    if half > 1 and column[:half] * 2 == column:
        return {"t": column[:half], "n": 2}
    return column


def script_json(data: Any) -> str:
    r"""JSON that cannot end its script block, open a comment in it, or break a line of JavaScript.

    >>> script_json({"a": "</script>\u2028"})
    '{"a":"\\u003c/script\\u003e\\u2028"}'
    """
    text = json.dumps(data, allow_nan=False, separators=(",", ":"), ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _scripts(*, charted: bool) -> list[str]:
    vendored = [_vendored(name) for name in VENDORED] if charted else []
    return [_SCRIPTED, *vendored, _asset("charts.js"), _asset("rows.js")]


def _policy(scripts: list[str]) -> str:
    digests = (base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    rules = ["default-src 'none'", f"script-src {allowed}", "style-src 'unsafe-inline'", "img-src data:"]
    return "; ".join([*rules, "base-uri 'none'", "form-action 'none'"])


@lru_cache
def _asset(name: str) -> str:
    return (HERE / "templates" / name).read_text(encoding="utf-8").strip()


@lru_cache
def _vendored(name: str) -> str:
    return (HERE / "vendor" / name).read_text(encoding="utf-8").strip()


@lru_cache
def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"plain": words.plain, "name": _name, "prose": words.paragraph, "count": numbers.count}
    environment.globals |= {
        "ICONS": words.ICONS,
        "GROUPS": outline.GROUPS,
        "SEVERITY": SEVERITY,
        "MISSING": numbers.MISSING,
        "chart": charts.chart,
        "first_bars": _first_bars,
        "is_table": lambda figure: isinstance(figure, Table),
        "labelled": words.labelled,
        "meter": _meter,
        "missing_share": outline.missing_share,
        "moment": words.moment,
        "most_attention": MOST_ATTENTION,
        "most_in_segment": MOST_IN_SEGMENT,
        "most_table_rows": MOST_TABLE_ROWS,
        "numeric": _numeric,
        "plural": numbers.plural,
        "scalar": _scalar,
        "sentence": outline.sentence,
        "summary": summary.summary,
        "segment_anchor": _segment_anchor,
        "evidence": evidence,
        "since": timeline.since,
        "series_chart": timeline.chart,
        "span": words.span,
        "timeline_sentence": timeline.sentence,
        "window_name": timeline.window_name,
        "window_start": timeline.window_start,
        "windows_outline": outline.outline,
    }
    return environment


def _name(text: str) -> str:
    """A column's name, always something to click on."""
    return words.plain(text) or "(empty name)"


def _segment_anchor(name: str) -> str:
    """Where a segment is; names of segments are unique."""
    return Anchors().of("s", name)


def _first_bars(figures: list[Figure]) -> Figure | None:
    """The picture beside a column's name: its distribution, rather of the column itself than of a view of it."""
    drawable = [
        f for f in figures if not isinstance(f, Table) and (c := charts.chart(f)) is not None and c.small is not None
    ]
    return next((f for f in drawable if set(f.labels) == {"column"}), drawable[0] if drawable else None)


def _meter(ratio: float) -> str:
    """Length of the bar in per cent of the track, the threshold standing in the middle."""
    return f"{min(max(ratio, 0.0), 2.0) * 50:.0f}"


def _numeric(table: Table, i: int) -> bool:
    """Whether a table's column holds numbers, or nothing."""
    cells = [row[i] for row in table.rows if row[i] is not None]
    return bool(cells) and all(isinstance(c, int | float) and not isinstance(c, bool) for c in cells)


def _scalar(cell: Any) -> str:
    if cell is None:
        return numbers.MISSING
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int | float):
        return numbers.number(cell)
    return words.plain(str(cell))


def _shown_series(told: timeline.Story) -> list[timeline.Series]:
    """Checked series first (`story` sorts them so); unchecked ones fill up what room is left."""
    return told.series[:MOST_SERIES]


def _fits(run: Timeline) -> bool:
    return sum(len(r.values) for w in run.windows if w.run for r in w.run.results) <= MOST_WINDOW_ROWS
