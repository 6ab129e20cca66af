"""Conditions on the rows of a batch, three-valued: true, false, or null where something that it needs is missing."""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import polars as pl

from barograph.frame.columns import _as_floats, _truth, column_of
from barograph.frame.expressions import SPANS, constant, expression, moment, whole_match
from barograph.frame.text import (
    FIRST_MOMENT,
    LAST_MOMENT,
    NA_MARKERS,
    family_of,
    instants,
    label_text,
    seconds,
    strings,
)
from barograph.schema import Family, Kind, label_of
from barograph.types import Judged

EXAMPLE_LENGTH = 200
_Literal: TypeAlias = str | int | float | bool | None
_STORED = {
    "text": pl.String, "number": pl.Float64, "time": pl.Float64, "whole": pl.Int128, "truth": pl.Boolean
}  # fmt: skip
_SORT = {Kind.NUMERIC: "number", Kind.DATETIME: "time", Kind.BOOLEAN: "truth"}
_ORDER: dict[type[ast.cmpop], Callable[[Any, Any], pl.Expr]] = {
    ast.Lt: lambda a, b: a < b, ast.LtE: lambda a, b: a <= b, ast.Gt: lambda a, b: a > b, ast.GtE: lambda a, b: a >= b,
    ast.Eq: lambda a, b: a == b, ast.NotEq: lambda a, b: a != b,
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], pl.Expr]] = {
    ast.Add: lambda a, b: a + b, ast.Sub: lambda a, b: a - b, ast.Mult: lambda a, b: a * b, ast.Div: lambda a, b: a / b,
    ast.Mod: lambda a, b: a % b, ast.FloorDiv: lambda a, b: (a / b).floor(),
}  # fmt: skip


@dataclass(frozen=True)
class _Term:
    """A value of every row. `column` where it is one as it stands, `literal` where it is written in the condition.

    Sorts are number, whole (an integer that compares exactly), time (seconds since 1970), text and truth.
    """

    expr: pl.Expr
    sort: str
    column: str | None = None
    literal: _Literal = None


def judged(batch: pl.DataFrame, text: str, kinds: Mapping[str, Kind], examples: int = 0) -> Judged:
    """How many rows of a batch hold a condition, break it, or cannot be judged; and a few that break it, if asked for.

    Columns are read as their kind says: numbers as float64 (integers alone compare exactly), times as seconds, all else
    as the text of its label. Beside a number a text is read as one. What is missing, NaN or unreadable is null, and so
    is what is divided by 0; `and`, `or` and `not` go by Kleene. Raises `ParameterError` for a condition that is none.

    >>> judged(pl.DataFrame({"a": [1, 5, None], "b": [2, 2, 2]}), "a < b", {"a": Kind.NUMERIC, "b": Kind.NUMERIC})
    Judged(n_true=1, n_false=1, n_null=1, most=0, examples=())
    """
    found = holds(batch, text, kinds)
    n_null, n_true = found.null_count(), int(found.sum() or 0)
    shown = _examples(batch, expression(text).columns, found, examples) if examples else ()
    return Judged(n_true, batch.height - n_true - n_null, n_null, examples, shown)


def holds(batch: pl.DataFrame, text: str, kinds: Mapping[str, Kind]) -> pl.Series:
    """Whether each row of a batch holds a condition: true, false, or null where that cannot be told.

    >>> holds(pl.DataFrame({"a": [1, 5, None]}), "a < 3", {"a": Kind.NUMERIC}).to_list()
    [True, False, None]
    """
    compiler = _Compiler(batch, kinds)
    expr = compiler.as_sort(compiler.term(expression(text).tree), "truth").alias("holds")
    # beside the columns, not alone: what no value can change is one value, and is meant for every row
    return pl.DataFrame(compiler.leaves).with_columns(expr).get_column("holds")


def _examples(batch: pl.DataFrame, columns: tuple[str, ...], holds: pl.Series, most: int) -> tuple[str, ...]:
    """The first rows that break the condition, as texts of their columns in it."""
    broken = batch[(~holds).fill_null(value=False).arg_true().head(most)]
    rows = pl.DataFrame({c: _shown(column_of(broken, c)) for c in columns}).to_dicts()
    return tuple(sorted({json.dumps(row, ensure_ascii=False)[:EXAMPLE_LENGTH] for row in rows}))


def _shown(series: pl.Series) -> pl.Series:
    """The label of each value; NaN and infinities, which have none, by their names."""
    text = label_text(series)
    return text.zip_with(text.is_not_null(), series.cast(pl.String)) if series.dtype.is_float() else text


