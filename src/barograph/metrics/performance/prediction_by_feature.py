"""The prediction in each cell of each feature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.performance.by_feature import ByFeature, Cells, mean, share
from barograph.results import Spec
from barograph.schema import Schema
from barograph.summaries import CellMoments


@dataclass(frozen=True)
class PredictionByFeature(ByFeature):
    """Mean of the prediction, or rate of positive predictions, or mean score, in each cell of each feature.

    Any range (a rate: 0 to 1), neither direction is better; in each cell as it was when nothing has changed. It needs
    no labels.

    The cells: at most ten of about equal mass in the reference (without one, in the rows themselves) for an ordered
    feature, each value alone where there are at most ten; the ten most frequent labels of a nominal one, all others
    together; and the missing ones. Values have the labels `column`, `cell` and `of`, and n, the rows behind them. They
    are at most `cells`: first those that are by most more than two standard errors away from the reference, or without
    one from all rows; cells of fewer than ten rows come last. At most 20 figures.

    Weights are used. Exact for these cells. A cell without such rows on both sides is left out; one without them now is
    `None`, and so is all for more than two classes (see `cramers_v`). Standard error from the spread in the cell, of a
    rate after Agresti & Coull (1998), with Kish's number of rows (1965). Cost: see `CellMoments`; up to 100
    features, or the one named as `column`.

    Goldstein et al. (2015) for what a model says along one feature.

    >>> from barograph import Report, Schema
    >>> rows = {"city": ["Ulm", "Ulm", "Bonn", "Bonn"], "y": [1, 0, 1, 1], "said": [1, 0, 0, 0]}
    >>> run = Report([PredictionByFeature()]).run(rows, schema=Schema(target="y", prediction="said"))
    >>> run.value("prediction_by_feature", cell="Bonn")
    0.0
    """

    spec: ClassVar[Spec] = Spec(
        name="prediction_by_feature",
        title="Prediction by feature",
        group="performance",
        help="Mean of the prediction or score, or predicted rate, in each cell of each feature.",
        reference="optional",
    )

    def measure(self, schema: Schema) -> tuple[str, str]:
        if schema.task == "regression" and schema.prediction:
            return "mean of the prediction", ""
        if schema.binary and (schema.prediction or schema.score):
            return "predicted rate" if schema.prediction else "mean score", ""
        return "", "the schema names neither a prediction nor a score, or more than two classes"

    def read(self, held: CellMoments, name: str, column: int) -> Cells:
        if name == "predicted rate":
            return share(held, "prediction", column)
        return mean(held, "score" if name == "mean score" else "prediction", column)
