"""A report for programs: strict JSON, and the JSON Schema of what is emitted."""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec

from barograph.results import SEVERITY, Run, Timeline

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def to_json(run: Run | Timeline, indent: int | None = None) -> str:
    r"""All that a run or timeline says, its `summary` first. What is not a finite number is `null`.

    >>> from barograph.results import Side
    >>> json.loads(to_json(Run("Churn", Side("today", 0), [], [])))["summary"]["status"]
    'unknown'
    """
    tight = (",", ":") if indent is None else None
    text = json.dumps(_strict(run.as_dict()), ensure_ascii=False, allow_nan=False, indent=indent, separators=tight)
    # A lone surrogate has no UTF-8; \udXXX is both Python's and JSON's way of writing it.
    return text.encode("utf-8", "backslashreplace").decode()


def json_schema(of: type[Run | Timeline] = Run) -> dict[str, Any]:
    """JSON Schema (2020-12) of what `to_json` gives for a `Run`, or for a `Timeline`.

    >>> json_schema()["required"][:6]
    ['summary', 'title', 'current', 'results', 'verdicts', 'reference']
    """
    schema = _nullable(msgspec.json.schema(of))
    definitions = schema["$defs"]
    top = definitions.pop(of.__name__)
    noun = "n_windows" if issubclass(of, Timeline) else "n_checks"
    counts = {name: {"type": "integer", "minimum": 0} for name in (noun, *SEVERITY)}
    summary = {
        "type": "object",
        "properties": {"status": {"enum": list(SEVERITY)}, "all_passed": {"type": "boolean"}, **counts},
        "required": ["status", "all_passed", *counts],
        "additionalProperties": False,
    }
    properties = {"summary": summary, **top["properties"]}
    # Everything on top is always written, defaults included.
    top |= {"properties": properties, "required": list(properties), "additionalProperties": False}
    if issubclass(of, Timeline):
        definitions["Run"] = msgspec.json.schema(Run)["$defs"]["Run"]
    return {"$schema": DIALECT, **top, "$defs": definitions}


def _strict(node: Any) -> Any:
    if isinstance(node, float):
        return node if math.isfinite(node) else None
    if isinstance(node, dict):
        return {key: _strict(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_strict(value) for value in node]
    return node


def _nullable(node: Any) -> Any:
    """A float may be infinite, for example the outer edge of a histogram, and is then written as `null`."""
    if isinstance(node, dict):
        if node.get("type") == "number":
            return {**node, "type": ["number", "null"]}
        return {key: _nullable(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_nullable(value) for value in node]
    return node
