"""What is being served right now: the one place where request, watched function and logged row meet.

A prediction is counted once, by the innermost of: the watched call, the request, the logged row. Watched calls of
models of different versions, one within the other, each count.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Call:
    """A request or a watched call in progress. Shared with the threads that work for it."""

    logged: str | None = None  # the model version that a prediction or score was logged for
    counted: str | None = None  # the model version in whose `predictions_total` it is
    finished: bool = False  # answered; what still runs is in the background
    id: object = None  # of the last logged row, for exemplars


CURRENT: ContextVar[Call | None] = ContextVar("barograph_call", default=None)