@dataclass
class _Compiler:
    """A tree -> a polars expression over the columns that it reads, each read once in each way it is needed."""

    batch: pl.DataFrame
    kinds: Mapping[str, Kind]
    leaves: dict[str, pl.Series] = field(default_factory=dict)

    def term(self, node: ast.AST) -> _Term:
        if isinstance(node, ast.Name):
            return self._column(node.id)
        if (value := constant(node)) is not None:
            return _written(value)
        if isinstance(node, ast.BoolOp):
            return self._joined(node)
        if isinstance(node, ast.UnaryOp):
            inner = self.term(node.operand)
            if isinstance(node.op, ast.Not):
                return _Term(~self.as_sort(inner, "truth"), "truth")
            number = self.as_sort(inner, "number")
            return _Term(-number if isinstance(node.op, ast.USub) else number, "number")
        if isinstance(node, ast.BinOp):
            return self._calculated(node)
        if isinstance(node, ast.Compare):
            return self._compared(node)
        assert isinstance(node, ast.Call)
        return self._called(node)

    def _column(self, name: str) -> _Term:
        sort = _SORT.get(self.kinds[name], "text") if name in self.kinds else "text"
        if sort == "number" and column_of(self.batch, name).dtype.is_integer():
            sort = "whole"
        return _Term(self._leaf(name, sort), sort, column=name)

    def _leaf(self, name: str, sort: str) -> pl.Expr:
        alias = f"{sort} {name}"
        if alias not in self.leaves:
            self.leaves[alias] = _read(column_of(self.batch, name), sort).alias(alias)
        return pl.col(alias)

    def as_sort(self, term: _Term, sort: str) -> pl.Expr:
        """A term as values of a sort; of what cannot be read as it, null."""
        if term.sort == sort:
            return term.expr
        if term.column is not None:
            return self._leaf(term.column, sort)
        if isinstance(term.literal, str) and sort in ("number", "time"):
            found = moment(term.literal) if sort == "time" else _number(term.literal)
            return pl.lit(found, pl.Float64)
        if sort == "truth":
            return pl.lit(None, pl.Boolean) if term.sort == "text" else term.expr != 0
        if sort == "text":
            return term.expr.cast(pl.String)
        return term.expr.cast(pl.Float64, strict=False)

    def _joined(self, node: ast.BoolOp) -> _Term:
        terms = [self.as_sort(self.term(value), "truth") for value in node.values]
        join = pl.all_horizontal if isinstance(node.op, ast.And) else pl.any_horizontal
        return _Term(join(terms), "truth")

    def _calculated(self, node: ast.BinOp) -> _Term:
        left, right = self.term(node.left), self.term(node.right)
        a, b = (self.as_sort(term, "time" if term.sort == "time" else "number") for term in (left, right))
        if isinstance(node.op, ast.Div | ast.Mod | ast.FloorDiv):
            b = pl.when(b != 0).then(b)
        timed = (left.sort == "time") != (right.sort == "time") and isinstance(node.op, ast.Add | ast.Sub)
        return _Term(_ARITHMETIC[type(node.op)](a, b).fill_nan(None), "time" if timed else "number")

    def _compared(self, node: ast.Compare) -> _Term:
        left, found = self.term(node.left), []
        for op, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(op, ast.Is | ast.IsNot):
                missing = self._missing(left)
                found.append(missing if isinstance(op, ast.Is) else ~missing)
            elif isinstance(op, ast.In | ast.NotIn):
                inside = self._listed(left, [constant(item) for item in right.elts])  # type: ignore[attr-defined]
                found.append(inside if isinstance(op, ast.In) else ~inside)
            else:
                other = self.term(right)
                sort = _common(left, other, ordered=not isinstance(op, ast.Eq | ast.NotEq))
                found.append(_ORDER[type(op)](self.as_sort(left, sort), self.as_sort(other, sort)))
                left = other
        return _Term(found[0] if len(found) == 1 else pl.all_horizontal(found), "truth")

    def _listed(self, term: _Term, items: list[_Literal]) -> pl.Expr:
        """Whether a value is one of some; null where it is missing. Among labels a number is the label it has."""
        if not items:
            return pl.when(~self._missing(term)).then(statement=False)
        sorts: dict[str, list[Any]] = {}
        for item in items:
            sort = "text" if term.sort == "text" else _common(term, _written(item), ordered=False)
            sorts.setdefault(sort, []).append(_as_python(item, sort))
        found = [
            self.as_sort(term, sort).is_in(pl.Series(listed, dtype=_STORED[sort]).drop_nulls().implode())
            for sort, listed in sorts.items()
        ]
        return pl.any_horizontal(found)

    def _missing(self, term: _Term) -> pl.Expr:
        if term.column is None:
            return term.expr.is_null()
        numeric = self.kinds.get(term.column) is Kind.NUMERIC
        return self._leaf(term.column, "missing number" if numeric else "missing")

    def _called(self, node: ast.Call) -> _Term:
        assert isinstance(node.func, ast.Name)
        name, first = node.func.id, constant(node.args[0])
        if name == "col":
            return self._column(str(first))
        if name == "date":
            return _Term(pl.lit(moment(str(first)), pl.Float64), "time")
        if name in SPANS:
            return _Term(pl.lit(float(first or 0) * SPANS[name]), "number")
        of = self.term(node.args[0])
        if name == "is_null":
            return _Term(self._missing(of), "truth")
        if name == "abs":
            return _Term(self.as_sort(of, "number").abs(), "number")
        if name == "is_infinite":
            return _Term(self.as_sort(of, "number").is_infinite(), "truth")
        if name in ("year", "month", "weekday", "hour"):
            return _Term(_calendar(self.as_sort(of, "time"), name), "number")
        text = self.as_sort(of, "text")
        if name == "length":
            return _Term(text.str.len_chars().cast(pl.Float64), "number")
        if name in ("matches", "contains"):
            pattern = str(constant(node.args[1]))
            return _Term(text.str.contains(whole_match(pattern) if name == "matches" else pattern), "truth")
        return _Term(text.str.to_lowercase() if name == "lower" else text.str.strip_chars(), "text")


