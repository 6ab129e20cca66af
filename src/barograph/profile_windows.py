"""Profiles of windows of time that are kept: they merge, roll up to longer windows, and are one small file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from barograph import codec, frame
from barograph.errors import FormatError, InputError, MergeError, ParameterError
from barograph.needs import Needs, counted_needs
from barograph.profile import Profile, unanchored
from barograph.schema import Schema
from barograph.segments import Segments, of_baseline, unfrozen
from barograph.windows import Counted, Windows, profiles, with_gaps

WINDOWS_AT_MOST = 1_000_000


class ProfileWindows:
    """A profile, or segments, for each window of time that has rows.

    Parts merge window by window, in any order and grouping; minutes roll up to hours and hours to days by adding, with
    the counts that the rows themselves would give. Windows are cut in UTC: days begin at 00:00Z, weeks on Monday.

    Attributes
    ----------
    every
        The length of a window, such as `"1h"`.
    profiles
        By the start of the window (ISO 8601), in order; windows without rows are not there.
    n_timeless
        Rows without a time, which are in no window.

    >>> rows = {"ts": ["2024-05-01T10:59", "2024-05-01T11:00", "2024-05-01T11:30"], "x": [1.0, 2.0, 4.0]}
    >>> minutes = ProfileWindows.of(rows, every="1m", schema=Schema(timestamp="ts"))
    >>> hours = minutes.rollup("1h")
    >>> {start: found.n_rows for start, found in hours.profiles.items()}
    {'2024-05-01T10:00:00+00:00': 1, '2024-05-01T11:00:00+00:00': 2}
    """

    def __init__(self, every: str, profiles: Mapping[str, Counted] | None = None, n_timeless: int = 0) -> None:
        frame.window_bounds("2024-01-01", "2024-01-01", every)  # it is a length
        self.every = every
        self.profiles: dict[str, Counted] = dict(sorted((profiles or {}).items()))
        self.n_timeless = n_timeless

    @classmethod
    def of(
        cls,
        source: object,
        baseline: Any = None,
        *,
        every: str,
        schema: Schema | None = None,
        needs: Needs | None = None,
        segmented: bool = False,
        sketches: bool = False,
        progress: bool = False,
    ) -> ProfileWindows:
        """Count rows into windows: rows as for `Profile.of`, in one pass.

        Parameters
        ----------
        baseline, schema, needs, progress
            As for `Profile.of`; one of the first two names the timestamp.
        every
            The length of a window: `"1m"`, `"1h"`, `"1d"`, `"1w"`, `"1mo"`.
        segmented
            Count segments in each window: those of the baseline, or of the schema.
        sketches
            Against a baseline: also keep quantiles, and the different and the frequent numbers, some 4 KB a column and
            window, where bins take a tenth of that. Drift and performance are read from bins.

        Raises
        ------
        SchemaError, InputError, ParameterError
            No timestamp; rows that cannot be read; a length that is none, or more than 100,000 windows.
        """
        rows = frame.open_rows(source)
        if baseline is not None and schema is not None:
            raise ParameterError("a baseline brings its own schema; leave the schema out")
        if needs is None and baseline is not None and not sketches:
            needs = counted_needs
        template: Counted
        if segmented:
            if baseline is None:
                template, rows = unfrozen(rows, schema, needs, progress=progress)
            else:
                template = of_baseline(baseline).blank(needs)
        else:
            template = baseline.empty(needs) if baseline is not None else unanchored(rows, schema, needs)
        rows.set_aside(template.schema)
        found, n_timeless = profiles(rows, template, every, progress)
        return cls(every, {start: made for start, _, made in found if made is not None}, n_timeless)

    @property
    def n_rows(self) -> int:
        """Rows in windows."""
        return sum(made.n_rows for made in self.profiles.values())

    @property
    def baseline_id(self) -> str | None:
        """The baseline that the rows were counted against."""
        return next((made.baseline_id for made in self.profiles.values()), None)

    def listed(self) -> Windows:
        """Start, end and profile of all windows from the first to the last, those without rows too."""
        if not self.profiles:
            return []
        bounds = frame.window_bounds(min(self.profiles), max(self.profiles), self.every)
        return with_gaps([(start, end, self.profiles.get(start)) for start, end in bounds])

    def merge(self, other: ProfileWindows) -> ProfileWindows:
        """The windows of both; those that both have are merged.

        Raises `MergeError` where windows are of another length, or their profiles do not merge.
        """
        if self.every != other.every:
            raise MergeError(
                f"windows of {self.every} and of {other.every} do not merge; roll the shorter ones up first"
            )
        found: dict[str, Any] = dict(self.profiles)
        for start, theirs in other.profiles.items():
            found[start] = found[start].merge(theirs) if start in found else theirs
        ids = {made.baseline_id for made in found.values()}
        if len(ids) > 1:
            raise MergeError(f"windows against different baselines do not merge: {', '.join(map(str, ids))}")
        return ProfileWindows(self.every, found, self.n_timeless + other.n_timeless)

    def __add__(self, other: ProfileWindows) -> ProfileWindows:
        return self.merge(other) if isinstance(other, ProfileWindows) else NotImplemented

    def rollup(self, every: str) -> ProfileWindows:
        """Longer windows: the profiles of those that lie in each are added up.

        Raises `ParameterError` where a window would lie in two of the longer ones (90 minutes in hours), or is longer.
        """
        if every == self.every:
            return self
        found: dict[str, Any] = {}
        for start, made in self.profiles.items():
            (_, end), (into, until) = (frame.window_of(start, length) for length in (self.every, every))
            if end > until:
                raise ParameterError(
                    f"windows of {self.every} do not roll up to windows of {every}: that from {start} to {end} ends "
                    f"after {until}; ask for a length that theirs divides"
                )
            found[into] = found.get(into, made.blank()).merge(made)
            _whole(found[into]).name = f"{into} to {until}"
        return ProfileWindows(every, found, self.n_timeless)

    def split(self, at: str) -> tuple[ProfileWindows, ProfileWindows]:
        """The windows that begin before a time (ISO 8601), and the others: what is old can be rolled up or dropped.

        >>> windows = ProfileWindows("1h")
        >>> old, new = windows.split("2024-05-01")
        >>> len(old.profiles), len(new.profiles)
        (0, 0)
        """
        at = frame.window_bounds(at, at, "1us")[0][0]  # as windows spell their starts
        old = {start: made for start, made in self.profiles.items() if start < at}
        new = {start: made for start, made in self.profiles.items() if start >= at}
        return ProfileWindows(self.every, old, self.n_timeless), ProfileWindows(self.every, new)

    def to_bytes(self) -> bytes:
        """The windows as a file's content: schema and cells once, and of each window what is its own."""
        body = _Body(self.every, self.n_timeless, None, [])
        if self.profiles:
            wire = _Wire(next(iter(self.profiles.values())).blank())
            body.template = wire.blank.to_bytes()
            body.windows = [wire.entry(start, made) for start, made in self.profiles.items()]
        return codec.encode("windows", msgspec.to_builtins(body, builtin_types=(bytes,)))

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "this") -> ProfileWindows:
        """Read `to_bytes`. Raises `FormatError`."""
        try:
            body = msgspec.convert(codec.decode("windows", data, name), _Body)
            if body.template is None:
                return cls(body.every, {}, body.n_timeless)
            wire = _Wire(_counted(body.template, name))
            return cls(body.every, {entry.start: wire.made(entry, name) for entry in body.windows}, body.n_timeless)
        except (msgspec.ValidationError, InputError, LookupError, TypeError) as error:
            raise FormatError(f"{name} cannot be read: {error}") from error

    def write(self, path: str | Path) -> None:
        """Write the windows to a file, whole or not at all."""
        codec.write_file(path, self.to_bytes())

    @classmethod
    def read(cls, path: str | Path) -> ProfileWindows:
        """Read windows from a file. Raises `FormatError`."""
        return cls.from_bytes(codec.read_file(path), str(path))

    def __repr__(self) -> str:
        shown = f"{next(iter(self.profiles))} to {next(reversed(self.profiles))}" if self.profiles else "none yet"
        return f"{len(self.profiles):,} windows of {self.every} with {self.n_rows:,} rows: {shown}"


