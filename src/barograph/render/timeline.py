"""What a timeline says and in which order: its series, the worst first, and since when each fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from msgspec import structs

from barograph.render.charts import Chart, Json
from barograph.render.numbers import number, plural
from barograph.render.outline import ratio, tally
from barograph.render.segments import courses
from barograph.render.words import labelled, moment, paragraph, plain, span
from barograph.results import SEVERITY, Result, Run, Spec, Status, Stream, Timeline, Value, Verdict, Window

_GROUP_ORDER = {"performance": 0, "drift": 1, "quality": 2}


@dataclass
class Series:
    """One number over the windows, with the worst verdict on it in each; `None` where there is none."""

    spec: Spec
    params: dict[str, Any]
    labels: dict[str, str]
    values: list[Value | None]
    verdicts: list[Verdict | None]

    @property
    def name(self) -> str:
        about = labelled({k: v for k, v in self.labels.items() if k != "column"}, self.params)
        column = plain(self.labels["column"], 60) if "column" in self.labels else ""
        return f"{plain(self.spec.title, 60)}{f' of {column}' if column else ''}{f' ({about})' if about else ''}"

    @property
    def worst(self) -> Status:
        found = [v.status for v in self.verdicts if v]
        return min(found, key=SEVERITY.index, default="unknown")

    @property
    def checked(self) -> bool:
        return any(self.verdicts)

    @property
    def reach(self) -> float:
        """The highest value over its threshold: 1 is at the threshold."""
        known = (ratio(v.value, v.threshold, self.spec) for v in self.verdicts if v)
        return max((r for r in known if r is not None), default=0.0)


@dataclass
class Story:
    """A timeline in reading order."""

    timeline: Timeline
    series: list[Series] = field(default_factory=list)

    @property
    def gaps(self) -> int:
        return sum(w.run is None for w in self.timeline.windows)

    def first_failures(self) -> list[tuple[Series, int, int]]:
        """Each failing series with the index of its first failing window and how many fail.

        The earliest first; of those that begin together performance before drift, for that is what drift is feared for.
        """
        found = []
        for series in self.series:
            failing = [i for i, v in enumerate(series.verdicts) if v and v.status in ("fail", "error")]
            if failing:
                found.append((series, failing[0], len(failing)))
        return sorted(
            found, key=lambda entry: (entry[1], _GROUP_ORDER[entry[0].spec.group], -entry[2], -entry[0].reach)
        )


def story(timeline: Timeline) -> Story:
    """Collects the series of all windows: what fails first, and of it performance, drift, quality, each worst first."""
    n = len(timeline.windows)
    found: dict[object, Series] = {}
    for i, window in enumerate(timeline.windows):
        if window.run is None:
            continue
        verdicts = _worst_by_identity(window.run)
        for result in window.run.results:
            for value in result.values:
                key = _key(result, value)
                if key not in found:
                    found[key] = Series(result.spec, result.params, value.labels, [None] * n, [None] * n)
                found[key].values[i] = value
                found[key].verdicts[i] = verdicts.get(key)
    streams = [_together(timeline, stream) for stream in _telling(timeline)]
    return Story(timeline, sorted([*found.values(), *streams], key=_order))


def sentence(told: Story) -> str:
    """The verdict in one sentence, gaps counted apart.

    >>> sentence(Story(Timeline("t", "1d", [])))
    'No window holds any rows, so nothing is known.'
    """
    statuses = [w.run.status for w in told.timeline.windows if w.run]
    if not statuses:
        return "No window holds any rows, so nothing is known."
    gaps = f" {plural(told.gaps, 'gap')} without rows." if told.gaps else ""
    return tally(statuses, "window") + gaps


def since(told: Story) -> str:
    """Since when it fails; empty when nothing does.

    >>> since(Story(Timeline("t", "1d", [])))
    ''
    """
    failures = told.first_failures()
    if not failures:
        return ""
    series, first, k = failures[0]
    start = window_start(told.timeline.windows[first])
    last = series.verdicts[-1]
    still = ", still in the last window" if last and last.status in ("fail", "error") else ""
    return f"First failure at {start}: {series.name}, in {plural(k, 'window')}{still}."


COURSE = ["status", "segment", ">failing windows", "first failing window", "last window"]


def course_rows(run: Timeline) -> list[list[str]]:
    """Each segment as a row under `COURSE`, its worst status first; none where the timeline tells no segments apart."""
    return [
        [
            course.status,
            plain(course.name, 60),
            f"{len(course.failing):,} of {course.n_windows:,}",
            window_start(run.windows[course.failing[0]]) if course.failing else "",
            course.last,
        ]
        for course in courses(run)
    ]


TOGETHER = ["status", "over all windows", "finding", ">size", "since about", "found in"]


def together_rows(run: Timeline) -> list[list[str]]:
    """What the windows say together as rows under `TOGETHER`: the worst first, then by size; not what shows nothing."""
    rows = []
    for stream in sorted(_telling(run), key=lambda s: (SEVERITY.index(s.verdict.status), -(s.size or 0.0))):
        about, verdict = labelled(stream.labels), stream.verdict
        size = "" if stream.size is None else number(stream.size)
        days = [moment(start).removesuffix(" 00:00") for start in (stream.since or "", stream.detected or "")]
        rows.append([verdict.status, about, verdict.finding or paragraph(verdict.reason, 200), size, *days])
    return rows


def together(run: Timeline) -> str:
    """What the windows say together, in one sentence; empty where they are not looked at so.

    >>> together(Timeline("t", "1d", []))
    ''
    """
    n, found = len(run.streams), sum(s.detected is not None for s in run.streams)
    if not n:
        return ""
    if not found:
        return f"Over all windows together: no evidence of drift in {plural(n, 'column')}."
    drifted = sum(s.verdict.finding == "drift" for s in run.streams)
    return f"Over all windows together: {found} of {plural(n, 'column')} changed, {drifted} by as much as matters."


def window_start(window: Window) -> str:
    """Where a window starts; only the day where it is made of whole days.

    >>> window_start(Window("2026-03-01T00:00:00+00:00", "2026-03-02T00:00:00+00:00", 5))
    '2026-03-01'
    """
    start, end = moment(window.start), moment(window.end)
    whole = " 00:00" in start and " 00:00" in end
    return start.split(" ")[0] if whole else start


def window_name(window: Window) -> str:
    """Start and end on one line.

    >>> window_name(Window("2026-03-01T00:00:00", "2026-03-02T00:00:00", 5))
    '2026-03-01 to 2026-03-02'
    """
    return span(window.start, window.end)


def chart(told: Story, series: Series) -> Chart:
    """One series: a line broken at gaps, its threshold dashed, each window's status as colour and shape."""
    places, kind = _places(told.timeline)
    data: dict[str, list[Any]] = {"t": [], "e": [], "m": [], "w": [], "y": [], "said": [], "st": [], "th": []}
    for (start, end), window, value, verdict in zip(
        places, told.timeline.windows, series.values, series.verdicts, strict=True
    ):
        row = (
            start,
            end,
            (start + end) / 2,
            window_name(window),
            None if value is None else _finite(value.value),
            number(value.value if value else None, series.spec.unit),
            "gap" if window.run is None else verdict.status if verdict else "not checked",
            _finite(verdict.threshold) if verdict else None,
        )
        for column, cell in zip(data.values(), row, strict=True):
            column.append(cell)
    extent = f"{plural(len(places), 'window')}, {plural(told.gaps, 'gap')}"
    alt = f"Line chart of {series.name} over {extent}; worst {series.worst}."
    return Chart(_spec(kind, series), data, series.name, alt)


