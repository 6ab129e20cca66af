"""How often each item is recommended, and how often it is relevant."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from barograph.errors import FormatError
from barograph.summaries import wire
from barograph.summaries.ranking import SAMPLED, smallest
from barograph.types import Ints, Keys, Ranked

DEPTHS = (1, 5, 10, 20, 50, 100)
ITEMS_AT_MOST = 10_000


def _no_items() -> Ints:
    return np.zeros((0, len(DEPTHS)), np.int64)


@dataclass
class Recommended:
    """Counts by item: users who got it among their first k (1, 5, 10, 20, 50 or 100), to how many of them it was
    relevant there, and relevant rows at any rank.

    Exact while there are at most 10,000 items; of more, those with the smallest keys are kept, with their true counts,
    and `complete` is false. An item counts once a user, at its best rank. A user's rows must lie in one batch, which is
    checked as in `Ranking`. Merge adds; commutative, associative. Cost: two sorts of the batch; at most 1 MB.
    """

    n_users: int = 0
    n_rows: int = 0
    n_dropped: int = 0
    n_unlabelled: int = 0
    complete: bool = True
    catalogue: Keys = field(default_factory=lambda: np.zeros(0, np.uint64))
    shown: Ints = field(default_factory=_no_items)
    hits: Ints = field(default_factory=_no_items)
    relevant: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    keys: Keys = field(default_factory=lambda: np.zeros(0, np.uint64))
    seen: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    def update(self, batch: Ranked) -> None:
        who = np.repeat(np.arange(batch.users.size), batch.lengths)
        rank = np.arange(who.size) - np.repeat(np.cumsum(batch.lengths) - batch.lengths, batch.lengths)
        items, at = np.unique(batch.items, return_inverse=True)
        once = _first(who, at)
        positive = batch.relevance > 0
        keys, seen = smallest([batch.users], [np.ones(batch.users.size, np.int64)])
        depth = np.searchsorted(np.array(DEPTHS), rank, side="right")
        new = Recommended(
            batch.users.size,
            who.size,
            batch.n_dropped,
            batch.n_unlabelled,
            items.size <= ITEMS_AT_MOST,
            items,
            _within(at, depth, once, items.size),
            _within(at, depth, once & positive, items.size),
            np.bincount(at[positive], minlength=items.size).astype(np.int64),
            keys,
            seen,
        )
        merged = self.merge(new)
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(merged, name))

    @property
    def split_share(self) -> float:
        """Share of the users whose rows came in more than one batch, of those that are sampled."""
        return float((self.seen > 1).mean()) if self.seen.size else 0.0

    def merge(self, other: Recommended) -> Recommended:
        items, at = np.unique(np.concatenate([self.catalogue, other.catalogue]), return_inverse=True)
        complete = self.complete and other.complete and items.size <= ITEMS_AT_MOST
        kept = items[:ITEMS_AT_MOST]
        if not complete:  # beyond the last key that both sides surely kept, counts are not whole
            ends = [side.catalogue[-1] for side in (self, other) if not side.complete]
            kept = kept[kept <= min(ends)] if ends else kept
        added = []
        for name in ("shown", "hits", "relevant"):
            mine, theirs = getattr(self, name), getattr(other, name)
            total = np.zeros((items.size, *mine.shape[1:]), np.int64)
            np.add.at(total, at, np.concatenate([mine, theirs]))
            added.append(total[: kept.size])
        keys, seen = smallest([self.keys, other.keys], [self.seen, other.seen])
        counts = {name: getattr(self, name) + getattr(other, name) for name in _COUNTS}
        shown, hits, relevant = added
        return Recommended(
            **counts, complete=complete, catalogue=kept, shown=shown, hits=hits, relevant=relevant, keys=keys, seen=seen
        )

    def to_state(self) -> wire.State:
        arrays = {name: wire.pack(getattr(self, name)) for name in _ARRAYS}
        return {name: getattr(self, name) for name in (*_COUNTS, "complete")} | arrays

    @classmethod
    def from_state(cls, state: wire.State) -> Recommended:
        counts = {name: wire.count(state, name) for name in _COUNTS}
        complete = wire.field(state, "complete", bool)
        items, keys = wire.unpack(state, "catalogue", "u"), wire.unpack(state, "keys", "u")
        wire.ascending("catalogue", items)
        wire.ascending("keys", keys)
        if items.size > ITEMS_AT_MOST or keys.size > SAMPLED or (not complete and not items.size):
            raise FormatError(f"catalogue: {items.size} of them, with {keys.size} keys, complete {complete}")
        shown, hits = (
            wire.counts(state, name, items.size * len(DEPTHS)).reshape(-1, len(DEPTHS)) for name in ("shown", "hits")
        )
        relevant, seen = wire.counts(state, "relevant", items.size), wire.counts(state, "seen", keys.size)
        if (hits > shown).any() or (np.diff(shown, axis=1) < 0).any() or (shown > counts["n_users"]).any():
            raise FormatError("shown: not what users can have been shown")
        if not seen.all() or seen.sum() > counts["n_users"] or bool(keys.size) != bool(counts["n_users"]):
            raise FormatError("seen: not the users that are counted")
        if counts["n_users"] > counts["n_rows"]:
            raise FormatError(f"n_users: {counts['n_users']} of them in {counts['n_rows']} rows")
        return cls(
            **counts,
            complete=complete,
            catalogue=items,
            shown=shown,
            hits=hits,
            relevant=relevant,
            keys=keys,
            seen=seen,
        )


_COUNTS = ("n_users", "n_rows", "n_dropped", "n_unlabelled")
_ARRAYS = ("catalogue", "shown", "hits", "relevant", "keys", "seen")


def _first(who: Ints, item: Ints) -> npt.NDArray[np.bool_]:
    """Whether a row is the first that gives its user its item."""
    order = np.lexsort((np.arange(who.size), item, who))
    same = np.zeros(who.size, bool)
    same[1:] = (who[order][1:] == who[order][:-1]) & (item[order][1:] == item[order][:-1])
    first = np.empty(who.size, bool)
    first[order] = ~same
    return first


def _within(item: Ints, depth: Ints, which: npt.NDArray[np.bool_], n_items: int) -> Ints:
    """Rows of each item within each depth, shape `(n_items, len(DEPTHS))`; `depth` numbers a row's first."""
    counts = np.zeros((n_items, len(DEPTHS) + 1), np.int64)
    np.add.at(counts, (item[which], depth[which]), 1)
    found: Ints = np.cumsum(counts[:, :-1], axis=1)
    return found
