"""Counts of labels in a frozen list of categories."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from barograph.errors import FormatError, MergeError
from barograph.summaries import wire
from barograph.types import Ints, Keys, Labels

EXAMPLES = 5
PLAIN = "names", "complete", "singles", "n_unseen", "examples", "doubles"
BUCKETS = 64


@dataclass
class Categories:
    """Counts per category of the reference, of its rarer labels in 64 buckets of their hash, and of unseen labels.

    `keys` (hashes, ascending) and `names` are the categories with a cell of their own. Which labels share a bucket does
    not depend on any data, so a bucket's share is as comparable as a category's, however rare its labels. `rare` holds
    the upper halves of the hashes of all other labels of the reference, ascending, so that "rare" and "unseen" can be
    told apart (a false "rare" has probability `len(rare) / 2**32`). `complete` says whether `rare` holds them all:
    where not, an unknown label counts as rare and the unseen share is a lower bound. `singles` of the rare labels came
    once in the reference, `doubles` twice. Exact; merge adds; unlike categories refuse.
    """

    keys: Keys
    names: list[str]
    rare: npt.NDArray[np.uint32] = field(default_factory=lambda: np.zeros(0, np.uint32))
    complete: bool = True
    singles: int = 0
    counts: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    buckets: Ints = field(default_factory=lambda: np.zeros(BUCKETS, np.int64))
    n_unseen: int = 0
    examples: list[str] = field(default_factory=list)
    doubles: int = 0

    def __post_init__(self) -> None:
        if self.counts.size == 0:
            self.counts = np.zeros(self.keys.size, np.int64)

    def update(self, batch: Labels) -> None:
        if not self.complete:  # whatever has no cell of its own counts as rare: most labels are not looked up
            own = batch.counted(self.keys)
            self.counts = self.counts + own
            self.buckets = self.buckets + batch.bucketed(BUCKETS)
            np.subtract.at(self.buckets, (self.keys & np.uint64(BUCKETS - 1)).astype(np.int64), own)
            return
        if batch.keys.size == 0:
            return
        counts = self.counts.copy()
        spot = np.searchsorted(self.keys, batch.keys)
        found = spot < self.keys.size
        found[found] = self.keys[spot[found]] == batch.keys[found]
        counts[spot[found]] += batch.counts[found]
        self.counts = counts
        others, n = batch.keys[~found], batch.counts[~found]
        half = (others >> np.uint64(32)).astype(np.uint32)
        near = np.searchsorted(self.rare, half)
        known = near < self.rare.size
        known[known] = self.rare[near[known]] == half[known]
        bucket = (others[known] & np.uint64(BUCKETS - 1)).astype(np.int64)
        self.buckets = self.buckets + np.bincount(bucket, n[known], minlength=BUCKETS).astype(np.int64)
        self.n_unseen += int(n[~known].sum())
        if others[~known].size:
            most = others[~known][np.argsort(-n[~known], kind="stable")[:EXAMPLES]]
            self.examples = sorted({*self.examples, *batch.resolve(np.sort(most))})[:EXAMPLES]

    @property
    def known(self) -> tuple[bool, int, int]:
        """What the reference knows of its rare labels, beside which they are."""
        return self.complete, self.singles, self.doubles

    def blank(self) -> Categories:
        """The same categories, nothing counted."""
        return Categories(self.keys, self.names, self.rare, self.complete, self.singles, doubles=self.doubles)

    @property
    def n(self) -> int:
        """Values counted."""
        return int(self.counts.sum()) + self.n_rare + self.n_unseen

    @property
    def n_rare(self) -> int:
        """Values with one of the reference's rarer labels."""
        return int(self.buckets.sum())

    @property
    def cells(self) -> Ints:
        """Counts of the categories, of the buckets of rarer labels, and of unseen ones: shape `(len(keys) + 65,)`."""
        return np.concatenate([self.counts, self.buckets, np.array([self.n_unseen], np.int64)])

    def merge(self, other: Categories) -> Categories:
        same = np.array_equal(self.keys, other.keys) and np.array_equal(self.rare, other.rare)
        if not same or self.known != other.known:
            raise MergeError(
                f"{len(self.names)} and {len(other.names)} categories, not the same ones, do not merge; "
                "profile both sides against one baseline"
            )
        return Categories(
            self.keys,
            self.names,
            self.rare,
            self.complete,
            self.singles,
            self.counts + other.counts,
            self.buckets + other.buckets,
            self.n_unseen + other.n_unseen,
            sorted({*self.examples, *other.examples})[:EXAMPLES],
            self.doubles,
        )

    def to_state(self) -> wire.State:
        arrays = {name: wire.pack(getattr(self, name)) for name in ("keys", "rare", "counts", "buckets")}
        plain = {name: getattr(self, name) for name in PLAIN}
        return {**arrays, **plain}

    @classmethod
    def from_state(cls, state: wire.State) -> Categories:
        keys = wire.unpack(state, "keys", "u")
        names, examples = wire.field(state, "names", list), wire.field(state, "examples", list)
        wire.ascending("keys", keys)
        if len(names) != keys.size:
            raise FormatError(f"names: {len(names)} for {keys.size} keys")
        if len(examples) > EXAMPLES:
            raise FormatError(f"examples: {len(examples)} where at most {EXAMPLES} belong")
        if not all(isinstance(name, str) for name in [*names, *examples]):
            raise FormatError("names: not all of them are text")
        rare = wire.unpack(state, "rare", "h")
        wire.ascending("rare", rare)
        complete = wire.field(state, "complete", bool)
        singles, n_unseen = wire.count(state, "singles"), wire.count(state, "n_unseen")
        counts, buckets = wire.counts(state, "counts", keys.size), wire.counts(state, "buckets", BUCKETS)
        doubles = wire.count(state, "doubles")
        return cls(keys, names, rare, complete, singles, counts, buckets, n_unseen, examples, doubles)