def _written(value: _Literal) -> _Term:
    if isinstance(value, bool):
        return _Term(pl.lit(value), "truth", literal=value)
    if isinstance(value, str):
        return _Term(pl.lit(value, pl.String), "text", literal=value)
    if isinstance(value, int):
        return _Term(pl.lit(value, pl.Int128), "whole", literal=value)
    return _Term(pl.lit(value, pl.Float64), "number", literal=value)


def _as_python(value: _Literal, sort: str) -> _Literal:
    """A literal as a value of a sort, `None` where it is none."""
    if sort == "text":
        return label_of(value)
    if sort == "time" and isinstance(value, str):
        return moment(value)
    if isinstance(value, str):
        return _number(value)
    return bool(value) if sort == "truth" else value if sort == "whole" else float(value or 0)


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return None if math.isnan(found) else found


def _common(a: _Term, b: _Term, ordered: bool) -> str:
    """The sort in which two terms are compared."""
    sorts = {a.sort, b.sort}
    if len(sorts) == 1:
        return sorts.pop()
    if "time" in sorts:
        return "time"
    written = isinstance(a.literal, str) or isinstance(b.literal, str)
    if written and not ordered:  # a label that was written down is compared with labels
        return "text"
    return "truth" if "truth" in sorts and "text" in sorts else "number"


def _read(series: pl.Series, sort: str) -> pl.Series:
    """A column of a batch as values of a sort, null where there are none."""
    if sort.startswith("missing"):
        return missing(series, numeric=sort == "missing number")
    if sort == "text":
        return _shown(series.fill_nan(None)) if series.dtype.is_float() else label_text(series)
    if sort == "truth":
        return _truth(label_text(series)) == "true"
    if sort == "whole":
        return series.cast(pl.Int128)
    if sort == "time":
        return seconds(instants(series))
    return _as_floats(series)[0].cast(pl.Float64).fill_nan(None)


def missing(series: pl.Series, numeric: bool) -> pl.Series:
    """Where a value is null or NaN; of numbers kept as text also where it is a marker of absence, as in `numbers`."""
    if series.dtype.is_float():
        return series.is_null() | series.is_nan().fill_null(value=True)
    if numeric and family_of(series.dtype) is Family.STRING:
        text = strings(series).str.strip_chars()
        return text.is_null() | text.is_in(NA_MARKERS) | (text.str.to_lowercase() == "nan")
    return series.is_null()


def _calendar(moments: pl.Expr, part: str) -> pl.Expr:
    within = moments.is_between(FIRST_MOMENT / 1e6, LAST_MOMENT / 1e6)
    at = (pl.when(within).then(moments) * 1e6).round().cast(pl.Int64, strict=False).cast(pl.Datetime("us"))
    return getattr(at.dt, part)().cast(pl.Float64)  # type: ignore[no-any-return]


__all__ = ["holds", "judged", "missing"]
