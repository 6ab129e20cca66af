"""A report as GitHub-flavoured Markdown, for comments on pull requests. Nothing from data becomes markup."""

from __future__ import annotations

import re
from collections.abc import Iterable

from barograph.render import outline, segments, timeline
from barograph.render.evidence import evidence
from barograph.render.findings import Check
from barograph.render.numbers import MISSING, bounds, count, number
from barograph.render.words import ICONS, labelled, moment, paragraph, plain
from barograph.results import SEVERITY, Run, Timeline

# Comments on GitHub end at 65,536 characters.
_MOST_ROWS = 30
_MOST_SERIES = 4
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~$@:])")


def markdown(run: Run | Timeline) -> str:
    """The report as Markdown.

    >>> from barograph.results import Side, Verdict
    >>> print(markdown(Run("Churn", Side("today", 10), [], [Verdict("pass", "psi", "psi < 0.1", 0.04, 0.1)])))
    ## ✓ Churn: pass
    <BLANKLINE>
    **The only check passed.**
    <BLANKLINE>
    - current: today, 10 rows
    <BLANKLINE>
    """
    lines = _timeline(run) if isinstance(run, Timeline) else _run(run)
    if run.notes:
        lines += ["### Notes", "", *(f"- {escaped(paragraph(note, 500))}" for note in run.notes), ""]
    made = [("made", moment(run.created)), ("barograph", run.version)]
    if said := ", ".join(f"{word} {what}" for word, what in made if what):
        lines += [f"<sub>{escaped(said)}</sub>", ""]
    return "\n".join(lines)


def escaped(text: str) -> str:
    r"""One line in which nothing is markup: no cell ends, no HTML, no link, no code, no mention.

    >>> escaped("a|b `c` <img> [x](y)\nz")
    'a\\|b \\`c\\` &lt;img&gt; \\[x\\]\\(y\\)\\\\nz'
    """
    text = plain(text, None).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # GitHub links a bare www. and mentions @name; a zero-width space between keeps them text.
    text = _SPECIAL.sub(r"\\\1", text).replace("www.", "www\u200b.")
    return text.replace("\\@", "@\u200b").replace("\\:", ":\u200b" if "//" in text else ":")


def _run(run: Run) -> list[str]:
    told = outline.outline(run)
    lines = _head(run, outline.sentence(run))
    if said := evidence(run):
        lines += [escaped(said), ""]
    lines.append(f"- current: {escaped(outline.side_line(run.current))}")
    if run.reference:
        lines.append(f"- reference: {escaped(outline.side_line(run.reference))}")
    lines.append("")
    if run.segments:
        seen = segments.overview(run)
        rows = [[outline.status_word(line.segment.status), *line.cells[1:]] for line in seen.lines[:_MOST_ROWS]]
        lines += ["### Segments", "", *_table(seen.header, rows), *_left(len(seen.lines), "segments")]
    if told.attention:
        rows = [
            [outline.status_word(c.status), _subject(c), c.value, c.threshold, paragraph(c.reason, 300)]
            for c in told.attention[:_MOST_ROWS]
        ]
        header = ["status", "check", ">value", ">threshold", "reason"]
        lines += ["### Needs attention", "", *_table(header, rows), *_left(len(told.attention), "checks")]
    if told.columns:
        body = [*_table(_COLUMN_HEADER, _column_rows(told)), *_left(len(told.columns), "columns")]
        lines += _folded(f"Columns by drift ({len(told.columns)})", body)
    for group, parts in told.groups.items():
        rows = [row for part in parts for row in _part_rows(part)]
        header = ["metric", "of", ">value", ">error", ">reference", ">n", "note"]
        if rows:
            body = [*_table(header, rows[:_MOST_ROWS]), *_left(len(rows), "values")]
            lines += _folded(outline.GROUPS[group], body)
    return lines


_COLUMN_HEADER = ["status", "column", "finding", "drift", ">value", ">threshold", ">expected", ">n", ">missing"]


