"""Hours of the day and days of the week, as bars."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from barograph.errors import ParameterError
from barograph.metric import Metric, label, selected
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Bars, Result, Spec
from barograph.schema import Kind, Schema

DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


@dataclass(frozen=True)
class ClockDistribution(Metric):
    """Pictures only: the shares of a datetime column's values by hour of the day and by day of the week.

    Beside those of the reference, where there is one, each in 0 to 1 and like them under no change. Times are taken in
    UTC, or by clocks `utc_offset` whole hours ahead of it (-12 to 14; daylight saving time is not followed). Exact. A
    column of dates only has all its values at midnight. A column without values has no picture; without any picture the
    result is `unknown`.

    Raises `ParameterError` for an impossible offset.

    >>> from barograph import Profile
    >>> import datetime as dt
    >>> profile = Profile.of({"at": [dt.datetime(2024, 5, 1, 23)]}, needs=ClockDistribution().needs)
    >>> hours, days = ClockDistribution(utc_offset=2).compute(profile, None).figures
    >>> hours.series["current"].index(1.0), days.cells[days.series["current"].index(1.0)]
    (1, 'Thursday')
    """

    column: str | None = None
    utc_offset: int = 0

    spec: ClassVar[Spec] = Spec(
        name="clock_distribution",
        title="Hours and weekdays",
        group="quality",
        help="Shares of the values by hour of the day and by day of the week.",
        unit="ratio",
        reference="optional",
    )

    def __post_init__(self) -> None:
        check_offset(self.utc_offset)

    def needs(self, schema: Schema) -> Iterator[Need]:
        for column in clocked(schema, self.column):
            yield Need("clock", (column,))

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        figures: list[Bars] = []
        sides = {"reference": reference, "current": current} if reference else {"current": current}
        for column in clocked((reference or current).schema, self.column):
            clocks = {name: clock for name, p in sides.items() if (clock := p.get("clock", column)) and clock.n}
            if not clocks:
                continue
            hours = {name: (clock.hours(self.utc_offset) / clock.n).tolist() for name, clock in clocks.items()}
            days = {name: (clock.days(self.utc_offset) / clock.n).tolist() for name, clock in clocks.items()}
            names = [f"{hour:02}:00" for hour in range(24)]
            figures.append(Bars(f"Hours of {column}", names, hours, labels=label(column, "hour"), x_title=self._clock))
            figures.append(Bars(f"Weekdays of {column}", DAYS, days, labels=label(column, "weekday"), x_title="day"))
        return self.result([], figures, "" if figures else "no datetime column has values counted by the clock")

    @property
    def _clock(self) -> str:
        return f"hour (UTC{self.utc_offset:+d})" if self.utc_offset else "hour (UTC)"


def clocked(schema: Schema, column: str | None) -> tuple[str, ...]:
    """The datetime columns, the timestamp among them, or the one asked for."""
    eligible = [c for c in schema.profiled if schema.kinds[c] is Kind.DATETIME]
    return tuple(c for c in selected(schema, column, eligible) if c in eligible)


def check_offset(utc_offset: int) -> None:
    """Raise `ParameterError` for what is no whole number of hours that some place is ahead of UTC."""
    if isinstance(utc_offset, bool) or not isinstance(utc_offset, int) or not -12 <= utc_offset <= 14:
        raise ParameterError(f"utc_offset is {utc_offset!r}; it is a whole number of hours from -12 to 14")
