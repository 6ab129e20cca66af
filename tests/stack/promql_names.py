"""What stands in an expression, by a parser of PromQL: selectors, calls, names of metrics."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import promql_parser
from browsing import Json

# Grafana's variables as text that PromQL can parse; a metric that is chosen is any.
INTERVALS = {"$__rate_interval": "5m", "$__interval": "1m", "$__range": "1h"}
_VARIABLE = re.compile(r"\$\{(\w+)(?::\w+)?\}|\$(\w+)")


def plain(expr: str) -> str:
    """An expression without intervals of Grafana; other variables stand in strings and may stay."""
    for name, value in INTERVALS.items():
        expr = expr.replace(name, value)
    return expr


def expressions(dashboard: Json) -> Iterator[str]:
    """All PromQL in a dashboard: targets, annotations, selectors of variables."""
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield target["expr"]
    for mark in dashboard["annotations"]["list"]:
        if "expr" in mark:
            yield mark["expr"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["query"].removeprefix("label_values(").rpartition(",")[0]


def nodes(expr: str) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Each node of an expression's tree, with the nodes above it."""
    yield from _below(promql_parser.parse(plain(expr)), ())


def _below(node: Any, above: tuple[Any, ...]) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    yield node, above
    for part in ("lhs", "rhs", "expr", "param", "vector_selector", "vs"):
        child = getattr(node, part, None)
        if isinstance(child, promql_parser.Expr):
            yield from _below(child, (*above, node))
    for child in getattr(node, "args", None) or ():
        yield from _below(child, (*above, node))


def selectors(expr: str) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Vector selectors, those inside of ranges too."""
    for node, above in nodes(expr):
        if isinstance(node, promql_parser.VectorSelector):
            yield node, above


def matchers(selector: Any) -> list[tuple[str, str, str]]:
    """Label, operator and value of a selector's matchers."""
    return [(m.name, str(m.op), m.value) for m in selector.matchers.matchers]


def metrics_of(expr: str) -> set[str]:
    """Names of the metrics that an expression selects; not those that the user chooses by a variable."""
    found: set[str] = set()
    for selector, _ in selectors(expr):
        if selector.name:
            found.add(selector.name)
        for label, _, value in matchers(selector):
            if label == "__name__" and "$" not in value:
                found |= set(value.split("|"))
    return found
