"""The language of conditions on rows: text -> a checked tree. Nothing of it is ever run as Python."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from barograph.errors import ParameterError
from barograph.frame.text import instants, seconds

TEXT_AT_MOST = 20_000
PARTS_AT_MOST = 5_000
DEPTH_AT_MOST = 40
WHOLE_AT_MOST = 2**126  # such integers compare exactly, as 128-bit ones

FUNCTIONS = {
    "col": ("text",), "date": ("text",), "days": ("number",), "hours": ("number",), "matches": ("any", "pattern"),
    "contains": ("any", "pattern"), "length": ("any",), "lower": ("any",), "strip": ("any",), "abs": ("any",),
    "is_null": ("any",), "is_infinite": ("any",), "year": ("any",), "month": ("any",), "weekday": ("any",),
    "hour": ("any",),
}  # fmt: skip
"""Functions and what each argument must be: a text or number as it stands, a regular expression, or any value."""

SPANS = {"days": 86_400.0, "hours": 3_600.0}
_NODES = (
    ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.UAdd, ast.BinOp, ast.Add, ast.Sub,
    ast.Mult, ast.Div, ast.Mod, ast.FloorDiv, ast.Compare, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq,
    ast.In, ast.NotIn, ast.Is, ast.IsNot, ast.Name, ast.Load, ast.Constant, ast.Call, ast.List, ast.Tuple, ast.Set,
)  # fmt: skip
_NAMES = {ast.Attribute: "attributes", ast.Subscript: "indexing", ast.Lambda: "lambda", ast.Pow: "powers (**)"}


@dataclass(frozen=True)
class Expression:
    """A condition that was checked: its text in one spelling, the columns it names, and its tree."""

    text: str
    columns: tuple[str, ...]
    tree: ast.expr


@lru_cache(maxsize=512)
def expression(text: str) -> Expression:
    """Check a condition and name its columns.

    A condition is written like a comparison in Python: columns by their names, or `col("any name")`; numbers, text;
    `< <= > >= == !=`, also chained; `in [..]`, `not in [..]`; `is None`; `and or not`; `+ - * / // %`; and functions:
    `matches(x, "regex")` (the whole text), `contains(x, "regex")` (a part), `length`, `lower`, `strip`, `abs`,
    `is_null`, `is_infinite`, `date("2024-03-01")`, `days(2)`, `hours(2)`, `year`, `month`, `weekday` (Monday is 1),
    `hour`. At most 20,000 characters, 5,000 parts, 40 levels.

    Raises `ParameterError` for anything else, saying what.

    >>> expression("arr_delay>=dep_delay-60").text, expression("arr_delay >= dep_delay - 60").columns
    ('arr_delay >= dep_delay - 60', ('arr_delay', 'dep_delay'))
    """
    if not isinstance(text, str) or not text.strip():
        raise ParameterError("a condition is a text such as 'arr_delay >= dep_delay - 60', and this one is empty")
    if len(text) > TEXT_AT_MOST:
        raise ParameterError(f"a condition has at most {TEXT_AT_MOST:,} characters, and this one has {len(text):,}")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        said = error.msg if isinstance(error, SyntaxError) else str(error) or type(error).__name__
        raise ParameterError(
            f"condition {_short(text)} is not understood: {said}; write it like 'price > 0 and city in [\"Ulm\"]'"
        ) from error
    columns: set[str] = set()
    _check_values([tree], f"condition {_short(text)}")
    for node, where in _walk(tree, text):
        columns.update(_named(node, where))
    if not columns:
        raise ParameterError(f"condition {_short(text)} names no column, so it says nothing of any row")
    return Expression(ast.unparse(tree), tuple(sorted(columns)), tree)


def _walk(tree: ast.expr, text: str) -> Iterator[tuple[ast.AST, str]]:
    """All nodes, without recursion, for a hostile text nests deeply; the names of functions are left out."""
    shown, waiting, n = f"condition {_short(text)}", [(tree, 1)], 0
    while waiting:
        node, depth = waiting.pop()
        n += 1
        if depth > DEPTH_AT_MOST or n > PARTS_AT_MOST:
            raise ParameterError(f"{shown} has over {DEPTH_AT_MOST} levels or {PARTS_AT_MOST:,} parts; take it apart")
        if not isinstance(node, _NODES):
            what = _NAMES.get(type(node), type(node).__name__)
            raise ParameterError(f"{shown} uses {what}, which conditions do not have; {_allowed()}")
        yield node, shown
        inner = [*node.args] if isinstance(node, ast.Call) else ast.iter_child_nodes(node)
        waiting += [(child, depth + 1) for child in inner]  # type: ignore[misc]


def _named(node: ast.AST, where: str) -> list[str]:
    """The columns a node names. Raises `ParameterError` where it is not as it must be."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Constant):
        _check_constant(node.value, where)
    if isinstance(node, ast.Compare):
        _check_values([node.left], where)
        _check_compare(node, where)
    elif isinstance(node, ast.BoolOp | ast.BinOp | ast.UnaryOp | ast.Call):
        _check_values(node.args if isinstance(node, ast.Call) else ast.iter_child_nodes(node), where)
    return _called(node, where) if isinstance(node, ast.Call) else []


