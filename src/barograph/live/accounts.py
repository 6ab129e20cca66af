"""What became of every row: one small file per worker process, and their sum."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import msgspec

HEARTBEAT = 5.0
SILENT_AFTER = 60.0


def _host() -> str:
    """Where process ids mean the same: containers may share a host's name and not its processes."""
    try:
        return f"{socket.gethostname()} {os.readlink('/proc/self/ns/pid')}"  # noqa: PTH115 - no path, a name
    except OSError:
        return socket.gethostname()


HOST = _host()


class MonitorStats(msgspec.Struct, frozen=True):
    """What became of the rows logged.

    `rows_logged == rows_profiled + rows_sampled_out + rows_late + rows_bad + rows_lost + buffer_rows`, always.

    Attributes
    ----------
    rows_logged
        Rows handed to `log` and `log_batch`.
    rows_profiled
        Rows in a shard of the spool: what readers of the spool see.
    rows_sampled_out
        Rows left out because the buffer was full (see `sampling_rate`).
    rows_late, rows_bad
        Rows too late for their window; rows that cannot be read, or of no usable time.
    rows_lost
        Rows a dead worker held in memory; rows given up because the spool stayed broken.
    buffer_rows
        Rows in memory: in the buffer, or in a window since its shard was last written.
    sampling_rate
        Share of rows kept since the last flush; 1 but under overload.
    flushes, flush_errors
        Times the spool was written, and times that failed.
    last_flush
        When it last succeeded, seconds since 1970; 0 for never.
    """

    rows_logged: int = 0
    rows_profiled: int = 0
    rows_sampled_out: int = 0
    rows_late: int = 0
    rows_bad: int = 0
    rows_lost: int = 0
    buffer_rows: int = 0
    sampling_rate: float = 1.0
    flushes: int = 0
    flush_errors: int = 0
    last_flush: float = 0.0


COUNTED = (
    "rows_logged", "rows_profiled", "rows_sampled_out", "rows_late", "rows_bad", "rows_lost", "buffer_rows",
    "flushes", "flush_errors",
)  # fmt: skip


class Account(msgspec.Struct):
    """The numbers of one worker, and what tells whether it lives and how far its event time has come."""

    worker: str
    stats: MonitorStats = MonitorStats()
    recent: tuple[int, int] = (0, 0)  # rows logged and sampled out since the last flush
    watermark: float | None = None
    watermark_at: float = 0.0
    host: str = HOST
    pid: int = msgspec.field(default_factory=os.getpid)
    born: str = msgspec.field(default_factory=lambda: born(os.getpid()))
    seen: float = msgspec.field(default_factory=time.time)
    closed: bool = False

    def alive(self, now: float) -> bool:
        """Whether the worker can still write: asked of the system on its own host, else by its last sign of life."""
        if self.closed:
            return False
        if self.host == HOST and self.born:
            return born(self.pid) == self.born
        return now - self.seen < SILENT_AFTER

    def settled(self, now: float, given: int = 0) -> MonitorStats:
        """The numbers, with what a dead worker held in memory as lost.

        `given` is how many rows it had in all, for it may have died before it noted the last ones.
        """
        stats = self.stats
        if self.closed or self.alive(now):
            return stats
        logged = max(stats.rows_logged, given)
        held = stats.buffer_rows + logged - stats.rows_logged
        return msgspec.structs.replace(stats, rows_logged=logged, rows_lost=stats.rows_lost + held, buffer_rows=0)


class Retired(msgspec.Struct):
    """The sum of workers that are long dead, and whose accounts it replaces: one file however many came and went."""

    stats: MonitorStats = MonitorStats()
    workers: list[str] = []


def born(pid: int) -> str:
    """What tells a process from a later one of the same number; "" where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return "" if pid == os.getpid() else "gone"
    return "gone" if fields[0] in (b"Z", b"X") else fields[19].decode()


def total(stats: list[MonitorStats], recent: list[tuple[int, int]]) -> MonitorStats:
    """The sum; the sampling rate over the rows of the live workers since their last flush."""
    sums = {name: sum(getattr(s, name) for s in stats) for name in COUNTED}
    logged, left_out = sum(r[0] for r in recent), sum(r[1] for r in recent)
    rate = 1.0 - left_out / logged if logged else 1.0
    return MonitorStats(**sums, sampling_rate=rate, last_flush=max((s.last_flush for s in stats), default=0.0))
