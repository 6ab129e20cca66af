"""The most frequent values and how often they occur."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from barograph.errors import FormatError, MergeError
from barograph.summaries import wire
from barograph.types import Ints, Keys, Labels, Numbers

CAPACITY = 256


@dataclass
class TopK:
    """Heavy hitters: exact while there are at most `capacity` distinct values.

    Of more, those survive that are more frequent than the `capacity + 1`-th, and that count goes to `error`: for a kept
    value `count <= truth <= count + error`, for any other `truth <= error`. Each pruning adds to `error`: one batch has
    `error <= n / (capacity + 1)`, and so have batches of like distribution; a stream that brings few, new and frequent
    values at a time can have more (kept counts are not lowered as Misra & Gries 1982 do, so that the frequent stay
    exact; compare Agarwal et al., Mergeable Summaries, 2013). Merge adds and prunes; commutative, associative within
    the bound. Cost: counting sorted runs; of a large batch of which most values differ, those with
    over 1/4096 of its rows are looked for alone. At most `capacity` values, labels of at most 256 characters.

    >>> t = TopK(); t.update(Numbers(np.array([0.0, 0.0, 5.0]))); t.items(), t.error
    ([(0.0, 2), (5.0, 1)], 0)
    """

    capacity: int = CAPACITY
    keys: Keys = field(default_factory=lambda: np.zeros(0, np.uint64))
    counts: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    names: list[str] | None = None
    error: int = 0

    def update(self, batch: Numbers | Labels) -> None:
        """Count a batch. Numbers are their own keys (their bits); labels are looked up only when they are kept."""
        labelled = isinstance(batch, Labels)
        found, counts, others = batch.frequent()
        keys: Any = found if labelled else (found + 0.0).view(np.uint64)  # -0.0 is 0.0
        keep, dropped = _heaviest(counts, self.capacity)
        if not labelled:  # the bits of negative numbers do not ascend with them
            keep = keep[np.argsort(keys[keep])]
        new = TopK(self.capacity, keys[keep], counts[keep], [] if labelled else None, max(dropped, others))
        if isinstance(batch, Labels):
            new.names = batch.resolve(new.keys)
        merged = self.merge(new)
        self.keys, self.counts, self.names, self.error = merged.keys, merged.counts, merged.names, merged.error

    @property
    def exact(self) -> bool:
        """Whether every value is here with its true count."""
        return self.error == 0

    def items(self, most: int | None = None) -> list[tuple[float | str, int]]:
        """Values with their counts, most frequent first; equal counts by value."""
        values: list[Any] = self.names if self.names is not None else self.keys.view(np.float64).tolist()
        pairs = zip(values, self.counts.tolist(), strict=True)
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:most]

    def merge(self, other: TopK) -> TopK:
        if self.capacity != other.capacity:
            raise MergeError(f"top values of capacity {self.capacity} and {other.capacity} do not merge")
        labelled = self._labelled_with(other)
        keys, counts = summed(self.keys, self.counts, other.keys, other.counts)
        keep, dropped = _heaviest(counts, self.capacity)
        names: list[str] | None = None
        if labelled:
            known = dict(zip(other.keys.tolist(), other.names or [], strict=True))
            known.update(zip(self.keys.tolist(), self.names or [], strict=True))
            names = [known[key] for key in keys[keep].tolist()]
        return TopK(self.capacity, keys[keep], counts[keep], names, self.error + other.error + dropped)

    def _labelled_with(self, other: TopK) -> bool:
        """Whether both together are labels. A side that has counted nothing is of either sort."""
        sorts = {side.names is not None for side in (self, other) if side.keys.size or side.error}
        if len(sorts) == 2:
            raise MergeError("top numbers and top labels do not merge: the column is numeric on one side only")
        return sorts.pop() if sorts else self.names is not None or other.names is not None

    def to_state(self) -> wire.State:
        arrays = {"keys": wire.pack(self.keys), "counts": wire.pack(self.counts)}
        return {"capacity": self.capacity, "names": self.names, "error": self.error, **arrays}

    @classmethod
    def from_state(cls, state: wire.State) -> TopK:
        keys = wire.unpack(state, "keys", "u")
        wire.ascending("keys", keys)
        names = wire.field(state, "names", list) if wire.optional(state, "names") else None
        capacity = wire.count(state, "capacity")
        if keys.size > capacity or (names is not None and len(names) != keys.size):
            raise FormatError(f"keys: {keys.size} of them, with {names and len(names)} names, capacity {capacity}")
        if names is not None and not all(isinstance(name, str) for name in names):
            raise FormatError("names: not all of them are text")
        if names is None and not np.isfinite(keys.view(np.float64)).all():
            raise FormatError("keys: not all of them are finite numbers")
        counts = wire.counts(state, "counts", keys.size)
        if not counts.all():
            raise FormatError("counts: 0 of a value that is kept")
        return cls(capacity, keys, counts, names, wire.count(state, "error"))


def summed(keys: Keys, counts: Ints, others: Keys, more: Ints) -> tuple[Keys, Ints]:
    """The keys of both, each once and ascending, with the sum of their counts."""
    if not others.size or not keys.size:
        return (keys, counts) if keys.size else (others, more)
    both = np.concatenate([keys, others])
    order = np.argsort(both, kind="stable")  # two ascending runs: a merge
    both = both[order]
    first = np.ones(both.size, np.bool_)
    np.not_equal(both[1:], both[:-1], out=first[1:])
    starts = first.nonzero()[0]
    return both[starts], np.add.reduceat(np.concatenate([counts, more])[order], starts)


def _heaviest(counts: Ints, capacity: int) -> tuple[Ints, int]:
    """Indices of what to keep of at most `capacity`, and the largest count of what is dropped."""
    if counts.size <= capacity:
        return np.arange(counts.size), 0
    if int(counts.max()) == 1:  # all different: the common case of a continuous column
        return np.zeros(0, np.int64), 1
    dropped = int(np.partition(counts, counts.size - capacity - 1)[counts.size - capacity - 1])
    return np.flatnonzero(counts > dropped), dropped
