"""The overview of a profile or of segments, as text."""

from __future__ import annotations

import sys
from io import StringIO
from shutil import get_terminal_size
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from barograph.profile import Profile
from barograph.segments import Segments, segment_name

NAME_AT_MOST = 40
TOP_AT_MOST = 60
RIGHT = ("missing", "distinct", "mean", "min", "median", "max")
LEAST = ("most frequent", "role", "median", "distinct", "mean")
HEADS = ("column", "kind", "role", "missing", "distinct", "mean", "min", "median", "max", "most frequent")


def overview_text(profile: Profile, head: str) -> str:
    """A line of facts and a table of one line a column."""
    lines = [head]
    if profile.time_range is not None:
        lines.append(f"from {profile.time_range[0]} to {profile.time_range[1]}")
    if profile.schema.task:
        classes = f" of {', '.join(printable(c, 20) for c in profile.schema.classes)}" if profile.schema.classes else ""
        lines.append(f"task: {profile.schema.task}{classes}")
    rows = [_cells(row) for row in profile.to_dicts()]
    return "\n".join([*lines, _table(rows, get_terminal_size().columns if sys.stdout.isatty() else None)])


def segments_text(segments: Segments) -> str:
    """Each segment and its rows, those with the most rows first."""
    named = [(printable(segment_name(key)), part.n_rows) for key, part in segments.parts.items()]
    named.sort(key=lambda pair: -pair[1])
    wide = max((len(name) for name, _ in named), default=0)
    by = " and ".join(printable(column) for column in segments.by)
    return "\n".join([f"{len(named)} segments by {by}", *(f"  {name:<{wide}}  {n:>13,} rows" for name, n in named)])


def _table(rows: list[dict[str, str]], width: int | None) -> str:
    """Aligned columns; on a terminal too narrow for all, those that matter least are left out."""
    heads = list(HEADS)
    console = Console(file=StringIO(), width=10_000, color_system=None)
    while True:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for head in heads:
            table.add_column(head, justify="right" if head in RIGHT else "left", no_wrap=True)
        for row in rows:
            table.add_row(*(Text(row[head]) for head in heads))
        least = next((head for head in LEAST if head in heads), None)
        if width is None or least is None or console.measure(table).maximum <= width:
            break
        heads.remove(least)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().rstrip().splitlines())


def printable(text: str, most: int = NAME_AT_MOST) -> str:
    """Text that cannot break a line or move a terminal's cursor, cut to a length."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text)
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def _cells(row: dict[str, Any]) -> dict[str, str]:
    kind = row["kind"]
    reading = {head: _number(row[head]) for head in ("mean", "min", "median", "max")}
    if kind == "datetime":
        reading = {"mean": "", "median": "", "min": (row["first"] or "")[:19], "max": (row["last"] or "")[:19]}
    if kind == "text":
        reading = {head: f"{length} chars" if length else "" for head, length in reading.items()}
    absent = sum(row[sort] or 0 for sort in ("n_null", "n_nan", "n_pos_inf", "n_neg_inf", "n_invalid"))
    return {
        "column": printable(row["column"]),
        "kind": kind,
        "role": row["role"],
        "missing": _share(absent, row["n_rows"] or 0),
        "distinct": "" if row["n_distinct"] is None else f"{row['n_distinct']:,.0f}",
        "most frequent": "" if kind in ("numeric", "datetime") else printable(row["top"] or "", TOP_AT_MOST),
        **reading,
    }


def _share(part: int, whole: int) -> str:
    """Never 0 % where there is something, nor 100 % where something lacks."""
    if not whole:
        return "no rows"
    if part in (0, whole):
        return "0 %" if part == 0 else "100 %"
    percent = 100 * part / whole
    return "<0.1 %" if percent < 0.1 else ">99.9 %" if percent > 99.9 else f"{percent:.1f} %"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
