"""What probabilities have and other scores have not."""

from __future__ import annotations

from dataclasses import dataclass

from barograph.metrics.performance.curves import Scored
from barograph.metrics.performance.estimates import Estimate
from barograph.summaries import Scores


@dataclass(frozen=True)
class Probabilistic(Scored):
    """A metric that scores outside 0..1 have not."""

    def estimate(self, scores: Scores) -> Estimate:
        if scores.n_outside:
            lie = "score lies" if scores.n_outside == 1 else "scores lie"
            return Estimate(None, note=f"{scores.n_outside:,} {lie} outside 0..1: they are no probabilities")
        return self.of_probabilities(scores)

    def of_probabilities(self, scores: Scores) -> Estimate:
        """The number of one class whose scores all lie in 0..1."""
        raise NotImplementedError  # pragma: no cover - abstract
