"""Shares of a confusion matrix, with their sampling error; from labels, or from scores at a threshold."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import ClassVar, Literal, NamedTuple, TypeAlias, get_args

import numpy as np

from barograph.errors import ParameterError
from barograph.metrics.performance.estimates import Estimate, Key, Performance, joined, of_kind
from barograph.metrics.performance.tables import Guess, Table, counted, margins
from barograph.needs import Need
from barograph.profile import Profile
from barograph.schema import Schema, label_of
from barograph.types import Floats

Average: TypeAlias = Literal["macro", "micro", "weighted"]
AVERAGES: tuple[Average, ...] = get_args(Average)


class Ratio(NamedTuple):
    """A share of a class: two sums of its right predictions, its target rows, its predicted rows, and all rows.

    `prior` rows are added to each of the four cells (class or not, predicted or not) where the error is reckoned, so
    that 0 of 5 is not without one (Agresti & Coull 1998). `undefined` says when there is nothing to divide by, and
    `otherwise` is what such a class counts in an average.
    """

    num: tuple[float, float, float, float]
    den: tuple[float, float, float, float]
    undefined: str
    prior: float = 1.0
    otherwise: float = 0.0


def share(ratio: Ratio, table: Table) -> Estimate:
    """The ratio of the class in a table of two; `None` where there is nothing to divide by."""
    value = _share(ratio, table.weights)
    if value is None:
        return Estimate(None, table.n, note=joined(ratio.undefined, table.note))
    ends = [end for corner in table.corners if (end := _share(ratio, corner)) is not None]
    low, high = (min(ends), max(ends)) if ends else (None, None)
    mean = table.mean_weight
    weights, squares = table.weights + ratio.prior * mean, table.squares + ratio.prior * mean**2
    num, den = (np.array(side) @ margins(weights) for side in (ratio.num, ratio.den))
    only = np.array([0.0, 1.0])
    slope = _slope(ratio, only / den, only * num / den**2)
    return Estimate(value, table.n, low, high, math.sqrt(float((squares * slope**2).sum())), table.note)


def _share(ratio: Ratio, two: Floats) -> float | None:
    num, den = (float(np.array(side) @ margins(two)[:, 1]) for side in (ratio.num, ratio.den))
    return min(max(num / den, 0.0), 1.0) if den > 0 else None


def average(ratio: Ratio, table: Table, how: Average) -> Estimate:
    """A ratio averaged over the classes that occur in target or prediction, as scikit-learn does.

    Error by the delta method on all cells, after one right and one wrong row are added, spread over the classes.
    """
    table = table.occurring()
    k = len(table.classes)
    value, _ = _averaged(ratio, table.weights, how)
    undefined = int((np.array(ratio.den) @ margins(table.weights) <= 0).sum())
    note = (
        ""
        if how == "micro" or not undefined
        else f"{undefined} of {k} classes count {ratio.otherwise:g}: {ratio.undefined}"
    )
    mean = table.mean_weight
    spread = np.full((k, k), 1 / (k * max(k - 1, 1)))
    np.fill_diagonal(spread, 1 / k)
    _, slope = _averaged(ratio, table.weights + mean * spread, how)
    se = math.sqrt(float(((table.squares + mean**2 * spread) * slope**2).sum()))
    return Estimate(value, table.n, se=se, note=joined(note, table.note))


def _averaged(ratio: Ratio, weights: Floats, how: Average) -> tuple[float, Floats]:
    """The average, and how it changes with each cell."""
    sums = margins(weights)
    num, den = np.array(ratio.num) @ sums, np.array(ratio.den) @ sums
    if how == "micro":
        ones, total = np.ones_like(den), float(den.sum())
        value = float(num.sum()) / total if total > 0 else 0.0
        return value, _slope(ratio, ones / max(total, 1e-300), ones * value / max(total, 1e-300))
    per_class = np.divide(num, den, out=np.full_like(num, ratio.otherwise), where=den > 0)
    part = sums[1] / sums[3] if how == "weighted" else np.full(len(den), 1 / len(den))
    value = float(part @ per_class)
    u = np.divide(part, den, out=np.zeros_like(den), where=den > 0)
    slope = _slope(ratio, u, u * per_class)
    if how == "weighted":
        slope = slope + ((per_class - value) / sums[3])[:, None]
    return value, slope


def _slope(ratio: Ratio, u: Floats, v: Floats) -> Floats:
    """How a sum of `u num - v den` over the classes changes with each cell."""
    tp, row, column, total = np.outer(ratio.num, u) - np.outer(ratio.den, v)
    slope: Floats = np.diag(tp) + row[:, None] + column[None, :] + total.sum()
    return slope


@dataclass(frozen=True)
class Thresholded(Performance):
    """A share of predictions: those in the rows, of scores at or above `threshold`, or of the `k` highest scores."""

    threshold: float | None = None
    k: int | None = field(default=None, kw_only=True)

    ratio: ClassVar[Ratio]
    guess: ClassVar[Guess] = "stratified"  # of the classifier that it is held against

    def __post_init__(self) -> None:
        if self.threshold is not None and not math.isfinite(self.threshold):
            raise ParameterError(f"{self.spec.name} at threshold {self.threshold} says nothing; give a finite number")
        if self.k is not None and (isinstance(self.k, bool) or not isinstance(self.k, int) or self.k < 1):
            raise ParameterError(f"{self.spec.name} at the top {self.k!r} says nothing; give a number of rows, from 1")
        if self.k is not None and self.threshold is not None:
            raise ParameterError("the highest scores are chosen by their number or by a threshold; give one, not both")

    @property
    def scored(self) -> bool:
        """Whether it reads scores, and not the predictions in the rows."""
        return self.threshold is not None or self.k is not None

    def sources(self, schema: Schema) -> tuple[Need, ...] | str:
        return of_kind(schema, "classification", "scores" if self.scored else "confusion")

    def estimates(self, profile: Profile, schema: Schema) -> dict[Key, Estimate]:
        needs = self.sources(schema)
        assert not isinstance(needs, str)
        found: dict[Key, Estimate] = {}
        for need in needs:
            table = counted(profile, need, schema, self.threshold, self.k)
            about = schema, need.label if need.summary == "scores" else None, len(needs) > 1
            made = self.of_table(table, *about)
            if isinstance(table, Table) and self.spec.direction != "none":
                guessed = self.of_table(table.by_chance("flagged" if self.k else self.guess), *about)
                made = {key: e._replace(dummy=guessed[key].value) for key, e in made.items()}
            found |= made
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
    `micro` and `weighted` (by target rows) under the label `average`; with the parameter `average`, that one alone.
    With `by_class` also two classes are told as more are."""

    average: Average | None = None
    by_class: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.average is not None and self.average not in AVERAGES:
            raise ParameterError(f"there is no average {self.average!r}; give one of {', '.join(AVERAGES)}, or None")
        if self.average is not None and self.scored:
            raise ParameterError("averages are of predicted labels; give a threshold or k, or an average, not both")

    def of_table(self, table: Table | Estimate, schema: Schema, label: str | None, many: bool) -> dict[Key, Estimate]:
        if self.by_class and label is None:
            schema = schema.replace(positive=None)
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
