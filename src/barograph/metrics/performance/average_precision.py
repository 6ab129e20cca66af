"""Average precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.performance.curves import (
    Part,
    Scored,
    average_over,
    lines,
    precision_area,
    precision_error,
    prevalence,
    sides,
    thinned,
)  # fmt: skip
from barograph.metrics.performance.estimates import Estimate, Key
from barograph.results import Figure, Spec
from barograph.summaries import Scores


@dataclass(frozen=True)
class AveragePrecision(Scored):
    """Average precision: the precision at each positive's score, averaged over the positives.

    sum over thresholds of (R_k - R_k-1) P_k, as in scikit-learn. Range 0 to 1, higher is better; without skill the
    share of positives, so that it moves with it; unchanged when nothing has changed. Several score columns: as for
    `roc_auc`. Cells that hold one value are exact; in any other the rows are taken as evenly mixed, and `low` and
    `high` bound the worst order (its negatives first) and the best. Scores need not be probabilities. Without a
    positive: `None`. Standard error by the delta method with each cell as one step, of fewer than 30 positives at least
    the binomial one with one right and one wrong row added; of averages with a correlation of one half between the
    classes'.

    Davis & Goadrich (2006); Boyd, Eng & Page (2013) for errors.

    >>> from barograph import Baseline, Schema
    >>> base = Baseline.of({"y": [0, 0, 1, 1], "p": [0.1, 0.4, 0.35, 0.8]}, schema=Schema(target="y", score="p"))
    >>> round(AveragePrecision().compute(base.profile, None).values[0].value, 4)
    0.8333
    """

    spec: ClassVar[Spec] = Spec(
        name="average_precision",
        title="Average precision",
        group="performance",
        help="Precision averaged over the ranks of the positives; without skill the share of positives.",
        direction="higher",
        range=(0.0, 1.0),
        reference="optional",
    )

    def estimate(self, scores: Scores) -> Estimate:
        side = sides(scores)
        if side.positives <= 0:
            return Estimate(None, note="no rows of the positive class")
        value, low, high = precision_area(scores, side)
        return Estimate(value, low=low, high=high, se=precision_error(scores, side, value), dummy=prevalence(scores))

    def together(self, parts: list[Part], each: list[Estimate]) -> dict[Key, Estimate]:
        return average_over(parts, each, "average precision")

    def figure(self, current: Scores, reference: Scores | None, labels: dict[str, str]) -> Figure | None:
        curves = {"current": _curve(current), "reference": None if reference is None else _curve(reference)}
        return lines("Precision-recall curve", curves, "recall", "precision", labels, diagonal=False)


def _curve(scores: Scores) -> tuple[list[float], list[float]] | None:
    side = sides(scores)
    if side.positives <= 0:
        return None
    said = side.tp + side.fp
    some = said > 0
    return thinned(side.tp[some] / side.positives, side.tp[some] / said[some])
