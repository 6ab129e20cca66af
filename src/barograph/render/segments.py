"""A run by segment, taken apart: what is about all rows, what is about each segment, and both at a glance."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from barograph.render.numbers import count, number
from barograph.render.words import MEANING, paragraph, plain
from barograph.results import (
    SEVERITY,
    Figure,
    Labels,
    Result,
    Run,
    Segment,
    Side,
    Spec,
    Status,
    Timeline,
    Value,
    Verdict,
    worst,
)

_NUMBERS = 4


class Line(NamedTuple):
    """A segment in the overview: what was found of it, its numbers in the order of the overview's `titles`."""

    segment: Segment
    said: str
    numbers: list[str]

    @property
    def cells(self) -> list[str]:
        """As a row of a table, its status first."""
        s = self.segment
        reference = "" if s.n_reference is None else count(s.n_reference)
        note = paragraph(s.note, 200)
        return [s.status, plain(s.name, 60), count(s.n_rows), reference, self.said, *self.numbers, note]


class Overview(NamedTuple):
    """All segments, the worst first, with the first few performance numbers of each."""

    titles: list[str]
    lines: list[Line]

    @property
    def header(self) -> list[str]:
        """Headings of `Line.cells`; `>` puts a column to the right."""
        return ["status", "segment", ">n", ">reference n", "checks", *(f">{t}" for t in self.titles), "note"]


def overview(run: Run) -> Overview:
    """The segments at a glance."""
    found: dict[str, tuple[Spec, dict[str, Value]]] = {}
    for result in run.results:
        if result.spec.group == "performance" and not result.params:
            own = {v.labels["segment"]: v for v in result.values if set(v.labels) == {"segment"}}
            if own:
                found[plain(result.spec.title, 40)] = result.spec, own
    titles = list(found)[:_NUMBERS]
    statuses: dict[str, list[Status]] = {}
    for verdict in run.verdicts:
        statuses.setdefault(verdict.labels.get("segment", ""), []).append(verdict.status)
    lines = [
        Line(segment, _said(statuses.get(segment.name, [])), [_cell(*found[t], segment.name) for t in titles])
        for segment in worst_first(run)
    ]
    return Overview(titles, lines)


def _cell(spec: Spec, values: dict[str, Value], name: str) -> str:
    value = values.get(name)
    return "" if value is None else number(value.value, spec.unit)


def _said(statuses: list[Status]) -> str:
    """How many checks, and what the worst of them did."""
    if not statuses:
        return "none"
    status = min(statuses, key=SEVERITY.index)
    k, n = statuses.count(status), len(statuses)
    return f"{'all ' if k == n else ''}{k:,}{'' if k == n else f' of {n:,}'} {MEANING[status]}"


class Course(NamedTuple):
    """A segment over the windows of a timeline: its worst status, and where it failed."""

    name: str
    status: Status
    failing: list[int]
    n_windows: int
    last: Status


def courses(timeline: Timeline) -> list[Course]:
    """Each segment of a timeline, the worst first; of those that fail in as many windows, the earliest."""
    statuses: dict[str, dict[int, Status]] = {}
    for i, window in enumerate(timeline.windows):
        for segment in window.run.segments if window.run else []:
            statuses.setdefault(segment.name, {})[i] = segment.status
    found = [
        Course(
            name,
            worst(list(seen.values())),
            [i for i, status in seen.items() if status in ("fail", "error")],
            len(seen),
            list(seen.values())[-1],
        )
        for name, seen in statuses.items()
    ]
    return sorted(found, key=lambda c: (SEVERITY.index(c.status), -len(c.failing), c.failing[:1], c.name))


def worst_first(run: Run) -> list[Segment]:
    """Segments by status, those with more failures first, then those with more rows."""
    failed: dict[str, int] = {}
    for verdict in run.verdicts:
        if verdict.status in ("fail", "error"):
            name = verdict.labels.get("segment", "")
            failed[name] = failed.get(name, 0) + 1
    return sorted(run.segments, key=lambda s: (SEVERITY.index(s.status), -failed.get(s.name, 0), -s.n_rows))


def of_all_rows(run: Run) -> Run:
    """The run without what is about its segments."""
    if not run.segments:
        return run
    return msgspec.structs.replace(
        run,
        results=[
            msgspec.structs.replace(
                result,
                values=[v for v in result.values if "segment" not in v.labels],
                figures=[f for f in result.figures if "segment" not in f.labels],
            )
            for result in run.results
        ],
        verdicts=[v for v in run.verdicts if "segment" not in v.labels],
    )


def of_each(run: Run) -> Iterable[tuple[Segment, Run]]:
    """Each segment with what is about it as a run of its own, the worst segment first."""
    verdicts: dict[str, list[Verdict]] = {}
    for verdict in run.verdicts:
        if "segment" in verdict.labels:
            own = msgspec.structs.replace(verdict, labels=_without(verdict.labels))
            verdicts.setdefault(verdict.labels["segment"], []).append(own)
    results: dict[str, list[Result]] = {}
    for result in run.results:
        for name, own_result in _split(result).items():
            results.setdefault(name, []).append(own_result)
    for segment in worst_first(run):
        yield (
            segment,
            Run(
                title=segment.name,
                current=Side(segment.name, segment.n_rows),
                results=results.get(segment.name, []),
                verdicts=verdicts.get(segment.name, []),
            ),
        )


def _split(result: Result) -> dict[str, Result]:
    """What a result says of each segment, without the label that says so."""
    values: dict[str, list[Value]] = {}
    figures: dict[str, list[Figure]] = {}
    for value in result.values:
        if "segment" in value.labels:
            own = msgspec.structs.replace(value, labels=_without(value.labels))
            values.setdefault(value.labels["segment"], []).append(own)
    for figure in result.figures:
        if "segment" in figure.labels:
            picture = msgspec.structs.replace(figure, labels=_without(figure.labels))
            figures.setdefault(figure.labels["segment"], []).append(picture)
    return {
        name: msgspec.structs.replace(result, values=values.get(name, []), figures=figures.get(name, []))
        for name in {**values, **figures}
    }


def _without(labels: Labels) -> Labels:
    return {key: text for key, text in labels.items() if key != "segment"}
