"""A bounded sample of whole rows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from barograph.errors import FormatError, MergeError
from barograph.summaries import wire
from barograph.types import Ints, Keys, Records

ROWS_AT_MOST = 512

Bits = npt.NDArray[np.uint64]


@dataclass
class Sample:
    """The 512 different rows with the smallest seeded hashes, and how often each of them came.

    A function of the rows alone: merge is exact, commutative and associative, and the same rows give the same sample in
    any parts and order. Rows that come once are drawn with equal chances. A row that comes more often is kept once,
    with its count, so that ties neither crowd the sample nor are lost; `full` says whether all rows are in it.

    **It keeps raw values**: numbers as they are, labels as 64-bit hashes (which do not tell a label, but confirm a
    guess), of a text four counts and shares, of an embedding 16 numbers. A profile with a sample is as confidential as
    its rows. At most 512 x (numbers of a row + 2) x 8 bytes: 90 KB for 20 plain columns, 65 KB more for an embedding.
    Cost: a hash a number, a sort a batch.

    >>> s = Sample(); s.update(Records(np.array([[1], [2], [1]], np.uint64), np.array([9, 4, 9], np.uint64)))
    >>> s.rows.tolist(), s.counts.tolist(), s.full
    ([[2], [1]], [1, 2], True)
    """

    keys: Keys = field(default_factory=lambda: np.zeros(0, np.uint64))
    rows: Bits = field(default_factory=lambda: np.zeros((0, 0), np.uint64))
    counts: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    full: bool = True
    n: int = 0

    def update(self, batch: Records) -> None:
        if batch.keys.size == 0:
            return
        keys, at, counts = np.unique(batch.keys, return_index=True, return_counts=True)
        new = Sample(
            keys[:ROWS_AT_MOST],
            batch.rows[at[:ROWS_AT_MOST]],
            counts[:ROWS_AT_MOST].astype(np.int64),
            keys.size <= ROWS_AT_MOST,
            batch.keys.size,
        )
        merged = self.merge(new)
        self.keys, self.rows, self.counts = merged.keys, merged.rows, merged.counts
        self.full, self.n = merged.full, merged.n

    def merge(self, other: Sample) -> Sample:
        n = self.n + other.n
        if not self.n or not other.n:
            only = self if self.n else other
            return Sample(only.keys, only.rows, only.counts, only.full, n)
        if self.rows.shape[1] != other.rows.shape[1]:
            raise MergeError(f"samples of {self.rows.shape[1]} and {other.rows.shape[1]} columns do not merge")
        keys, at, back = np.unique(np.concatenate([self.keys, other.keys]), return_index=True, return_inverse=True)
        counts = np.zeros(keys.size, np.int64)
        np.add.at(counts, back, np.concatenate([self.counts, other.counts]))
        kept = slice(ROWS_AT_MOST)
        rows = np.concatenate([self.rows, other.rows])[at[kept]]
        full = self.full and other.full and keys.size <= ROWS_AT_MOST
        return Sample(keys[kept], rows, counts[kept], full, n)

    def to_state(self) -> wire.State:
        arrays = {name: wire.pack(getattr(self, name)) for name in ("keys", "rows", "counts")}
        return {**arrays, "full": self.full, "n": self.n}

    @classmethod
    def from_state(cls, state: wire.State) -> Sample:
        keys, bits = wire.unpack(state, "keys", "u"), wire.unpack(state, "rows", "u")
        wire.ascending("keys", keys)
        if keys.size > ROWS_AT_MOST or (bits.size % keys.size if keys.size else bits.size):
            raise FormatError(f"rows: {bits.size} values for {keys.size} rows")
        counts, full, n = (
            wire.counts(state, "counts", keys.size),
            wire.field(state, "full", bool),
            wire.count(state, "n"),
        )
        total = int(counts.sum())
        if not counts.all() or total > n or (full and total != n) or (n and not keys.size):
            raise FormatError(f"counts: {total} of {n} rows")
        width = bits.size // keys.size if keys.size else 0
        return cls(keys, bits.reshape(keys.size, width), counts, full, n)