def _spec(kind: str, series: Series) -> Json:
    scale: Json = {"type": "utc"} if kind == "temporal" else {"zero": False}
    tick = {"format": "~%"} if series.spec.unit == "ratio" else {}
    x: Json = {"field": "m", "type": kind, "title": None, "scale": scale, "axis": {"grid": False, "labelOverlap": True}}
    words = [*SEVERITY[::-1], "not checked"]
    status = {
        "color": {
            "field": "st",
            "type": "nominal",
            "legend": None,
            "scale": {"domain": words, "range": [*SEVERITY[::-1], "muted"]},
        },
        "shape": {"field": "st", "type": "nominal", "legend": None, "scale": {"domain": words, "range": _SHAPES}},
        "tooltip": [
            {"field": "w", "type": "nominal", "title": "window"},
            {"field": "said", "type": "nominal", "title": "value"},
            {"field": "st", "type": "nominal", "title": "status"},
            {"field": "th", "type": "quantitative", "title": "threshold", "format": ".4~g"},
        ],
    }
    y: Json = {"field": "y", "type": "quantitative", "title": None, "scale": {"zero": False}, "axis": tick}
    across = {"x": {**x, "field": "t"}, "x2": {"field": "e"}}
    return {
        "usermeta": {"columns": {"w": "window", "said": "value", "th": "threshold", "st": "status"}},
        "width": "container",
        "height": 170,
        "layer": [
            {
                "transform": [{"filter": "datum.st === 'gap'"}],
                "mark": {"type": "rect", "color": "gap"},
                "encoding": across,
            },
            {
                "transform": [{"filter": "isValid(datum.th)"}],
                "mark": {"type": "rule", "color": "fail", "strokeDash": [4, 3], "strokeWidth": 1.25},
                "encoding": {**across, "y": {**y, "field": "th"}},
            },
            {"mark": {"type": "line", "color": "current", "strokeWidth": 2}, "encoding": {"x": x, "y": y}},
            {
                "transform": [{"filter": "isValid(datum.y)"}],
                "mark": {"type": "point", "filled": True, "size": 55, "opacity": 1, "tooltip": True},
                "encoding": {"x": x, "y": y, **status},
            },
        ],
    }


