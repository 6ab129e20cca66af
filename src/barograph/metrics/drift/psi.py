"""Population stability index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.drift.cells import Cells, CoarseComparison, shares
from barograph.results import Spec
from barograph.types import Floats


@dataclass(frozen=True)
class PSI(CoarseComparison):
    r"""Population stability index: sum over cells of (q - p) ln(q / p), p of the reference, q of the current rows.

    Range 0 to infinity, lower is better. Under no drift about (cells - 1)(1/n + 1/m). Continuous columns are joined to
    `bins` cells of about equal mass in the reference; columns with few distinct values and categories keep their own.
    Smoothing: an empty cell counts half a row. Absent values (null, NaN, infinite) are left out: see `missing_drift`.
    Exact for its cells. Empty on either side: `None`.

    Other tools: Evidently 0.7.23 cuts cells of equal width over the range of both sides, so that one outlier hides a
    shift: of a move by one standard deviation in 5,000 rows, a PSI of 0.97 becomes 0.00007 when one value of 1000 is
    added.

    Siddiqi, Credit Risk Scorecards (2006). The usual 0.1 and 0.25 carry no error rate (Yurdakul & Naranjo 2020).

    >>> from barograph import Baseline, Profile
    >>> base = Baseline.of({"city": ["Ulm"] * 50 + ["Bonn"] * 50})
    >>> now = Profile.of({"city": ["Ulm"] * 80 + ["Bonn"] * 20}, base)
    >>> round(PSI("city").compute(now, base.profile).values[0].value, 4)
    0.4159
    """

    degree: ClassVar[int] = 2
    spec: ClassVar[Spec] = Spec(
        name="psi",
        title="Population stability index",
        group="drift",
        help="Sum over cells of (q - p) ln(q / p): how far the current distribution is from the reference.",
        direction="lower",
        range=(0.0, None),
        reference="required",
    )

    def statistic(self, current: Floats, reference: Floats, cells: Cells) -> Floats:
        p, q = smoothed(current, reference)
        ratio = np.divide(q, p, out=np.ones_like(q), where=p > 0)
        psi: Floats = ((q - p) * np.log(ratio)).sum(axis=-1)
        return psi


def smoothed(current: Floats, reference: Floats) -> tuple[Floats, Floats]:
    """Shares of reference and current rows in each cell, where a cell that only the other side fills has half a row."""
    used = current + reference > 0
    p, q = (shares(np.where(used, np.maximum(counts, 0.5), 0.0)) for counts in (reference, current))
    return p, q
