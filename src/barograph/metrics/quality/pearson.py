"""Pearson's correlation of every pair of numeric columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.quality.pairs import Method, Pairwise
from barograph.results import Spec


@dataclass(frozen=True)
class Pearson(Pairwise):
    """Pearson's r of every pair of numeric columns: cov(x, y) / (sd(x) sd(y)).

    Range -1 to 1, 0 for no linear relation; neither direction is better, and it stays as it was when nothing has
    changed. One outlier can make or hide it: see `spearman`. Rows with both count, whatever other columns
    lack; infinite values are absent.
    Columns are target, prediction, scores and features, or those named as `columns`; true is 1, and so is the
    positive of two classes. The `pairs` strongest have values, with the labels `column` and `other`; the figure has
    all, up to 40 columns. Weights are not used.

    Exact up to rounding, also at 1e9 away from zero. Fewer than three rows with both, or a column that does not vary:
    `None`. Standard error (1 - r^2) / sqrt(n - 3): of a normal law, too small where tails are heavy. Cost: see
    `CrossMoments`; up to 256 columns.

    Pearson (1895); Fisher (1915); Chan, Golub & LeVeque (1979).

    >>> from barograph import Report
    >>> run = Report([Pearson()]).run({"a": [1, 2, 3, 4], "b": [2, 4, 6, 9], "c": ["x", "y", "y", "x"]})
    >>> [(v.labels["column"], v.labels["other"], round(v.value, 4)) for v in run.results[0].values]
    [('a', 'b', 0.9944)]
    """

    method: ClassVar[Method] = "pearson"
    spec: ClassVar[Spec] = Spec(
        name="pearson",
        title="Pearson correlation",
        group="quality",
        help="Linear correlation of each pair of numeric columns.",
        range=(-1.0, 1.0),
        reference="optional",
    )
