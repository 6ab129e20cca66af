"""The windows of time of a reference: one small profile each, which tell how much it varies by nature."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any

import msgspec
import numpy as np

from barograph import frame
from barograph.errors import FormatError, InputError, MergeError, ParameterError, SchemaError
from barograph.needs import LEARNED, Need
from barograph.profile import Profile
from barograph.summaries import SUMMARIES, Quantiles, Residuals, Summary, blank
from barograph.views import extractor
from barograph.windows import checked_every

WINDOWS_AT_MOST = 400
ENOUGH = 10
LENGTHS = {"1w": 604_800.0, "1d": 86_400.0, "6h": 21_600.0, "1h": 3600.0}  # in seconds
# what is small and counts: no sketches
KEPT = frozenset({"counts", "bins", "categories", "moments", "clock", "confusion", "scores", "residuals"})


class ReferenceWindows:
    """Profiles of the windows of a reference's rows in order of time, with only what counts: no sketches.

    `parts` has the start of each window that has rows: a time, or the number of its first row. `whole` is the profile
    of all rows. Rows without a time are in no window. With more than 400 windows there are none, and where somebody
    `asked` for that length it is an error.
    """

    def __init__(
        self, whole: Profile, every: str | int, parts: dict[str, Profile] | None = None, *, asked: bool = True
    ) -> None:
        self.whole = whole
        self.every = every
        self.asked = asked
        self.full = False
        self.parts = parts if parts is not None else {}
        self.known: dict[Any, Any] = {}  # what was estimated from them, which is asked for again and again
        self._empty = {need: summary for need, summary in whole.blank().summaries.items() if _kept(need)}

    def __len__(self) -> int:
        return len(self.parts)

    def add(self, batch: frame.Batch, first: int) -> None:
        """Count a batch, whose first row is the reference's row number `first`, in the windows that its rows are in.

        Raises `ParameterError` for more than 400 windows, `SchemaError` where the rows have no timestamp.
        """
        for start, rows in () if self.full else self._cut(batch, first):
            if start not in self.parts:
                if len(self.parts) == WINDOWS_AT_MOST and self.asked:
                    raise ParameterError(
                        f"the reference has more than {WINDOWS_AT_MOST} windows of {self.every}; give a longer `every`"
                    )
                if len(self.parts) == WINDOWS_AT_MOST:
                    self.full, self.parts = True, {}
                    return
                self.parts[start] = Profile(self.whole.schema, {need: blank(s) for need, s in self._empty.items()})
            part = self.parts[start]
            part.add(rows, extractor(rows, self.whole.schema, self.whole.get))
            for summary in part.summaries.values():
                if isinstance(summary, Residuals):
                    summary.quantiles = Quantiles()

    def _cut(self, batch: frame.Batch, first: int) -> Iterable[tuple[str, frame.Batch]]:
        if isinstance(self.every, int):
            ends = range(self.every - first % self.every, batch.height + self.every, self.every)
            at = 0
            for end in ends:
                if at < batch.height:
                    yield str((first + at) // self.every * self.every), batch[at:end]
                at = end
            return
        timestamp = self.whole.schema.timestamp
        if timestamp is None or timestamp not in batch.columns:
            raise SchemaError("windows of time need to know when a row happened: give Schema(timestamp=...)")
        yield from ((start, rows) for start, _, rows in frame.windows(batch, timestamp, self.every) if start)

    def sealed(self) -> ReferenceWindows | None:
        """The windows in order, once all rows are counted; `None` of fewer than two."""
        if len(self.parts) < 2:
            return None
        order = sorted(self.parts, key=int if isinstance(self.every, int) else None)
        return ReferenceWindows(self.whole, self.every, {start: self.parts[start] for start in order})

    @property
    def rows_each(self) -> float:
        """Rows of a window, in the mean."""
        return sum(part.n_rows for part in self.parts.values()) / max(len(self.parts), 1)

    @property
    def seconds(self) -> float | None:
        """How long a window is; `None` of windows of rows."""
        if isinstance(self.every, int):
            return None
        if "seconds" not in self.known:
            first = next(iter(self.parts))
            self.known["seconds"] = frame.duration(*frame.window_bounds(first, first, self.every)[0])
        found: float = self.known["seconds"]
        return found

    def blocks(self, length: int) -> list[Profile]:
        """Profiles of `length` consecutive windows each; the last ones that fill no block are left out."""
        key = ("blocks", length)
        if key not in self.known:
            listed = list(self.parts.values())
            starts = range(0, len(listed) - length + 1, length)
            self.known[key] = [reduce(Profile.merge, listed[at : at + length]) for at in starts]
        found: list[Profile] = self.known[key]
        return found

    def body(self) -> dict[str, Any]:
        """The wire form of all but `whole`: of each window what its summaries hold beyond empty ones with the same
        cells."""
        parts = [
            [start, part.n_rows, [_beyond(part.summaries[need], empty) for need, empty in self._empty.items()]]
            for start, part in self.parts.items()
        ]
        return {"every": self.every, "needs": [msgspec.to_builtins(need) for need in self._empty], "parts": parts}

    @classmethod
    def from_body(cls, whole: Profile, body: Any, name: str = "this") -> ReferenceWindows:
        """Read what `body` gave. Raises `FormatError`."""
        made = cls(whole, 1)
        try:
            fields = msgspec.convert(body, _Body)
            made.every = checked_every(fields.every)
            if fields.needs != list(made._empty):
                raise FormatError(f"{name} is damaged: its windows do not hold what the reference does")
            starts = [start for start, _, _ in fields.parts]
            if starts != sorted(set(starts), key=int if isinstance(made.every, int) else None):
                raise FormatError(f"{name} is damaged: its windows are in no order")
            if isinstance(made.every, str):
                for start in (starts[0], starts[-1]):
                    frame.window_bounds(start, start, made.every)
            if sum(n for _, n, _ in fields.parts) > whole.n_rows:
                raise FormatError(f"{name} is damaged: its windows have more than its {whole.n_rows:,} rows")
            for start, n, states in fields.parts:
                made.parts[start] = Profile(whole.schema, made._read(states, name), n, whole.baseline_id)
        except (msgspec.ValidationError, ParameterError, InputError, MergeError, ValueError, RecursionError) as error:
            raise FormatError(f"{name} cannot be read: its windows: {error}") from error
        return made

    def _read(self, states: list[dict[str, Any]], name: str) -> dict[Need, Summary]:
        if len(states) != len(self._empty):
            raise FormatError(f"{name} is damaged: a window holds {len(states)} summaries, not {len(self._empty)}")
        read: dict[Need, Summary] = {}
        for (need, empty), state in zip(self._empty.items(), states, strict=True):
            read[need] = SUMMARIES[need.summary].from_state({**empty.to_state(), **state})
            empty.merge(read[need])  # refuses other cells
        return read


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    every: str | int
    needs: list[Need]
    parts: list[tuple[str, int, list[dict[str, Any]]]]

    def __post_init__(self) -> None:
        if not 2 <= len(self.parts) <= WINDOWS_AT_MOST or any(n < 1 for _, n, _ in self.parts):
            raise ValueError("numbers of windows or rows that cannot be")


def _kept(need: Need) -> bool:
    return need.summary in KEPT and need.view not in LEARNED  # of which the reference counts only rows not learned from


def _beyond(summary: Summary, empty: Summary) -> dict[str, Any]:
    nothing = empty.to_state()
    return {key: value for key, value in summary.to_state().items() if value != nothing.get(key)}


def span(profile: Profile) -> float | None:
    """Seconds that the rows of a profile cover; `None` where it has no times.

    The outer hundredths are not looked at where quantiles are known: one row of 1970 makes no decades.
    """
    timestamp = profile.schema.timestamp
    quantiles: Quantiles | None = profile.get("quantiles", timestamp) if timestamp else None
    if quantiles is not None and quantiles.n:
        ends = quantiles.quantiles(np.array([0.01, 0.99]))
        assert ends is not None
        return float(ends[1] - ends[0]) / 0.98
    return frame.duration(*profile.time_range) if profile.time_range else None


def usual_length(profile: Profile) -> str | None:
    """The longest of an hour, 6 hours, a day and a week of which a profile's rows fill about ten windows; `None` where
    they do not, or have no times."""
    covered = span(profile)
    if covered is None:
        return None
    return next((length for length, seconds in LENGTHS.items() if covered > (ENOUGH - 1) * seconds), None)
