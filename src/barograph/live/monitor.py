"""Monitor: rows of a running service -> profiles of windows of time, off the request path."""

from __future__ import annotations

import itertools
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from barograph import frame
from barograph.baseline import Baseline
from barograph.errors import ParameterError
from barograph.live import process, workers
from barograph.live.accounts import MonitorStats
from barograph.live.buffer import Buffer
from barograph.live.drain import CHUNK, Drain
from barograph.live.journal import Journal, words
from barograph.live.rows import SHAPES_AT_MOST, Layout, as_row
from barograph.live.spool import Spool, new_worker
from barograph.live.watch import watch as watched
from barograph.live.windows import Length, Windows
from barograph.profile import Profile
from barograph.schema import Schema

TICK = 0.2
STUCK_AFTER = 10.0


class Monitor:
    """Watches the rows of a service against a baseline.

    `log` only appends to a bounded buffer; a thread counts the rows into windows of event time and writes each window's
    profile to a spool folder every `flush_every` seconds, whole and cumulatively. Several worker processes share a
    spool; whoever reads it merges them. Nothing here raises into the caller of `log`: what goes wrong is counted in
    `stats()` and logged once to the logger "barograph.live".

    Parameters
    ----------
    baseline
        A `Baseline` or its file.
    window, lateness
        Length of the tumbling windows ("15m", "1h", "1d", "1mo"), and how long after its end a window takes rows.
    model, version
        Names under which shards and metrics are kept: the spool has a folder for each model, version and baseline.
    spool
        Folder shared by all workers; `None` for a temporary one, which workers of one uvicorn or gunicorn share too.
    flush_every
        Seconds between writes: what a `kill -9` can cost.
    buffer_rows
        Rows held at most before they are profiled; above half of it rows are sampled, see `buffer.Buffer`.
    clock
        Seconds since 1970: the event time of rows logged without a timestamp.
    keep
        Windows kept in the spool.
    handle_sigterm
        Flush at SIGTERM, then do what was to be done; installed only in the main thread.

    Attributes
    ----------
    listener
        Called by `log` with prediction, score and id of each row, on the caller's thread; it must not raise.
    part_listeners
        Each is called with a profile of some rows when these are counted, every row once; it must not change it.
    row_listeners
        Each is called with the same rows as a batch, and their ids where they were logged one by one.

    Raises
    ------
    ParameterError, FormatError
        A length of time that is none, impossible numbers; a file that holds no baseline.
    """

    def __init__(
        self,
        baseline: Baseline | str | Path,
        *,
        window: str = "1h",
        lateness: str = "5m",
        model: str = "model",
        version: str = "1",
        spool: str | Path | None = None,
        flush_every: float = 10.0,
        buffer_rows: int = 100_000,
        clock: Callable[[], float] = time.time,
        keep: int = 48,
        handle_sigterm: bool = True,
    ) -> None:
        if not flush_every > 0 or buffer_rows < 2 or keep < 2:
            raise ParameterError(
                f"flush_every={flush_every}, buffer_rows={buffer_rows}, keep={keep}: a monitor flushes after a "
                "positive number of seconds, buffers at least 2 rows and keeps at least 2 windows"
            )
        if not isinstance(baseline, (Baseline, str, Path)):
            raise ParameterError(f"the baseline is {type(baseline).__name__}; give a Baseline, or the path of its file")
        self.baseline = baseline if isinstance(baseline, Baseline) else Baseline.read(baseline)
        self.model, self.version = str(model), str(version)
        Length(window), Length(lateness)  # a wrong one fails here, before a folder is named after it
        self.flush_every = flush_every
        root = Path(spool) if spool is not None else workers.spool() or process.temporary_folder()
        folder = root / process.slug(self.model, self.version, self.baseline.id, window)
        self.spool = Spool(folder, window=window, lateness=lateness, keep=keep)
        self._clock = clock
        self._layout = Layout(self.schema)
        self._shapes: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        self._buffer_rows = buffer_rows
        self._journal = Journal()
        self._closed = self._constructed = False
        self.listener: Callable[[Any, Any, Any], None] | None = None
        self.part_listeners: list[Callable[[Profile], None]] = []
        self.row_listeners: list[Callable[[frame.Batch, Sequence[Any]], None]] = []
        self.after_fork()
        self._signal = process.OnSigterm(self) if handle_sigterm else None
        process.remember(self)

    def after_fork(self) -> None:
        """Begin with nothing, as a worker of its own: at construction, and in the child of a fork.

        Rows that the parent holds stay the parent's; locks may have been held by threads that the child has not.
        """
        self.spool.worker = new_worker()
        self._buffer = Buffer(self._buffer_rows)
        self._one: Callable[[], Any] = itertools.count().__next__  # notes a row, once the thread is there
        windows = Windows(self.baseline.empty(), self.spool.length, self.spool.lateness)
        self._drain = Drain(self._buffer, windows, self._layout, self.spool, self._clock, self._journal)
        self._drain.listeners, self._drain.row_listeners = self.part_listeners, self.row_listeners
        if self._constructed:
            self._finalizer.detach()
        self._finalizer: Any = weakref.finalize(self, _forgotten, self._drain)
        self._forked = self._constructed
        self._constructed = True
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._stop = threading.Event()

    @property
    def schema(self) -> Schema:
        """The baseline's schema."""
        return self.baseline.schema

    def log(
        self,
        features: Any,
        *,
        prediction: Any = None,
        score: Any = None,
        target: Any = None,
        id: Any = None,  # noqa: A002 - the role's name
        timestamp: Any = None,
        segment: Any = None,
    ) -> None:
        """Log one row: a dict, pydantic model or dataclass of features. Never blocks and never raises.

        `score` is a probability, or a dict of class to probability; `timestamp` seconds since 1970, a datetime or
        ISO 8601 text, else now; `segment` a value, or a dict of column to value. Roles that the baseline's schema has
        no column for are left out. Values are looked at later: do not change objects inside a row.
        """
        if self.listener is not None:
            self.listener(prediction, score, id)
        try:
            row = features if type(features) is dict else as_row(features)
            names = tuple(row)
            shape = self._shapes.get(names) or self._shape(names)
            whole = (shape, self._clock(), timestamp, prediction, score, target, id, segment, *row.values())
        except Exception as error:  # noqa: BLE001 - a prediction must not fail for being watched
            self._refuse(1, error)
            return
        if self._thread is None and not self._start():
            self._drain.bad(1)
            return
        self._buffer.append(whole)
        self._one()

    def _shape(self, names: tuple[Any, ...]) -> tuple[Any, ...]:
        """The one tuple for these names, which all rows share that have them."""
        if len(self._shapes) >= SHAPES_AT_MOST:
            self._shapes.clear()
        return self._shapes.setdefault(names, names)

    watch = watched

    def log_batch(self, rows: Any) -> None:
        """Log rows of any frame that `frame.open_rows` takes. Never raises.

        What fits the buffer is copied there. What does not is profiled here and now, unless this thread runs an event
        loop: that must not wait, and is left a random sample; from async code, prefer `asyncio.to_thread`.
        """
        try:
            opened = frame.open_rows(rows)
            opened.set_aside(self.schema)
            for batch in opened.batches():
                if batch.height:
                    self._log_frame(batch, tuple(opened.skipped))
        except Exception as error:  # noqa: BLE001 - as in log
            if isinstance(rows, list):  # one row that is none must not cost the others
                for row in rows:
                    self.log(row)
            else:
                self._refuse(0 if getattr(rows, "height", 1) == 0 else 1, error)

    def _log_frame(self, batch: frame.Batch, skipped: tuple[str, ...]) -> None:
        if self._thread is None and not self._start():
            self._drain.bad(batch.height)
            return
        stamp = self._clock()
        if self._buffer.append_frame((process.own_copy(batch), stamp, skipped), batch.height):
            self._drain.given(batch.height)
            return
        if not process.in_event_loop():
            self._drain.profile_now(batch, stamp, skipped)
            return
        kept = min(batch.height, max(0, self._buffer.rows_at_most - len(self._buffer)))
        sample = batch.sample(kept, seed=0)
        if not kept or not self._buffer.append_frame((sample, stamp, skipped), kept):
            kept = 0
        self._buffer.leave_out(batch.height - kept)
        self._drain.given(batch.height)

    def _refuse(self, n: int, error: Exception) -> None:
        self._drain.bad(n)
        self._journal.say("row", "what was logged cannot be read: %s", words(error))

    def trouble(self, error: Exception) -> None:
        """Log what no part of the monitor expected."""
        self._journal.say("thread", "a round of the monitor's thread failed: %s", words(error))

    def _start(self) -> bool:
        """Start this process's thread; False after `close`."""
        with self._starting:
            if self._closed:
                self._journal.say("closed", "rows are logged to a closed monitor and counted as bad")
                return False
            if self._thread is None:
                process.close_with_multiprocessing(self)
                self._one = self._drain.begin()
                arguments = (weakref.ref(self), self._stop)
                thread = threading.Thread(target=_run, args=arguments, name="barograph", daemon=True)
                thread.start()
                self._thread = thread
            return True

    def tick(self, due: float) -> float:
        """One round of the thread: count what has gathered, flush when `due`; when the next flush is due."""
        drain, now = self._drain, time.monotonic()
        with drain.turns.work():
            if now >= due or drain.urgent:
                drain.flush()
                return time.monotonic() + self.flush_every
            drain.run(at_least=min(CHUNK, self._buffer_rows // 2))
            drain.write_account()
            return due

    def flush(self) -> None:
        """Count all buffered rows and write all shards, before returning. Never raises."""
        if not self._forked:
            self._drain.flush()
            return
        # polars cannot work in the child of a process that has worked with it: its threads stay behind at the fork.
        # Where that is so a flush never ends, and whoever asked for it must not wait for ever.
        thread = threading.Thread(target=self._drain.flush, name="barograph-flush", daemon=True)
        thread.start()
        thread.join(STUCK_AFTER)
        if thread.is_alive():
            self._journal.say(
                "fork",
                "rows cannot be counted in this process: polars was used before it was forked; read the baseline from "
                "a file, and make or use polars frames only after the fork",
            )

    def flush_at_signal(self, timeout: float) -> bool:
        """Flush from a signal's handler; False where it interrupted a flush of its own thread, or one that hangs."""
        drain = self._drain
        drain.urgent = True  # rows of requests still being answered are flushed at every round from now on
        if not drain.work.acquire(timeout=timeout):
            return False
        try:
            return drain.flush()
        finally:
            drain.work.release()

    def close(self) -> None:
        """Flush and stop. Rows logged afterwards are counted as bad."""
        if self._closed:
            return
        self._closed = True
        thread, self._thread = self._thread, None
        self._stop.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=STUCK_AFTER)
        self.flush()
        self._drain.end()
        self._finalizer.detach()
        process.forget(self)
        if self._signal is not None:
            self._signal.uninstall()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def stats(self) -> MonitorStats:
        """What became of the rows of this process; of all workers: `spool.accounting()`."""
        return self._drain.stats()


def _forgotten(drain: Drain) -> None:
    """A monitor went that nobody closed, a function's own for example: its rows are counted all the same."""
    drain.flush()
    drain.end()


def _run(monitor: weakref.ref[Monitor], stop: threading.Event) -> None:
    """The thread of a process. It holds no reference while it waits, so that a forgotten monitor can go."""
    due: float | None = None
    while not stop.wait(TICK):
        found = monitor()
        if found is None:
            return
        due = time.monotonic() + found.flush_every if due is None else due
        try:
            due = found.tick(due)
        except Exception as error:  # noqa: BLE001 - one bad round must not end the watch
            found.trouble(error)
        del found
