"""Mean error of a model in each cell of each feature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.errors import ParameterError
from barograph.metrics.performance.by_feature import ByFeature, Cells, mean
from barograph.results import Spec
from barograph.schema import Schema
from barograph.summaries import CellMoments

OF = {"mae": "absolute", "rmse": "squared", "log_loss": "log_loss", "brier": "brier"}


@dataclass(frozen=True)
class ErrorByFeature(ByFeature):
    """Error of a model among the rows in each cell of each feature: `mae`, `rmse`, `log_loss` or `brier` (`of`).

    `mae` is the mean of |prediction - target|, `rmse` the root of the mean of its square; for the others see `log_loss`
    and `brier`.

    Range 0 to infinity, lower is better; in each cell as it was when nothing has changed. Left open, `of` is `mae` for
    regression and `log_loss` for the score of two classes.

    The cells: at most ten of about equal mass in the reference (without one, in the rows themselves) for an ordered
    feature, each value alone where there are at most ten; the ten most frequent labels of a nominal one, all others
    together; and the missing ones. Values have the labels `column`, `cell` and `of`, and n, the rows behind them. They
    are at most `cells`: first those that are by most more than two standard errors worse than in the reference, or
    without one than all rows; cells of fewer than ten rows come last. At most 20 figures.

    Weights are used. Exact for these cells. A cell without such rows on both sides is left out; one without them now is
    `None`. Standard error from the spread in the cell, with Kish's number of rows (1965); none of one row, and for
    `rmse` by the delta method. Cost: see `CellMoments`; up to 100 features, or the one named as `column`.

    Chung et al. (2019), Slice Finder, for looking where a model fails.

    >>> from barograph import Report, Schema
    >>> rows = {"city": ["Ulm", "Ulm", "Bonn", "Bonn"], "y": [1.5, 2, 3, 4], "said": [1.5, 2, 4, 6]}
    >>> run = Report([ErrorByFeature()]).run(rows, schema=Schema(target="y", prediction="said"))
    >>> run.value("error_by_feature", cell="Bonn")
    1.5
    """

    of: str | None = None

    spec: ClassVar[Spec] = Spec(
        name="error_by_feature",
        title="Error by feature",
        group="performance",
        help="Mean error or loss of the rows in each cell of each feature.",
        direction="lower",
        range=(0.0, None),
        reference="optional",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.of not in (None, *OF):
            raise ParameterError(f"there is no {self.of!r} by feature here; give one of {', '.join(OF)}")

    def measure(self, schema: Schema) -> tuple[str, str]:
        regression = schema.task == "regression" and schema.target and schema.prediction
        probability = schema.binary and schema.target and schema.score
        found = self.of or ("mae" if regression else "log_loss")
        if not (regression if found in ("mae", "rmse") else probability):
            return "", f"{found} needs a target, and " + (
                "a prediction of a number" if found in ("mae", "rmse") else "the score of two classes"
            )
        return found, ""

    def read(self, held: CellMoments, name: str, column: int) -> Cells:
        cells = mean(held, OF[name], column)
        if name != "rmse":
            return cells
        root = np.sqrt(cells.value)
        with np.errstate(invalid="ignore", divide="ignore"):
            return Cells(root, np.where(root > 0, cells.se / (2 * root), cells.se), cells.n)
