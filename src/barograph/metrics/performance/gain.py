"""Gain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.performance.curves import lines, thinned
from barograph.metrics.performance.estimates import Estimate
from barograph.metrics.performance.ranks import OfTop, curve, gain
from barograph.results import Figure, Spec
from barograph.summaries import Scores


@dataclass(frozen=True)
class Gain(OfTop):
    """Gain: the share of all positives that the highest-scored `share` of the rows holds.

    Range 0 to 1, higher is better, `share` itself without skill, share / (share of positives) at best; unchanged when
    nothing has changed. It is the recall of so many rows. Of several score columns, one value per class against the
    rest (label `class`). Exact where the share ends between two cells of scores; rows that share the last score, or its
    cell, count in proportion, with `low` and `high`. Weighted rows: a share of the weight. Scores need not be
    probabilities. Without a positive: `None`. Standard error by the delta method, the cut being by rank.

    Provost & Fawcett, Data Science for Business (2013).

    >>> from barograph import Profile, Schema
    >>> rows = {"y": [1, 0, 1, 0, 0], "p": [0.9, 0.7, 0.6, 0.3, 0.1]}
    >>> Gain(0.2).compute(Profile.of(rows, schema=Schema(target="y", score="p")), None).values[0].value
    0.5
    """

    spec: ClassVar[Spec] = Spec(
        name="gain",
        title="Gain",
        group="performance",
        help="Share of all positives among the highest-scored rows.",
        unit="ratio",
        direction="higher",
        range=(0.0, 1.0),
        reference="optional",
    )

    def estimate(self, scores: Scores) -> Estimate:
        return gain(scores, self.share)._replace(dummy=self.share)

    def figure(self, current: Scores, reference: Scores | None, labels: dict[str, str]) -> Figure | None:
        curves = {"current": _curve(current), "reference": None if reference is None else _curve(reference)}
        return lines("Cumulative gain", curves, "share of the rows, highest scores first", "share of positives", labels)


def _curve(scores: Scores) -> tuple[list[float], list[float]] | None:
    return thinned(*curve(scores)) if scores.positive.sum() > 0 else None
