"""Log loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.performance.curves import Part, prevalence
from barograph.metrics.performance.estimates import Estimate, Key, joined, mean_of
from barograph.metrics.performance.probabilities import Probabilistic
from barograph.results import Spec
from barograph.summaries import Scores
from barograph.types import Floats


@dataclass(frozen=True)
class LogLoss(Probabilistic):
    """Log loss: the mean of -ln of the probability given to what happened.

    Range 0 to infinity, lower is better; unchanged when nothing has changed. Of several score columns the loss of each
    class against the rest (label `class`), and the multiclass log loss, the mean of -ln of the score of the row's own
    class (label `average` = `all`; rows whose class has no score column are left out). Exact; scores are kept 2.2e-16
    from 0 and 1, as in scikit-learn. Scores outside 0..1 are no probabilities: `None`. Without skill: the entropy of
    the classes, which their shares as scores get. No rows: `None`. Standard error from the second moment, with Kish's
    number of rows.

    Good (1952); Kish (1965).

    >>> from barograph import Profile, Schema
    >>> profile = Profile.of({"y": [1, 0], "p": [0.8, 0.4]}, schema=Schema(target="y", score="p"))
    >>> round(LogLoss().compute(profile, None).values[0].value, 4)
    0.367
    """

    spec: ClassVar[Spec] = Spec(
        name="log_loss",
        title="Log loss",
        group="performance",
        help="Mean of -ln of the probability given to what happened.",
        direction="lower",
        range=(0.0, None),
        reference="optional",
    )

    def of_probabilities(self, scores: Scores) -> Estimate:
        weight = scores.weight
        value, se = mean_of(scores.logloss, scores.logloss2, weight, weight * scores.shrink)
        share = prevalence(scores)
        return Estimate(value, se=se, dummy=entropy(np.array([share, 1 - share])))

    def together(self, parts: list[Part], each: list[Estimate]) -> dict[Key, Estimate]:
        key = (("average", "all"),)
        failed = next((e for e in each if e.value is None), None)
        if failed is not None:
            return {key: failed}
        weights = np.array([part.scores.positive.sum() for part in parts])
        weight = float(weights.sum())
        if weight <= 0:
            return {key: Estimate(None, each[0].n, note="no rows of a class with a score")}
        loss, squares = (sum(getattr(p.scores, s) for p in parts) for s in ("positive_loss", "positive_loss2"))
        most = max(part.scores.weight for part in parts)
        left = 1 - weight / most
        note = f"{left:.2g} of the weight is of classes without a score, and left out" if left > 1e-9 else ""
        value, se = mean_of(loss, squares, weight, weight * parts[0].scores.shrink)
        dummy = entropy(weights / weight)
        return {key: Estimate(value, min(e.n for e in each), se=se, note=joined(note, each[0].note), dummy=dummy)}


def entropy(shares: Floats) -> float:
    """Mean of -ln of a class's share, over the rows."""
    some = shares[shares > 0]
    return float(-(some * np.log(some)).sum())
