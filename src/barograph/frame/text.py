"""Series -> the text and the instants that its values stand for. What counts as the same label is decided here."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import numpy as np
import polars as pl

from barograph.schema import Family, label_of

NA_MARKERS = ("", "NA", "N/A", "n/a", "NULL", "null", "None", "-", "?")
"""Tokens that mean "no value" in a column of numbers kept as text. `nan` and `NaN` are not among them: they are NaN."""

_NAIVE = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d")
_ZONED = ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z", "%Y-%m-%d %H:%M%#z")
_PLAIN_FROM, _PLAIN_TO = 1e-4, 1e16  # Python writes floats outside this range with an exponent, polars does not always
_INT64_END = 2.0**63
FIRST_MOMENT, LAST_MOMENT = -62_135_596_800_000_000, 253_402_300_799_999_999  # microseconds, years 1 to 9999


def family_of(dtype: pl.DataType) -> Family:
    """Family of a storage type. Durations and times of day are numbers (seconds); lists of numbers are vectors.

    Other lists, and structs, are unsupported.
    """
    if dtype.is_numeric() or dtype in (pl.Duration, pl.Time):
        return Family.NUMBER
    if dtype == pl.Boolean:
        return Family.BOOLEAN
    if dtype in (pl.Date, pl.Datetime):
        return Family.TIME
    if dtype in (pl.String, pl.Categorical, pl.Enum, pl.Binary):
        return Family.STRING
    if isinstance(dtype, (pl.List, pl.Array)):
        inner = dtype.inner
        flat = isinstance(inner, pl.DataType) and (inner.is_numeric() or inner == pl.Boolean)
        return Family.VECTOR if flat else Family.UNSUPPORTED
    return Family.UNKNOWN if dtype == pl.Null else Family.UNSUPPORTED


def read_as_missing(value: object) -> str | None:
    """What a text is read as in a column of numbers, where that is `"null"` or `"NaN"`.

    >>> [read_as_missing(value) for value in (" N/A", "nan", "abc", -999)]
    ['null', 'NaN', None, None]
    """
    text = value.strip() if isinstance(value, str) else "0"
    return "null" if text in NA_MARKERS else "NaN" if text.lower() == "nan" else None


def type_counts(batch: pl.DataFrame, column: str) -> dict[str, int]:
    """How many values of a column are stored as which type; what is null or NaN is of none.

    >>> type_counts(pl.DataFrame({"x": [1.0, 2.5, None, float("nan"), float("inf")]}), "x")
    {'whole': 1, 'fractional': 2}
    """
    series = batch.get_column(column)
    dtype, n = series.dtype, len(series) - series.null_count()
    if dtype.is_float() or dtype.is_decimal():
        found = series.cast(pl.Float64).drop_nulls().drop_nans()
        whole = int(((found == found.floor()) & found.is_finite()).sum())
        return {"whole": whole, "fractional": len(found) - whole}
    if dtype.is_integer():
        return {"integral": n}
    families = {Family.BOOLEAN: "boolean", Family.STRING: "string", Family.VECTOR: "tensor"}
    return {families.get(family_of(dtype), "object"): n}


def strings(series: pl.Series) -> pl.Series:
    """A column of the string family as String. Binary that is not valid UTF-8 becomes hexadecimal, value by value."""
    if series.dtype != pl.Binary:
        return series.cast(pl.String)
    try:
        return series.cast(pl.String)
    except pl.exceptions.ComputeError:  # at least one value is not UTF-8; only those become hexadecimal
        return pl.Series(series.name, [_decoded(v) for v in series.to_list()], dtype=pl.String)


def _decoded(value: bytes | None) -> str | None:
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.hex()


def label_text(series: pl.Series) -> pl.Series:
    """The label of every value as String, null where there is none (null, NaN, infinite).

    Agrees with `schema.label_of`: whole floats read like integers, other floats in their shortest form, decimals
    without trailing zeros, dates and datetimes as ISO 8601 with a space (time zones turned to UTC), durations in
    seconds.
    """
    dtype = series.dtype
    if dtype == pl.String:
        return series
    if dtype.is_nested():  # a vector has no label
        return pl.Series(series.name, [None], dtype=pl.String).new_from_index(0, len(series))
    if dtype == pl.Null or dtype.is_integer() or dtype in (pl.Boolean, pl.Date):
        return series.cast(pl.String)
    if dtype.is_float():
        return _float_text(series)
    if dtype.is_decimal():
        text = series.cast(pl.String)
        pointed = text.str.contains(".", literal=True)
        return text.zip_with(~pointed.fill_null(value=False), text.str.strip_chars_end("0").str.strip_chars_end("."))
    if dtype == pl.Duration:
        return _float_text(seconds(series))
    if dtype in (pl.Datetime, pl.Time):
        return _clock_text(series)
    return strings(series)


def _clock_text(series: pl.Series) -> pl.Series:
    if series.dtype == pl.Time:
        text = series.dt.to_string("iso")
    else:
        zone = getattr(series.dtype, "time_zone", None)
        utc = series.dt.convert_time_zone("UTC") if zone else series
        unit: Literal["ns", "us"] = "ns" if getattr(series.dtype, "time_unit", "us") == "ns" else "us"
        text = utc.cast(pl.Datetime(unit, "UTC" if zone else None), strict=False).cast(pl.String)
    text = text.str.replace(r"\.0+(\+|$)", "$1")
    return text.str.replace(r"(\.\d{6})000(\+|$)", "${1}${2}")  # whole microseconds read the same in every unit


def _float_text(series: pl.Series) -> pl.Series:
    finite = series.set(~series.is_finite(), None)
    wide = finite.cast(pl.Float64)
    size = wide.abs()
    whole = ((wide == wide.floor()) & (size < _INT64_END)).fill_null(value=False)
    text = wide.set(~whole, None).cast(pl.Int64).cast(pl.String)
    if whole.all():
        return text
    text = text.zip_with(whole, finite.cast(pl.String))
    odd = (~whole & ((size < _PLAIN_FROM) | (size >= _PLAIN_TO))).fill_null(value=False)
    if not odd.any():
        return text
    distinct = text.filter(odd).unique().to_list()
    return text.zip_with(~odd, text.replace({v: label_of(float(v)) for v in distinct}))


def seconds(series: pl.Series) -> pl.Series:
    """Date, Datetime, Duration and Time as Float64: seconds since 1970 (UTC), seconds, seconds since midnight."""
    dtype = series.dtype
    if dtype == pl.Date:
        return series.to_physical().cast(pl.Float64) * 86_400.0
    per_second = 1e9 if dtype == pl.Time else {"ms": 1e3, "us": 1e6, "ns": 1e9}[dtype.time_unit]  # type: ignore[attr-defined]
    counted = series.to_physical()
    # numpy rounds a quotient right; polars multiplies by the reciprocal, and one in three is off by its last bit
    found = pl.Series(series.name, counted.fill_null(0).to_numpy().astype(np.float64) / per_second)
    return found if not counted.null_count() else found.set(counted.is_null(), None)


def instants(series: pl.Series) -> pl.Series:
    """Any column as naive Datetime in microseconds of UTC, null where it is not a time.

    Strings are read as ISO 8601 (date; date and time with `T` or a space, seconds and fraction optional; with or
    without an offset; without one they are taken as UTC). Numbers are never taken for times, and
    years outside 1 to 9999 are none.
    """
    dtype = series.dtype
    if dtype == pl.Date:
        return _within_years(series.cast(pl.Datetime("us"), strict=False))
    if dtype == pl.Datetime:
        zoned = getattr(dtype, "time_zone", None)
        naive = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if zoned else series
        return _within_years(naive.cast(pl.Datetime("us"), strict=False))
    if family_of(dtype) is not Family.STRING:
        return pl.Series(series.name, [None], dtype=pl.Datetime("us")).new_from_index(0, len(series))
    return _parsed(strings(series).str.strip_chars())


def _within_years(moments: pl.Series) -> pl.Series:
    """Null where Python's datetime could not hold the moment."""
    outside = ~moments.to_physical().is_between(FIRST_MOMENT, LAST_MOMENT)
    return moments.set(outside, None) if outside.any() else moments


