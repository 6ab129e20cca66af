"""Total variation distance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.drift.cells import Cells, CoarseComparison, shares
from barograph.results import Spec
from barograph.types import Floats


@dataclass(frozen=True)
class TotalVariation(CoarseComparison):
    """Total variation distance: half the sum of |p - q|, the share of rows that would have to move.

    Range 0 (the same) to 1 (nothing in common), lower is better. Under no drift it shrinks as sqrt(cells / n). Cells as
    for `psi`; exact for them. It has no p-value in closed form: the conditions `no_drift` and `p_at_least` deal the
    rows of both sides out again (a permutation test). Empty on either side: `None`.

    Levin, Peres & Wilmer, Markov Chains and Mixing Times (2009).

    >>> from barograph import Baseline, Profile
    >>> base = Baseline.of({"city": ["Ulm"] * 3 + ["Bonn"]})
    >>> TotalVariation("city").compute(Profile.of({"city": ["Ulm", "Bonn"]}, base), base.profile).values[0].value
    0.25
    """

    spec: ClassVar[Spec] = Spec(
        name="total_variation",
        title="Total variation distance",
        group="drift",
        help="Half the sum of absolute differences of the shares: the share of rows that would have to move.",
        direction="lower",
        range=(0.0, 1.0),
        reference="required",
    )

    def statistic(self, current: Floats, reference: Floats, cells: Cells) -> Floats:
        distance: Floats = np.abs(shares(reference) - shares(current)).sum(axis=-1) / 2
        return distance
