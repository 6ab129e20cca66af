"""Accuracy, precision or recall in each cell of each feature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.errors import ParameterError
from barograph.metrics.performance.by_feature import ByFeature, Cells, share
from barograph.results import Spec
from barograph.schema import Schema
from barograph.summaries import CellMoments

OF = ("accuracy", "precision", "recall")


@dataclass(frozen=True)
class PerformanceByFeature(ByFeature):
    """Accuracy, precision or recall (`of`) of a classifier among the rows in each cell of each feature.

    Range 0 to 1, higher is better; in each cell as it was when nothing has changed. Of more than two classes precision
    and recall are means over the classes that have any in the cell, for at most 10 classes.

    The cells: at most ten of about equal mass in the reference (without one, in the rows themselves) for an ordered
    feature, each value alone where there are at most ten; the ten most frequent labels of a nominal one, all others
    together; and the missing ones. Values have the labels `column`, `cell` and `of`, and n, the rows behind them. They
    are at most `cells`: first those that are by most more than two standard errors worse than in the reference, or
    without one than all rows; cells of fewer than ten rows come last. At most 20 figures.

    Weights are used. Exact for these cells. A cell without such rows on both sides is left out; one without them now is
    `None`. Standard error after Agresti & Coull (1998) with Kish's number of rows (1965); none for a mean over classes.
    Cost: see `CellMoments`; up to 100 features, or the one named as `column`.

    Chung et al. (2019), Slice Finder, for looking where a model fails.

    >>> from barograph import Report, Schema
    >>> rows = {"city": ["Ulm", "Ulm", "Bonn", "Bonn"], "y": [1, 0, 1, 0], "said": [1, 0, 0, 0]}
    >>> run = Report([PerformanceByFeature()]).run(rows, schema=Schema(target="y", prediction="said"))
    >>> run.value("performance_by_feature", cell="Bonn")
    0.5
    """

    of: str = "accuracy"

    spec: ClassVar[Spec] = Spec(
        name="performance_by_feature",
        title="Performance by feature",
        group="performance",
        help="Accuracy, precision or recall of the rows in each cell of each feature.",
        unit="ratio",
        direction="higher",
        range=(0.0, 1.0),
        reference="optional",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.of not in OF:
            raise ParameterError(f"there is no {self.of!r} by feature here; give one of {', '.join(OF)}")

    def measure(self, schema: Schema) -> tuple[str, str]:
        if schema.task != "classification":
            return "", "the schema is not of a classification; of numbers see error_by_feature"
        if schema.target is None or not (schema.prediction or (schema.binary and schema.score)):
            return "", "the schema names no target, or neither prediction nor score: Schema(target=..., prediction=...)"
        return self.of, ""

    def read(self, held: CellMoments, name: str, column: int) -> Cells:
        if name == "accuracy":
            return share(held, "correct", column)
        if "tp" in held.measures:
            return share(held, "tp", column, ("tp", "fp" if name == "precision" else "fn"))
        return _mean_of_classes(held, "predicted" if name == "precision" else "actual", column)


def _mean_of_classes(held: CellMoments, among: str, column: int) -> Cells:
    """Of each class the share of hits among its predictions or occurrences, and their mean."""
    classes = [m.removeprefix("hit:") for m in held.measures if m.startswith("hit:")]
    n = held.at("correct", column)[0].astype(float)
    shares = [share(held, f"hit:{c}", column, (f"{among}:{c}",)).value for c in classes]
    stacked = np.array(shares).reshape(len(classes), n.size)
    count = np.isfinite(stacked).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(count > 0, np.nan_to_num(stacked).sum(axis=0) / count, np.nan)
    return Cells(value, np.full(n.size, np.nan), n)
