"""Batches cut by time or by number of rows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator

import polars as pl

from barograph.errors import InputError, ParameterError
from barograph.frame.columns import column_of
from barograph.frame.text import instants, iso

WINDOWS_AT_MOST = 100_000
_EVERY = re.compile(r"(?:[1-9]\d*(?:us|ms|s|mo|m|h|d|w|q|y))+")


def _checked(every: str) -> str:
    wrong = f"{every!r} is no window length; say for example '15m', '6h', '1d', '1w' or '1mo'"
    if not _EVERY.fullmatch(every):
        raise InputError(wrong)
    try:
        pl.Series([0], dtype=pl.Datetime("us")).dt.truncate(every).dt.offset_by(every).item()
    except (pl.exceptions.PolarsError, OverflowError, ValueError) as error:
        raise InputError(f"{wrong}: {str(error).splitlines()[0]}") from error
    return every


def windows(batch: pl.DataFrame, timestamp: str, every: str) -> list[tuple[str, str, pl.DataFrame]]:
    """Tumbling windows of a batch, in order of time: `(start, end, rows)`, start inclusive, end exclusive.

    Windows are cut in UTC: days begin at 00:00Z, weeks on Monday, months on the first. Windows without rows are left
    out (`window_bounds` gives them all). Rows without a readable time come last, as `("", "", rows)`.

    Raises `InputError` where `every` is no length, or the column holds no times at all.

    >>> batch = pl.DataFrame({"t": ["2024-01-31", "2024-02-01", "2024-02-29T23:59:59Z"]})
    >>> [(start, rows.height) for start, end, rows in windows(batch, "t", "1mo")]
    [('2024-01-01T00:00:00+00:00', 1), ('2024-02-01T00:00:00+00:00', 2)]
    """
    _checked(every)
    series = column_of(batch, timestamp)
    starts = instants(series).dt.truncate(every)
    if series.null_count() < len(series) and starts.null_count() == len(starts):
        raise InputError(
            f"column {timestamp!r} ({series.dtype}) holds no times; a timestamp is a date, a datetime or ISO 8601 text"
        )
    # one stable sort instead of a group per window: rows of a window become one slice
    order = starts.arg_sort(nulls_last=True) if not starts.is_sorted(nulls_last=True) else None
    ordered, rows = (starts, batch) if order is None else (starts.gather(order), batch[order])
    runs = ordered.rle()
    out, at = [], 0
    ends = runs.struct.field("value").dt.offset_by(every).to_list()
    for length, start, end in zip(runs.struct.field("len"), runs.struct.field("value"), ends, strict=True):
        bounds = ("", "") if start is None else (iso(start), iso(end))
        out.append((*bounds, rows.slice(at, length)))
        at += length
    return out


def window_of(moment: str, every: str) -> tuple[str, str]:
    """Start and end of the window that a time lies in.

    >>> window_of("2024-05-01T10:30:00Z", "1d")
    ('2024-05-01T00:00:00+00:00', '2024-05-02T00:00:00+00:00')
    """
    _checked(every)
    start = pl.Series([_moment(moment)], dtype=pl.Datetime("us")).dt.truncate(every)
    return iso(start.item()), iso(start.dt.offset_by(every).item())


def window_bounds(start: str, end: str, every: str) -> list[tuple[str, str]]:
    """All consecutive windows, from the one starting at `start` to the one starting at `end`.

    Raises `InputError` beyond 100,000 windows.

    >>> window_bounds("2024-01-01T00:00:00Z", "2024-03-01T00:00:00Z", "1mo")[1]
    ('2024-02-01T00:00:00+00:00', '2024-03-01T00:00:00+00:00')
    """
    _checked(every)
    first, last = _moment(start), _moment(end)
    one = pl.Series([first], dtype=pl.Datetime("us"))
    after = one.dt.offset_by(every).item()
    n = int((last - first) / (after - first)) + 1
    if n > WINDOWS_AT_MOST:
        raise InputError(
            f"from {start} to {end} there are {n:,} windows of {every}; "
            f"at most {WINDOWS_AT_MOST:,} can be listed; ask for longer windows"
        )
    starts = pl.datetime_range(first, last, every, time_unit="us", eager=True)
    ends = starts.dt.offset_by(every)
    return [(iso(a), iso(b)) for a, b in zip(starts, ends, strict=True)]


def _moment(text: str) -> dt.datetime:
    found = instants(pl.Series([text], dtype=pl.String)).item()
    if not isinstance(found, dt.datetime):
        raise InputError(f"{text!r} is no time; write ISO 8601, like '2024-05-01T00:00:00+00:00'")
    return found


def duration(start: str, end: str) -> float:
    """Seconds from one time to another.

    >>> duration("2024-05-01", "2024-05-02T00:00:00Z")
    86400.0
    """
    return (_moment(end) - _moment(start)).total_seconds()


def row_windows(batches: Iterable[pl.DataFrame], n: int) -> Iterator[pl.DataFrame]:
    """The rows of `batches` in consecutive chunks of exactly `n` rows; the last may be shorter.

    >>> [chunk.height for chunk in row_windows([pl.DataFrame({"x": range(5)}), pl.DataFrame({"x": range(4)})], 4)]
    [4, 4, 1]
    """
    if n < 1:
        raise ParameterError(f"a window has at least 1 row, not {n}")
    return _row_windows(batches, n)


def _row_windows(batches: Iterable[pl.DataFrame], n: int) -> Iterator[pl.DataFrame]:
    kept: list[pl.DataFrame] = []
    n_kept = 0
    for batch in batches:
        at = 0
        while batch.height - at >= n - n_kept:
            take = n - n_kept
            yield pl.concat([*kept, batch.slice(at, take)], how="vertical_relaxed")
            kept, n_kept, at = [], 0, at + take
        if at < batch.height:
            kept.append(batch.slice(at))
            n_kept += batch.height - at
    if kept:
        yield pl.concat(kept, how="vertical_relaxed")


__all__ = ["duration", "row_windows", "window_bounds", "window_of", "windows"]
