"""Rows, and the values that are not values, each sort apart."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from barograph.errors import FormatError
from barograph.summaries import wire
from barograph.types import Labels, Numbers


@dataclass
class Counts:
    """How many rows, nulls, NaNs, infinities and unreadable values a column has.

    State: six integers; exact; merge adds. Cost: none beyond reading the batch.

    >>> Counts(n_rows=3, n_null=1).merge(Counts(n_rows=2)).n_present
    4
    """

    n_rows: int = 0
    n_null: int = 0
    n_nan: int = 0
    n_pos_inf: int = 0
    n_neg_inf: int = 0
    n_invalid: int = 0

    def update(self, batch: Numbers | Labels) -> None:
        absent = batch.absent
        self.n_rows += batch.n_rows
        self.n_null += absent.n_null
        self.n_nan += absent.n_nan
        self.n_pos_inf += absent.n_pos_inf
        self.n_neg_inf += absent.n_neg_inf
        self.n_invalid += absent.n_invalid

    @property
    def n_missing(self) -> int:
        """Nulls and NaNs: values that are not there."""
        return self.n_null + self.n_nan

    @property
    def n_present(self) -> int:
        """Rows with a finite value that could be read."""
        return self.n_rows - self.n_missing - self.n_pos_inf - self.n_neg_inf - self.n_invalid

    def merge(self, other: Counts) -> Counts:
        return Counts(
            self.n_rows + other.n_rows,
            self.n_null + other.n_null,
            self.n_nan + other.n_nan,
            self.n_pos_inf + other.n_pos_inf,
            self.n_neg_inf + other.n_neg_inf,
            self.n_invalid + other.n_invalid,
        )

    def to_state(self) -> wire.State:
        return asdict(self)

    @classmethod
    def from_state(cls, state: wire.State) -> Counts:
        counts = cls(**{name: wire.count(state, name) for name in cls.__dataclass_fields__})
        if counts.n_present < 0:
            raise FormatError(f"n_rows: {counts.n_rows} rows with more values missing or unreadable than that")
        return counts