def _column_rows(told: outline.Outline) -> list[list[str]]:
    rows = []
    for column in told.columns[:_MOST_ROWS]:
        drift = column.drift
        words = ["", *[MISSING] * 4]
        if drift:
            value = "unknown" if drift.verdict.value is None else drift.value
            words = [drift.verdict.finding, drift.title, value, drift.threshold, drift.expected]
        n = MISSING if drift is None or drift.n is None else count(drift.n)
        missing = outline.missing_share(column)
        rows.append([outline.status_word(column.status), plain(column.name, 60), *words, n, missing])
    return rows


def _part_rows(part: outline.Part) -> list[list[str]]:
    title, unit = plain(part.result.spec.title, 60), part.result.spec.unit
    if not part.numbers:
        status = part.result.status
        return [[title, "", status, "", "", "", paragraph(part.result.note, 200)]] if status != "ok" else []
    rows = []
    for entry in part.numbers:
        v = entry.value
        reference = "" if v.reference is None else number(v.reference, unit)
        note = paragraph(v.note, 200)
        rows.append([title, entry.about, number(v.value, unit), bounds(v, unit), reference, count(v.n), note])
    return rows


def _timeline(run: Timeline) -> list[str]:
    told = timeline.story(run)
    lines = _head(run, timeline.sentence(told))
    if since := timeline.since(told):
        lines += [escaped(since), ""]
    if run.reference:
        lines += [f"- reference: {escaped(outline.side_line(run.reference))}", ""]
    chosen = told.series[:_MOST_SERIES]
    rows = []
    first = max(0, len(run.windows) - 2 * _MOST_ROWS)
    for i, window in enumerate(run.windows[first:], first):
        status = outline.status_word(window.run.status) if window.run else "gap"
        cells = [number(v.value if v else None, s.spec.unit) for s in chosen for v in [s.values[i]]]
        rows.append([status, timeline.window_name(window), count(window.n_rows), *cells])
    header = ["status", "window", ">n", *(f">{s.spec.name} {labelled(s.labels, s.params)}".strip() for s in chosen)]
    lines += ["### Windows", "", *_table(header, rows), ""]
    if first:
        lines += [f"The last {len(run.windows) - first} of {len(run.windows):,} windows.", ""]
    if told_apart := timeline.course_rows(run):
        named: dict[str, str] = {status: outline.status_word(status) for status in SEVERITY}
        rows = [[named[first], *cells, named[last]] for first, *cells, last in told_apart[:_MOST_ROWS]]
        lines += ["### Segments", "", *_table(timeline.COURSE, rows), *_left(len(told_apart), "segments")]
    return lines


def _head(run: Run | Timeline, said: str) -> list[str]:
    icon = ICONS[run.status]
    return [f"## {icon} {escaped(plain(run.title))}: {run.status}", "", f"**{said}**", ""]


def _table(header: list[str], rows: Iterable[list[str]]) -> list[str]:
    """`>` before a heading puts its cells to the right; columns with nothing in them are left out."""
    body = list(rows)
    kept = [i for i in range(len(header)) if any(row[i] for row in body)]
    top = "| " + " | ".join(escaped(header[i].removeprefix(">")) for i in kept) + " |"
    rule = "|" + "|".join("---:" if header[i].startswith(">") else "---" for i in kept) + "|"
    return [top, rule, *("| " + " | ".join(escaped(row[i]) for i in kept) + " |" for row in body)]


def _folded(title: str, lines: list[str]) -> list[str]:
    return [f"<details><summary>{escaped(title)}</summary>", "", *lines, "", "</details>", ""]


def _subject(check: Check) -> str:
    return f"{check.title} ({check.everywhere})" if check.everywhere else check.title


def _left(n: int, what: str) -> list[str]:
    return ["", f"... and {n - _MOST_ROWS:,} more {what}.", ""] if n > _MOST_ROWS else [""]
