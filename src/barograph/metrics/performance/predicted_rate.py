"""Share of a class among the predictions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.performance.rates import Ratio, Thresholded
from barograph.results import Spec


@dataclass(frozen=True)
class PredictedRate(Thresholded):
    """Share of rows predicted to be of a class. (TP + FP) / n.

    Of the positive class where there are two; of more, of each (label `class`). Range 0 to 1, neither end is better;
    unchanged when nothing has changed. Counted are rows with a target too (they may arrive late). Exact, also at a
    `threshold` (score >= threshold) where the baseline's cells are cut; else with `low` and `high`; of the `k` highest
    scores it is k / n. No rows: `None`. Standard error of a share with half a row added in each cell, weighted rows by
    the squares of their weights.

    Agresti & Coull (1998) for the added rows.

    >>> from barograph import Profile, Schema
    >>> rows = {"y": [1, 1, 1, 0, 0, 0], "said": [1, 1, 0, 1, 0, 0], "p": [0.9, 0.8, 0.4, 0.7, 0.2, 0.1]}
    >>> profile = Profile.of(rows, schema=Schema(target="y", prediction="said", score="p"))
    >>> [round(m.compute(profile, None).values[0].value, 4) for m in (PredictedRate(), PredictedRate(0.3))]
    [0.5, 0.6667]
    """

    spec: ClassVar[Spec] = Spec(
        name="predicted_rate",
        title="Predicted rate",
        group="performance",
        help="Share of rows predicted to be of a class.",
        unit="ratio",
        direction="none",
        range=(0.0, 1.0),
        reference="optional",
    )
    ratio: ClassVar[Ratio] = Ratio((0, 0, 1, 0), (0, 0, 0, 1), "no rows", prior=0.5)
