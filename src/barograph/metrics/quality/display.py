"""Bars to draw from the summaries of one or both sides."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from barograph.overview import named_apart
from barograph.summaries import Categories, Counts, Quantiles, TopK
from barograph.types import Floats

BARS_AT_MOST = 40
LABELS_AT_MOST = 20
TAIL = 0.005  # of the rows, at either end
OTHER, UNSEEN = "(other)", "(never seen)"


class Drawn(NamedTuple):
    """Names of the cells, shares by side, and the edges where the cells are ordered."""

    cells: list[str]
    series: dict[str, list[float]]
    edges: list[float] | None


def value_bars(tops: dict[str, TopK | None], dated: bool) -> Drawn | None:
    """A bar a value, where all sides together have few, and each is known exactly."""
    counts: dict[str, dict[float, int]] = {}
    for name, top in tops.items():
        if top is None or not top.exact:
            return None
        counts[name] = {float(value): n for value, n in top.items()}
    values = sorted({value for side in counts.values() for value in side})
    if not 0 < len(values) <= BARS_AT_MOST:
        return None
    series = {name: [side.get(v, 0) / sum(side.values()) for v in values] for name, side in counts.items() if side}
    return Drawn(named_apart(values, time=dated, digits=10), series, None)


def number_bars(sides: dict[str, Quantiles | None], dated: bool) -> Drawn | None:
    """Bars of equal width over the central 99 % of either side, the tails in the outer ones."""
    held = {name: q for name, q in sides.items() if q is not None and q.n}
    if not held:
        return None
    low, high = min(q.low for q in held.values()), max(q.high for q in held.values())
    inner = [q.quantiles(np.array([TAIL, 1 - TAIL])) for q in held.values()]
    left, right = (pick(float(ends[i]) for ends in inner if ends is not None) for i, pick in ((0, min), (1, max)))
    if not left < right:  # nearly all rows have one value: the whole range, then
        left, right = low, high
    whole = _whole(held)
    edges = _edges(left, right, max(q.n for q in held.values()), whole)
    if edges is None:
        return Drawn(named_apart([low], time=dated), {name: [1.0] for name in held}, None)
    series = {}
    for name, quantiles in held.items():
        upto = np.rint(quantiles.cdf(edges[1:-1]) * quantiles.n)
        series[name] = (np.diff(upto, prepend=0.0, append=quantiles.n) / quantiles.n).tolist()
    names = named_apart((np.round(edges) if dated else edges).tolist(), time=dated)
    if whole and not dated:
        cells = [_whole_numbers(a, b) for a, b in pairwise(edges.tolist())]
    else:
        cells = [f"{a} to {b}" for a, b in pairwise(names)]
    if low < edges[0]:
        cells[0] = f"< {names[1]}"
    if high > edges[-1]:
        cells[-1] = f"> {names[-2]}"
    return Drawn(cells, series, edges.tolist() if np.isfinite(edges[-1] - edges[0]) else None)


def _edges(left: float, right: float, n: int, whole: bool) -> Floats | None:
    """Ends of equal cells, more of them for more rows; of whole numbers each cell holds equally many."""
    bars = min(BARS_AT_MOST, max(8, math.ceil(2 * n ** (1 / 3))))  # Rice's rule
    if whole and right - left < 2**52:
        width = math.ceil((right - left + 1) / bars)
        first = math.floor(left) - 0.5
        return np.asarray(first + width * np.arange(math.ceil((math.ceil(right) + 0.5 - first) / width) + 1.0))
    steps = np.arange(bars + 1) / bars
    edges: Floats = np.unique(left * (1 - steps) + right * steps)
    return edges if edges.size >= 4 else None  # else neighbouring floats: nothing to cut


def _whole(held: dict[str, Quantiles]) -> bool:
    levels = [level for quantiles in held.values() for level in quantiles.levels]
    return all(bool((level == np.floor(level)).all()) for level in levels)


def _whole_numbers(left: float, right: float) -> str:
    first, last = math.ceil(left), math.floor(right)
    return f"{first}" if first == last else f"{first} to {last}"


Nominal = tuple[Counts | None, TopK | None, Categories | None]


def label_bars(sides: dict[str, Nominal]) -> Drawn | None:
    """The most frequent labels of the reference (or of the only side with values), the others, and the unseen ones."""
    counted = {name: _counted(*side) for name, side in sides.items()}
    held = {name: found for name, found in counted.items() if found.n}
    if not held:
        return None
    first = next(iter(held.values()))
    shown = sorted(first.counts, key=lambda name: (-first.counts[name], name))[:LABELS_AT_MOST]
    series = {}
    for name, found in held.items():
        shares = [found.counts.get(label, 0) / found.n for label in shown]
        unseen = 0 if found is first else found.unseen(first)
        series[name] = [*shares, max(0.0, 1 - sum(shares) - unseen / found.n), unseen / found.n]
    cells = [*shown, OTHER, UNSEEN]
    rounding = 1e-12
    kept = [i for i in range(len(cells)) if i < len(shown) or any(shares[i] > rounding for shares in series.values())]
    return Drawn([cells[i] for i in kept], {name: [shares[i] for i in kept] for name, shares in series.items()}, None)


class _Labels(NamedTuple):
    """Counts by label, of how many values; `complete` where these are all labels, `new` the unseen where counted."""

    counts: dict[str, int]
    n: int
    complete: bool
    new: int | None

    def unseen(self, reference: _Labels) -> int:
        """Values surely not among the labels of the reference."""
        if self.new is not None:
            return self.new
        return sum(n for label, n in self.counts.items() if label not in reference.counts) if reference.complete else 0


def _counted(counts: Counts | None, top: TopK | None, categories: Categories | None) -> _Labels:
    if categories is not None:
        named = dict(zip(categories.names, categories.counts.tolist(), strict=True))
        return _Labels({k: n for k, n in named.items() if n}, categories.n, categories.n_rare == 0, categories.n_unseen)
    if top is None:
        return _Labels({}, 0, complete=True, new=None)
    named = {str(label): n for label, n in top.items()}
    n = counts.n_present if counts is not None else sum(named.values())
    return _Labels(named, n, top.exact, None)
