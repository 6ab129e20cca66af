"""The target in each cell of each feature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.performance.by_feature import ByFeature, Cells, mean, share
from barograph.results import Spec
from barograph.schema import Schema
from barograph.summaries import CellMoments


@dataclass(frozen=True)
class TargetByFeature(ByFeature):
    """Mean of the target, or rate of the positive class, among the rows in each cell of each feature.

    Any range (a rate: 0 to 1), neither direction is better; in each cell as it was when nothing has changed: a change
    says that the relation itself moved (concept drift), where the model cannot follow.

    The cells: at most ten of about equal mass in the reference (without one, in the rows themselves) for an ordered
    feature, each value alone where there are at most ten; the ten most frequent labels of a nominal one, all others
    together; and the missing ones. Values have the labels `column`, `cell` and `of`, and n, the rows behind them. They
    are at most `cells`: first those that are by most more than two standard errors away from the reference, or without
    one from all rows; cells of fewer than ten rows come last. At most 20 figures.

    Weights are used. Exact for these cells. A cell without such rows on both sides is left out; one without them now is
    `None`, and so is all for more than two classes (see `cramers_v`). Standard error from the spread in the cell, of a
    rate after Agresti & Coull (1998), with Kish's number of rows (1965). Cost: see `CellMoments`; up to 100
    features, or the one named as `column`.

    Gama et al. (2014), A survey on concept drift adaptation.

    >>> from barograph import Report, Schema
    >>> rows = {"city": ["Ulm", "Ulm", "Bonn", "Bonn"], "y": [1, 0, 1, 1], "said": [1, 0, 0, 0]}
    >>> run = Report([TargetByFeature()]).run(rows, schema=Schema(target="y", prediction="said"))
    >>> run.value("target_by_feature", cell="Bonn")
    1.0
    """

    spec: ClassVar[Spec] = Spec(
        name="target_by_feature",
        title="Target by feature",
        group="performance",
        help="Mean of the target, or rate of the positive class, in each cell of each feature.",
        reference="optional",
    )

    def measure(self, schema: Schema) -> tuple[str, str]:
        if schema.target is None:
            return "", 'the schema names no target; name its column: Schema(target="...")'
        if schema.task == "regression":
            return "mean of the target", ""
        return ("rate of the positive class", "") if schema.binary else ("", "the target has more than two classes")

    def read(self, held: CellMoments, name: str, column: int) -> Cells:
        return (mean if name.startswith("mean") else share)(held, "target", column)
