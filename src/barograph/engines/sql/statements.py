"""The statements: how many rows are in each cell, which values there are and how often, sums of numbers.

Built as expressions and written by sqlglot: names and texts are quoted by it. Of data, nothing becomes a statement but
the edges of bins, which are numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from sqlglot import exp

from barograph.engines.sql.types import Type, double, microseconds
from barograph.schema import Family
from barograph.types import Floats

ABSENT = {"n_null": -1, "n_nan": -2, "n_pos_inf": -3, "n_neg_inf": -4}
TINY, VAST = 1e-75, 1e75  # whose fourth powers are numbers yet
ENDS = {"n_nan": "NaN", "n_pos_inf": "Infinity", "n_neg_inf": "-Infinity"}


class Cut(NamedTuple):
    """A column and the edges that its numbers are counted between."""

    column: str
    sort: Type
    edges: Floats


def named(column: str) -> exp.Expression:
    return exp.column(exp.to_identifier(column, quoted=True))


def number(text: str) -> exp.Expression:
    """A float64 by its shortest text, never a decimal number of the database."""
    return exp.Cast(this=exp.Literal.string(text), to=exp.DataType(this=exp.DataType.Type.DOUBLE))


def cell(value: exp.Expression, edges: Floats, dialect: str) -> exp.Expression:
    """The cell of a float64; codes below 0 for what is no number.

    Cell `i` is `(edges[i - 1], edges[i]]`, as `Bins` counts.
    """
    tests: list[tuple[exp.Expression, int]] = [(exp.Is(this=value.copy(), expression=exp.Null()), ABSENT["n_null"])]
    tests += [(exp.EQ(this=value.copy(), expression=number(text)), ABSENT[name]) for name, text in ENDS.items()]
    ifs = [exp.If(this=test, true=exp.Literal.number(code)) for test, code in tests]
    if dialect == "postgres":
        # its buckets are closed on the left: at or above the next float is above the edge
        above = doubles(np.nextafter(edges, np.inf), dialect)
        return exp.Case(ifs=ifs, default=exp.Anonymous(this="width_bucket", expressions=[value.copy(), above]))
    return exp.Case(ifs=ifs, default=_within(value, edges.tolist(), 0, edges.size))


def doubles(values: Floats, dialect: str) -> exp.Expression:
    """Float64s as an array, written as one text."""
    listed = ", ".join(repr(value).replace("inf", "Infinity") for value in values.tolist())
    text = f"{{{listed}}}" if dialect == "postgres" else f"[{listed}]"
    return exp.cast(exp.Literal.string(text), "double[]")


def _within(value: exp.Expression, edges: Sequence[float], low: int, high: int) -> exp.Expression:
    """By comparing with the middle edge again and again."""
    if low == high:
        return exp.Literal.number(low)
    middle = (low + high) // 2
    below = exp.LTE(this=value.copy(), expression=number(repr(edges[middle])))
    # not by `when` and `else_`, which copy all that is there already
    at_most = exp.If(this=below, true=_within(value, edges, low, middle))
    return exp.Case(ifs=[at_most], default=_within(value, edges, middle + 1, high))


def numbers_of(source: exp.Expression, cuts: Sequence[Cut], dialect: str, others: Sequence[str] = ()) -> exp.Subquery:
    """Columns as float64 under `x0`, `x1`, ..., and others as they are under `y0`, ..."""
    values = [double(named(cut.column), cut.sort, dialect).as_(f"x{at}") for at, cut in enumerate(cuts)]
    values += [named(column).as_(f"y{at}") for at, column in enumerate(others)]
    return exp.select(*values).from_(source.copy()).subquery("numbers")


def cells(source: exp.Expression, cuts: Sequence[Cut], dialect: str) -> exp.Select:
    """For each column and cell the number of rows, in one pass: `(c0, c1, ..., n)`, all null but one cell and `n`."""
    # nothing is copied: the cells of a column are a thousand expressions
    coded = [exp.alias_(cell(named(f"x{at}"), cut.edges, dialect), f"c{at}", copy=False) for at, cut in enumerate(cuts)]
    within = exp.select(*coded, copy=False).from_(numbers_of(source, cuts, dialect), copy=False)
    names = [named(f"c{at}") for at in range(len(cuts))]
    sets = [exp.Tuple(expressions=[name.copy()]) for name in names]
    made = exp.select(*names, exp.Count(this=exp.Star()).as_("n"))
    made.from_(within.subquery("cells", copy=False), copy=False)
    made.set("group", exp.Group(grouping_sets=[exp.GroupingSets(expressions=sets)]))
    return made


def histograms(source: exp.Expression, cuts: Sequence[Cut]) -> exp.Select:
    """What `cells` tells, by a function that DuckDB has for it: in one row, of each column a map of edges and 4 counts.

    Its buckets are closed on the right, and what is above the last edge is under infinity. Three times as fast as
    comparing.
    """
    told: list[exp.Expression] = []
    for at, cut in enumerate(cuts):
        value = named(f"x{at}")
        given = [value.copy(), doubles(cut.edges, "duckdb")]
        told.append(_of_finite(exp.Anonymous(this="histogram", expressions=given), value))
        tests: list[exp.Expression] = [exp.Is(this=value.copy(), expression=exp.Null())]
        tests += [exp.EQ(this=value.copy(), expression=number(text)) for text in ENDS.values()]
        told += [exp.Filter(this=exp.Count(this=exp.Star()), expression=exp.Where(this=test)) for test in tests]
    return exp.select(*told).from_(numbers_of(source, cuts, "duckdb"))


def _finite(value: exp.Expression) -> exp.Expression:
    ends = [number(text) for text in ENDS.values()]
    return exp.Not(this=exp.In(this=value.copy(), expressions=ends))


def _of_finite(function: exp.Expression, value: exp.Expression) -> exp.Expression:
    return exp.Filter(this=function, expression=exp.Where(this=_finite(value)))


def extremes(source: exp.Expression, cuts: Sequence[Cut], dialect: str) -> exp.Select:
    """The number of rows, and the smallest and the largest finite number of each column; of integers, as they are."""
    told: list[Any] = [exp.Count(this=exp.Star()).as_("n")]
    for at, cut in enumerate(cuts):
        value = named(f"x{at}")
        whole = cut.sort.dtype is not None and cut.sort.dtype.is_integer()
        for function in (exp.Min, exp.Max):
            told.append(_of_finite(function(this=value.copy()), value))
            told.append(function(this=named(f"y{at}")) if whole else exp.Null())
    return exp.select(*told).from_(numbers_of(source, cuts, dialect, [cut.column for cut in cuts]))


def sums(source: exp.Expression, cuts: Sequence[Cut], scales: Sequence[float], dialect: str) -> exp.Select:
    """Mean and variance of the finite numbers of each column, divided by a scale so that nothing overflows."""
    told: list[exp.Expression] = []
    for at, scale in enumerate(scales):
        value = named(f"x{at}")
        # what would vanish beside the largest is 0: PostgreSQL takes a square that underflows for an error
        tiny = exp.LT(this=exp.Abs(this=value.copy()), expression=number(repr(scale * TINY)))
        divided = exp.Div(this=value.copy(), expression=number(repr(scale)))
        small = exp.Case(ifs=[exp.If(this=tiny, true=number("0.0"))], default=divided)
        told += [_of_finite(exp.Avg(this=small), value), _of_finite(exp.VariancePop(this=small.copy()), value)]
    return exp.select(*told).from_(numbers_of(source, cuts, dialect))


def distinct(source: exp.Expression, columns: Sequence[tuple[str, Type]], most: int, dialect: str) -> exp.Select:
    """The values of columns together and how often they are there, the most frequent first; at most `most`."""
    values = [_as_it_is(named(column), sort, dialect).as_(f"v{at}") for at, (column, sort) in enumerate(columns)]
    inner = exp.select(*values).from_(source.copy()).subquery("these")
    names = [named(f"v{at}") for at in range(len(columns))]
    counted = exp.select(*names, exp.Count(this=exp.Star()).as_("n")).from_(inner).group_by(*names)
    return counted.order_by(exp.Ordered(this=named("n"), desc=True)).limit(most)


def _as_it_is(column: exp.Expression, sort: Type, dialect: str) -> exp.Expression:
    """Text as its bytes, so that no collation joins what differs; times as microseconds since 1970."""
    if sort.family is Family.TIME:
        return microseconds(column, sort, dialect)
    if sort.family is not Family.STRING:
        return column
    if dialect == "duckdb":
        return exp.Anonymous(this="encode", expressions=[exp.cast(column, "text")])
    return exp.Anonymous(this="convert_to", expressions=[exp.cast(column, "text"), exp.Literal.string("UTF8")])


def missing(source: exp.Expression, column: str, sort: Type) -> exp.Select:
    """How many rows are null, NaN, and infinite to either side."""
    value = named(column)
    told: list[exp.Expression] = [exp.Is(this=value, expression=exp.Null())]
    floats = sort.dtype is not None and sort.dtype.is_float()
    told += [exp.EQ(this=value.copy(), expression=number(text)) if floats else exp.false() for text in ENDS.values()]
    counted = [exp.Filter(this=exp.Count(this=exp.Star()), expression=exp.Where(this=test)) for test in told]
    return exp.select(*counted).from_(source.copy())


def scores(source: exp.Expression, score: Cut, target: tuple[str, Type], smallest: float, dialect: str) -> exp.Select:
    """For each target and cell of the score: rows, and the sums of the score, its losses for either outcome, outsiders.

    `(target, cell, n, total, ln p, ln^2 p, ln q, ln^2 q, q^2, q^4, p^2, p^4, outside)`, with p the score, kept inside
    [`smallest`, 1 - `smallest`] under the logarithms, and q = 1 - p.
    """
    x = named("x0")
    coded = exp.alias_(cell(x, score.edges, dialect), "c", copy=False)
    within = exp.select(_as_it_is(named("y0"), target[1], dialect).as_("t"), x.copy().as_("p"), coded, copy=False)
    within.from_(numbers_of(source, [score], dialect, [target[0]]), copy=False)
    rows = within.subquery("scored", copy=False)
    p = named("p")
    clipped = exp.Least(
        this=exp.Greatest(this=p.copy(), expressions=[number(repr(smallest))]), expressions=[number(repr(1 - smallest))]
    )
    logs = [exp.Ln(this=clipped), exp.Ln(this=exp.Paren(this=number("1.0") - clipped.copy()))]
    # a score that is no probability makes the losses meaningless, and must not make them an error
    low = exp.LT(this=exp.Abs(this=p.copy()), expression=number(repr(TINY)))
    inside = exp.Least(
        this=exp.Greatest(this=p.copy(), expressions=[number(repr(-VAST))]), expressions=[number(repr(VAST))]
    )
    value = exp.Case(ifs=[exp.If(this=low, true=number("0.0"))], default=inside)
    gaps: list[exp.Expression] = [exp.Paren(this=number("1.0") - value.copy()), value.copy()]
    told: list[exp.Expression] = [value.copy()]
    for log in logs:
        told += [log, log.copy() * log.copy()]
    for gap in gaps:
        told += [gap * gap.copy(), gap.copy() * gap.copy() * gap.copy() * gap.copy()]
    outside = exp.Or(
        this=exp.LT(this=p.copy(), expression=number("0.0")), expression=exp.GT(this=p.copy(), expression=number("1.0"))
    )
    counted = exp.Filter(this=exp.Count(this=exp.Star()), expression=exp.Where(this=outside))
    keys = [named("t"), named("c")]
    # what is no number has a cell below 0, and its sums mean nothing
    kept = [exp.Filter(this=exp.Sum(this=t), expression=exp.Where(this=named("c") >= 0)) for t in told]
    return (
        exp.select(*keys, exp.Count(this=exp.Star()), *kept, counted)
        .from_(rows, copy=False)
        .group_by(*keys, copy=False)
    )


__all__ = ["ABSENT", "Cut", "cells", "distinct", "extremes", "missing", "scores", "sums"]