def _check_constant(value: object, where: str) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise ParameterError(f"{where} holds a number beyond float64")
    if isinstance(value, int) and abs(value) > WHOLE_AT_MOST:
        raise ParameterError(f"{where} holds an integer beyond 126 bits")
    if value is not None and not isinstance(value, str | int | float | bool):
        raise ParameterError(f"{where} holds {value!r}; write numbers, text, True or False")


def _check_values(nodes: Iterable[ast.AST], where: str) -> None:
    """Lists and None stand behind `in` and `is` only."""
    for node in nodes:
        if isinstance(node, ast.List | ast.Tuple | ast.Set) or (isinstance(node, ast.Constant) and node.value is None):
            raise ParameterError(f"{where}: {ast.unparse(node)[:40]} is no value to calculate with")


def _check_compare(node: ast.Compare, where: str) -> None:
    for op, right in zip(node.ops, node.comparators, strict=True):
        none = isinstance(right, ast.Constant) and right.value is None
        if isinstance(op, ast.Is | ast.IsNot) != none:
            raise ParameterError(f"{where}: `is` and `is not` go with None, and None with nothing else")
        listed = isinstance(right, ast.List | ast.Tuple | ast.Set)
        if isinstance(op, ast.In | ast.NotIn) != listed:
            raise ParameterError(
                f"{where}: `in` and `not in` go with a list such as [1, 2], and lists with nothing else"
            )
        if listed and not all(constant(item) is not None for item in right.elts):  # type: ignore[attr-defined]
            raise ParameterError(f"{where}: a list holds numbers and texts only")


def _called(node: ast.Call, where: str) -> list[str]:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name not in FUNCTIONS:
        raise ParameterError(f"{where} calls {ast.unparse(node.func)[:40]!r}; {_allowed()}")
    wanted = FUNCTIONS[name]
    if node.keywords or len(node.args) != len(wanted):
        raise ParameterError(f"{where}: {name} takes {len(wanted)} argument{'s' if len(wanted) > 1 else ''}")
    for argument, sort in zip(node.args, wanted, strict=True):
        value = constant(argument)
        if sort in ("text", "pattern") and not isinstance(value, str):
            raise ParameterError(f"{where}: {name} takes a text in quotes, not {ast.unparse(argument)[:40]!r}")
        if sort == "number" and (isinstance(value, str | bool) or value is None):
            raise ParameterError(f"{where}: {name} takes a number, not {ast.unparse(argument)[:40]!r}")
        if sort == "pattern":
            check_pattern(str(value))
    if name == "date" and moment(str(constant(node.args[0]))) is None:
        raise ParameterError(f"{where}: {constant(node.args[0])!r} is no date; write ISO 8601 such as '2024-03-01'")
    return [str(constant(node.args[0]))] if name == "col" else []


def constant(node: ast.AST) -> str | int | float | bool | None:
    """The value of a literal, a minus before it included; `None` for what is none."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = constant(node.operand)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return -value if isinstance(node.op, ast.USub) else value
        return None
    return node.value if isinstance(node, ast.Constant) else None  # type: ignore[return-value]


def moment(text: str) -> float | None:
    """Seconds since 1970 UTC of an ISO 8601 text; `None` where it is no time."""
    found = seconds(instants(pl.Series([text], dtype=pl.String))).item()
    return None if found is None else float(found)


def check_pattern(pattern: str) -> None:
    """Raises `ParameterError` where a text is no regular expression (of Rust's: linear time, no look-around)."""
    try:
        pl.Series([""]).str.contains(whole_match(pattern))
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.PolarsError as error:
        reason = str(error).strip().splitlines()[-1]
        raise ParameterError(
            f"{_short(pattern)} is no regular expression ({reason}); look-around does not exist"
        ) from error


def whole_match(pattern: str) -> str:
    """The pattern that matches where `pattern` matches a whole text."""
    return rf"\A(?:{pattern})\z"


def _short(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:77]}...")


def _allowed() -> str:
    return f"write comparisons, and, or, not, + - * / // %, and {', '.join(FUNCTIONS)}"


__all__ = ["Expression", "expression"]
