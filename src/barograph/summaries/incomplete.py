"""Rows that lack values."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from barograph.errors import FormatError
from barograph.summaries import wire
from barograph.types import IncompleteRows


@dataclass
class Incomplete:
    """How many rows lack at least one value, and how many lack all. State: three integers, exact; merge adds.

    >>> Incomplete(n_rows=3, n_incomplete=1).merge(Incomplete(n_rows=2, n_incomplete=1, n_empty=1))
    Incomplete(n_rows=5, n_incomplete=2, n_empty=1)
    """

    n_rows: int = 0
    n_incomplete: int = 0
    n_empty: int = 0

    def update(self, batch: IncompleteRows) -> None:
        self.n_rows += batch.n_rows
        self.n_incomplete += batch.n_incomplete
        self.n_empty += batch.n_empty

    def merge(self, other: Incomplete) -> Incomplete:
        return Incomplete(
            self.n_rows + other.n_rows, self.n_incomplete + other.n_incomplete, self.n_empty + other.n_empty
        )

    def to_state(self) -> wire.State:
        return asdict(self)

    @classmethod
    def from_state(cls, state: wire.State) -> Incomplete:
        gaps = cls(**{name: wire.count(state, name) for name in cls.__dataclass_fields__})
        if not gaps.n_empty <= gaps.n_incomplete <= gaps.n_rows:
            raise FormatError(f"n_incomplete: {gaps.n_incomplete} of {gaps.n_rows} rows, {gaps.n_empty} of them empty")
        return gaps
