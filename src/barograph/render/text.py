"""A report for the terminal: the verdict, what needs attention, columns by drift, then everything else, in tables."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from barograph.render import outline, segments, timeline
from barograph.render.evidence import evidence
from barograph.render.findings import Check
from barograph.render.numbers import MISSING, bounds, count, number
from barograph.render.words import labelled, moment, paragraph, plain
from barograph.results import SEVERITY, Run, Status, Timeline

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

_STYLES: dict[Status, str] = {
    "error": "bold magenta",
    "fail": "bold red",
    "unknown": "blue",
    "warn": "yellow",
    "pass": "green",
}
WIDTH = 120
_MOST_ROWS = 40
_MOST_SERIES = 5


def text(run: Run | Timeline, width: int | None = None, *, colour: bool = False) -> str:
    """The report as lines of at most `width` characters (120 unless told); with `colour`, ANSI codes.

    >>> from barograph.results import Side, Verdict
    >>> print(text(Run("Churn", Side("today", 10), [], [Verdict("pass", "psi", "psi < 0.1", 0.04, 0.1)])))
    ✓ pass  Churn: The only check passed.
    current: today, 10 rows
    """
    from rich.console import Console

    file = io.StringIO()
    console = Console(
        file=file,
        width=width or WIDTH,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    _timeline(console, run) if isinstance(run, Timeline) else _run(console, run)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


def _run(console: Console, run: Run) -> None:
    told = outline.outline(run)
    _headline(console, run, outline.sentence(run))
    if said := evidence(run):
        console.print(said)
    console.print(f"current: {outline.side_line(run.current)}")
    if run.reference:
        console.print(f"reference: {outline.side_line(run.reference)}")
    if run.segments:
        seen = segments.overview(run)
        _table(console, "Segments", seen.header, [line.cells for line in seen.lines[:_MOST_ROWS]])
        _left(console, len(seen.lines), "segments")
    if told.attention:
        _attention(console, told)
    if told.columns:
        _columns(console, told)
    _groups(console, told)
    _notes(console, run)


def _headline(console: Console, run: Run | Timeline, said: str) -> None:
    from rich.text import Text

    status = Text(outline.status_word(run.status), style=_STYLES[run.status])
    console.print(Text.assemble(status, "  ", (plain(run.title), "bold"), ": ", said))


def _attention(console: Console, told: outline.Outline) -> None:
    rows = [
        [check.status, _subject(check), check.value, check.threshold, paragraph(check.reason, 400)]
        for check in told.attention[:_MOST_ROWS]
    ]
    _table(console, "Needs attention", ["status", "check", ">value", ">threshold", "reason"], rows)
    _left(console, len(told.attention), "checks that did not pass")


def _columns(console: Console, told: outline.Outline) -> None:
    rows: list[list[Any]] = []
    for column in told.columns[:_MOST_ROWS]:
        drift = column.drift
        known = drift is not None and drift.verdict.value is not None
        words = (
            [drift.verdict.finding, drift.title, drift.value if known else "unknown", drift.threshold, drift.expected]
            if drift
            else ["", *[MISSING] * 4]
        )
        n = MISSING if drift is None or drift.n is None else count(drift.n)
        rows.append([column.status, plain(column.name, 40), *words, n, outline.missing_share(column)])
    header = ["status", "column", "finding", "drift", ">value", ">threshold", ">expected", ">n", ">missing"]
    _table(console, "Columns by drift", header, rows)
    _left(console, len(told.columns), "columns")


def _groups(console: Console, told: outline.Outline) -> None:
    for group, parts in told.groups.items():
        rows: list[list[Any]] = []
        for part in parts:
            title, unit = plain(part.result.spec.title, 60), part.result.spec.unit
            for entry in part.numbers[:_MOST_ROWS]:
                v = entry.value
                reference = "" if v.reference is None else number(v.reference, unit)
                note = paragraph(v.note, 200)
                rows.append([title, entry.about, number(v.value, unit), bounds(v, unit), reference, count(v.n), note])
            if not part.numbers and part.result.status != "ok":
                rows.append([title, "", part.result.status, "", "", "", paragraph(part.result.note, 200)])
        header = ["metric", "of", ">value", ">error", ">reference", ">n", "note"]
        if rows:
            _table(console, outline.GROUPS[group], header, rows)


def _timeline(console: Console, run: Timeline) -> None:
    told = timeline.story(run)
    _headline(console, run, timeline.sentence(told))
    if since := timeline.since(told):
        console.print(since)
    if run.reference:
        console.print(f"reference: {outline.side_line(run.reference)}")
    chosen = told.series[:_MOST_SERIES]
    rows: list[list[Any]] = []
    for i, window in enumerate(run.windows):
        status: Any = window.run.status if window.run else "gap"
        cells = [number(v.value if v else None, s.spec.unit) for s in chosen for v in [s.values[i]]]
        rows.append([status, timeline.window_name(window), count(window.n_rows), *cells])
    names = [f"{plain(s.spec.name, 24)} {labelled(s.labels, s.params)}".strip() for s in chosen]
    _table(console, "Windows", ["status", "window", ">n", *(f">{name}" for name in names)], rows)
    if len(told.series) > len(chosen):
        console.print(f"{len(chosen)} of {len(told.series):,} series: the nearest to their thresholds.")
    if rows := timeline.course_rows(run):
        _table(console, "Segments", timeline.COURSE, rows[:_MOST_ROWS])
        _left(console, len(rows), "segments")
    _notes(console, run)


def _notes(console: Console, run: Run | Timeline) -> None:
    if run.notes:
        console.print()
    for note in run.notes:
        console.print(f"note: {paragraph(note)}")
    made = [
        f"made {moment(run.created)}" if run.created else "",
        f"barograph {plain(run.version, 40)}" if run.version else "",
    ]
    if any(made):
        console.print(", ".join(part for part in made if part))


def _table(console: Console, title: str, header: list[str], rows: Iterable[list[Any]]) -> None:
    """No frames; `>` before a heading puts its cells to the right; columns with nothing in them are left out."""
    from rich.table import Table
    from rich.text import Text

    body = [list(row) for row in rows]
    kept = [i for i in range(len(header)) if any(row[i] for row in body)]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for i in kept:
        right = header[i].startswith(">")
        table.add_column(Text(header[i].removeprefix(">")), justify="right" if right else "left", overflow="fold")
    for row in body:
        table.add_row(*(_cell(row[i]) for i in kept))
    console.print()
    console.print(title, style="bold")
    console.print(table)


def _cell(cell: str) -> Any:
    from rich.text import Text

    for status in SEVERITY:
        if cell == status:
            return Text(outline.status_word(status), style=_STYLES[status], no_wrap=True)
    return Text(cell)


def _subject(check: Check) -> str:
    return f"{check.title} ({check.everywhere})" if check.everywhere else check.title


def _left(console: Console, n: int, what: str) -> None:
    if n > _MOST_ROWS:
        console.print(f"... and {n - _MOST_ROWS:,} more {what}.")
