"""Cramer's V of every pair of columns of which one has no order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.quality.pairs import Method, Pairwise
from barograph.results import Spec


@dataclass(frozen=True)
class CramersV(Pairwise):
    """Cramer's V of every pair of columns of which at least one is categorical: sqrt(phi2 / min(a - 1, b - 1)).

    phi2 is chi-square / n of the table of a by b cells. All three are corrected for bias (Bergsma 2013): of independent
    columns it is about 0 however many the cells, where the uncorrected V has about sqrt(cells / n). Range 0 to 1, 0 for
    independence, 1 where each tells the other; neither direction is better, and it stays as it was when nothing has
    changed. Rows with both count, whatever other columns lack; infinite values are absent.
    Columns are target, prediction, scores and features, or those named as `columns`; true is 1, and so is the
    positive of two classes. The `pairs` strongest have values, with the labels `column` and `other`; the figure has
    all, up to 40 columns.

    The ten most frequent labels of the reference (without one, of the rows themselves) have cells, all others share
    one; an ordered column has at most ten cells. Exact for these cells. Fewer than three rows with both, or a column in
    one cell: `None`. No standard error: near 0 it is not normal. Cost: see `PairCells`; up to 60 columns.

    Cramer (1946); Bergsma (2013).

    >>> from barograph import Report
    >>> run = Report([CramersV()]).run({"city": ["Ulm", "Bonn"] * 50, "zip": ["89073", "53111"] * 50})
    >>> run.value("cramers_v", column="city", other="zip")
    1.0
    """

    method: ClassVar[Method] = "cramers_v"
    spec: ClassVar[Spec] = Spec(
        name="cramers_v",
        title="Cramér's V",
        group="quality",
        help="Association of each pair of columns of which at least one is categorical.",
        range=(0.0, 1.0),
        reference="optional",
    )
