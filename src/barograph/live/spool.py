"""The folder where worker processes leave their profiles, and where anyone reads them as one."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import secrets
import time
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import msgspec

from barograph import codec
from barograph.errors import FormatError, MergeError
from barograph.live import workers
from barograph.live.accounts import Account, MonitorStats, Retired, total
from barograph.live.windows import Length
from barograph.profile import Profile
from barograph.schema import Family
from barograph.summaries import Counts

_LOG = logging.getLogger("barograph.live")
_SHARD = re.compile(r"(-?\d+)-([0-9a-z]+)-(\d+)\.profile")
_ACCOUNT = re.compile(r"([0-9a-z]+)\.account\.json")
_RETIRED, _META = "retired.json", "spool.json"
_DEAD_FOR = 3600.0


class _Meta(msgspec.Struct):
    window: str
    lateness: str


class Spool:
    """Shards `<window start in ms>-<worker>-<part>.profile` and accounts `<worker>.account.json` in one folder.

    A shard is cumulative: each write replaces the worker's last one whole, so a worker that is killed leaves all it had
    flushed, and nothing is counted twice. Any process reads a window by merging its shards.

    Parameters
    ----------
    folder
        Made where it is not there, when something is first written.
    window, lateness
        Of the windows; `None` to take them from the folder (a `Monitor` notes them there).
    keep
        Windows kept; older shards are deleted by `retain`.

    Raises `ParameterError` where a length of time is none. Reading raises `OSError` where the folder cannot be read.
    """

    def __init__(
        self, folder: str | Path, *, window: str | None = None, lateness: str | None = None, keep: int = 48
    ) -> None:
        self.folder = Path(folder).absolute()  # where it was meant, also when the process goes elsewhere
        self.worker = new_worker()
        self.keep = keep
        meta = _read_json(self.folder / _META, _Meta) if window is None or lateness is None else None
        found = meta or _Meta("1h", "5m")
        self._meta = _Meta(found.window if window is None else window, found.lateness if lateness is None else lateness)
        self.length = Length(self._meta.window)
        self.lateness = Length(self._meta.lateness).about
        self._unreadable: set[str] = set()
        self._unwritten: Account | None = None

    def write(self, start: float, part: int, profile: Profile) -> None:
        """Write this worker's shard of a window, whole or not at all. Raises `OSError`."""
        if not (self.folder / _META).exists():
            self._put(_META, msgspec.json.encode(self._meta))
        self._put(f"{round(start * 1000)}-{self.worker}-{part}.profile", profile.to_bytes())

    def write_account(self, account: Account) -> None:
        """Write this worker's account, whole or not at all. Raises `OSError`.

        One that cannot be written is kept, for this process and in the workers' folder for the others: else nobody
        would hear of the errors while they last.
        """
        name, data = f"{self.worker}.account.json", msgspec.json.encode(account)
        other = workers.shared()
        try:
            self._put(name, data)
        except OSError:
            self._unwritten = account
            with contextlib.suppress(OSError):
                if other:
                    self._put(self._kept(name), data, other)
            raise
        if self._unwritten and other:
            _remove(other / self._kept(name))
        self._unwritten = None

    def _kept(self, name: str) -> str:
        return f"{self.folder.name}.{name}"

    def _put(self, name: str, data: bytes, folder: Path | None = None) -> None:
        # not codec.write_file: that sets the process's umask for a moment, which other threads of a service would see
        folder = folder or self.folder
        folder.mkdir(parents=True, exist_ok=True)
        beside = folder / f".{self.worker}.tmp"
        try:
            beside.write_bytes(data)
            beside.replace(folder / name)
        except BaseException:
            _remove(beside)
            raise

    def _shards(self) -> dict[float, list[str]]:
        found: dict[float, list[str]] = {}
        for name in _names(self.folder):
            if match := _SHARD.fullmatch(name):
                found.setdefault(int(match[1]) / 1000, []).append(name)
        return {start: sorted(found[start]) for start in sorted(found)}

    def windows(self) -> list[float]:
        """Starts of the windows that have shards, in seconds since 1970, ascending."""
        return list(self._shards())

    def end(self, start: float) -> float:
        """End (exclusive) of the window that starts there."""
        return self.length.end(start)

    def event_time(self, now: float | None = None) -> float:
        """How far event time has come: the furthest worker's, moved on by the clock since its last row.

        Where rows are replayed from long ago this is far behind `now`; in a live service it is `now`.
        """
        now = time.time() if now is None else now
        marks = [a.watermark + max(0.0, now - a.watermark_at) for a in self.accounts() if a.watermark is not None]
        return min(now, max(marks)) if marks else now

    def finished(self, now: float | None = None) -> list[float]:
        """Starts of the windows that no more rows are accepted for, ascending. The others are running."""
        moment = self.event_time(now) - self.lateness
        return [start for start in self.windows() if self.end(start) <= moment]

    def read(self, start: float) -> Profile | None:
        """The profile of a window, merged over all workers; `None` where there is none.

        A shard that is damaged, or of another baseline, is left out and logged once. Raises `OSError` where one is
        there and cannot be read now.
        """
        merged: Profile | None = None
        for name in self._shards().get(start, []):
            try:
                shard = Profile.from_bytes(codec.read_file(self.folder / name), name)
                merged = shard if merged is None else merged.merge(shard)
            except (FormatError, MergeError) as error:
                if isinstance(error.__cause__, FileNotFoundError):  # deleted just now
                    continue
                if isinstance(error.__cause__, OSError):
                    raise error.__cause__ from error
                if name not in self._unreadable:
                    self._unreadable.add(name)
                    _LOG.warning("a shard is left out: %s", error)
        return None if merged is None else levelled(merged)

    def signature(self, start: float) -> Hashable:
        """Names, sizes and times of a window's shards: while it is the same, so is what `read` gives."""
        found: list[tuple[str, int, int]] = []
        for name in self._shards().get(start, []):
            try:
                status = (self.folder / name).stat()
            except OSError:
                continue
            found.append((name, status.st_size, status.st_mtime_ns))
        return tuple(found)

    def accounts(self) -> list[Account]:
        """Accounts of all workers that are not retired."""
        return self._accounts(self._retired())

    def _retired(self) -> Retired:
        found: Retired = _read_json(self.folder / _RETIRED, Retired) or Retired()
        return found

    def _accounts(self, but: Retired) -> list[Account]:
        files = [self.folder / name for name in _names(self.folder) if _ACCOUNT.fullmatch(name)]
        if other := workers.shared():
            start = self._kept("")
            files += [
                other / name
                for name in _names(other)
                if name.startswith(start) and _ACCOUNT.fullmatch(name.removeprefix(start))
            ]
        said = [*(_read_json(file, Account) for file in files), self._unwritten]
        newest: dict[str, Account] = {}
        for account in sorted((a for a in said if a), key=_progress):
            if account.worker not in but.workers:
                newest[account.worker] = account
        return list(newest.values())

    def accounting(self, now: float | None = None) -> MonitorStats:
        """What became of the rows of all workers, dead ones included; no count goes down while workers come and go."""
        now = time.time() if now is None else now
        retired = self._retired()
        accounts = self._accounts(retired)
        while (newer := self._retired()) != retired:  # who was retired meanwhile would be in neither
            retired, accounts = newer, self._accounts(newer)
        recent = [account.recent for account in accounts if account.alive(now)]
        return total([retired.stats, *(account.settled(now) for account in accounts)], recent)

    def retain(self, now: float | None = None) -> None:
        """Delete the shards of all but the newest `keep` windows, and sum up workers that died over an hour ago.

        Raises `OSError`.
        """
        now = time.time() if now is None else now
        shards = self._shards()
        for start in list(shards)[: -self.keep]:
            for name in shards[start]:
                _remove(self.folder / name)
        self._retire(now)

    def _retire(self, now: float) -> None:
        dead = [a for a in self.accounts() if not a.alive(now) and now - a.seen > _DEAD_FOR]
        lock = self.folder / ".retiring"
        if not dead or not _locked(lock, now):
            return
        try:
            known = self._retired()
            # names first, files after: a file that is named but still there is not counted again
            there = [w for w in known.workers if (self.folder / f"{w}.account.json").exists()]
            dead = [a for a in dead if a.worker not in known.workers]
            stats = total([known.stats, *(a.settled(now) for a in dead)], [])
            names = [*there, *(a.worker for a in dead)]
            self._put(_RETIRED, msgspec.json.encode(Retired(stats, names)))
            for name in names:
                _remove(self.folder / f"{name}.account.json")
                if other := workers.shared():
                    _remove(other / self._kept(f"{name}.account.json"))
                _remove(self.folder / f".{name}.tmp")
        finally:
            _remove(lock)


