"""Kullback-Leibler divergence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.drift.cells import Cells, CoarseComparison
from barograph.metrics.drift.psi import smoothed
from barograph.results import Spec
from barograph.types import Floats


@dataclass(frozen=True)
class KLDivergence(CoarseComparison):
    """Kullback-Leibler divergence: sum over cells of p ln(p / q), p of the reference, q of the current rows, in nats.

    Range 0 to infinity, lower is better. Under no drift about (cells - 1)(1/n + 1/m) / 2. One half of `psi`: what the
    reference loses when it is described by the current rows. Not symmetric: see `jensen_shannon`. Cells and smoothing
    as for `psi` (an empty cell counts half a row); cut on the reference, so that an outlier cannot hide a shift. Exact
    for its cells. Empty on either side: `None`.

    Other tools: Evidently 0.7.23 cuts cells of equal width over the range of both sides, so that one outlier hides a
    shift.

    Kullback & Leibler, On Information and Sufficiency (1951).

    >>> from barograph import Baseline, Profile
    >>> base = Baseline.of({"city": ["Ulm"] * 50 + ["Bonn"] * 50})
    >>> now = Profile.of({"city": ["Ulm"] * 80 + ["Bonn"] * 20}, base)
    >>> round(KLDivergence("city").compute(now, base.profile).values[0].value, 4)
    0.2231
    """

    degree: ClassVar[int] = 2
    spec: ClassVar[Spec] = Spec(
        name="kl_divergence",
        title="Kullback-Leibler divergence",
        group="drift",
        help="Sum over cells of p ln(p / q): what the reference loses when described by the current rows.",
        direction="lower",
        range=(0.0, None),
        reference="required",
    )

    def statistic(self, current: Floats, reference: Floats, cells: Cells) -> Floats:
        p, q = smoothed(current, reference)
        ratio = np.divide(p, q, out=np.ones_like(p), where=q > 0)
        divergence: Floats = np.maximum((p * np.log(ratio)).sum(axis=-1), 0.0)
        return divergence
