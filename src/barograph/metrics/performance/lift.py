"""Lift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.performance.curves import lines, prevalence, thinned
from barograph.metrics.performance.estimates import FIGURES_AT_MOST, Estimate
from barograph.metrics.performance.ranks import OfTop, curve, gain, top
from barograph.profile import Profile
from barograph.results import Figure, Scalar, Spec, Table
from barograph.schema import Schema
from barograph.summaries import Scores

SHARES = (0.01, 0.02, 0.05, *(at / 10 for at in range(1, 11)))


@dataclass(frozen=True)
class Lift(OfTop):
    """Lift: how many times more positives the highest-scored `share` of the rows holds than as many rows at random.

    Precision of these rows / share of positives, which is gain / share. Range 0 to infinity, higher is better, 1
    without skill, 1 / max(share, share of positives) at best, so that it moves with the share of positives; unchanged
    when nothing has changed. Otherwise as `gain`. The table lists the top 1 % to 100 %: rows, lowest score among them,
    positives, precision, recall (gain), false positive rate and lift. Without a positive: `None`.

    Provost & Fawcett, Data Science for Business (2013).

    >>> from barograph import Profile, Schema
    >>> rows = {"y": [1, 0, 1, 0, 0], "p": [0.9, 0.7, 0.6, 0.3, 0.1]}
    >>> Lift(0.2).compute(Profile.of(rows, schema=Schema(target="y", score="p")), None).values[0].value
    2.5
    """

    spec: ClassVar[Spec] = Spec(
        name="lift",
        title="Lift",
        group="performance",
        help="Positives among the highest-scored rows, against as many rows at random: 1 without skill.",
        direction="higher",
        range=(0.0, None),
        reference="optional",
    )

    def estimate(self, scores: Scores) -> Estimate:
        part = gain(scores, self.share)
        if part.value is None:
            return part
        value, low, high, se = (
            None if x is None else x / self.share for x in (part.value, part.low, part.high, part.se)
        )
        return Estimate(value, low=low, high=high, se=se, dummy=1.0)

    def figures(self, current: Profile, reference: Profile | None, schema: Schema) -> list[Figure]:
        drawn = super().figures(current, reference, schema)
        for key, scores in self.parts(current, schema)[:FIGURES_AT_MOST]:
            drawn += [_table(scores, dict(key))] if scores.positive.sum() > 0 else []
        return drawn

    def figure(self, current: Scores, reference: Scores | None, labels: dict[str, str]) -> Figure | None:
        curves = {"current": _curve(current), "reference": None if reference is None else _curve(reference)}
        return lines("Lift", curves, "share of the rows, highest scores first", "lift", labels, diagonal=False)


def _curve(scores: Scores) -> tuple[list[float], list[float]] | None:
    if scores.positive.sum() <= 0:
        return None
    rows, positives = curve(scores)
    some = rows > 0
    return thinned(rows[some], positives[some] / rows[some])


def _table(scores: Scores, labels: dict[str, str]) -> Table:
    rows: list[list[Scalar]] = []
    rate = prevalence(scores)
    for share in SHARES:
        (tn, fp), (fn, tp) = top(scores, share).weights.tolist()
        precision, others = tp / (tp + fp), fp + tn
        rows.append([
            f"{share:.0%}", tp + fp, _lowest(scores, tp + fp), tp, precision, tp / (tp + fn),
            fp / others if others > 0 else None, precision / rate,
        ])  # fmt: skip
    columns = ["top", "rows", "score from", "positives", "precision", "recall", "false positive rate", "lift"]
    return Table("Lift by share of the rows", columns, rows, labels)


def _lowest(scores: Scores, amount: float) -> float | None:
    """Where the cell begins in which the highest-scored rows end; `None` in the lowest, which has no beginning."""
    upto = np.cumsum((scores.positive + scores.negative)[::-1])
    cell = upto.size - 1 - int(np.searchsorted(upto, amount * (1 - 1e-12), side="left"))
    return float(np.nextafter(scores.edges[cell - 1], np.inf)) if cell > 0 else None