_SHAPES = ["circle", "triangle-up", "square", "diamond", "cross", "circle"]


def _places(timeline: Timeline) -> tuple[list[tuple[float, float]], str]:
    """Where the windows stand: wall-clock milliseconds as written, else row numbers, else their order."""
    try:
        return [(_clock(w.start), _clock(w.end)) for w in timeline.windows], "temporal"
    except ValueError:
        pass
    try:
        return [(float(w.start), float(w.end)) for w in timeline.windows], "quantitative"
    except ValueError:
        return [(float(i), float(i + 1)) for i in range(len(timeline.windows))], "quantitative"


def _clock(text: str) -> float:
    """The axis shows the time that was written, whatever its zone and whatever the reader's."""
    if text.isdigit():
        raise ValueError(text)
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000


def _finite(x: float | None) -> float | None:
    return None if x is None or x != x or abs(x) == float("inf") else float(f"{x:.8g}")


def _telling(timeline: Timeline) -> list[Stream]:
    """Streams in which something was found, or nothing is known."""
    return [s for s in timeline.streams if s.detected is not None or s.verdict.status != "pass"]


def _together(timeline: Timeline, stream: Stream) -> Series:
    """A stream as a series: what was found stays found."""
    verdicts: list[Verdict | None] = []
    found = False
    for window, value in zip(timeline.windows, stream.values, strict=True):
        found = found or window.start == stream.detected
        status = stream.verdict.status if found or stream.verdict.status == "unknown" else "pass"
        threshold = value.threshold if value else None
        verdict = structs.replace(stream.verdict, status=status, value=value.value if value else None)
        verdicts.append(structs.replace(verdict, threshold=threshold) if value else None)
    return Series(stream.spec, {}, stream.labels, stream.values, verdicts)


def _key(result: Result, value: Value) -> object:
    params = tuple(sorted((k, str(v)) for k, v in result.params.items()))
    return result.spec.name, params, tuple(sorted(value.labels.items()))


def _worst_by_identity(run: Run) -> dict[object, Verdict]:
    found: dict[object, Verdict] = {}
    for verdict in run.verdicts:
        params = tuple(sorted((k, str(v)) for k, v in verdict.params.items()))
        key = (verdict.metric, params, tuple(sorted(verdict.labels.items())))
        if key not in found or SEVERITY.index(verdict.status) < SEVERITY.index(found[key].status):
            found[key] = verdict
    return found


def _order(series: Series) -> tuple[bool, int, int, float, str]:
    worst = SEVERITY.index(series.worst)
    return not series.checked, worst, _GROUP_ORDER[series.spec.group], -series.reach, series.name