def levelled(profile: Profile) -> Profile:
    """The profile as if all its rows had come in one frame: a column that some rows have is null in the others.

    Parts of a window are cut by time and by worker, and a part may lack a column that another has. What this changes
    are counts of nulls, so that no share depends on where the cuts were.
    """
    n = profile.n_rows
    columns = profile.get("columns")
    for column, families in (columns.seen if columns is not None else {}).items():
        counts: Counts | None = profile.get("counts", column)
        if counts is not None and counts.n_rows < n:
            counts.n_null += n - counts.n_rows
            counts.n_rows = n
        named = [family for family in families if family != Family.UNKNOWN.value]
        families.pop(Family.UNKNOWN.value, None)
        absent = n - sum(families.values())
        home = max(named, key=lambda family: (families[family], family)) if named else Family.UNKNOWN.value
        if absent > 0:
            families[home] = absent + families.get(home, 0)
    for need, summary in profile.summaries.items():
        if len(need.columns) == 2 and need.view != "rows" and 0 < summary.n + summary.n_dropped < n:
            summary.n_dropped = n - summary.n
    return profile


def new_worker() -> str:
    """A name no other process has, sorted by process."""
    return f"{os.getpid():x}{secrets.token_hex(4)}"


def _names(folder: Path) -> list[str]:
    """What a folder holds; nothing where there is none. Raises `OSError` for one that cannot be read."""
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - names only, at a tenth of the cost
    except (FileNotFoundError, NotADirectoryError):
        return []


def _read_json(path: Path, kind: Any) -> Any:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        return None


def _progress(account: Account) -> int:
    """Which of a worker's accounts is the newer one; clocks may be set back."""
    return account.stats.rows_logged + account.stats.flushes + account.stats.flush_errors


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        _LOG.debug("%s cannot be removed", path)


def _locked(path: Path, now: float) -> bool:
    """Take a lock file; one left by a killed process is taken over after an hour."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        try:
            if now - path.stat().st_mtime > _DEAD_FOR:
                _remove(path)
        except OSError:
            return False
        return False
    return True
