"""The other side of the buffer: rows -> windows -> shards, with every row accounted for."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from barograph import frame
from barograph.frame.text import instants, seconds
from barograph.live.accounts import HEARTBEAT, Account, MonitorStats
from barograph.live.buffer import Buffer
from barograph.live.journal import Journal, words
from barograph.live.rows import Layout, Row, Table
from barograph.live.spool import Spool
from barograph.live.tally import Tally
from barograph.live.turns import Turns
from barograph.live.windows import Open, Windows
from barograph.profile import Profile
from barograph.schema import Family
from barograph.types import Floats
from barograph.views import extractor

CHUNK = 2_500
ACCOUNT_EVERY = 0.2
OPEN_AT_MOST = 32


class Drain:
    """Takes rows out of a buffer and counts them into windows; one per process.

    `work` is held while rows are counted and shards written; `count` only for moments, so that `stats` is prompt. Both
    are reentrant, for a signal's handler may run in the thread that holds them.
    """

    def __init__(
        self,
        buffer: Buffer,
        windows: Windows,
        layout: Layout,
        spool: Spool,
        clock: Callable[[], float],
        journal: Journal,
    ) -> None:
        self.buffer = buffer
        self.windows = windows
        self.layout = layout
        self.spool = spool
        self.clock = clock
        self.journal = journal
        self.listeners: list[Callable[[Profile], None]] = []
        self.row_listeners: list[Callable[[frame.Batch, Sequence[Any]], None]] = []
        self.work = threading.RLock()
        self.urgent = False
        self.turns = Turns()
        self._count = threading.RLock()
        self._busy = False
        self._in_flight = self._profiled = self._late = self._bad = self._lost = 0
        self._flushes = self._flush_errors = 0
        self._last_flush = 0.0
        self._before = (0, 0)
        self._account_due = 0.0
        self._account_said: tuple[object, float] = (None, -HEARTBEAT)
        self._windows_seen = 0
        self._tally: Tally | None = None

    def begin(self) -> Callable[[], Any]:
        """Be known from the first row on, whatever happens to this process; what to call for each row logged."""
        if self.write_account(force=True):
            try:
                self._tally = self.spool.tally()
            except (OSError, ValueError) as error:
                self.journal.say("tally", "rows of a killed process cannot all be told as lost: %s", words(error))
        return self._tally.one if self._tally else itertools.count().__next__

    def given(self, n: int) -> None:
        """Note rows that come in any other way than one by one into the buffer."""
        with self._count:
            if self._tally:
                self._tally.add(n)

    def stats(self) -> MonitorStats:
        """What became of the rows of this process."""
        with self._count:
            held = len(self.buffer) + self._in_flight + self.windows.n_unwritten
            left_out = self.buffer.n_sampled_out
            logged = held + left_out + self._profiled + self._late + self._bad + self._lost
            recent, recent_out = logged - self._before[0], left_out - self._before[1]
            return MonitorStats(
                logged, self._profiled, left_out, self._late, self._bad, self._lost, held,
                1.0 - recent_out / recent if recent > 0 else 1.0,
                self._flushes, self._flush_errors, self._last_flush,
            )  # fmt: skip

    def bad(self, n: int) -> None:
        """Count rows that cannot be read and never reached the buffer."""
        with self._count:
            self._bad += n
        self.given(n)

    def run(self, at_least: int = 1) -> None:
        """Count the rows that are buffered now, if there are `at_least` as many; those that come meanwhile wait.

        Waiting for an empty buffer would never end under steady traffic, and nothing would be flushed.
        """
        with self.work:
            left = len(self.buffer)
            if left < at_least:
                return
            self._busy = True
            try:
                # what would be left for a small last chunk goes with the one before
                while left > 0 and (taken := self._chunk(left if left < 2 * CHUNK else CHUNK)):
                    left -= taken
            finally:
                self._busy = False

    def flush(self) -> bool:
        """Count all buffered rows and write all shards; False where this interrupts work of the same thread."""
        with self.work:
            if self._busy:
                return False
            self.run()
            self._busy = True
            try:
                self._write_all()
            finally:
                self._busy = False
            return True

    def _chunk(self, most: int) -> int:
        with self._count:
            rows = self.buffer.take(most)
            stamped = None if rows else self.buffer.take_frame()
            taken = len(rows) or (stamped[0].height if stamped else 0)
            self._in_flight += taken
        if rows:
            self._guarded(self._rows, rows)
        elif stamped:
            self._guarded(self._frame, *stamped)
        return taken

    def _guarded(self, work: Callable[..., None], *arguments: Any) -> None:
        """Whatever goes wrong with rows in flight, they are booked: what is left of them is bad."""
        try:
            work(*arguments)
        except Exception as error:  # noqa: BLE001 - the thread must live, and no row vanish
            self.journal.say("rows", "%d rows cannot be counted and are bad: %s", self._in_flight, words(error))
            self._settle(bad=self._in_flight)

    def profile_now(self, batch: frame.Batch, stamp: float, skipped: tuple[str, ...] = ()) -> None:
        """Count a frame that never was in the buffer."""
        self.given(batch.height)
        with self.work:
            with self._count:
                self._in_flight += batch.height
            self._busy = True
            try:
                self._guarded(self._frame, batch, stamp, skipped)
            finally:
                self._busy = False

    def _rows(self, rows: list[Row]) -> None:
        table, own = self.layout.table(rows, self._unreadable, self._pause)
        self._settle(bad=len(rows) - len(table))
        for start, at in self._placed(table.times, own):
            self._add_table(start, table.take(at))

    def _unreadable(self, error: Exception) -> None:
        self.journal.say("row", "a row cannot be read and is counted as bad: %s", words(error))

    def _frame(self, batch: frame.Batch, stamp: float, skipped: tuple[str, ...] = ()) -> None:
        timestamp, n = self.layout.timestamp, batch.height
        own = np.ones(n, np.bool_)
        times = np.full(n, stamp)
        if timestamp is not None and timestamp in batch.columns:
            series = batch.get_column(timestamp)
            times = seconds(instants(series)).to_numpy()
            own = series.is_null().to_numpy()
            times = np.where(own, stamp, times)
        new = [column for column in batch.columns if column not in self.layout.known]
        for start, at in self._placed(times, own):
            rows = batch if at.size == n else batch[at]
            named = {column: (frame.family(rows, column).value, rows.height) for column in new}
            named |= dict.fromkeys(skipped, (Family.UNSUPPORTED.value, rows.height))
            self._add(start, rows.drop(new), named, rows.height)

    def _placed(self, times: Floats, own: Any) -> list[tuple[float, Any]]:
        """Windows and the rows of each, oldest first; late and bad rows counted."""
        with self._count:
            placed = self.windows.place(times, own, self.clock())
        if placed.n_bad:
            self.journal.say(
                "time", "%d rows have no usable time: none, outside the years 1 to 9999, or in the future", placed.n_bad
            )
        self._settle(late=placed.n_late, bad=placed.n_bad)
        starts = np.unique(placed.starts[np.isfinite(placed.starts)])
        return [(float(start), np.flatnonzero(placed.starts == start)) for start in starts]

    def _settle(self, late: int = 0, bad: int = 0, lost: int = 0) -> None:
        """Book rows that were in flight."""
        with self._count:
            self._in_flight -= late + bad + lost
            self._late += late
            self._bad += bad
            self._lost += lost

    def _add_table(self, start: float, table: Table) -> None:
        """Count rows; of rows that together cannot be counted the good ones are found by halving."""
        batch = None
        try:
            batch = self.layout.batch(table, self._pause)
            self._put(start, batch, self.layout.new(table), len(table), table.ids)
        except Exception as error:  # noqa: BLE001 - whatever a value does, it costs its own row only
            for part in self._parted(batch, len(table), error):
                self._add_table(start, table.take(part))

    def _add(self, start: float, batch: frame.Batch, new: dict[str, tuple[str, int]], n: int) -> None:
        """Count a frame, parted like rows."""
        try:
            self._put(start, batch, new, n)
        except Exception as error:  # noqa: BLE001 - as for rows
            for part in self._parted(batch, n, error):
                named = {name: (family, part.size) for name, (family, _) in new.items()}
                self._add(start, batch[part], named, part.size)

    def _parted(self, batch: frame.Batch | None, n: int, error: Exception) -> list[Any]:
        """Which of some rows that failed together to try again, in parts; a row that fails alone is bad.

        The usual culprits are told apart at once: halving would take some profiles for each.
        """
        odd = np.arange(n) if n == 1 else self.layout.odd(batch) if batch is not None else np.arange(0)
        if odd.size:
            self._refuse(odd.size, error)
            return [np.setdiff1d(np.arange(n), odd)] if odd.size < n else []
        return np.array_split(np.arange(n), 2)

    def _refuse(self, n: int, error: Exception) -> None:
        self.journal.say("row", "a row cannot be counted and is bad: %s", words(error))
        self._settle(bad=n)

    def _put(
        self, start: float, batch: frame.Batch, new: dict[str, tuple[str, int]], n: int, ids: Sequence[Any] = ()
    ) -> None:
        part = self._profile(batch, n)
        self._pause()
        with self._count:
            self.windows.add(start, part, new)
            self._in_flight -= n
        told = [partial(listener, part) for listener in self.listeners]
        told += [partial(listener, batch, ids) for listener in self.row_listeners]
        for tell in told:
            try:
                tell()
            except Exception as error:  # noqa: BLE001 - the rows are counted, whatever others make of them
                self.journal.say("listener", "a listener failed: %s", words(error))
        while len(self.windows.open) > OPEN_AT_MOST:
            self._write(self.windows.least_used(), give_up=True)

    def _profile(self, batch: frame.Batch, n: int) -> Profile:
        part = self.windows.template.blank()
        take = extractor(batch, part.schema, part.get)

        def slowly(column: str, view: str) -> Any:
            self._pause()
            return take(column, view)

        part.add(batch, slowly)
        part.n_rows = n
        return part

    def _pause(self) -> None:
        """Let request threads have the interpreter between columns, unless rows are piling up."""
        if self.buffer.filled < 0.25:
            self.turns.rest()

    def _write(self, window: Open, give_up: bool = False) -> bool:
        """Write a window's shard; it stays in memory where that fails, unless there is no room to wait."""
        written = True
        if window.n_unwritten:
            try:
                self.spool.write(window.start, window.part, window.profile)
            except OSError as error:
                written = False
                self._broken(error)
        with self._count:
            if written:
                self._profiled += window.n_unwritten
                window.n_unwritten = 0
            elif give_up:
                self._lost += window.n_unwritten
            if give_up:
                del self.windows.open[window.start]
        return written

    def _broken(self, error: OSError) -> None:
        with self._count:
            self._flush_errors += 1
        self.journal.say("disk", "the spool %s cannot be written: %s", self.spool.folder, words(error))

    def _write_all(self) -> None:
        sound = True
        for window in list(self.windows.open.values()):
            sound = self._write(window) and sound
        for window in self.windows.closed(self.clock()):
            if not window.n_unwritten:
                with self._count:
                    del self.windows.open[window.start]
        with self._count:
            if sound:
                self._flushes += 1
                self._last_flush = time.time()
        try:
            if self.windows.parts != self._windows_seen:
                self.spool.retain()
                self._windows_seen = self.windows.parts
        except OSError as error:
            self.journal.say("retain", "old shards in %s cannot be deleted: %s", self.spool.folder, words(error))
        if self.write_account(force=True) and sound:
            self.journal.over("disk", "the spool %s can be written again", self.spool.folder)

    def end(self) -> None:
        """Note that this process writes no more, unless rows are left that it could not write."""
        closed = not self.stats().buffer_rows
        if self.write_account(force=True, closed=closed) and closed and self._tally:
            self._tally.remove()

    def write_account(self, *, force: bool = False, closed: bool = False) -> bool:
        """Note the numbers in the spool where they have changed, a few times a second at most, and now and then anyway.

        False where that failed.
        """
        now = time.monotonic()
        if not force and now < self._account_due:
            return True
        self._account_due = now + ACCOUNT_EVERY
        stats = self.stats()
        said, at = self._account_said
        if not force and ((stats == said and now - at < HEARTBEAT) or not stats.rows_logged):
            return True
        recent_rows = (stats.rows_logged - self._before[0], stats.rows_sampled_out - self._before[1])
        if force and stats.rows_logged > self._before[0]:
            self._before = (stats.rows_logged, stats.rows_sampled_out)
        mark = self.windows.watermark
        account = Account(
            self.spool.worker, stats, recent_rows, float(mark) if np.isfinite(mark) else None,
            float(self.windows.watermark_at) if np.isfinite(mark) else 0.0, closed=closed,
        )  # fmt: skip
        try:
            self.spool.write_account(account)
            self._account_said = (stats, now)
        except OSError as error:
            self._broken(error)
            return False
        return True
