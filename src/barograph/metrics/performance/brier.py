"""Brier score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.performance.curves import Part, prevalence, together_error
from barograph.metrics.performance.estimates import Estimate, Key, mean_of
from barograph.metrics.performance.probabilities import Probabilistic
from barograph.results import Spec
from barograph.summaries import Scores


@dataclass(frozen=True)
class Brier(Probabilistic):
    """Brier score: the mean of (score - y)^2, y being 1 for rows of the class and 0 for others.

    Range 0 to 1, lower is better; unchanged when nothing has changed. Of several score columns one value per class
    against the rest (label `class`), and their sum, the multiclass Brier score, 0 to 2 (label `average` = `all`).
    Exact. Scores outside 0..1 are no probabilities: `None`. Without skill: share x (1 - share), which the share of the
    class as score gets. No rows: `None`. Standard error from the second moment, with Kish's number of rows; of the sum,
    with a correlation of one half between the classes'.

    Brier (1950); Kish (1965).

    >>> from barograph import Profile, Schema
    >>> profile = Profile.of({"y": [1, 0], "p": [0.8, 0.4]}, schema=Schema(target="y", score="p"))
    >>> round(Brier().compute(profile, None).values[0].value, 4)
    0.1
    """

    spec: ClassVar[Spec] = Spec(
        name="brier",
        title="Brier score",
        group="performance",
        help="Mean squared error of the probabilities.",
        direction="lower",
        range=(0.0, 2.0),
        reference="optional",
    )

    def of_probabilities(self, scores: Scores) -> Estimate:
        weight = scores.weight
        value, se = mean_of(scores.brier, scores.brier2, weight, weight * scores.shrink)
        share = prevalence(scores)
        return Estimate(value, se=se, dummy=share * (1 - share))

    def together(self, parts: list[Part], each: list[Estimate]) -> dict[Key, Estimate]:
        key = (("average", "all"),)
        failed = next((e for e in each if e.value is None), None)
        if failed is not None:
            return {key: failed}
        se = together_error(np.ones(len(each)), [e.se for e in each])
        value, dummy = sum(e.value or 0.0 for e in each), sum(e.dummy or 0.0 for e in each)
        return {key: Estimate(value, min(e.n for e in each), se=se, note=each[0].note, dummy=dummy)}
