"""Pieces of Markdown."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import Any


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; bars and line ends in cells are kept from ending them."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(_cell(c) for c in cells)} |\n" for cells in lines)


def _cell(text: str) -> str:
    return text.replace("\n", " ").replace("|", "\\|").strip()


def code(body: str, language: str = "") -> str:
    """A fenced block."""
    return f"```{language}\n{body.rstrip()}\n```\n"


def paragraphs(of: Any) -> tuple[list[str], str]:
    """The paragraphs of a docstring, and its doctest."""
    doc = inspect.getdoc(of) or ""
    prose, _, example = doc.partition(">>> ")
    return [p for p in prose.strip().split("\n\n") if p], f">>> {example}".strip() if example else ""


def first_sentence(of: Any) -> str:
    """The first paragraph of a docstring, on one line."""
    found, _ = paragraphs(of)
    return " ".join(found[0].split()) if found else ""


def parameters(of: type) -> list[tuple[str, str, str]]:
    """Name, type and default of each field of a dataclass."""
    assert is_dataclass(of)
    rows = []
    for field in fields(of):
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        shown = "required" if default is MISSING else f"`{default!r}`"
        kind = field.type if isinstance(field.type, str) else getattr(field.type, "__name__", str(field.type))
        rows.append((f"`{field.name}`", f"`{kind}`", shown))
    return rows
