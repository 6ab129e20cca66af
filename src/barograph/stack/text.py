"""Plain data as the text of a file, and what a generated file is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import yaml


@dataclass(frozen=True)
class File:
    """One generated file. `once` is written where it is missing, and never touched again."""

    text: str
    mode: int = 0o644
    once: bool = False


class _Dumper(yaml.SafeDumper):
    """Block style; text of several lines as it would be typed; no anchors, which few readers expect."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _string(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _string)


def as_yaml(data: Any, head: str = "") -> str:
    """Data as YAML, under a comment.

    >>> print(as_yaml({"a": "yes", "b": [1, "x: y"]}, "What it is."), end="")
    # What it is.
    a: 'yes'
    b:
    - 1
    - 'x: y'
    """
    comment = "".join(f"# {line}".rstrip() + "\n" for line in head.splitlines())
    body: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    return comment + body


def as_json(data: Any) -> str:
    """Data as indented JSON, the same bytes for the same data."""
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
