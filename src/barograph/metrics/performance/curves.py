"""ROC, precision-recall and calibration from scores counted in cells."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from barograph.metrics.performance.estimates import (
    FIGURES_AT_MOST,
    Estimate,
    Key,
    Performance,
    dropped,
    joined,
    nothing,
    of_kind,
)  # fmt: skip
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Figure, Line, Lines
from barograph.schema import Schema
from barograph.summaries import Scores
from barograph.summaries.bins import atoms
from barograph.types import Floats

POINTS = 100
LEAST = 30  # effective rows of a class, below which the large-sample error of a curve's area has a floor


class Part(NamedTuple):
    """One class against the rest: its labels, and its scores."""

    key: Key
    scores: Scores


@dataclass(frozen=True)
class Scored(Performance):
    """A metric of scores: of the positive class, or of each class against the rest."""

    def sources(self, schema: Schema) -> tuple[Need, ...] | str:
        return of_kind(schema, "classification", "scores")

    def parts(self, profile: Profile, schema: Schema) -> list[Part]:
        """The scores of each class."""
        needs = self.sources(schema)
        assert not isinstance(needs, str)
        one = len(needs) == 1
        return [Part(() if one else (("class", need.label),), profile.summaries[need]) for need in needs]

    def estimates(self, profile: Profile, schema: Schema) -> dict[Key, Estimate]:
        parts = self.parts(profile, schema)
        each = {key: self.checked(scores) for key, scores in parts}
        return each if len(parts) == 1 else {**each, **self.together(parts, list(each.values()))}

    def checked(self, scores: Scores) -> Estimate:
        """The number of one class, with a word on the rows left out."""
        empty = nothing(scores, "score")
        if empty is not None:
            return empty
        found = self.estimate(scores)
        return found._replace(n=scores.n, note=joined(found.note, dropped(scores.n_dropped, "score")))

    def estimate(self, scores: Scores) -> Estimate:
        """The number of one class, which has rows."""
        raise NotImplementedError  # pragma: no cover - abstract

    def together(self, parts: list[Part], each: list[Estimate]) -> dict[Key, Estimate]:
        """What there is to say of all classes together."""
        return {}

    def figures(self, current: Profile, reference: Profile | None, schema: Schema) -> list[Figure]:
        before = [None] * FIGURES_AT_MOST if reference is None else [p.scores for p in self.parts(reference, schema)]
        drawn = []
        for (key, scores), other in zip(self.parts(current, schema)[:FIGURES_AT_MOST], before, strict=False):
            figure = self.figure(scores, other, dict(key))
            drawn += [] if figure is None else [figure]
        return drawn

    def figure(self, current: Scores, reference: Scores | None, labels: dict[str, str]) -> Figure | None:
        """The picture of one class."""
        return None


class Sides(NamedTuple):
    """Weights of positives and negatives per cell from the highest score down, with their sums; `P` and `N` in all.

    `tied` cells hold one value, so that their order is known.
    """

    p: Floats
    n: Floats
    tp: Floats
    fp: Floats
    tied: npt.NDArray[np.bool_]

    @property
    def positives(self) -> float:
        return float(self.tp[-1])

    @property
    def negatives(self) -> float:
        return float(self.fp[-1])


def sides(scores: Scores) -> Sides:
    """The cells of scores, ranked."""
    tied = atoms(scores.edges)
    # the last edge of the grid lies just below 1: above it there is nothing but 1 where all are probabilities
    if scores.edges.size and scores.n_outside == 0 and np.nextafter(1.0, 0.0) == scores.edges[-1]:
        tied[-1] = True
    p, n = scores.positive[::-1], scores.negative[::-1]
    return Sides(p, n, np.cumsum(p), np.cumsum(n), tied[::-1])


def effective(weights: Floats, squares: Floats) -> float:
    """Rows that count as much as these weighted ones (Kish 1965)."""
    total, square = float(weights.sum()), float(squares.sum())
    return total * total / square if square > 0 else 0.0


def prevalence(scores: Scores) -> float:
    """Share of the positive class."""
    return float(scores.positive.sum()) / scores.weight


def one_sided(side: Sides) -> str:
    """Why a curve cannot be had; empty where it can."""
    if side.positives <= 0:
        return "no rows of the positive class"
    return "no rows but of the positive class" if side.negatives <= 0 else ""


def auc(side: Sides) -> tuple[float, float]:
    """Area under the ROC curve, and how far it can be off either way."""
    pairs = side.positives * side.negatives
    area = float((side.n * (side.tp - side.p / 2)).sum()) / pairs
    off = float((side.p * side.n)[~side.tied].sum()) / (2 * pairs)
    return min(max(area, 0.0), 1.0), off


def auc_error(scores: Scores, side: Sides, area: float) -> float | None:
    """Standard error of the area: DeLong et al. (1988) on the cells; of few rows at least Hanley & McNeil (1982)."""
    p2, n2 = scores.positive2[::-1], scores.negative2[::-1]
    many, rest = effective(side.p, p2), effective(side.n, n2)
    of_positive = 1 - (side.fp - side.n / 2) / side.negatives
    of_negative = (side.tp - side.p / 2) / side.positives
    parts = [(p2, of_positive, side.positives, many), (n2, of_negative, side.negatives, rest)]
    variance = sum(
        float((squares * (placed - area) ** 2).sum()) / total**2 * rows / max(rows - 1, 1.0)
        for squares, placed, total, rows in parts
    )
    least = min(many, rest)
    if least < LEAST or variance <= 0:
        variance = max(variance, _hanley((area * least + 0.5) / (least + 1), many, rest))
    return math.sqrt(variance)


def _hanley(area: float, many: float, rest: float) -> float:
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + max(many - 1, 0) * (q1 - area**2) + max(rest - 1, 0) * (q2 - area**2)
    return spread / (many * rest)


def precision_area(scores: Scores, side: Sides) -> tuple[float, float, float]:
    """Average precision, and between what it lies whatever the order inside the cells."""
    p, n = side.p, side.n
    before, other = side.tp - p, side.fp - n  # above the cell
    ends = _over(side.tp, side.tp + side.fp)
    best = p * _over(side.tp, side.tp + other)  # the positives first and tied
    worst = p - side.fp * _log_ratio(side.tp + side.fp, before + side.fp)  # the negatives first, no two tied
    slope = 1 + _over(n, p)
    start = before + other
    even = p / slope + _over(before - start / slope, slope) * _log_ratio(start + slope * p, start)
    even = np.where(start > 0, even, p / slope)
    # rows are steps: half a row's rise is added to the area under a smooth line
    row = _over(scores.positive2[::-1], p)
    even = even + row / 2 * np.maximum(ends - _over(before, start), 0.0)
    alone = scores.positive2[::-1] >= p**2 * (1 - 1e-12)  # one positive row
    worst = np.where(alone, p * ends, worst)
    best, worst, even = (np.where(side.tied, p * ends, part) for part in (best, worst, even))
    low, high = float(worst.sum()) / side.positives, float(best.sum()) / side.positives
    value = float(np.clip(even, worst, best).sum()) / side.positives
    return value, min(low, value), max(high, value)


def precision_error(scores: Scores, side: Sides, value: float) -> float:
    """Standard error of average precision: the delta method on the cells, each as one step.

    A row adds its own step, and changes the precision of all below it. Of few positives at least the binomial error of
    `value` with one right and one wrong row added."""
    p2, n2 = scores.positive2[::-1], scores.negative2[::-1]
    said = side.tp + side.fp
    steps = side.p / side.positives
    by_positive = _over(side.fp, said**2) * steps
    by_negative = _over(side.tp, said**2) * steps
    gain = (_over(side.tp, said) - value) / side.positives + _downward(by_positive)
    variance = float((p2 * gain**2).sum() + (n2 * _downward(by_negative) ** 2).sum())
    rows = effective(side.p, p2)
    if rows < LEAST or variance <= 0:
        share = (value * rows + 1) / (rows + 2)
        variance = max(variance, share * (1 - share) / (rows + 2))
    return math.sqrt(variance)


def _downward(parts: Floats) -> Floats:
    """Sum from each cell to the lowest."""
    return np.cumsum(parts[::-1])[::-1]


def _over(a: Floats, b: Floats) -> Floats:
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0)


def _log_ratio(a: Floats, b: Floats) -> Floats:
    """ln(a / b); 0 where either is 0 (its factor is 0 there)."""
    ratio = np.divide(a, b, out=np.ones_like(a), where=(b > 0) & (a > 0))
    return np.log(ratio)


def average_over(parts: list[Part], each: list[Estimate], of: str) -> dict[Key, Estimate]:
    """Mean over classes (`macro`), and by their target rows (`weighted`); classes without a value are left out.

    The classes are judged on the same rows: a correlation of one half is assumed between their errors.
    """
    known = [(float(part.scores.positive.sum()), e) for part, e in zip(parts, each, strict=True) if e.value is not None]
    left = len(each) - len(known)
    note = f"{left} of {len(each)} classes have no {of}, and are left out" if left else ""
    if not known:
        return {(("average", how),): Estimate(None, note=note) for how in ("macro", "weighted")}
    weights = {"macro": np.ones(len(known)), "weighted": np.array([w for w, _ in known])}
    return {(("average", how),): _mean(w / w.sum(), [e for _, e in known], note) for how, w in weights.items()}


def _mean(shares: Floats, of: list[Estimate], note: str) -> Estimate:
    values, lows, highs = (
        np.array([e.value if end is None else end for e, end in zip(of, ends, strict=True)], float)
        for ends in ([e.value for e in of], [e.low for e in of], [e.high for e in of])
    )
    se = together_error(shares, [e.se for e in of])
    n = min(e.n for e in of)
    dummies = np.array([e.dummy for e in of], float)
    mean, low, high, dummy = (float(shares @ part) for part in (values, lows, highs, dummies))
    return Estimate(mean, n, low, high, se, note, dummy)


def together_error(shares: Floats, errors: list[float | None]) -> float | None:
    """Standard error of a weighted sum of classes' numbers, with a correlation of one half between any two."""
    if any(error is None for error in errors):
        return None
    parts = shares * np.array(errors, float)
    return math.sqrt((float((parts**2).sum()) + float(parts.sum()) ** 2) / 2)


