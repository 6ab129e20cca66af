"""Age of the newest value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from barograph.errors import ParameterError
from barograph.metrics.quality.readings import PerColumn, Reading
from barograph.needs import Need
from barograph.overview import iso
from barograph.profile import Profile
from barograph.results import Spec
from barograph.schema import Kind, Schema
from barograph.summaries import Moments


@dataclass(frozen=True)
class Freshness(PerColumn):
    """Seconds from the newest value of a datetime column to `now`, or to the end of the profile's rows.

    `now` is ISO 8601 (without an offset: UTC), for batches that are looked at by the clock. Without it the end is the
    newest timestamp of the schema's `timestamp` column, so that the number says the same whenever it is computed; that
    column itself is then passed over. Lower is better, the reference's under no change; below 0 where values lie in the
    future of that end. Exact up to rounding (microseconds); the note tells the newest value. No values, or no
    timestamps: `None`.

    Raises `ParameterError` where `now` is no time.

    Other tools: whylogs 1.6.4 and its drift report keep only the number of values of a datetime column.

    >>> from barograph import Profile
    >>> import datetime as dt
    >>> rows = {"paid": [dt.datetime(2024, 5, 1, 12), dt.datetime(2024, 4, 1)]}
    >>> Freshness("paid", now="2024-05-01T13:00").compute(Profile.of(rows), None).values[0].value
    3600.0
    """

    column: str | None = None
    now: str | None = None

    summary = "moments"
    kinds = (Kind.DATETIME,)
    spec: ClassVar[Spec] = Spec(
        name="freshness",
        title="Age of the newest value",
        group="quality",
        help="Seconds from the newest value to now, or to the newest timestamp of the rows.",
        unit="seconds",
        direction="lower",
        reference="optional",
    )

    def __post_init__(self) -> None:
        _seconds(self.now)

    def read(self, summary: Moments, profile: Profile, reference: Profile | None, column: str) -> Reading:
        newest, timestamp = summary.maximum, profile.schema.timestamp
        end = _seconds(self.now)
        if end is None:
            if timestamp is None or timestamp == column:
                return Reading(None, summary.n, note="there is no other timestamp to tell its age by; give now=")
            rows = profile.get("moments", timestamp)
            end = rows.maximum if rows is not None else None
        if end is None or newest is None:
            return Reading(None, summary.n, note=f"the rows have no timestamp in {timestamp!r}; give now=")
        return Reading(end - newest, summary.n, note=f"newest: {iso(newest)}")

    def _columns(self, schema: Schema) -> tuple[str, ...]:
        found = super()._columns(schema)
        return found if self.now is not None or self.column else tuple(c for c in found if c != schema.timestamp)

    def needs(self, schema: Schema) -> Iterator[Need]:
        yield from super().needs(schema)
        if self.now is None and schema.timestamp in schema.kinds and schema.timestamp is not None:
            yield Need("moments", (schema.timestamp,))


def _seconds(now: str | None) -> float | None:
    if now is None:
        return None
    try:
        moment = datetime.fromisoformat(now)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"now is {now!r}; it is a time in ISO 8601, such as '2024-05-01T12:00'") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
