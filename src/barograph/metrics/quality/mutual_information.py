"""Mutual information of every pair of columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.quality.pairs import Method, Pairwise
from barograph.results import Spec


@dataclass(frozen=True)
class MutualInformation(Pairwise):
    """What one column tells of another, in nats, for every pair: the sum of p(x, y) log(p(x, y) / (p(x) p(y))).

    From 0 for independent columns to the entropy of the coarser one, of eleven cells 2.4; neither direction is better,
    and it stays as it was when nothing has changed. It sees any relation, also one that rises and falls, which the
    correlations miss. Corrected for bias (Miller & Madow 1955): the plain sum of n rows is too large by about
    (filled cells - rows - columns of the table + 1) / 2n; what that makes negative is 0. Rows with both count, whatever
    other columns lack; infinite values are absent. Columns are target, prediction, scores and features, or those named
    as `columns`; true is 1, and so is the positive of two classes. The `pairs` strongest have values, with the labels
    `column` and `other`; the figure has all, up to 40 columns.

    An ordered column has at most ten cells of about equal mass in the reference (without one, in the rows themselves),
    the ten most frequent labels of a nominal one have cells, all others share one. Exact for these cells; of what
    differs within a cell it knows nothing, so it is at most that of the values themselves. Fewer than three rows with
    both, or a column in one cell: `None`. No standard error: near 0 it is not normal. Cost: see `PairCells`; up to 60
    columns.

    Shannon (1948); Miller & Madow (1955), also Panzeri & Treves (1996).

    >>> from barograph import Report
    >>> run = Report([MutualInformation()]).run({"x": [-1, 0, 1] * 50, "square": [1, 0, 1] * 50})
    >>> round(run.value("mutual_information", column="square", other="x"), 2)
    0.64
    """

    method: ClassVar[Method] = "mutual_information"
    spec: ClassVar[Spec] = Spec(
        name="mutual_information",
        title="Mutual information",
        group="quality",
        help="What one column of each pair tells of the other, in nats, corrected for bias.",
        range=(0.0, None),
        reference="optional",
    )