def grouped(scores: Scores, cuts: Floats) -> Any:
    """Which of the `len(cuts) + 1` groups each cell belongs to: `score < cuts[0]`, ..., `score >= cuts[-1]`.

    Exact where the numbers just below the cuts are edges.
    """
    ends = np.append(scores.edges, np.inf)
    return np.searchsorted(np.nextafter(cuts, -np.inf), ends, side="left")


def sums_in(groups: Any, values: Floats, n_groups: int) -> Floats:
    """Sums of the cells' values in each group."""
    sums: Floats = np.bincount(groups, values, minlength=n_groups).astype(float)
    return sums


def thinned(x: Floats, y: Floats) -> tuple[list[float], list[float]]:
    """At most `POINTS` points of a curve, evenly along its way; the first and the last are kept."""
    way = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
    if way[-1] <= 0:
        return x[:1].tolist(), y[:1].tolist()
    kept = np.unique(np.append(np.searchsorted(way, np.linspace(0, way[-1], POINTS - 1)), x.size - 1))
    kept = np.minimum(kept, x.size - 1)
    return x[kept].tolist(), y[kept].tolist()


def lines(
    title: str,
    curves: dict[str, tuple[list[float], list[float]] | None],
    x: str,
    y: str,
    labels: dict[str, str],
    diagonal: bool = True,
) -> Lines | None:
    """Curves of one figure; `None` where there is none of the current rows."""
    if curves["current"] is None:
        return None
    drawn = [Line(name, points[0], list(points[1])) for name, points in curves.items() if points is not None]
    return Lines(title, drawn, x, y, labels, diagonal)
