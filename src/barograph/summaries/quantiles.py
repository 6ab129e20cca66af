"""Quantiles and ranks in bounded memory, the same bytes for the same rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from barograph.errors import FormatError, MergeError
from barograph.summaries import wire
from barograph.types import Floats, Numbers

K = 512
V = TypeVar("V", Floats, range)


@dataclass
class Quantiles:
    """Deterministic quantile summary.

    Sorted levels of at most `k` values; a value on level i stands for 2**i rows. An overfull level keeps every second
    value for the next one, the parity alternating (Munro & Paterson 1980; Manku, Rajagopalan & Lindsay 1998). Each such
    step moves no rank by more than the level's weight; their sum is kept, so `rank_error` is a bound, not an estimate:
    0 up to k rows, below 2/k for one batch, and growing with the logarithm of the number of batches.
    Measured at k = 512: 0.0014 in one batch of a million, 0.003 over 100 chunks, 0.002 over 1,000 merges. Cost: about
    500 ranks of the batch are looked up. At most 8 k bytes a level.

    >>> q = Quantiles(); q.update(Numbers(np.arange(1001.0))); round(q.quantile(0.5), 1)
    499.5
    """

    k: int = K
    n: int = 0
    error: int = 0
    levels: list[Floats] = field(default_factory=list)
    parity: int = 0
    low: float = np.inf
    high: float = -np.inf

    def update(self, batch: Numbers) -> None:
        if batch.size == 0:
            return
        self.n += batch.size
        self.low, self.high = min(self.low, batch.low), max(self.high, batch.high)
        if batch.size <= self.k:
            self._push([batch.values])
            return
        levels: list[range] = []
        ranks = range(batch.size)
        while len(ranks) > self.k:  # which ranks are kept says their number alone: only these are looked up
            ranks, left = self._halve(ranks, len(levels))
            levels.append(left)
        levels.append(ranks)
        kept = batch.ranked(np.concatenate([np.arange(r.start, r.stop, r.step) for r in levels]))
        self._push(np.split(kept, np.cumsum([len(level) for level in levels[:-1]])))

    def _push(self, incoming: list[Floats]) -> None:
        """Add sorted arrays, one a level, and compact upwards what is overfull."""
        carried = np.zeros(0)
        level = 0
        while level < len(incoming) or carried.size:
            if level == len(self.levels):
                self.levels.append(np.zeros(0))
            new = incoming[level] if level < len(incoming) else carried[:0]
            here = np.concatenate([self.levels[level], new, carried])
            here.sort()
            here += 0.0  # -0.0 is 0.0
            carried = here[:0]
            if here.size > self.k:
                carried, here = self._halve(here, level)
                here = here.copy()  # a slice would keep the larger array alive
            self.levels[level] = here
            level += 1

    def _halve(self, values: V, level: int) -> tuple[V, V]:
        """Every second value for the next level, and what an odd number leaves behind."""
        size = len(values)
        odd = size % 2
        # leave behind the first or the last in turn, so that no end of the distribution is favoured
        # and so do neighbouring levels: one batch halves each level once, and would keep the lowest of every 2**i
        first = ((self.parity >> level) ^ level) & 1
        kept = values[:1] if odd and first else values[size - odd :]
        pairs = values[odd:] if odd and first else values[: size - odd]
        self.parity ^= 1 << level
        self.error += 1 << level
        return pairs[first::2], kept

    @property
    def rank_error(self) -> float:
        """Largest error of any rank, as a share of n."""
        return self.error / self.n if self.n else 0.0

    @property
    def slack(self) -> float:
        """How far off a quantile's share of the rows can be; 0 where it is exact, as of nothing."""
        # one kept value stands for up to 2**level rows around it: its own width counts too
        return (self.error + (1 << max(len(self.levels) - 1, 0)) - 1) / self.n if self.n else 0.0

    def weighted(self) -> tuple[Floats, Floats]:
        """Kept values ascending, and the weight of each."""
        values = np.concatenate([np.zeros(0), *self.levels])
        weights = np.concatenate([np.zeros(0), *(np.full(v.size, float(1 << i)) for i, v in enumerate(self.levels))])
        order = np.argsort(values, kind="stable")
        return values[order], weights[order]

    def quantile(self, q: float) -> float | None:
        """The value at the share `q` of the rows, interpolated as numpy does; `None` of nothing."""
        got = self.quantiles(np.array([q]))
        return None if got is None else float(got[0])

    def quantiles(self, q: Floats) -> Floats | None:
        """Values at the shares `q`, shape `(len(q),)`."""
        if self.n == 0:
            return None
        values, weights = self.weighted()
        # a value of weight w stands for w places of the sorted rows; it is put in their middle
        middle = np.cumsum(weights) - (weights + 1) / 2
        ends = np.array([0.0, self.n - 1.0])
        inner = (middle > 0) & (middle < self.n - 1)
        places = np.concatenate([ends[:1], middle[inner], ends[1:]])
        found = np.concatenate([[self.low], values[inner], [self.high]])
        # np.interp subtracts neighbours: beyond half of float64's range that overflows
        scale = 4.0 if max(abs(self.low), abs(self.high)) > 1e307 else 1.0
        between: Floats = np.interp(np.asarray(q, float) * (self.n - 1), places, found / scale) * scale
        return between

    def bounds(self, q: float) -> tuple[float, float] | None:
        """Values between which the true quantile lies; `None` of nothing."""
        if self.n == 0:
            return None
        slack = self.slack
        got = self.quantiles(np.clip(np.array([q - slack, q + slack]), 0, 1))
        return None if got is None else (float(got[0]), float(got[1]))

    def cdf(self, x: Floats) -> Floats:
        """Share of the rows at or below each `x`; zeros of nothing."""
        if self.n == 0:
            return np.zeros(np.shape(x))
        values, weights = self.weighted()
        upto = np.concatenate([[0.0], np.cumsum(weights)])
        shares = upto[np.searchsorted(values, x, side="right")] / self.n
        return np.where(np.asarray(x) >= self.high, 1.0, np.where(np.asarray(x) < self.low, 0.0, shares))

    def merge(self, other: Quantiles) -> Quantiles:
        if self.k != other.k:
            raise MergeError(f"quantile summaries of k={self.k} and k={other.k} do not merge; make both with one k")
        merged = Quantiles(
            k=self.k,
            n=self.n + other.n,
            error=self.error + other.error,
            levels=list(self.levels),
            parity=self.parity ^ other.parity,
            low=min(self.low, other.low),
            high=max(self.high, other.high),
        )
        merged._push(other.levels)
        return merged

    def to_state(self) -> wire.State:
        scalars = {"k": self.k, "n": self.n, "error": self.error, "parity": self.parity}
        ends = {"low": float(self.low), "high": float(self.high)}
        return {**scalars, **ends, "levels": [wire.pack(level) for level in self.levels]}

    @classmethod
    def from_state(cls, state: wire.State) -> Quantiles:
        raw = wire.field(state, "levels", list)
        if len(raw) > 48:
            raise FormatError(f"levels: {len(raw)} where at most 48 belong")
        levels = [wire.unpack({"level": level}, "level", "f") for level in raw]
        scalars = {name: wire.count(state, name) for name in ("k", "n", "error", "parity")}
        if sum(level.size << i for i, level in enumerate(levels)) != scalars["n"]:
            raise FormatError("levels: their weights do not add up to n")
        if not scalars["k"] or any(level.size > scalars["k"] for level in levels):
            raise FormatError(f"k: {scalars['k']}, and a level holds more values or k is nothing")
        if scalars["parity"] >> len(levels) or (len(levels) > 1 and not scalars["error"]):
            raise FormatError(f"error: {scalars['error']} and parity {scalars['parity']} with {len(levels)} levels")
        low, high = wire.field(state, "low", float), wire.field(state, "high", float)
        _check(levels, low, high)
        return cls(**scalars, levels=levels, low=low, high=high)


def _check(levels: list[Floats], low: float, high: float) -> None:
    """Raise `FormatError` unless every level ascends within the ends, or there is nothing and these are infinite."""
    values = [level for level in levels if level.size]
    if not all((level[1:] >= level[:-1]).all() for level in values):
        raise FormatError("levels: not ascending")
    if values:
        sound = -np.inf < low <= min(v[0] for v in values) and max(v[-1] for v in values) <= high < np.inf
    else:
        sound = (low, high) == (np.inf, -np.inf)
    if not sound:
        raise FormatError(f"low: {low} and high: {high} are not the ends of the values")
