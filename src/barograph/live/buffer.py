"""Rows between the request and the profile: bounded, and with every row that is left out counted."""

from __future__ import annotations

import random
import threading
from collections import deque
from typing import Any


class Buffer:
    """A queue of logged rows that never blocks who appends and never grows beyond `rows_at_most`.

    While it is less than half full every row is kept. Fuller, a row is kept with the chance `2 * (1 - filled)`, so that
    under overload the rows kept are a random sample of all, not whatever came first after a drain; full, none is.
    Rows left out are counted in `n_sampled_out`.

    Appending takes no lock: a deque's own append is atomic, and a lock held by a thread that a signal interrupts could
    not be taken by the signal's handler.

    >>> buffer = Buffer(4)
    >>> for row in range(2): buffer.append((row,))
    >>> buffer.take(10), len(buffer), buffer.n_sampled_out
    ([(0,), (1,)], 0, 0)
    """

    def __init__(self, rows_at_most: int, seed: int = 0) -> None:
        self.rows_at_most = rows_at_most
        self.n_sampled_out = 0
        self._half = rows_at_most // 2
        self._queue: deque[Any] = deque()
        self._more = 0  # rows in frames, beyond the one that each counts for in the queue
        self._lock = threading.RLock()
        self._random = random.Random(seed)  # noqa: S311 - a sample, not a secret

    def __len__(self) -> int:
        return len(self._queue) + self._more

    @property
    def filled(self) -> float:
        """How full it is, 0 to 1."""
        return len(self) / self.rows_at_most

    def append(self, row: Any) -> None:
        """Keep a row, or count it as left out."""
        n = len(self._queue) + self._more
        if n < self._half or self._random.random() < 2.0 * (1.0 - n / self.rows_at_most):
            self._queue.append(row)
        else:
            self.leave_out(1)

    def leave_out(self, n: int) -> None:
        """Count rows that are not kept."""
        with self._lock:
            self.n_sampled_out += n

    def append_frame(self, frame: Any, n_rows: int) -> bool:
        """Keep a frame of `n_rows` rows; False where there is no room for it, and nothing is kept or counted."""
        with self._lock:
            if len(self) + n_rows > self.rows_at_most:
                return False
            self._more += n_rows - 1
            self._queue.append(_Frame(frame, n_rows))
            return True

    def take(self, most: int) -> list[Any]:
        """Remove and return the oldest rows, up to the next frame. There is one taker at a time."""
        queue = self._queue
        rows: list[Any] = []
        while len(rows) < most and queue and type(queue[0]) is not _Frame:
            rows.append(queue.popleft())
        return rows

    def take_frame(self) -> Any:
        """Remove and return the frame that comes next, or `None` where a row does, or nothing."""
        with self._lock:
            if not self._queue or type(self._queue[0]) is not _Frame:
                return None
            found = self._queue.popleft()
            self._more -= found.n_rows - 1
            return found.frame


class _Frame:
    """Rows that came together, in the place of one."""

    __slots__ = ("frame", "n_rows")

    def __init__(self, frame: Any, n_rows: int) -> None:
        self.frame = frame
        self.n_rows = n_rows
