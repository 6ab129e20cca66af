"""What the types of a database are to Barograph, and how a column is read as a number there."""

from __future__ import annotations

import re
from typing import NamedTuple

import polars as pl
from sqlglot import exp

from barograph.schema import Family


class Type(NamedTuple):
    """A sort of types: how its values are stored, and the type that they have as a column here."""

    family: Family
    dtype: pl.DataType | None  # `None`: as the values themselves are
    rule: str  # how `double` reads it


_WHOLE = Type(Family.NUMBER, pl.Int64(), "cast")
_HUGE = Type(Family.NUMBER, pl.Int128(), "cast")
_SORTS: dict[str, Type] = {
    r"(u?(tiny|small)int|u?int(eger)?|bigint|int[248])": _WHOLE,
    r"(ubigint)": Type(Family.NUMBER, pl.UInt64(), "cast"),
    r"(u?hugeint)": _HUGE,
    r"(double( precision)?|float8)": Type(Family.NUMBER, pl.Float64(), "cast"),
    r"(float|real|float4)": Type(Family.NUMBER, pl.Float32(), "cast"),
    r"(decimal|numeric)(\(.*\))?": Type(Family.NUMBER, None, "cast"),
    r"(bool(ean)?)": Type(Family.BOOLEAN, pl.Boolean(), "truth"),
    r"((var|bp)?char(\(.*\))?|text|string|name|character varying(\(.*\))?)": Type(Family.STRING, pl.String(), ""),
    r"(enum\((?s:.*)\)|uuid)": Type(Family.STRING, pl.String(), ""),
    r"(date)": Type(Family.TIME, pl.Date(), "date"),
    r"(timestamp|timestamp without time zone|timestamp_s|timestamp_ms)": Type(Family.TIME, pl.Datetime("us"), "time"),
    r"(timestamptz|timestamp with time zone)": Type(Family.TIME, pl.Datetime("us", "UTC"), "time"),
}


def type_of(name: str) -> Type | None:
    """The sort of a type by the name that the database gives it; `None` for one that is not counted.

    >>> type_of("VARCHAR").family.value, type_of("interval")
    ('string', None)
    """
    return next((sort for pattern, sort in _SORTS.items() if re.fullmatch(pattern, name.lower())), None)


def double(column: exp.Expression, sort: Type, dialect: str) -> exp.Expression:
    """A column as float64, as `frame.numbers` reads it: times are seconds since 1970 in UTC."""
    if sort.rule == "truth":
        return exp.cast(exp.cast(column, "int"), "double")
    if sort.rule == "cast":
        return exp.cast(column, "double")
    micros = exp.cast(microseconds(column, sort, dialect), "double")
    return exp.Div(this=micros, expression=exp.cast(exp.Literal.string("1e6"), "double"))


def microseconds(column: exp.Expression, sort: Type, dialect: str) -> exp.Expression:
    """A time as microseconds since 1970 in UTC: an integer, whatever zone the connection has."""
    if dialect == "duckdb":
        moment = exp.cast(column, "timestamp") if sort.rule == "date" else column
        return exp.Anonymous(this="epoch_us", expressions=[moment])
    return exp.cast(exp.Extract(this=exp.var("EPOCH"), expression=column) * 1_000_000, "bigint")


__all__ = ["Type", "double", "microseconds", "type_of"]
