"""What a check of a running stack says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "note", "wrong"]
LISTED_AT_MOST = 8


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what was found and, where it is not as it should be, what to do."""

    server: str
    subject: str
    status: Status
    found: str
    advice: str = ""


def listed(names: Iterable[str], at_most: int = LISTED_AT_MOST) -> str:
    """Names in a sentence, not more than fit.

    >>> listed(["b", "a", "c"], 2)
    'b, a and 1 more'
    """
    known = list(names)
    rest = len(known) - at_most
    return ", ".join(known[:at_most]) + (f" and {rest} more" if rest > 0 else "")
