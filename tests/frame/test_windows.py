"""Windows of time and of rows."""

# ruff: noqa: DTZ001 - columns without a time zone are part of what is tested
from __future__ import annotations

import datetime as dt
import itertools

import polars as pl
import pytest

from barograph.errors import InputError, ParameterError
from barograph.frame import row_windows, window_bounds, windows

STAMPS = [dt.datetime(2024, 3, 1), dt.datetime(2024, 1, 31, 23, 59, 59), None, dt.datetime(2024, 1, 1)]


@pytest.mark.parametrize("cast", [pl.Datetime("ms"), pl.Datetime("ns"), pl.Datetime("us", "UTC"), pl.String])
def test_months_with_a_gap(cast):
    batch = pl.DataFrame({"t": STAMPS, "i": range(4)}).with_columns(pl.col("t").cast(cast))
    found = windows(batch, "t", "1mo")
    assert [(start, end) for start, end, _ in found] == [
        ("2024-01-01T00:00:00+00:00", "2024-02-01T00:00:00+00:00"),
        ("2024-03-01T00:00:00+00:00", "2024-04-01T00:00:00+00:00"),
        ("", ""),
    ]
    assert [sorted(rows["i"]) for *_, rows in found] == [[1, 3], [0], [2]]
    bounds = window_bounds(found[0][0], found[1][0], "1mo")
    assert len(bounds) == 3
    assert bounds[1] == ("2024-02-01T00:00:00+00:00", "2024-03-01T00:00:00+00:00")


@pytest.mark.parametrize("every", ["1d", "6h", "1w", "15m", "90s", "3mo", "1q", "1y", "2w", "1h30m"])
def test_windows_are_those_of_window_bounds(every):
    stamps = pl.datetime_range(dt.datetime(2023, 12, 30), dt.datetime(2024, 1, 20), "7h", eager=True).alias("t")
    found = windows(stamps.to_frame(), "t", every)
    bounds = window_bounds(found[0][0], found[-1][0], every)
    assert {(start, end) for start, end, _ in found} <= set(bounds)
    assert all(a[1] == b[0] for a, b in itertools.pairwise(bounds))
    assert sum(rows.height for *_, rows in found) == len(stamps)
    for start, end, rows in found:
        low, high = (f"{moment.isoformat()}+00:00" for moment in (rows["t"].min(), rows["t"].max()))
        assert start <= low <= high < end


def test_rows_keep_their_order_within_a_window():
    batch = pl.DataFrame({"t": ["2024-01-02", "2024-01-01", "2024-01-02", "2024-01-01"], "i": range(4)})
    assert [rows["i"].to_list() for *_, rows in windows(batch, "t", "1d")] == [[1, 3], [0, 2]]


def test_zones_are_cut_in_utc():
    batch = pl.DataFrame({"t": [dt.datetime(2024, 1, 1, 0, 30)]}).with_columns(
        pl.col("t").dt.replace_time_zone("Europe/Berlin")
    )
    assert windows(batch, "t", "1d")[0][0] == "2023-12-31T00:00:00+00:00"


@pytest.mark.parametrize("every", ["", "day", "0d", "-1d", "1 d", "1mo1d", "d", "1x"])
def test_lengths_that_are_none(every):
    with pytest.raises(InputError, match="15m"):
        windows(pl.DataFrame({"t": STAMPS}), "t", every)


def test_columns_without_times():
    with pytest.raises(InputError, match="holds no times"):
        windows(pl.DataFrame({"t": [1, 2]}), "t", "1d")
    with pytest.raises(InputError, match="no column"):
        windows(pl.DataFrame({"t": [1, 2]}), "x", "1d")
    assert windows(pl.DataFrame({"t": [None]}), "t", "1d")[0][:2] == ("", "")
    assert windows(pl.DataFrame(schema={"t": pl.Date}), "t", "1d") == []


def test_too_many_windows_and_no_time():
    with pytest.raises(InputError, match="at most 100,000"):
        window_bounds("1970-01-01", "2024-01-01", "1s")
    with pytest.raises(InputError, match="is no time"):
        window_bounds("x", "2024-01-01", "1d")


def test_row_windows():
    parts = [pl.DataFrame({"x": range(start, start + 3)}) for start in (0, 3, 6, 9)]
    chunks = list(row_windows(iter(parts), 5))
    assert [c.height for c in chunks] == [5, 5, 2]
    assert pl.concat(chunks)["x"].to_list() == list(range(12))
    assert list(row_windows([], 5)) == []
    assert [c.height for c in row_windows(parts, 100)] == [12]
    with pytest.raises(ParameterError, match="at least 1"):
        row_windows(parts, 0)


def test_years_that_python_cannot_hold():
    batch = pl.DataFrame({"t": pl.Series([2**62, 0, -(2**62)]).cast(pl.Datetime("us"))})
    assert [rows.height for *_, rows in windows(batch, "t", "1d")] == [1, 2]
    for every in ("99999999999999999999d", "999999y"):
        with pytest.raises(InputError, match="no window length"):
            windows(batch, "t", every)
