"""How well each user's recommendations are ranked, summed over users."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from barograph.errors import FormatError
from barograph.summaries import wire
from barograph.types import Floats, Ints, Keys, Ranked

DEPTH = 100
BETAS = (0.5, 1.0, 2.0)
MEASURES = ("precision", "recall", *(f"f{beta:g}" for beta in BETAS), "ap", "ar", "rr", "ndcg", "hit")
SAMPLED = 256
_BLOCK = 4096  # users whose lists fit the cache


def _sums() -> Floats:
    return np.zeros((len(MEASURES), DEPTH))


@dataclass
class Ranking:
    """Sums over users of ten measures of their first k recommendations, for each k up to 100, and of their squares.

    Exact up to rounding; merge adds. A user's rows must lie in one batch: what is counted of each part of a user is not
    what would be of the whole. That is checked on a sample of 256 users, those with the smallest keys (Beyer et al.
    2007): `split_share` is the share of them that came more than once. Users without a relevant item are in `n_users`
    only: all their measures are 0, or undefined. Cost: sorting the batch; 16 KB.
    """

    n_users: int = 0
    n_relevant: int = 0
    n_rows: int = 0
    n_dropped: int = 0
    n_unlabelled: int = 0
    sums: Floats = field(default_factory=_sums)
    squares: Floats = field(default_factory=_sums)
    keys: Keys = field(default_factory=lambda: np.zeros(0, np.uint64))
    seen: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    def update(self, batch: Ranked) -> None:
        starts = np.cumsum(batch.lengths) - batch.lengths
        relevant = np.add.reduceat(batch.relevance > 0, starts) if starts.size else starts
        kept = np.flatnonzero(relevant)
        for at in range(0, kept.size, _BLOCK):
            users = kept[at : at + _BLOCK]
            sums, squares = _measured(batch, users, starts[users], relevant[users])
            self.sums, self.squares = self.sums + sums, self.squares + squares
        self.n_users += batch.users.size
        self.n_relevant += kept.size
        self.n_rows += batch.relevance.size
        self.n_dropped += batch.n_dropped
        self.n_unlabelled += batch.n_unlabelled
        self.keys, self.seen = smallest([self.keys, batch.users], [self.seen, np.ones(batch.users.size, np.int64)])

    @property
    def split_share(self) -> float:
        """Share of the users whose rows came in more than one batch, of those that are sampled."""
        return float((self.seen > 1).mean()) if self.seen.size else 0.0

    def merge(self, other: Ranking) -> Ranking:
        keys, seen = smallest([self.keys, other.keys], [self.seen, other.seen])
        return Ranking(
            self.n_users + other.n_users,
            self.n_relevant + other.n_relevant,
            self.n_rows + other.n_rows,
            self.n_dropped + other.n_dropped,
            self.n_unlabelled + other.n_unlabelled,
            self.sums + other.sums,
            self.squares + other.squares,
            keys,
            seen,
        )

    def to_state(self) -> wire.State:
        counts = {name: getattr(self, name) for name in _COUNTS}
        return counts | {name: wire.pack(getattr(self, name)) for name in ("sums", "squares", "keys", "seen")}

    @classmethod
    def from_state(cls, state: wire.State) -> Ranking:
        counts = {name: wire.count(state, name) for name in _COUNTS}
        sums, squares = (wire.weights(state, name, len(MEASURES) * DEPTH) for name in ("sums", "squares"))
        keys = wire.unpack(state, "keys", "u")
        wire.ascending("keys", keys)
        seen = wire.counts(state, "seen", keys.size)
        if not counts["n_relevant"] <= counts["n_users"] <= counts["n_rows"] or keys.size > SAMPLED:
            raise FormatError(f"n_users: {counts} and {keys.size} keys do not fit each other")
        if not seen.all() or seen.sum() > counts["n_users"] or bool(keys.size) != bool(counts["n_users"]):
            raise FormatError("seen: not the users that are counted")
        if max(sums.max(), squares.max()) > counts["n_relevant"] * (1 + 1e-9):
            raise FormatError("sums: more than one a user")
        return cls(**counts, sums=sums.reshape(-1, DEPTH), squares=squares.reshape(-1, DEPTH), keys=keys, seen=seen)


_COUNTS = ("n_users", "n_relevant", "n_rows", "n_dropped", "n_unlabelled")


def smallest(keys: list[Keys], seen: list[Ints]) -> tuple[Keys, Ints]:
    """The users of the smallest keys, and how often each came: the same whichever batch came first."""
    joined, at = np.unique(np.concatenate(keys), return_inverse=True)
    times = np.zeros(joined.size, np.int64)
    np.add.at(times, at, np.concatenate(seen))
    return joined[:SAMPLED], times[:SAMPLED]


def _measured(batch: Ranked, users: Ints, starts: Ints, relevant: Ints) -> tuple[Floats, Floats]:
    """Sums and sums of squares of every measure at every depth, over users with a relevant item."""
    lengths = batch.lengths[users]
    place = np.arange(DEPTH)
    there = place < lengths[:, None]
    at = np.minimum(starts[:, None] + place, batch.relevance.size - 1)
    gain = np.where(there, batch.relevance[at], 0.0)
    hit = (gain > 0).astype(float)
    k, total = place + 1.0, relevant[:, None].astype(float)
    hits = np.cumsum(hit, axis=1)
    precision, recall = hits / k, hits / total
    found: dict[str, Floats] = {"precision": precision, "recall": recall, "hit": (hits > 0).astype(float)}
    for beta in BETAS:
        found[f"f{beta:g}"] = (1 + beta**2) * hits / (beta**2 * total + k)
    found["ap"] = np.cumsum(precision * hit, axis=1) / np.minimum(total, k)
    found["ar"] = np.divide(np.cumsum(recall * hit, axis=1), hits, out=np.zeros_like(hits), where=hits > 0)
    found["rr"] = np.maximum.accumulate(hit / k, axis=1)
    ideal = _ideal(batch, users, starts, lengths)
    scale = np.maximum(ideal[:, :1], 1e-300)  # gains of any size, without overflow
    discount = 1 / np.log2(place + 2.0)
    best = np.cumsum(ideal / scale * discount, axis=1)
    found["ndcg"] = np.minimum(np.cumsum(gain / scale * discount, axis=1) / best, 1.0)
    measured = np.stack([found[name] for name in MEASURES])
    return measured.sum(axis=1), (measured**2).sum(axis=1)


def _ideal(batch: Ranked, users: Ints, starts: Ints, lengths: Ints) -> Floats:
    """Each user's largest gains, descending, shape `(n_users, DEPTH)`; a list may be longer than that."""
    who = np.repeat(np.arange(users.size), lengths)
    first = np.cumsum(lengths) - lengths
    rows = np.repeat(starts - first, lengths) + np.arange(who.size)
    gains = batch.relevance[rows]
    order = np.lexsort((-gains, who))
    rank = np.arange(who.size) - first[who]
    ideal = np.zeros((users.size, DEPTH))
    kept = rank < DEPTH
    ideal[who[kept], rank[kept]] = gains[order][kept]
    return ideal
