"""Kendall's tau-b of every pair of ordered columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.quality.pairs import Method, Pairwise
from barograph.results import Spec


@dataclass(frozen=True)
class Kendall(Pairwise):
    """Kendall's tau-b of every pair of ordered columns: (C - D) / sqrt((all - tied in x) (all - tied in y)).

    C and D are the concordant and discordant pairs of rows. Range -1 to 1, 0 for no monotone relation; neither
    direction is better, and it stays as it was when nothing has changed. Numbers, times, booleans and two classes.
    Rows with both count, whatever other columns lack; infinite values are absent.
    Columns are target, prediction, scores and features, or those named as `columns`; true is 1, and so is the
    positive of two classes. The `pairs` strongest have values, with the labels `column` and `other`; the figure has
    all, up to 40 columns.

    Read from at most ten cells a column, of about equal mass in the reference (without one, in the rows themselves):
    exact for columns of at most ten different values. Of others rows in one cell count as tied, and it is further from
    0 by up to 0.05 for a normal law: compare it with itself, not with a tau of raw rows. Fewer than three rows with
    both, or a column in one cell: `None`. Standard error for any law. Cost: see `PairCells`; up to 60 columns.

    Kendall (1945); Brown & Benedetti (1977) for the error.

    >>> from barograph import Report
    >>> run = Report([Kendall()]).run({"a": [1, 2, 3, 4], "b": [1, 2, 4, 3]})
    >>> round(run.value("kendall", column="a", other="b"), 4)
    0.6667
    """

    method: ClassVar[Method] = "kendall"
    spec: ClassVar[Spec] = Spec(
        name="kendall",
        title="Kendall correlation",
        group="quality",
        help="Concordance of each pair of ordered columns.",
        range=(-1.0, 1.0),
        reference="optional",
    )
