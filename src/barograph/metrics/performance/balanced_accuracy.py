"""Balanced accuracy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from barograph.metrics.performance.estimates import Estimate, Key, joined
from barograph.metrics.performance.rates import Thresholded, class_key
from barograph.metrics.performance.tables import Table, margins
from barograph.results import Spec
from barograph.schema import Schema
from barograph.types import Floats


@dataclass(frozen=True)
class BalancedAccuracy(Thresholded):
    """Balanced accuracy: the recall averaged over the classes of the target, each counting the same.

    Range 0 to 1, higher is better, 1 / (number of classes) for predictions that know nothing of the rows, however rare
    a class is; unchanged when nothing has changed. At labels exact; at a `threshold` (score >= threshold, the class
    against all others) exact where the baseline's cells are cut there, else interpolated inside the cell, with `low`
    and `high`; of the `k` highest scores with ties in proportion; scores of several classes give one value each (label
    `class`). Rows of one class only, or none: `None` (scikit-learn gives the recall of that class). Standard error by
    the delta method, after one right and one wrong row are added, spread over the classes; weighted rows by the squares
    of their weights.

    Brodersen et al. (2010).

    >>> from barograph import Profile, Schema
    >>> rows = {"y": [1, 1, 0, 0, 0, 0], "said": [1, 0, 0, 0, 0, 0]}
    >>> profile = Profile.of(rows, schema=Schema(target="y", prediction="said"))
    >>> BalancedAccuracy().compute(profile, None).values[0].value
    0.75
    """

    spec: ClassVar[Spec] = Spec(
        name="balanced_accuracy",
        title="Balanced accuracy",
        group="performance",
        help="Recall averaged over the classes: 1 / (number of classes) without skill.",
        unit="ratio",
        direction="higher",
        range=(0.0, 1.0),
        reference="optional",
    )

    def of_table(self, table: Table | Estimate, schema: Schema, label: str | None, many: bool) -> dict[Key, Estimate]:
        key = class_key(label or "", label is not None and many)
        return {key: table if isinstance(table, Estimate) else _balanced(table)}


def _balanced(table: Table) -> Estimate:
    there = np.flatnonzero(table.weights.sum(axis=1) > 0)
    if there.size < 2:
        return Estimate(None, table.n, note=joined("the target has one class only", table.note))
    value = _mean(table.weights, there)
    ends = [_mean(corner, there) for corner in table.corners]
    k, mean = len(table.classes), table.mean_weight
    spread = np.full((k, k), 1 / (k * (k - 1)))
    np.fill_diagonal(spread, 1 / k)
    weights, squares = table.weights + mean * spread, table.squares + mean**2 * spread
    right, rows, _, _ = margins(weights)
    slope = (np.eye(k) - (right / rows)[:, None]) / rows[:, None] / there.size
    se = math.sqrt(float((squares * slope**2)[there].sum()))
    return Estimate(value, table.n, min(ends, default=None), max(ends, default=None), se, table.note)


def _mean(weights: Floats, there: npt.NDArray[np.intp]) -> float:
    right, rows, _, _ = margins(weights)
    return float((right[there] / rows[there]).mean())
