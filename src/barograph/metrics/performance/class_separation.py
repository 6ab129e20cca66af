"""How far the scores of the classes lie apart."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.performance.curves import Part, Scored, average_over, effective, one_sided, sides, sums_in
from barograph.metrics.performance.estimates import Estimate, Key
from barograph.metrics.performance.score_distribution import score_cells
from barograph.results import Bars, Figure, Spec
from barograph.summaries import Scores


@dataclass(frozen=True)
class ClassSeparation(Scored):
    """Class separation: the largest distance between the score distributions of positives and negatives (KS).

    max over thresholds of true positive rate - false positive rate, Youden's J at its best, or of its negative where
    the scores are upside down. Range 0 to 1, higher is better, near 0 without skill (about 0.87 sqrt(1/P + 1/N) by
    chance); unchanged when nothing has changed. Of several score columns, one value per class against the rest (label
    `class`), with the averages `macro` and `weighted` by target rows (label `average`). Cells that hold one value are
    exact; elsewhere the largest distance may lie inside a cell, which `high` bounds. Scores need not be probabilities.
    Without a positive or without a negative: `None`. Standard error as if the threshold had been known before. The
    picture: scores of positives and of negatives, each as shares of their own.

    Youden (1950); Conover (1999) for the Kolmogorov-Smirnov distance.

    >>> from barograph import Profile, Schema
    >>> rows = {"y": [1, 1, 0, 0], "p": [0.9, 0.3, 0.4, 0.1]}
    >>> ClassSeparation().compute(Profile.of(rows, schema=Schema(target="y", score="p")), None).values[0].value
    0.5
    """

    spec: ClassVar[Spec] = Spec(
        name="class_separation",
        title="Class separation",
        group="performance",
        help="Largest distance between the score distributions of positives and negatives: 0 none, 1 whole.",
        direction="higher",
        range=(0.0, 1.0),
        reference="optional",
    )

    def estimate(self, scores: Scores) -> Estimate:
        side = sides(scores)
        if lacking := one_sided(side):
            return Estimate(None, note=lacking)
        found, false = side.tp / side.positives, side.fp / side.negatives
        at = int(np.argmax(np.abs(found - false)))
        value = float(abs(found[at] - false[at]))
        # inside a cell its positives may all come first, or all its negatives
        ahead = np.where(side.tied, 0.0, found - false + side.n / side.negatives)
        behind = np.where(side.tied, 0.0, false - found + side.p / side.positives)
        high = min(max(value, float(ahead.max()), float(behind.max())), 1.0)
        rows = effective(side.p, scores.positive2), effective(side.n, scores.negative2)
        # one row on either side is added, so that what is wholly apart is not without an error
        shares = [(float(part[at]) * n + 1) / (n + 2) for part, n in zip((found, false), rows, strict=True)]
        se = math.sqrt(sum(p * (1 - p) / (n + 2) for p, n in zip(shares, rows, strict=True)))
        return Estimate(value, low=value, high=high, se=se)

    def together(self, parts: list[Part], each: list[Estimate]) -> dict[Key, Estimate]:
        return average_over(parts, each, "class separation")

    def figure(self, current: Scores, reference: Scores | None, labels: dict[str, str]) -> Figure | None:
        if one_sided(sides(current)):
            return None
        cut = score_cells(current)
        if cut is None:
            return None
        ends, groups = cut
        cells = [f"{a:.3g} to {b:.3g}" for a, b in itertools.pairwise(ends)]
        series = {
            name: (sums_in(groups, side, len(cells)) / side.sum()).tolist()
            for name, side in (("positive", current.positive), ("negative", current.negative))
        }
        return Bars("Scores by class, current", cells, series, ends.tolist(), labels, "score", "share of the class")
