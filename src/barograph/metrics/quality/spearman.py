"""Spearman's rank correlation of every pair of ordered columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.quality.pairs import Method, Pairwise
from barograph.results import Spec


@dataclass(frozen=True)
class Spearman(Pairwise):
    """Spearman's rho of every pair of ordered columns: Pearson's r of their ranks, ties sharing the mean rank.

    Range -1 to 1, 0 for no monotone relation; neither direction is better, and it stays as it was when nothing has
    changed. No outlier can make it. Numbers, times, booleans and two classes. Rows with both
    count, whatever other columns lack; infinite values are absent.
    Columns are target, prediction, scores and features, or those named as `columns`; true is 1, and so is the
    positive of two classes. The `pairs` strongest have values, with the labels `column` and `other`; the figure has
    all, up to 40 columns.

    Read from at most ten cells a column, of about equal mass in the reference (without one, in the rows themselves):
    exact for columns of at most ten different values; else nearer to 0 by up to 0.011 for a normal law. Fewer than
    three rows with both, or a column in one cell: `None`. Standard error by the delta method on the table, for any law.
    Cost: see `PairCells`; up to 60 columns.

    Spearman (1904); Kendall (1948) for ties.

    >>> from barograph import Report
    >>> run = Report([Spearman()]).run({"a": [1, 2, 3, 4], "b": [1, 10, 100, 1e9]})
    >>> run.value("spearman", column="a", other="b")
    1.0
    """

    method: ClassVar[Method] = "spearman"
    spec: ClassVar[Spec] = Spec(
        name="spearman",
        title="Spearman correlation",
        group="quality",
        help="Rank correlation of each pair of ordered columns.",
        range=(-1.0, 1.0),
        reference="optional",
    )
