"""At which hours of the week."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from barograph.summaries import wire
from barograph.types import Ints, Numbers

HOURS = 168


@dataclass
class Clock:
    """Counts of moments (seconds since 1970) in the 168 hours of a week, Monday 0 to 1 o'clock UTC first.

    Exact; merge adds. 168 integers. Cost: one division a value. Hours of the day, days of the week, and those of a
    place some whole hours away from UTC are sums or rotations of these.

    >>> c = Clock(); c.update(Numbers(np.array([0.0]))); np.flatnonzero(c.counts).tolist()  # a Thursday
    [72]
    """

    counts: Ints = field(default_factory=lambda: np.zeros(HOURS, np.int64))

    def update(self, batch: Numbers) -> None:
        # what is no moment of any calendar has no hour either; float64 is exact for hours up to there
        hours = np.floor(batch.values[np.abs(batch.values) < 2.0**52] / 3600.0).astype(np.int64)
        self.counts = self.counts + np.bincount((hours + 72) % HOURS, minlength=HOURS)

    @property
    def n(self) -> int:
        """Moments counted."""
        return int(self.counts.sum())

    def hours(self, utc_offset: int = 0) -> Ints:
        """Counts by hour of the day, shape `(24,)`, of clocks so many hours ahead of UTC."""
        found: Ints = np.roll(self.counts, utc_offset).reshape(7, 24).sum(axis=0)
        return found

    def days(self, utc_offset: int = 0) -> Ints:
        """Counts by day of the week, Monday first, shape `(7,)`."""
        found: Ints = np.roll(self.counts, utc_offset).reshape(7, 24).sum(axis=1)
        return found

    def merge(self, other: Clock) -> Clock:
        return Clock(self.counts + other.counts)

    def to_state(self) -> wire.State:
        return {"counts": wire.pack(self.counts)}

    @classmethod
    def from_state(cls, state: wire.State) -> Clock:
        return cls(wire.counts(state, "counts", HOURS))
