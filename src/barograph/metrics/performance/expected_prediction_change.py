"""What each column's change would do to the predictions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.measures import expected_measures
from barograph.metrics.performance.impact import ExpectedChange
from barograph.results import Spec
from barograph.schema import Schema


@dataclass(frozen=True)
class ExpectedPredictionChange(ExpectedChange):
    """How much the reference's mean prediction would change if one column were distributed as it is now.

    `sum over cells b of (q_b - p_b) * mean_b`, where p and q are the shares of the reference's and the current rows in
    cell b of the column, and mean_b the reference's mean prediction in it: importance weighting with the ratio q_b /
    p_b. The prediction is the score of the positive class where there is one, the prediction of a regression, else the
    share of positive predictions. Any range, neither direction is better, 0 when nothing has changed.

    It is taken that the other columns move with this one as they did in the reference; so changes of columns that move
    together are one effect told twice, and do not add up. Cells, rows that the reference never saw, and when the value
    is `None`: as of `ExpectedLossChange`, but without a need of labels. Of more than two classes there is no mean:
    `None`. Constant columns: 0.

    Standard error from the spread in the cells and the chance in the shares of both sides. Cost: see
    `ExpectedLossChange`.

    Shimodaira (2000) for re-weighting; Quionero-Candela et al. (2009) for covariate shift.

    >>> from barograph import Report, Schema
    >>> then = {"city": ["Ulm", "Ulm", "Bonn", "Bonn"], "cost": [1.0, 3.0, 6.0, 8.0]}
    >>> now = {"city": ["Ulm", "Bonn", "Bonn", "Bonn"], "cost": [2.0, 7.0, 7.0, 7.0]}
    >>> schema = Schema(prediction="cost", task="regression")
    >>> Report([ExpectedPredictionChange()]).run(now, then, schema=schema).value(
    ...     "expected_prediction_change", column="city"
    ... )
    1.25
    """

    spec: ClassVar[Spec] = Spec(
        name="expected_prediction_change",
        title="Expected change of the prediction",
        group="performance",
        help="Change of the reference's mean prediction, re-weighted to the column's current distribution.",
        reference="required",
    )

    def measure(self, schema: Schema) -> tuple[str, str, float]:
        name = next((name for name in ("score", "prediction") if name in expected_measures(schema)), "")
        if not name:
            return "", "the schema names neither a prediction nor a score, or more than two classes", 1.0
        rate = name == "prediction" and schema.task == "classification"
        return name, "predicted rate" if rate else f"mean {name}", 1.0
