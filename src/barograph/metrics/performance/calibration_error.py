"""Expected calibration error."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.performance.curves import grouped, lines, sums_in
from barograph.metrics.performance.estimates import Estimate
from barograph.metrics.performance.probabilities import Probabilistic
from barograph.results import Figure, Spec
from barograph.summaries import Scores
from barograph.types import Floats

BINS = 10
_CUTS = np.arange(1, BINS) / BINS


@dataclass(frozen=True)
class CalibrationError(Probabilistic):
    """Expected calibration error: |observed share - mean score| in ten bins of equal width, weighted by their rows.

    sum over bins of |sum of w y - sum of w score| / sum of w. Range 0 to 1, lower is better; of calibrated scores not 0
    but about sqrt(10 / n) / 3; unchanged when nothing has changed. Of several score columns, one value per class
    (label `class`). Bins are [0, 0.1), ..., [0.9, 1]; exact, for the cells are cut there. Scores outside 0..1 are no
    probabilities: `None`. No rows: `None`. Standard error: that of the absolute value of a normal number in each bin,
    and of how the rows fall into the bins.

    Naeini, Cooper & Hauskrecht (2015).

    >>> from barograph import Profile, Schema
    >>> profile = Profile.of({"y": [1, 0, 0], "p": [0.75, 0.2, 0.2]}, schema=Schema(target="y", score="p"))
    >>> round(CalibrationError().compute(profile, None).values[0].value, 4)
    0.2167
    """

    spec: ClassVar[Spec] = Spec(
        name="calibration_error",
        title="Calibration error",
        group="performance",
        help="Mean distance of probability and observed share, over ten bins of the probability.",
        unit="ratio",
        direction="lower",
        range=(0.0, 1.0),
        reference="optional",
    )

    def of_probabilities(self, scores: Scores) -> Estimate:
        positive, weight, total = _binned(scores)
        gap = positive - total
        groups = grouped(scores, _CUTS)
        squares = sums_in(groups, scores.positive2 + scores.negative2, BINS)
        share = (positive + 0.5) / (weight + 1)
        spread = squares * share * (1 - share)
        whole = float(weight.sum())
        # how many rows fall into each bin is chance too, which matters where the bins' gaps differ
        sure = np.sqrt(np.maximum(gap**2 - spread, 0.0))
        apart = squares * (np.divide(sure, weight, out=np.zeros_like(sure), where=weight > 0) - sure.sum() / whole) ** 2
        variance = float(_folded(gap, spread).sum() + apart.sum())
        return Estimate(float(np.abs(gap).sum()) / whole, se=math.sqrt(variance) / whole)

    def figure(self, current: Scores, reference: Scores | None, labels: dict[str, str]) -> Figure | None:
        curves = {"current": _curve(current), "reference": None if reference is None else _curve(reference)}
        return lines("Calibration", curves, "mean score", "observed share", labels)


def _binned(scores: Scores) -> tuple[Floats, Floats, Floats]:
    """Weights of positives, of all rows, and sums of scores, in each bin."""
    groups = grouped(scores, _CUTS)
    positive, negative, total = (sums_in(groups, s, BINS) for s in (scores.positive, scores.negative, scores.total))
    return positive, positive + negative, total


def _curve(scores: Scores) -> tuple[list[float], list[float]] | None:
    positive, weight, total = _binned(scores)
    some = weight > 0
    if scores.n_outside or not some.any():
        return None
    return (total[some] / weight[some]).tolist(), (positive[some] / weight[some]).tolist()


def _folded(mean: Floats, variance: Floats) -> Floats:
    """Variance of the absolute value of normal numbers."""
    sd = np.sqrt(variance)
    z = np.divide(mean, sd, out=np.zeros_like(mean), where=sd > 0)
    absolute = sd * np.sqrt(2 / np.pi) * np.exp(-z * z / 2) + mean * np.array(
        [math.erf(part / math.sqrt(2)) for part in z]
    )
    return np.where(sd > 0, np.maximum(mean**2 + variance - absolute**2, 0.0), 0.0)
