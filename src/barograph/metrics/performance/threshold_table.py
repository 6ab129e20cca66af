"""What each decision threshold would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from barograph.errors import ParameterError
from barograph.metrics.performance.curves import Scored
from barograph.metrics.performance.estimates import FIGURES_AT_MOST, Estimate
from barograph.metrics.performance.tables import at_threshold
from barograph.profile import Profile
from barograph.results import Figure, Line, Lines, Scalar, Spec, Table
from barograph.schema import Schema
from barograph.summaries import Scores

THRESHOLDS = tuple(at / 20 for at in range(1, 20))
_FINE = [at / 100 for at in range(1, 100)]


@dataclass(frozen=True)
class ThresholdTable(Scored):
    """The threshold with the best F1, and what each threshold would do: share of rows flagged (score >= threshold),
    precision, recall, false positive rate and F1.

    Values: the hundredth (of `thresholds` that are given, the one) with the highest F1, the lowest of equals; of
    several score columns one per class against the rest (label `class`). Range 0 to 1 for probabilities, neither end is
    better; unchanged when nothing has changed, but flat optima move with chance. Exact at hundredths; at other
    thresholds the rows of the threshold's cell are taken as spread evenly in it. Scores that are no probabilities need
    `thresholds` of their own. Without a positive: `None`. No standard error.

    Lipton, Elkan & Narayanaswamy (2014) on thresholds for F1.

    >>> from barograph import Profile, Schema
    >>> rows = {"y": [1, 1, 0, 0], "p": [0.9, 0.6, 0.55, 0.2]}
    >>> ThresholdTable().compute(Profile.of(rows, schema=Schema(target="y", score="p")), None).values[0].value
    0.56
    """

    thresholds: tuple[float, ...] = THRESHOLDS

    spec: ClassVar[Spec] = Spec(
        name="threshold_table",
        title="Decision thresholds",
        group="performance",
        help="Threshold with the best F1, and precision, recall and rows flagged at each.",
        direction="none",
        reference="optional",
    )

    def __post_init__(self) -> None:
        if not self.thresholds or not np.isfinite(self.thresholds).all():
            raise ParameterError(f"thresholds are finite numbers, at least one; not {self.thresholds}")

    def estimate(self, scores: Scores) -> Estimate:
        if scores.positive.sum() <= 0:
            return Estimate(None, note="no rows of the positive class")
        if scores.n_outside and self.thresholds == THRESHOLDS:
            return Estimate(None, note="the scores are no probabilities; say which thresholds to look at")
        tried = _FINE if self.thresholds == THRESHOLDS else sorted(self.thresholds)
        return Estimate(max(tried, key=lambda threshold: (_row(scores, threshold)[-1], -threshold)))

    def figures(self, current: Profile, reference: Profile | None, schema: Schema) -> list[Figure]:
        drawn: list[Figure] = []
        for key, scores in self.parts(current, schema)[:FIGURES_AT_MOST]:
            if self.checked(scores).value is None:
                continue
            rows = [_row(scores, threshold) for threshold in self.thresholds]
            drawn += [_lines(rows, dict(key)), Table(self.spec.title, COLUMNS, rows, dict(key))]
        return drawn


COLUMNS = ["threshold", "share flagged", "precision", "recall", "false positive rate", "F1"]


def _row(scores: Scores, threshold: float) -> list[Any]:
    (tn, fp), (fn, tp) = at_threshold(scores, "", threshold).weights.tolist()
    precision = tp / (tp + fp) if tp + fp > 0 else None
    rate = fp / (fp + tn) if fp + tn > 0 else None
    flagged = (tp + fp) / (tp + fp + fn + tn)
    return [float(threshold), flagged, precision, tp / (tp + fn), rate, 2 * tp / (2 * tp + fp + fn)]


def _lines(rows: list[list[Scalar]], labels: dict[str, str]) -> Lines:
    x: list[Any] = [row[0] for row in rows]
    shown: dict[str, list[Any]] = {COLUMNS[at]: [row[at] for row in rows] for at in (2, 3, 1)}
    made = [Line(name, x, y) for name, y in shown.items()]
    return Lines("Precision, recall and share flagged", made, "threshold", "share", labels)
