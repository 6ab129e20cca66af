"""Settings of the interpreter that some work changes for its own while, and that all threads share."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable
from types import TracebackType

SWITCH_SECONDS = 0.0002


class Setting:
    """Set by the first thread that enters, put back by the last that leaves.

    `begin` changes the setting and returns what puts it back.

    >>> said = []
    >>> setting = Setting(lambda: said.append("begin") or (lambda: said.append("end")))
    >>> with setting, setting: said.append("work")
    >>> said
    ['begin', 'work', 'end']
    """

    def __init__(self, begin: Callable[[], Callable[[], None]]) -> None:
        self._begin = begin
        self._lock = threading.RLock()  # a signal's handler may enter where its thread is just leaving
        self._inside = 0
        self._end: Callable[[], object] = begin

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._end = self._begin()
            self._inside += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._end()


def _switching() -> Callable[[], None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(min(SWITCH_SECONDS, usual))
    return lambda: sys.setswitchinterval(usual)


def _collecting() -> Callable[[], None]:
    if not gc.isenabled():
        return lambda: None
    gc.disable()
    return gc.enable


prompt = Setting(_switching)
"""Whoever wants the interpreter has it within `SWITCH_SECONDS`, not Python's 5 ms."""

uncollected = Setting(_collecting)
"""No garbage is looked for: for work that makes many objects, keeps few, and makes no circles of them, so that a
collection would go through everything that the service holds, and find nothing."""
