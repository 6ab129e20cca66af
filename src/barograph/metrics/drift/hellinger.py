"""Hellinger distance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.drift.cells import Cells, CoarseComparison, shares
from barograph.results import Spec
from barograph.types import Floats


@dataclass(frozen=True)
class Hellinger(CoarseComparison):
    """Hellinger distance: sqrt(sum of (sqrt p - sqrt q)^2) / sqrt 2.

    Range 0 (the same) to 1 (nothing in common), lower is better. Under no drift its square is about
    (cells - 1)(1/n + 1/m) / 8. Cells as for `psi`; exact for them. Empty on either side: `None`.

    Other tools: whylogs 1.6.4 cuts cells of equal width over the range of both sides: a move by three standard
    deviations beside one value of 1e9 scores 0.007 and passes. Evidently 0.7.23 cuts likewise.

    Hellinger (1909).

    >>> from barograph import Baseline, Profile
    >>> base = Baseline.of({"city": ["Ulm", "Bonn"]})
    >>> Hellinger("city").compute(Profile.of({"city": ["Ulm", "Bonn"]}, base), base.profile).values[0].value
    0.0
    """

    spec: ClassVar[Spec] = Spec(
        name="hellinger",
        title="Hellinger distance",
        group="drift",
        help="Distance of the square roots of the shares: 0 the same, 1 nothing in common.",
        direction="lower",
        range=(0.0, 1.0),
        reference="required",
    )

    def statistic(self, current: Floats, reference: Floats, cells: Cells) -> Floats:
        apart = np.sqrt(shares(reference)) - np.sqrt(shares(current))
        distance: Floats = np.sqrt(np.clip((apart**2).sum(axis=-1) / 2, 0, 1))
        return distance
