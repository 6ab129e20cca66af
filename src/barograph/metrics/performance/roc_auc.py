"""Area under the ROC curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.performance.curves import (
    Part,
    Scored,
    auc,
    auc_error,
    average_over,
    lines,
    one_sided,
    sides,
    thinned,
)  # fmt: skip
from barograph.metrics.performance.estimates import Estimate, Key
from barograph.results import Figure, Spec
from barograph.summaries import Scores


@dataclass(frozen=True)
class RocAuc(Scored):
    """Area under the ROC curve: the chance that a positive scores higher than a negative, a tie counting one half.

    sum over cells of n_b (P_above + p_b / 2) / (P N), with p_b and n_b the weights of positives and negatives in a
    cell. Range 0 to 1, higher is better, 0.5 without skill; unchanged when nothing has changed. Of several score
    columns, one value per class against the rest (label `class`), with the averages `macro` and `weighted` by target
    rows (label `average`) over the classes that have one. Cells that hold one value are exact, ties too; any other is
    off by at most sum p_b n_b / (2 P N), which `low` and `high` bound. Scores need not be probabilities. Without a
    positive or without a negative: `None`. Standard error after DeLong on the cells, of fewer than 30 rows of a class
    at least Hanley & McNeil's; of averages with a correlation of one half between the classes'.

    Hanley & McNeil (1982); DeLong, DeLong & Clarke-Pearson (1988).

    >>> from barograph import Baseline, Schema
    >>> base = Baseline.of({"y": [0, 0, 1, 1], "p": [0.1, 0.4, 0.35, 0.8]}, schema=Schema(target="y", score="p"))
    >>> RocAuc().compute(base.profile, None).values[0].value
    0.75
    """

    spec: ClassVar[Spec] = Spec(
        name="roc_auc",
        title="ROC AUC",
        group="performance",
        help="Chance that a positive scores higher than a negative: 0.5 without skill, 1 perfect.",
        direction="higher",
        range=(0.0, 1.0),
        reference="optional",
    )

    def estimate(self, scores: Scores) -> Estimate:
        side = sides(scores)
        lacking = one_sided(side)
        if lacking:
            return Estimate(None, note=lacking)
        area, off = auc(side)
        se = auc_error(scores, side, area)
        return Estimate(area, low=max(area - off, 0.0), high=min(area + off, 1.0), se=se, dummy=0.5)

    def together(self, parts: list[Part], each: list[Estimate]) -> dict[Key, Estimate]:
        return average_over(parts, each, "ROC AUC")

    def figure(self, current: Scores, reference: Scores | None, labels: dict[str, str]) -> Figure | None:
        curves = {"current": _roc(current), "reference": None if reference is None else _roc(reference)}
        return lines("ROC curve", curves, "false positive rate", "true positive rate", labels)


def _roc(scores: Scores) -> tuple[list[float], list[float]] | None:
    side = sides(scores)
    if one_sided(side):
        return None
    x, y = (np.concatenate([[0.0], way / way[-1]]) for way in (side.fp, side.tp))
    return thinned(x, y)
