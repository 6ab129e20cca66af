"""Target against prediction in a table, from labels, from scores at a threshold, or from the highest scores."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from barograph.metrics.performance.estimates import Estimate, dropped, joined, nothing
from barograph.needs import Need
from barograph.profile import Profile
from barograph.schema import Schema
from barograph.summaries import Confusion, Scores
from barograph.types import Floats

Guess: TypeAlias = Literal["stratified", "most_frequent", "flagged"]


@dataclass(frozen=True)
class Table:
    """Weights and their squares per (target, prediction) pair, shape `(n_classes, n_classes)`.

    `corners` are the weights in the four extremes where a threshold lies inside a cell of scores; none where exact.
    """

    classes: tuple[str, ...]
    weights: Floats
    squares: Floats
    n: int
    note: str = ""
    corners: tuple[Floats, ...] = ()

    def against_rest(self, label: str) -> Table:
        """One class against all others together; one that does not occur has no rows."""
        if label not in self.classes:
            return replace(
                self, classes=("", label), weights=_rest_only(self.weights), squares=_rest_only(self.squares)
            )
        at = self.classes.index(label)
        weights, squares, *corners = (_two(w, at) for w in (self.weights, self.squares, *self.corners))
        return replace(self, classes=("", label), weights=weights, squares=squares, corners=tuple(corners))

    def occurring(self) -> Table:
        """Without the classes that neither target nor prediction has."""
        used = (self.weights.sum(axis=0) + self.weights.sum(axis=1)) > 0
        kept = np.ix_(used, used)
        classes = tuple(c for c, u in zip(self.classes, used, strict=True) if u)
        return replace(self, classes=classes, weights=self.weights[kept], squares=self.squares[kept])

    def right(self) -> Table:
        """Right against wrong predictions, as the recall of one class."""

        def collapsed(w: Floats) -> Floats:
            return np.array([[0.0, 0.0], [w.sum() - np.trace(w), np.trace(w)]])

        weights, squares, *corners = (collapsed(w) for w in (self.weights, self.squares, *self.corners))
        return replace(self, classes=("", "right"), weights=weights, squares=squares, corners=tuple(corners))

    def by_chance(self, guess: Guess) -> Table:
        """The same targets, predicted by one who does not see the rows: what to expect, not one draw of it.

        `stratified` says each class as often as it occurs, `most_frequent` always the one that occurs most often,
        `flagged` each class as often as the predictions said it.
        """
        _, target, predicted, total = margins(self.weights)
        said = predicted if guess == "flagged" else target
        if guess == "most_frequent":
            said = np.where(np.arange(target.size) == np.argmax(target), total, 0.0)
        expected = np.outer(target, said) / max(float(target.sum()), 1e-300)
        return replace(self, weights=expected, squares=expected, note="", corners=())

    @property
    def mean_weight(self) -> float:
        """Weight of a row, on the average over the weight."""
        total = float(self.weights.sum())
        return float(self.squares.sum()) / total if total > 0 else 1.0


def _two(w: Floats, at: int) -> Floats:
    tp, row, column, total = (side[at] for side in margins(w))
    return np.array([[max(total - row - column + tp, 0.0), column - tp], [row - tp, tp]])


def _rest_only(w: Floats) -> Floats:
    return np.array([[w.sum(), 0.0], [0.0, 0.0]])


def margins(w: Floats) -> Floats:
    """Right, target, predicted and all rows of each class, shape `(4, n_classes)`."""
    return np.stack([np.diag(w), w.sum(axis=1), w.sum(axis=0), np.full(len(w), w.sum())])


def counted(
    profile: Profile, need: Need, schema: Schema, threshold: float | None = None, k: int | None = None
) -> Table | Estimate:
    """The table that a need answers, or why there is none."""
    summary = profile.summaries[need]
    if isinstance(summary, Scores):
        if (empty := nothing(summary, "score")) is not None:
            return empty
        if k is not None:
            return _highest(summary, need.label, k)
        assert threshold is not None
        return at_threshold(summary, need.label, threshold)
    other = "prediction" if need.columns[1] == schema.prediction else "score"
    confusion: Confusion = summary
    total = float(confusion.weights.sum())
    if confusion.n == 0 or total <= 0:
        note = "the weights of all rows are 0" if confusion.n else f"no rows with both a target and a {other}"
        return Estimate(None, confusion.n, note=joined(note, dropped(confusion.n_dropped, other)))
    classes = tuple(dict.fromkeys([*schema.classes, *confusion.classes]))
    weights, squares = confusion.at(classes)
    return Table(classes, weights, squares, confusion.n, dropped(confusion.n_dropped, other))


def at_threshold(scores: Scores, label: str, threshold: float) -> Table:
    """The table of `score >= threshold` against the class.

    Exact where the number just below the threshold is an edge of the cells, or where its cell is empty; else the rows
    of its cell are taken as spread evenly, and `corners` holds what they can be at most."""
    edges, last = scores.edges, float(np.nextafter(threshold, -np.inf))
    at = int(np.searchsorted(edges, last, side="left"))
    whole = at < edges.size and edges[at] == last
    cut = _Cut.at(scores, label, at)
    if scores.n_outside == 0 and not 0 < threshold <= 1:  # of probabilities all lie above it, or none
        every = _Cut.at(scores, label, -1)
        return every.table(0.0, 0.0) if threshold <= 0 else _Cut.at(scores, label, edges.size).table(0.0, 0.0)
    if whole or cut.inside[0].sum() == 0:
        return cut.table(0.0, 0.0)
    inner = 0 < at < edges.size
    part = float(np.clip((edges[at] - threshold) / (edges[at] - edges[at - 1]), 0.01, 0.99)) if inner else 0.5
    return cut.table(part, part, *_CORNERS)


_CORNERS = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))


def at_top(scores: Scores, label: str, amount: float) -> Table:
    """The table of the highest scores, `amount` of the weight (so many rows, without weights), against the class.

    Exact where the amount ends between two cells, or inside one of which all rows are of one sort. Rows that share the
    last score, or its cell, count in proportion: what is expected if chance chose among them; `corners` holds the best
    and the worst choice."""
    upto = np.cumsum((scores.positive + scores.negative)[::-1])
    place = int(np.searchsorted(upto, amount * (1 - 1e-12), side="left"))
    if place >= upto.size:
        return _Cut.at(scores, label, -1).table(0.0, 0.0)
    cut = _Cut.at(scores, label, upto.size - 1 - place)
    negative, positive = (float(part) for part in cut.inside[0])
    left = min(max(amount - (float(upto[place]) - negative - positive), 0.0), negative + positive)
    part = left / (negative + positive) if negative + positive > 0 else 0.0
    if not negative or not positive or part in (0.0, 1.0):
        return cut.table(part, part)
    worst, best = min(left, negative), min(left, positive)
    corners = (worst / negative, (left - worst) / positive), ((left - best) / negative, best / positive)
    return cut.table(part, part, *corners)


def _highest(scores: Scores, label: str, k: int) -> Table | Estimate:
    if scores.weight != scores.n:
        return Estimate(None, scores.n, note="rows with weights cannot be counted out; ask for a share, as `gain` does")
    table = at_top(scores, label, float(k))
    few = f"there are only {scores.n:,} rows" if k > scores.n else ""
    tied = "rows that share the last place count in proportion" if table.corners else ""
    return replace(table, note=joined(few, tied, table.note))


class _Cut(NamedTuple):
    """Weights and squares of (negative, positive) above, inside and below the cell where scores are cut."""

    classes: tuple[str, str]
    above: tuple[Floats, Floats]
    inside: tuple[Floats, Floats]
    below: tuple[Floats, Floats]
    n: int
    note: str

    @classmethod
    def at(cls, scores: Scores, label: str, cell: int) -> _Cut:
        cells = slice(cell + 1, None), slice(max(cell, 0), cell + 1), slice(0, max(cell, 0))
        above, inside, below = (_sums(scores, some) for some in cells)
        return cls((f"not {label}", label), above, inside, below, scores.n, dropped(scores.n_dropped, "score"))

    def table(self, negative: float, positive: float, *corners: tuple[float, float]) -> Table:
        """With these parts of the cell's negatives and positives counted above."""
        weights, squares = self._sides((negative, positive))
        ends = tuple(self._sides(corner)[0] for corner in corners)
        return Table(self.classes, weights, squares, self.n, self.note, ends)

    def _sides(self, part: tuple[float, float]) -> tuple[Floats, Floats]:
        # rows are (negative, positive) by target; a part of each lies above the cut
        weights, squares = (
            np.array([[b[0] + (1 - part[0]) * c[0], a[0] + part[0] * c[0]],
                      [b[1] + (1 - part[1]) * c[1], a[1] + part[1] * c[1]]])
            for a, b, c in zip(self.above, self.below, self.inside, strict=True)
        )  # fmt: skip
        return weights, squares


def _sums(scores: Scores, cells: slice) -> tuple[Floats, Floats]:
    """Weights and squares of (negative, positive) over some cells."""
    weights = np.array([scores.negative[cells].sum(), scores.positive[cells].sum()])
    return weights, np.array([scores.negative2[cells].sum(), scores.positive2[cells].sum()])
