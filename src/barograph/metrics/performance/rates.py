"""Shares of a confusion matrix, with their sampling error; from labels, or from scores at a threshold."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, NamedTuple, TypeAlias, get_args

import numpy as np

from barograph.errors import ParameterError
from barograph.metrics.performance.estimates import Estimate, Key, Performance, dropped, joined, nothing, of_kind
from barograph.needs import Need
from barograph.profile import Profile
from barograph.schema import Schema, label_of
from barograph.summaries import Confusion, Scores
from barograph.types import Floats

Average: TypeAlias = Literal["macro", "micro", "weighted"]
AVERAGES: tuple[Average, ...] = get_args(Average)


class Ratio(NamedTuple):
    """A share of a class: two sums of its right predictions, its target rows, its predicted rows, and all rows.

    `prior` rows are added to each of the four cells (class or not, predicted or not) where the error is reckoned, so
    that 0 of 5 is not without one (Agresti & Coull 1998). `undefined` says when there is nothing to divide by.
    """

    num: tuple[float, float, float, float]
    den: tuple[float, float, float, float]
    undefined: str
    prior: float = 1.0


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


def _two(w: Floats, at: int) -> Floats:
    tp, row, column, total = (side[at] for side in _margins(w))
    return np.array([[max(total - row - column + tp, 0.0), column - tp], [row - tp, tp]])


def _rest_only(w: Floats) -> Floats:
    return np.array([[w.sum(), 0.0], [0.0, 0.0]])


def _margins(w: Floats) -> Floats:
    """Right, target, predicted and all rows of each class, shape `(4, n_classes)`."""
    return np.stack([np.diag(w), w.sum(axis=1), w.sum(axis=0), np.full(len(w), w.sum())])


def share(ratio: Ratio, table: Table) -> Estimate:
    """The ratio of the class in a table of two; `None` where there is nothing to divide by."""
    value = _share(ratio, table.weights)
    if value is None:
        return Estimate(None, table.n, note=joined(ratio.undefined, table.note))
    ends = [end for corner in table.corners if (end := _share(ratio, corner)) is not None]
    low, high = (min(ends), max(ends)) if ends else (None, None)
    mean = _mean_weight(table)
    weights, squares = table.weights + ratio.prior * mean, table.squares + ratio.prior * mean**2
    num, den = (np.array(side) @ _margins(weights) for side in (ratio.num, ratio.den))
    only = np.array([0.0, 1.0])
    slope = _slope(ratio, only / den, only * num / den**2)
    return Estimate(value, table.n, low, high, math.sqrt(float((squares * slope**2).sum())), table.note)


def _share(ratio: Ratio, two: Floats) -> float | None:
    num, den = (float(np.array(side) @ _margins(two)[:, 1]) for side in (ratio.num, ratio.den))
    return min(max(num / den, 0.0), 1.0) if den > 0 else None


def average(ratio: Ratio, table: Table, how: Average) -> Estimate:
    """A ratio averaged over the classes that occur in target or prediction, as scikit-learn does.

    Error by the delta method on all cells, after one right and one wrong row are added, spread over the classes.
    """
    table = table.occurring()
    k = len(table.classes)
    value, _ = _averaged(ratio, table.weights, how)
    undefined = int((np.array(ratio.den) @ _margins(table.weights) <= 0).sum())
    note = "" if how == "micro" or not undefined else f"{undefined} of {k} classes count 0: {ratio.undefined}"
    mean = _mean_weight(table)
    spread = np.full((k, k), 1 / (k * max(k - 1, 1)))
    np.fill_diagonal(spread, 1 / k)
    _, slope = _averaged(ratio, table.weights + mean * spread, how)
    se = math.sqrt(float(((table.squares + mean**2 * spread) * slope**2).sum()))
    return Estimate(value, table.n, se=se, note=joined(note, table.note))


def _averaged(ratio: Ratio, weights: Floats, how: Average) -> tuple[float, Floats]:
    """The average, and how it changes with each cell."""
    margins = _margins(weights)
    num, den = np.array(ratio.num) @ margins, np.array(ratio.den) @ margins
    if how == "micro":
        ones, total = np.ones_like(den), float(den.sum())
        value = float(num.sum()) / total if total > 0 else 0.0
        return value, _slope(ratio, ones / max(total, 1e-300), ones * value / max(total, 1e-300))
    per_class = np.divide(num, den, out=np.zeros_like(num), where=den > 0)
    part = margins[1] / margins[3] if how == "weighted" else np.full(len(den), 1 / len(den))
    value = float(part @ per_class)
    u = np.divide(part, den, out=np.zeros_like(den), where=den > 0)
    slope = _slope(ratio, u, u * per_class)
    if how == "weighted":
        slope = slope + ((per_class - value) / margins[3])[:, None]
    return value, slope


def _slope(ratio: Ratio, u: Floats, v: Floats) -> Floats:
    """How a sum of `u num - v den` over the classes changes with each cell."""
    tp, row, column, total = np.outer(ratio.num, u) - np.outer(ratio.den, v)
    slope: Floats = np.diag(tp) + row[:, None] + column[None, :] + total.sum()
    return slope


def _mean_weight(table: Table) -> float:
    total = float(table.weights.sum())
    return float(table.squares.sum()) / total if total > 0 else 1.0


def counted(profile: Profile, need: Need, schema: Schema, threshold: float | None) -> Table | Estimate:
    """The table that a need answers, or why there is none."""
    summary = profile.summaries[need]
    if isinstance(summary, Scores):
        assert threshold is not None
        return nothing(summary, "score") or at_threshold(summary, need.label, threshold)
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
    above = _sums(scores, slice(at + 1, None))
    below = _sums(scores, slice(0, at))
    cut = _sums(scores, slice(at, at + 1))
    note = dropped(scores.n_dropped, "score")

    def table(*part: float) -> tuple[Floats, Floats]:
        # rows are (negative, positive) by target; a part of each lies above the threshold
        weights, squares = (
            np.array([[b[0] + (1 - part[0]) * c[0], a[0] + part[0] * c[0]],
                      [b[1] + (1 - part[1]) * c[1], a[1] + part[1] * c[1]]])
            for a, b, c in zip(above, below, cut, strict=True)
        )  # fmt: skip
        return weights, squares

    classes = (f"not {label}", label)
    if scores.n_outside == 0 and not 0 < threshold <= 1:  # of probabilities all lie above it, or none
        return Table(classes, *(table(1.0, 1.0) if threshold <= 0 else table(0.0, 0.0)), scores.n, note)
    if whole or cut[0].sum() == 0:
        return Table(classes, *table(0.0, 0.0), scores.n, note)
    inside = 0 < at < edges.size
    part = float(np.clip((edges[at] - threshold) / (edges[at] - edges[at - 1]), 0.01, 0.99)) if inside else 0.5
    corners = tuple(table(*corner)[0] for corner in itertools.product((0.0, 1.0), repeat=2))
    return Table(classes, *table(part, part), scores.n, note, corners)


def _sums(scores: Scores, cells: slice) -> tuple[Floats, Floats]:
    """Weights and squares of (negative, positive) over some cells."""
    weights = np.array([scores.negative[cells].sum(), scores.positive[cells].sum()])
    return weights, np.array([scores.negative2[cells].sum(), scores.positive2[cells].sum()])


@dataclass(frozen=True)
class Thresholded(Performance):
    """A share of predictions: those in the rows, or those of scores at or above `threshold`."""

    threshold: float | None = None

    ratio: ClassVar[Ratio]

    def __post_init__(self) -> None:
        if self.threshold is not None and not math.isfinite(self.threshold):
            raise ParameterError(f"{self.spec.name} at threshold {self.threshold} says nothing; give a finite number")

    def sources(self, schema: Schema) -> tuple[Need, ...] | str:
        return of_kind(schema, "classification", "confusion" if self.threshold is None else "scores")

    def estimates(self, profile: Profile, schema: Schema) -> dict[Key, Estimate]:
        needs = self.sources(schema)
        assert not isinstance(needs, str)
        found: dict[Key, Estimate] = {}
        for need in needs:
            table = counted(profile, need, schema, self.threshold)
            one = need.label if need.summary == "scores" else None
            found |= self.of_table(table, schema, one, len(needs) > 1)
        return found

    def of_table(self, table: Table | Estimate, schema: Schema, label: str | None, many: bool) -> dict[Key, Estimate]:
        """The numbers of one table; of scores it is about the class `label`, one of `many`."""
        positive = label if label is not None else positive_of(schema)
        labels = [positive] if positive is not None else list(schema.classes)
        if isinstance(table, Table) and positive is None:
            labels = list(table.classes)
        if isinstance(table, Estimate):
            return {class_key(c, positive is None or many): table for c in labels} or {(): table}
        return {class_key(c, positive is None or many): share(self.ratio, table.against_rest(c)) for c in labels}


@dataclass(frozen=True)
class Averaged(Thresholded):
    """A share of each class, and its averages over classes.

    Of a positive class and one other, the share of the positive. Of more, of each (`class`), and the averages `macro`,
    `micro` and `weighted` (by target rows) under the label `average`; with the parameter `average`, that one alone."""

    average: Average | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.average is not None and self.average not in AVERAGES:
            raise ParameterError(f"there is no average {self.average!r}; give one of {', '.join(AVERAGES)}, or None")
        if self.average is not None and self.threshold is not None:
            raise ParameterError("averages are of predicted labels; give a threshold or an average, not both")

    def of_table(self, table: Table | Estimate, schema: Schema, label: str | None, many: bool) -> dict[Key, Estimate]:
        each: dict[Key, Estimate] = {} if self.average else super().of_table(table, schema, label, many)
        if self.average is None and (label is not None or positive_of(schema) is not None):
            return each
        for how in AVERAGES if self.average is None else (self.average,):
            each[("average", how),] = table if isinstance(table, Estimate) else average(self.ratio, table, how)
        return each


def positive_of(schema: Schema) -> str | None:
    """The class that the numbers are about, where there is one."""
    return label_of(schema.positive) if schema.binary else None


def class_key(label: str, named: bool = True) -> Key:
    """The labels of a value about a class; none where it is the only one."""
    return (("class", label),) if named else ()
