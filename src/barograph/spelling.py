"""Classes that are written in several ways, and the order in which they are listed."""

from __future__ import annotations

from collections.abc import Iterable

_SPELLINGS = (("1", "true", "True", "TRUE"), ("0", "false", "False", "FALSE"))


def spellings(label: str) -> tuple[str, ...]:
    """Other ways to write the same class: `True`, `"true"` and `1` are one class, whichever side writes which.

    >>> spellings("true"), spellings("red")
    (('1', 'True', 'TRUE'), ())
    """
    return tuple(s for group in _SPELLINGS if label in group for s in group if s != label)


def one_spelling(classes: Iterable[str]) -> tuple[str, ...]:
    """Classes, each once, in the spelling that comes first.

    >>> one_spelling(["0", "1", "false", "true"]), one_spelling(["false", "true", "0"])
    (('0', '1'), ('false', 'true'))
    """
    found: dict[str, None] = {}
    for label in classes:
        if not any(other in found for other in spellings(label)):
            found[label] = None
    return tuple(found)


def in_order(classes: Iterable[str]) -> tuple[str, ...]:
    """Classes in their order: by number where all are numbers, else by text.

    >>> in_order({"10", "9"}), in_order({"b", "a"})
    (('9', '10'), ('a', 'b'))
    """
    try:
        return tuple(sorted(classes, key=lambda c: (float(c), c)))
    except ValueError:
        return tuple(sorted(classes))
