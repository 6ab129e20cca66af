"""Over- and underestimation in each cell of each feature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.performance.by_feature import ByFeature, Cells, mean
from barograph.results import Spec
from barograph.schema import Schema
from barograph.summaries import CellMoments


@dataclass(frozen=True)
class BiasByFeature(ByFeature):
    """Mean error, prediction - target, of a regression among the rows in each cell of each feature.

    Any range, nearer to 0 is better, above 0 the model says too much; in each cell as it was when nothing has changed.

    The cells: at most ten of about equal mass in the reference (without one, in the rows themselves) for an ordered
    feature, each value alone where there are at most ten; the ten most frequent labels of a nominal one, all others
    together; and the missing ones. Values have the labels `column`, `cell` and `of`, and n, the rows behind them. They
    are at most `cells`: first those that are by most more than two standard errors further from 0 than in the
    reference, or without one than all rows; cells of fewer than ten rows come last. At most 20 figures.

    Weights are used. Exact for these cells. A cell without such rows on both sides is left out; one without them now is
    `None`. Standard error from the spread in the cell, with Kish's number of rows (1965); none of one row. Cost: see
    `CellMoments`; up to 100 features, or the one named as `column`.

    Willmott & Matsuura (2005) for the mean error.

    >>> from barograph import Report, Schema
    >>> rows = {"city": ["Ulm", "Ulm", "Bonn", "Bonn"], "y": [1.5, 2, 3, 4], "said": [1.5, 2, 2, 2]}
    >>> run = Report([BiasByFeature()]).run(rows, schema=Schema(target="y", prediction="said"))
    >>> run.value("bias_by_feature", cell="Bonn")
    -1.5
    """

    spec: ClassVar[Spec] = Spec(
        name="bias_by_feature",
        title="Bias by feature",
        group="performance",
        help="Mean of prediction - target of the rows in each cell of each feature.",
        direction="zero",
        reference="optional",
    )

    def measure(self, schema: Schema) -> tuple[str, str]:
        if schema.task != "regression" or not schema.target or not schema.prediction:
            return "", "the mean error needs a target and a prediction of a number: Schema(target=..., prediction=...)"
        return "mean_error", ""

    def read(self, held: CellMoments, name: str, column: int) -> Cells:
        return mean(held, "error", column)
