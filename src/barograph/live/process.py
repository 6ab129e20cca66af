"""What a monitor needs of its process: its end by SIGTERM or exit, its forks, its event loop."""

from __future__ import annotations

import atexit
import logging
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from barograph import frame

_LOG = logging.getLogger("barograph.live")
SIGNAL_WAIT = 5.0


class Watched(Protocol):
    """What is told of the process's end and forks."""

    def close(self) -> None: ...
    def after_fork(self) -> None: ...
    def flush_at_signal(self, timeout: float) -> bool: ...


_alive: weakref.WeakSet[Any] = weakref.WeakSet()
_temporary: list[tuple[int, str]] = []
_hooked = False


def remember(monitor: Watched) -> None:
    """Close at exit; begin anew in the child of a fork."""
    global _hooked  # hooks of a process cannot be taken back, so there is one of each
    _alive.add(monitor)
    if not _hooked:
        _hooked = True
        atexit.register(_at_exit)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_after_fork)


def forget(monitor: Watched) -> None:
    """No more than this is owed to a closed monitor."""
    _alive.discard(monitor)


def _at_exit() -> None:
    for monitor in list(_alive):
        monitor.close()
    for pid, folder in _temporary:
        if pid == os.getpid():  # a forked child leaves alone what its parent made
            shutil.rmtree(folder, ignore_errors=True)


def _after_fork() -> None:
    for monitor in list(_alive):
        monitor.after_fork()


def close_with_multiprocessing(monitor: Watched) -> None:
    """Children that multiprocessing forks end by `os._exit`, without atexit; they run its own finalizers."""
    process, util = sys.modules.get("multiprocessing.process"), sys.modules.get("multiprocessing.util")
    if process is not None and util is not None and process.parent_process() is not None:
        util.Finalize(monitor, monitor.close, exitpriority=10)


def temporary_folder() -> Path:
    """A folder that is removed when this process exits."""
    folder = tempfile.mkdtemp(prefix="barograph-")
    _temporary.append((os.getpid(), folder))
    return Path(folder)


class OnSigterm:
    """Flush at SIGTERM, then do what would have been done without us."""

    def __init__(self, monitor: Watched) -> None:
        self._monitor = weakref.ref(monitor)
        self._previous: Any = signal.getsignal(signal.SIGTERM)
        self._installed = False
        # None: the handler is not Python's, and could not be called
        if threading.current_thread() is threading.main_thread() and self._previous is not None:
            signal.signal(signal.SIGTERM, self)
            self._installed = True

    def __call__(self, number: int, at: Any) -> None:
        monitor = self._monitor()
        flushed = monitor is None or monitor.flush_at_signal(SIGNAL_WAIT)
        if callable(self._previous):
            self._previous(number, at)
        elif self._previous is signal.SIG_DFL:
            if not flushed:
                # the signal came in the middle of a flush of this very thread: unwind it, and close at exit
                raise SystemExit(128 + number)
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)  # so that the exit status is what it would have been

    def uninstall(self) -> None:
        """Put the previous handler back, unless somebody has chained to this one."""
        on_main = threading.current_thread() is threading.main_thread()
        current: Any = signal.getsignal(signal.SIGTERM)
        if self._installed and on_main and current is self:
            signal.signal(signal.SIGTERM, self._previous)
            self._installed = False


def in_event_loop() -> bool:
    """Whether this thread runs an asyncio loop. asyncio is not imported for it."""
    asyncio = sys.modules.get("asyncio")
    current: Callable[[], Any] | None = getattr(asyncio, "_get_running_loop", None)
    return current is not None and current() is not None


def own_copy(batch: frame.Batch) -> frame.Batch:
    """A copy that shares no memory with what the caller may go on to change."""
    half = batch.height // 2
    if not half:
        return batch.vstack(batch).rechunk().head(1)
    return batch.head(half).vstack(batch.tail(batch.height - half)).rechunk()  # two chunks cannot become one in place


def slug(*parts: str) -> str:
    """A folder name of some names: what is no letter, digit, dot or dash becomes "_"."""
    return "-".join(re.sub(r"[^A-Za-z0-9._]", "_", part)[:60] or "_" for part in parts)
