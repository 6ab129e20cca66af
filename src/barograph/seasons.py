"""Seasonal references: a Monday against the reference's Mondays, an hour against the same hours."""

from __future__ import annotations

from functools import reduce

from barograph import frame
from barograph.errors import ParameterError
from barograph.profile import Profile
from barograph.reference_windows import MONDAY, SEASONS, ReferenceWindows

PLACES_AT_MOST = 32  # of which the natural variation is learned
# of how rows were stored, and what was learned to see through, the season says nothing
OF_THE_WHOLE = frozenset({"columns", "embedding", "vocabulary"})


def check_season(season: str | None) -> str | None:
    """A season there is. Raises `ParameterError`."""
    if season is not None and season not in SEASONS:
        raise ParameterError(f"there is no season {season!r}; there are {' and '.join(map(repr, SEASONS))}")
    return season


def seasonal(reference: Profile, current: Profile, season: str) -> tuple[Profile, str]:
    """The part of a reference that lies at the same place of the season as the current rows, and what a report says.

    The place is that of the one window of the reference that the rows lie in. Rows of several, and places of which the
    reference has fewer than two windows, are held against the whole reference. The part holds only what windows do: no
    sketches. How much windows of a place differ is learned from all places (or 32 of them).

    Raises `ParameterError` where the reference has no windows of time that divide the season.
    """
    windows: ReferenceWindows | None = reference.windows
    if windows is None:
        raise ParameterError(
            f"the reference has no windows to take those at the same place of the {season} from; "
            "freeze it with Baseline.of(rows, schema=Schema(timestamp=...), every='1d')"
        )
    if ("season", season) not in windows.known:
        windows.known["season", season] = _Season(windows, season)
    return windows.known["season", season].part(current)  # type: ignore[no-any-return]


class _Season:
    """The places of a season, each merged when it is first asked for."""

    def __init__(self, windows: ReferenceWindows, season: str) -> None:
        self.windows = windows
        self.season = season
        self.places = {place: starts for place, starts in windows.of_season(season).items() if len(starts) > 1}
        self.merged: dict[int, Profile] = {}
        self.known: dict[object, object] = {}  # estimates, which all places share
        step = -(-len(self.places) // PLACES_AT_MOST)
        self.learned = sorted(self.places)[:: max(step, 1)]

    def part(self, current: Profile) -> tuple[Profile, str]:
        """The reference of some rows, and a note."""
        place = self._place(current)
        whole = self.windows.whole
        if place is None:
            return whole, (
                f"The rows do not lie in one window of {self.windows.every}: they are held against the whole "
                f"reference, not against the same place of the {self.season}."
            )
        if place not in self.places:
            return whole, (
                f"The reference has fewer than two windows at this place of the {self.season}: the rows are held "
                "against all of it."
            )
        found = self._at(place)
        seasonal = ReferenceWindows(found, self.windows.every, {s: self.windows.parts[s] for s in self.places[place]})
        seasonal.places = [(self._at(at), [self.windows.parts[s] for s in self.places[at]]) for at in self.learned]
        seasonal.known = self.known
        found.windows = seasonal
        return found, (
            f"The reference is its {len(seasonal)} windows of {seasonal.every} at the same place of the {self.season}: "
            f"{found.n_rows:,} of {whole.n_rows:,} rows. They hold no sketches."
        )

    def _place(self, current: Profile) -> int | None:
        seconds = self.windows.seconds
        if current.time_range is None or seconds is None:
            return None
        first, last = (frame.duration(MONDAY, moment) for moment in current.time_range)
        return int(first % SEASONS[self.season] // seconds) if first // seconds == last // seconds else None

    def _at(self, place: int) -> Profile:
        if place not in self.merged:
            made = reduce(Profile.merge, [self.windows.parts[start] for start in self.places[place]])
            whole = self.windows.whole
            kept = {need: s for need, s in whole.summaries.items() if need.summary in OF_THE_WHOLE}
            self.merged[place] = Profile(
                whole.schema, {**made.summaries, **kept}, made.n_rows, whole.baseline_id, whole.name
            )
        return self.merged[place]
