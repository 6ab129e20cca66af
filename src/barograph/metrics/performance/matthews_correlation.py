"""Matthews correlation coefficient."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.performance.estimates import Estimate, Key, joined
from barograph.metrics.performance.rates import Thresholded, class_key
from barograph.metrics.performance.tables import Table, margins
from barograph.results import Spec
from barograph.schema import Schema
from barograph.types import Floats


@dataclass(frozen=True)
class MatthewsCorrelation(Thresholded):
    """Matthews correlation coefficient: the correlation of target and prediction, over all classes.

    (c s - sum of t_k p_k) / sqrt((s^2 - sum of t_k^2) (s^2 - sum of p_k^2)), with s all rows, c the right ones, t_k and
    p_k those of a class in target and prediction. Range -1 to 1, higher is better, 0 for predictions that know nothing
    of the rows; unchanged when nothing has changed. At labels exact; at a `threshold` (score >= threshold, the class
    against all others) exact where the baseline's cells are cut there, else interpolated inside the cell, with `low`
    and `high`; of the `k` highest scores with ties in proportion; scores of several classes give one value each (label
    `class`). Where target or prediction have one class only, or no rows: `None` (scikit-learn gives 0). Standard error
    by the delta method, after one right and one wrong row are added, spread over the classes.

    Matthews (1975); Gorodkin (2004) for several classes.

    >>> from barograph import Profile, Schema
    >>> rows = {"y": [1, 1, 1, 0, 0, 0], "said": [1, 1, 0, 1, 0, 0]}
    >>> profile = Profile.of(rows, schema=Schema(target="y", prediction="said"))
    >>> round(MatthewsCorrelation().compute(profile, None).values[0].value, 4)
    0.3333
    """

    spec: ClassVar[Spec] = Spec(
        name="matthews_correlation",
        title="Matthews correlation",
        group="performance",
        help="Correlation of target and prediction over all classes: 0 without skill, 1 perfect.",
        direction="higher",
        range=(-1.0, 1.0),
        reference="optional",
    )

    def of_table(self, table: Table | Estimate, schema: Schema, label: str | None, many: bool) -> dict[Key, Estimate]:
        key = class_key(label or "", label is not None and many)
        return {key: table if isinstance(table, Estimate) else _correlated(table)}


def _correlated(table: Table) -> Estimate:
    value, _ = _correlation(table.weights)
    if value is None:
        return Estimate(None, table.n, note=joined("target or prediction has one class only", table.note))
    ends = [end for corner in table.corners if (end := _correlation(corner)[0]) is not None]
    k, mean = len(table.classes), table.mean_weight
    spread = np.full((k, k), 1 / (k * (k - 1)))
    np.fill_diagonal(spread, 1 / k)
    _, slope = _correlation(table.weights + mean * spread)
    se = math.sqrt(float(((table.squares + mean**2 * spread) * slope**2).sum()))
    low, high = (min(*ends, value), max(*ends, value)) if ends else (None, None)
    return Estimate(value, table.n, low, high, se, table.note)


def _correlation(weights: Floats) -> tuple[float | None, Floats]:
    """The coefficient, and how it changes with each cell."""
    scaled = weights / max(float(weights.sum()), 1e-300)
    right, target, said, _ = margins(scaled)
    of_target, of_said = 1 - float((target**2).sum()), 1 - float((said**2).sum())
    if of_target <= 1e-15 or of_said <= 1e-15:
        return None, np.zeros_like(weights)
    root = math.sqrt(of_target) * math.sqrt(of_said)
    value = float(np.clip((float(right.sum()) - float(target @ said)) / root, -1, 1))
    slope = np.eye(len(weights)) + float(right.sum()) - said[:, None] - target[None, :]
    slope = slope / root - value * ((1 - target)[:, None] / of_target + (1 - said)[None, :] / of_said)
    return value, slope / float(weights.sum())
