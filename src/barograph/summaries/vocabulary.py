"""How many words of texts a frozen vocabulary does not have."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from barograph.errors import FormatError, MergeError
from barograph.summaries import wire
from barograph.types import Ints, Keys, Words

WORDS_AT_MOST = 20_000
_SUMS = ("n_words", "n_unseen", "words2", "unseen2", "both")


@dataclass
class Vocabulary:
    """Words of texts in all and outside a frozen vocabulary, with the sums of squares that their ratio's error needs.

    `keys` are the hashes of the vocabulary's words, ascending, at most 20,000 (the most frequent; `complete` says
    whether that is all). State: seven integers; exact; merge adds; unlike vocabularies refuse. Cost: a search a word.
    Words themselves are not kept, and a hash does not tell its word.

    >>> v = Vocabulary(np.array([3, 7], np.uint64))
    >>> v.update(Words(np.array([3, 4, 7], np.uint64), np.array([2, 1]))); v.share
    0.3333333333333333
    """

    keys: Keys = field(default_factory=lambda: np.zeros(0, np.uint64))
    complete: bool = True
    n: int = 0
    n_words: int = 0
    n_unseen: int = 0
    words2: int = 0
    unseen2: int = 0
    both: int = 0

    def update(self, batch: Words) -> None:
        unseen = self.unseen(batch)
        self.n += batch.lengths.size
        self.n_words += int(batch.lengths.sum())
        self.n_unseen += int(unseen.sum())
        self.words2 += int((batch.lengths**2).sum())
        self.unseen2 += int((unseen**2).sum())
        self.both += int((unseen * batch.lengths).sum())

    def unseen(self, batch: Words) -> Ints:
        """How many words of each text are not in the vocabulary."""
        if not self.keys.size:
            return batch.lengths
        near = np.minimum(np.searchsorted(self.keys, batch.keys), self.keys.size - 1)
        return batch.marked(self.keys[near] != batch.keys)

    @property
    def share(self) -> float | None:
        """Words outside the vocabulary, of all words."""
        return self.n_unseen / self.n_words if self.n_words else None

    @property
    def se(self) -> float | None:
        """Standard error of `share` where texts are drawn, not words (a ratio of sums; Cochran 1977), from two on."""
        share = self.share
        if share is None or self.n < 2:
            return None
        squares = max(self.unseen2 - 2 * share * self.both + share * share * self.words2, 0.0)
        return math.sqrt(squares * self.n / (self.n - 1)) / self.n_words

    def blank(self) -> Vocabulary:
        """An empty one with the same words."""
        return Vocabulary(self.keys, self.complete)

    def merge(self, other: Vocabulary) -> Vocabulary:
        if not np.array_equal(self.keys, other.keys) or self.complete != other.complete:
            raise MergeError(
                f"vocabularies of {self.keys.size} and {other.keys.size} words, not the same ones, do not merge; "
                "profile both sides against one baseline"
            )
        sums = {name: getattr(self, name) + getattr(other, name) for name in ("n", *_SUMS)}
        return Vocabulary(self.keys, self.complete, **sums)

    def to_state(self) -> wire.State:
        return {"keys": wire.pack(self.keys), **{f: getattr(self, f) for f in ("complete", "n", *_SUMS)}}

    @classmethod
    def from_state(cls, state: wire.State) -> Vocabulary:
        keys = wire.unpack(state, "keys", "u")
        wire.ascending("keys", keys)
        if keys.size > WORDS_AT_MOST:
            raise FormatError(f"keys: {keys.size} words where at most {WORDS_AT_MOST} belong")
        sums = {name: wire.count(state, name) for name in ("n", *_SUMS)}
        if sums["n_unseen"] > sums["n_words"]:
            raise FormatError(f"n_unseen: {sums['n_unseen']} of {sums['n_words']} words")
        return cls(keys, wire.field(state, "complete", bool), **sums)
