"""How a thread that counts rows shares the interpreter with the threads that answer requests."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

from barograph.live.interpreter import prompt

WORK_AT_LEAST, REST, REST_AT_MOST = 0.0001, 10.0, 0.01


class Turns:
    """Work in short turns, each followed by a rest of `REST` times as long.

    Requests are slowed for longer then, and so little that their slowest do not notice. Only the thread that `work` was
    entered in rests: others that count rows are waited for.
    """

    def __init__(self) -> None:
        self._thread = 0
        self._resumed = 0.0
        self._turn = contextlib.ExitStack()

    @contextlib.contextmanager
    def work(self) -> Iterator[None]:
        """Whatever this thread does in here, it does in turns."""
        self._thread = threading.get_ident()
        self._begin()
        try:
            yield
        finally:
            self._turn.close()

    def rest(self) -> None:
        """End the turn, if it was long enough, and begin the next one after the rest."""
        if threading.get_ident() != self._thread:
            return
        worked = time.perf_counter() - self._resumed
        if worked > WORK_AT_LEAST:
            self._turn.close()
            time.sleep(min(REST * worked, REST_AT_MOST))
            self._begin()

    def _begin(self) -> None:
        self._turn.enter_context(prompt)
        self._resumed = time.perf_counter()
