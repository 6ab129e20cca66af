"""How scores are spread."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from barograph.metrics.performance.curves import Scored, grouped, sums_in
from barograph.metrics.performance.estimates import Estimate
from barograph.results import Bars, Figure, Spec
from barograph.summaries import Scores
from barograph.types import Floats

BINS = 40


@dataclass(frozen=True)
class ScoreDistribution(Scored):
    """Mean score, and a picture of the scores of positives and negatives.

    Values: sum of w score / sum of w; of several score columns one per class (label `class`). Neither end is better;
    unchanged when nothing has changed. Exact. The bars are shares of all rows, in at most 50 cells of equal width whose
    ends are hundredths; of scores that are no probabilities 40 cells over their range, cut within the cells' width. No
    rows: `None`. Standard error from the spread of the cells' means.

    >>> from barograph import Profile, Schema
    >>> profile = Profile.of({"y": [1, 0], "p": [0.75, 0.25]}, schema=Schema(target="y", score="p"))
    >>> ScoreDistribution().compute(profile, None).values[0].value
    0.5
    """

    spec: ClassVar[Spec] = Spec(
        name="score_distribution",
        title="Score distribution",
        group="performance",
        help="Mean score, and the scores of positives and negatives.",
        direction="none",
        reference="optional",
    )

    def estimate(self, scores: Scores) -> Estimate:
        mean = float(scores.total.sum()) / scores.weight
        squares = scores.positive2 + scores.negative2
        rows = scores.weight * scores.shrink
        if rows <= 1:
            return Estimate(mean)
        apart = float((squares * (_means(scores, mean) - mean) ** 2).sum()) / scores.weight**2
        return Estimate(mean, se=math.sqrt(apart * rows / (rows - 1)))

    def figure(self, current: Scores, reference: Scores | None, labels: dict[str, str]) -> Figure | None:
        cut = score_cells(current)
        if cut is None:
            return None
        ends, groups = cut
        cells = [f"{a:.3g} to {b:.3g}" for a, b in itertools.pairwise(ends)]
        series = {
            name: (sums_in(groups, side, len(cells)) / current.weight).tolist()
            for name, side in (("positive", current.positive), ("negative", current.negative))
        }
        return Bars("Scores, current", cells, series, ends.tolist(), labels, "score", "share of all rows")


def score_cells(scores: Scores) -> tuple[Floats, Any] | None:
    """Ends of the cells to draw, and the one to which each cell of the scores belongs; `None` of nothing."""
    if scores.weight <= 0:
        return None
    ends = _ends(scores)
    if not np.isfinite(ends).all():  # the sums overflow
        return None
    if not scores.n_outside:
        return ends, grouped(scores, ends[1:-1])
    # the outermost cells have no ends: their mean says where they lie
    return ends, np.searchsorted(ends[1:-1], _means(scores, float(ends[0])), side="right")


def _means(scores: Scores, empty: float) -> Floats:
    """Mean score of each cell; `empty` where there are no rows."""
    weight = scores.positive + scores.negative
    return np.divide(scores.total, weight, out=np.full_like(weight, empty), where=weight > 0)


def _ends(scores: Scores) -> Floats:
    """Ends of the cells to draw."""
    used = (scores.positive + scores.negative) > 0
    means = _means(scores, 0.0)[used]
    low, high = float(means.min()), float(means.max())
    if scores.n_outside:
        return np.linspace(low, high if high > low else low + 1.0, BINS + 1)
    first, last = math.floor(low * 100), min(max(math.ceil(high * 100), math.floor(low * 100) + 1), 100)
    first = min(first, 99)
    step = 1 if last - first <= 50 else 2
    return np.append(np.arange(first, last, step), last if step == 1 else last + (last - first) % 2) / 100
