"""The PromQL behind every panel of a dashboard, and the variables in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

RANGE = 3600
STEP = 60
# a rate over five minutes has samples whether the stack scrapes every second or every minute
BUILT_IN = {
    "__interval": f"{STEP}s", "__interval_ms": f"{STEP * 1000}", "__rate_interval": "5m",
    "__range": f"{RANGE}s", "__range_s": f"{RANGE}", "__range_ms": f"{RANGE * 1000}",
}  # fmt: skip
ALL = ".+"

_VARIABLE = re.compile(r"\$(?:\{(\w+)(?:[.:][^}]*)?\}|(\w+))")
_SELECTED = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\s*\{")
_LABEL_VALUES = re.compile(r"label_values\(\s*(.+),\s*(\w+)\s*\)", re.DOTALL)


@dataclass(frozen=True)
class Query:
    """One target of one panel."""

    panel: str
    expr: str
    instant: bool

    @property
    def metrics(self) -> list[str]:
        """Names of the series that are selected, each once."""
        return list(dict.fromkeys(_SELECTED.findall(self.expr)))


@dataclass(frozen=True)
class Variable:
    """One variable of a dashboard: a value, or one of the values that a label of some series has."""

    name: str
    value: str = ALL
    selector: str = ""
    label: str = ""


def queries(dashboard: Mapping[str, Any]) -> list[Query]:
    """Every query of a classic dashboard, those in folded rows too; hidden ones count, others are built on them."""
    return [
        Query(str(panel.get("title") or "untitled"), target["expr"], _instant(target))
        for panel in _panels(dashboard.get("panels") or [])
        for target in panel.get("targets") or []
        if target.get("expr")
    ]


def variables(dashboard: Mapping[str, Any]) -> list[Variable]:
    """The variables in their order. One that takes several values stands for all of them."""
    return [_variable(found) for found in (dashboard.get("templating") or {}).get("list") or []]


def filled(expr: str, values: Mapping[str, str]) -> str:
    """An expression with variables put in; what is no variable is left, as in the replacements of `label_replace`.

    >>> filled('label_replace(rate(x{job=~"$job"}[$__rate_interval]), "a", "$1", "b", "(.+)")', BUILT_IN | {"job": ALL})
    'label_replace(rate(x{job=~".+"}[5m]), "a", "$1", "b", "(.+)")'
    """
    return _VARIABLE.sub(lambda match: values.get(match[1] or match[2], match[0]), expr)


def _variable(found: Mapping[str, Any]) -> Variable:
    name, asked = str(found.get("name")), found.get("query")
    asked = str(asked.get("query", "") if isinstance(asked, dict) else asked or "")
    if found.get("type") in ("custom", "interval", "constant", "textbox"):
        value = (found.get("current") or {}).get("value") or asked.split(",")[0]
        if isinstance(value, list):
            value = "|".join(map(str, value))
        return Variable(name, ALL if "$__all" in str(value) or not value else str(value).strip())
    parts = _LABEL_VALUES.fullmatch(asked)
    if found.get("type") != "query" or found.get("multi") or found.get("includeAll") or parts is None:
        return Variable(name)
    return Variable(name, "", parts[1].strip(), parts[2])


def _panels(panels: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for panel in panels:
        yield panel
        yield from _panels(panel.get("panels") or [])


def _instant(target: Mapping[str, Any]) -> bool:
    return bool(target.get("instant")) and not target.get("range")