class _Entry(msgspec.Struct, array_like=True):
    """A window: its profile as what differs from one of no rows, or, where it is unlike that, whole."""

    start: str
    name: str
    n_rows: int
    states: list[tuple[int, dict[str, Any]]]
    parts: list[tuple[tuple[str | None, ...], int, list[tuple[int, dict[str, Any]]]]]
    whole: bytes | None = None


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    every: str
    n_timeless: int
    template: bytes | None
    windows: list[_Entry]

    def __post_init__(self) -> None:
        if self.n_timeless < 0 or len(self.windows) > WINDOWS_AT_MOST or (self.windows and self.template is None):
            raise ValueError("windows that cannot be")


class _Wire:
    """Windows beside the profile of no rows that all of them began with: bins and categories are written once."""

    def __init__(self, blank: Counted) -> None:
        self.blank = blank
        self.body = _whole(blank).body()
        self.states: list[dict[str, Any]] = [state for _, state in self.body["summaries"]]

    def entry(self, start: str, made: Counted) -> _Entry:
        whole = _whole(made)
        if not self._alike(made):
            return _Entry(start, whole.name, made.n_rows, [], [], made.to_bytes())
        parts = made.parts.items() if isinstance(made, Segments) else ()
        told = [(key, part.n_rows, self._differences(part)) for key, part in parts]
        return _Entry(start, whole.name, made.n_rows, self._differences(whole), told)

    def _alike(self, made: Counted) -> bool:
        whole, blank = _whole(made), _whole(self.blank)
        all_of = [whole, *made.parts.values()] if isinstance(made, Segments) else [whole]
        if isinstance(made, Segments) and (not isinstance(self.blank, Segments) or made.keys != self.blank.keys):
            return False
        same = type(made) is type(self.blank) and whole.schema == blank.schema and not whole.reasons
        return same and all(list(one.summaries) == list(blank.summaries) for one in all_of)

    def _differences(self, made: Profile) -> list[tuple[int, dict[str, Any]]]:
        found = []
        for at, (summary, before) in enumerate(zip(made.summaries.values(), self.states, strict=True)):
            other = {name: value for name, value in summary.to_state().items() if value != before[name]}
            if other:
                found.append((at, other))
        return found

    def made(self, entry: _Entry, name: str) -> Counted:
        if entry.whole is not None:
            return _counted(entry.whole, name)
        whole = self._profile(entry.n_rows, entry.name, entry.states, name)
        if not isinstance(self.blank, Segments):
            return whole
        parts = {key: self._profile(n, "", states, name) for key, n, states in entry.parts}
        return Segments(whole, self.blank.keys, parts, self.blank.most)

    def _profile(self, n_rows: int, called: str, states: list[tuple[int, dict[str, Any]]], name: str) -> Profile:
        found: list[list[Any]] = [[need, state] for need, state in self.body["summaries"]]
        for at, other in states:
            found[at] = [found[at][0], {**found[at][1], **other}]
        return Profile.from_body({**self.body, "n_rows": n_rows, "name": called, "summaries": found}, name)


def _whole(made: Counted) -> Profile:
    return made.whole if isinstance(made, Segments) else made


def _counted(data: bytes, name: str) -> Counted:
    return (Segments if codec.kind_of(data) == "segments" else Profile).from_bytes(data, name)


__all__ = ["ProfileWindows"]
