"""How many rows a process was given, in a file that its death does not take along."""

from __future__ import annotations

import contextlib
import mmap
import struct
from itertools import count, repeat
from pathlib import Path
from typing import Any

_LAYOUT = struct.Struct("=qq")


class Tally:
    """Two counters in a mapped file: rows logged one by one, and all others. The system keeps what was written there.

    `one` counts a row. It is a chain of iterators in C: no other thread can come between its reading and its writing,
    and it takes no lock, which whoever holds it might be interrupted by a signal with.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     tally = Tally(Path(folder) / "rows")
    ...     tally.one(), tally.one(), tally.add(5)
    ...     given(Path(folder) / "rows")
    (None, None, None)
    7
    """

    def __init__(self, path: Path) -> None:
        """Raises `OSError` or `ValueError` where the file cannot be made, or not be mapped."""
        self.path = path
        path.write_bytes(_LAYOUT.pack(0, 0))  # as bytes: a hole that a full disk cannot fill would kill the process
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _LAYOUT.size)
        self._cells = memoryview(self._map).cast("q")
        self.one: Any = map(self._cells.__setitem__, repeat(0), count(1)).__next__

    def add(self, n: int) -> None:
        """Count `n` rows. For one thread at a time."""
        self._cells[1] += n

    def remove(self) -> None:
        """Take the file away; counting goes on, and nobody sees it."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)


def given(path: Path) -> int:
    """Rows that the process of a file was given; 0 where there is none."""
    try:
        return sum(max(0, n) for n in _LAYOUT.unpack(path.read_bytes()))
    except (OSError, struct.error):
        return 0