def _parsed(text: pl.Series) -> pl.Series:
    zoned = text.str.contains(r"(?:[Zz]|:\d\d(?:\.\d+)?[+-]\d\d(?::?\d\d)?)$").fill_null(value=False)
    out = pl.Series(text.name, [None], dtype=pl.Datetime("us")).new_from_index(0, len(text))
    for pattern in (*_NAIVE, *_ZONED):
        todo = text.is_not_null() & out.is_null() & (zoned if pattern in _ZONED else ~zoned)
        if not todo.any():
            continue
        candidates = text.set(~todo, None)
        if pattern in _ZONED:
            got = candidates.str.to_datetime(pattern, strict=False, time_unit="us", time_zone="UTC")
            got = got.dt.replace_time_zone(None)
        elif pattern == "%Y-%m-%d":
            got = candidates.str.to_date(pattern, strict=False).cast(pl.Datetime("us"))
        else:
            got = candidates.str.to_datetime(pattern, strict=False, time_unit="us")
        out = out.zip_with(out.is_not_null(), got)
    return out


def iso(moment: dt.datetime) -> str:
    """A naive UTC datetime as ISO 8601 with `+00:00`: such texts sort like the times (with `Z`, fractions would not).

    >>> iso(dt.datetime(2024, 5, 1, 12, 30))
    '2024-05-01T12:30:00+00:00'
    """
    return moment.isoformat() + "+00:00"


__all__ = [
    "NA_MARKERS", "family_of", "instants", "iso", "label_text", "read_as_missing", "seconds", "strings", "type_counts",
]  # fmt: skip
