"""One profile per window, from one pass over the rows."""

from __future__ import annotations

from itertools import groupby

from barograph import frame
from barograph.errors import ParameterError, SchemaError
from barograph.profile import Profile
from barograph.segments import Segments

GAPS_AT_MOST = 100

Counted = Profile | Segments
Windows = list[tuple[str, str, Counted | None]]


def profiles(rows: frame.Rows, template: Counted, every: str | int, progress: bool = False) -> tuple[Windows, int]:
    """Profiles or segments of tumbling windows, `None` for windows without rows, and the number of rows in no window.

    More than 100 windows without rows in a row are given as one.

    `every` is a length of time such as `"1mo"`, `"1d"` or `"6h"`, or a number of rows. `template` is empty.

    Raises
    ------
    SchemaError
        Windows of time without a timestamp in the schema.
    ParameterError, InputError
        `every` is nothing of the kind; windows without end.
    """
    every = checked_every(every)
    found = _by_rows(rows, template, every, progress) if isinstance(every, int) else None
    return (found, 0) if found is not None else _by_time(rows, template, str(every), progress)


def checked_every(every: str | int) -> str | int:
    """A length of time or a number of rows. Raises `ParameterError` for anything else."""
    if isinstance(every, bool) or not isinstance(every, str | int) or (isinstance(every, int) and every < 1):
        raise ParameterError(f"a window is a time such as '1d' or a positive number of rows, not {every!r}")
    return every


def _by_rows(rows: frame.Rows, template: Counted, every: int, progress: bool) -> Windows:
    made: Windows = []
    start = 0
    for chunk in frame.row_windows(rows.batches(progress=progress), every):
        profile = template.blank()
        profile.name = f"rows {start:,} to {start + chunk.height - 1:,}"
        profile.add(chunk)
        made.append((str(start), str(start + chunk.height), profile))
        start += chunk.height
    return made


def _by_time(rows: frame.Rows, template: Counted, every: str, progress: bool) -> tuple[Windows, int]:
    timestamp = template.schema.timestamp
    if timestamp is None:
        raise SchemaError("windows of time need to know when a row happened: give Schema(timestamp=...)")
    if timestamp not in rows.columns:
        raise SchemaError(
            f"the rows have no column {timestamp!r} to cut windows by; they have {', '.join(rows.columns)}"
        )
    made: dict[str, Counted] = {}
    n_timeless = 0
    for batch in rows.batches(progress=progress):
        for start, end, part in frame.windows(batch, timestamp, every):
            if not start:
                n_timeless += part.height
                continue
            if start not in made:
                made[start] = template.blank()
                made[start].name = f"{start} to {end}"
            made[start].add(part)
    if not made:
        return [], n_timeless
    bounds = frame.window_bounds(min(made), max(made), every)
    return with_gaps([(start, end, made.get(start)) for start, end in bounds]), n_timeless


def with_gaps(windows: Windows) -> Windows:
    """Long gaps as one: a single timestamp of 1970 among those of today must not make twenty thousand empty windows."""
    shown: Windows = []
    for empty, run in groupby(windows, key=lambda window: window[2] is None):
        listed = list(run)
        long = empty and len(listed) > GAPS_AT_MOST
        shown += [(listed[0][0], listed[-1][1], None)] if long else listed
    return shown
