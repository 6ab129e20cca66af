"""Event time: which window a row belongs to, and which rows come too late for theirs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from barograph.errors import ParameterError
from barograph.profile import Profile
from barograph.schema import Family
from barograph.summaries.confusion import CLASSES_AT_MOST
from barograph.types import Floats

NEW_COLUMNS_AT_MOST = 1_000
OTHER_COLUMNS = "… and others"
_MONDAY = 4 * 86_400.0  # 1970-01-01 was a Thursday
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_MONTHS = {"mo": 1, "q": 3, "y": 12}
_PART = re.compile(r"(\d+)(ms|mo|s|m|h|d|w|q|y)")
_FIRST, _LAST = -62_135_596_800.0, 253_402_300_799.0  # years 1 to 9999, what a datetime can hold


class Length:
    """A length of time such as `"15m"`, `"1h"`, `"1d"`, `"1w"` or `"1mo"`, and the windows it cuts time into.

    Windows are cut in UTC as `frame.windows` cuts them: days begin at 00:00Z, weeks on Monday, months on the first.

    >>> Length("1h").starts(np.array([3599.0, 3600.0])).tolist(), Length("1mo").end(0.0)
    ([0.0, 3600.0], 2678400.0)
    """

    def __init__(self, text: str) -> None:
        parts = _PART.findall(text) if isinstance(text, str) else []
        if not parts or "".join(n + unit for n, unit in parts) != text:
            raise ParameterError(f"{text!r} is no length of time; say for example '5m', '1h', '1d', '1w' or '1mo'")
        self.text = text
        self.months = sum(int(n) * _MONTHS[unit] for n, unit in parts if unit in _MONTHS)
        self.seconds = sum(int(n) * _SECONDS[unit] for n, unit in parts if unit in _SECONDS)
        if bool(self.months) == bool(self.seconds):
            raise ParameterError(f"{text!r} is no length of time, or mixes months with units of a fixed length")
        self._origin = _MONDAY if "w" in text else 0.0

    @property
    def about(self) -> float:
        """Seconds; of months their mean."""
        return self.seconds or self.months * 365.2425 / 12 * 86_400.0

    def starts(self, times: Floats) -> Floats:
        """Start of the window of each time, in seconds since 1970 UTC."""
        if self.months:
            month = times.astype("M8[s]").astype("M8[M]").astype(np.int64)
            return _months(month - month % self.months)
        return np.floor((times - self._origin) / self.seconds) * self.seconds + self._origin

    def ends(self, starts: Floats) -> Floats:
        """End (exclusive) of the windows that start there."""
        if self.months:
            return _months(starts.astype("M8[s]").astype("M8[M]").astype(np.int64) + self.months)
        return starts + self.seconds

    def end(self, start: float) -> float:
        """End (exclusive) of the window that starts there."""
        return float(self.ends(np.array([start]))[0])


def _months(months: npt.NDArray[np.int64]) -> Floats:
    return months.astype("M8[M]").astype("M8[s]").astype(np.int64).astype(np.float64)


class Placed(NamedTuple):
    """Which rows go where: the start of each row's window, NaN for rows that are late or of no usable time."""

    starts: Floats
    n_late: int
    n_bad: int


@dataclass
class Open:
    """A window that rows still come to, in this process."""

    start: float
    part: int
    profile: Profile
    n_unwritten: int = 0
    touched: int = 0
    new: set[str] = field(default_factory=set)


class Windows:
    """The open windows of one process.

    The watermark is the latest event time seen, but never later than the clock: one row from the future makes no other
    late, and a clock that is set back takes the watermark with it. A row whose time its sender stated is late when its
    window's end plus `lateness` is not after the watermark at its arrival; it is counted, not profiled. A row stamped
    here is never late. A window is closed when that moment has come by the watermark, or would have come had event
    time gone on as the clock did since the last row; should a row of a closed window still be accepted, a new part of
    the window is opened, and the parts are merged where the window is read.
    """

    def __init__(self, template: Profile, length: Length, lateness: float) -> None:
        self.template = template
        self.length = length
        self.lateness = lateness
        self.open: dict[float, Open] = {}
        self.watermark = -np.inf
        self.watermark_at = -np.inf
        self.parts = 0
        self._touches = 0
        self._known = {*template.schema.profiled, *template.schema.roles, *template.schema.ignore}

    def place(self, times: Floats, own: npt.NDArray[np.bool_], now: float) -> Placed:
        """Decide about rows in the order of their arrival; `own` are the rows stamped here.

        A time that is no number, outside the years 1 to 9999, or later than the clock by more than the lateness is bad.
        """
        with np.errstate(invalid="ignore"):
            usable = (times >= _FIRST) & (times <= _LAST) & (own | (times <= now + self.lateness))
        starts = np.full(times.size, np.nan)
        starts[usable] = self.length.starts(times[usable])
        seen = np.where(usable, np.minimum(times, now), -np.inf)
        before = np.minimum(self.watermark, now)
        marks = np.maximum.accumulate(np.concatenate([[before], seen]))
        ends = np.full(times.size, np.inf)
        ends[usable] = self.length.ends(starts[usable])
        late = usable & ~own & (ends + self.lateness <= marks[:-1])
        starts[late] = np.nan
        if usable.any():
            self.watermark, self.watermark_at = float(marks[-1]), now
        return Placed(starts, int(late.sum()), int(times.size - usable.sum()))

    def event_time(self, now: float) -> float:
        """The watermark, moved on by what the clock has moved since the last row."""
        return self.watermark + max(0.0, now - self.watermark_at) if np.isfinite(self.watermark) else -np.inf

    def add(self, start: float, part: Profile, new: dict[str, tuple[str, int]]) -> Open:
        """Merge a profile of some rows, and names of columns that the schema has not, into a window.

        Raises `InputError` or `MergeError`, the window unchanged, where the part does not fit.
        """
        window = self.open.get(start)
        known = window.new if window else set()
        noted: dict[str, tuple[str, int]] = {}
        for name, (family, n) in new.items():
            if name not in known and len(known) >= NEW_COLUMNS_AT_MOST:
                noted[OTHER_COLUMNS] = (Family.UNKNOWN.value, noted.get(OTHER_COLUMNS, ("", 0))[1] + n)
            else:
                known.add(name)
                noted[name] = (family, n)
        columns = part.get("columns")
        if columns is not None and noted:
            columns.update(noted)
        merged = window.profile.merge(part) if window else part
        _check_classes(merged)
        if window is None:
            self.parts += 1
            window = self.open[start] = Open(start, self.parts, merged, new=known)
        self._touches += 1
        window.profile, window.touched = merged, self._touches
        window.n_unwritten += part.n_rows
        return window

    def closed(self, now: float) -> list[Open]:
        """Open windows whose time is over, oldest first."""
        moment = self.event_time(now) - self.lateness
        return [self.open[start] for start in sorted(self.open) if self.length.end(start) <= moment]

    def least_used(self) -> Open:
        """The open window whose last row came first."""
        return min(self.open.values(), key=lambda window: window.touched)

    @property
    def n_unwritten(self) -> int:
        """Rows in open windows that no shard holds yet."""
        return sum(window.n_unwritten for window in self.open.values())


def _check_classes(profile: Profile) -> None:
    """Refuse what a shard could be written of but not read: a confusion of too many classes."""
    for summary in profile.summaries.values():
        classes = getattr(summary, "classes", None)
        if classes is not None and len(classes) > CLASSES_AT_MOST:
            raise ParameterError(f"{len(classes)} different classes; at most {CLASSES_AT_MOST} are counted")
