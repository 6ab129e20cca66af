"""What the highest scores hold: gain and lift of a share of the rows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from barograph.errors import ParameterError
from barograph.metrics.performance.curves import Scored, prevalence, sides
from barograph.metrics.performance.estimates import Estimate
from barograph.metrics.performance.tables import Table, at_top
from barograph.summaries import Scores
from barograph.types import Floats

NO_POSITIVE = "no rows of the positive class"


@dataclass(frozen=True)
class OfTop(Scored):
    """A number of the share of rows with the highest scores (of the weight, with weights)."""

    share: float = 0.1

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise ParameterError(
                f"{self.spec.name} of the top {self.share!r} says nothing; give a share above 0, up to 1"
            )


def gain(scores: Scores, share: float) -> Estimate:
    """The share of the positives among the highest-scored rows, with its error, where the cut is by rank.

    A row changes the gain by what it adds itself and by what it pushes over the cut, where the precision is `local`.
    """
    if scores.positive.sum() <= 0:
        return Estimate(None, note=NO_POSITIVE)
    table = top(scores, share)
    value = found(table)
    width = min(share, 1 - share) / 2
    more, fewer = (found(top(scores, at)) for at in (share + width, share - width))
    local = (more - fewer) / (2 * width) if width > 0 else 0.0
    rate, total = prevalence(scores), scores.weight
    positive = np.array([-value / rate + local * share, (1 - value) / rate - local * (1 - share)])
    moved = np.array([[local * share, -local * (1 - share)], positive])
    # one positive found and one not, so that all of few are not without an error
    mean = table.mean_weight
    added = table.squares + np.array([[0.0, 0.0], [mean**2, mean**2]])
    ends = [found(corner) for corner in table.corners]
    se = math.sqrt(float((added * moved**2).sum())) / total
    return Estimate(value, low=min(ends, default=None), high=max(ends, default=None), se=se)


def top(scores: Scores, share: float) -> Table:
    """The table of the highest-scored share of the rows."""
    return at_top(scores, "", share * scores.weight)


def found(table: Table | Floats) -> float:
    """Share of the positives that are flagged."""
    weights = table.weights if isinstance(table, Table) else table
    return min(float(weights[1, 1] / weights[1].sum()), 1.0)


def curve(scores: Scores) -> tuple[Floats, Floats]:
    """Share of the rows, and of the positives, from the highest score down; it begins at nothing."""
    side = sides(scores)
    rows = np.append(0.0, (side.tp + side.fp) / (side.positives + side.negatives))
    return rows, np.append(0.0, side.tp / side.positives)
