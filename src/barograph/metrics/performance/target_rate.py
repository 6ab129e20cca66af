"""Share of a class among the targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.performance.rates import Ratio, Thresholded
from barograph.results import Spec


@dataclass(frozen=True)
class TargetRate(Thresholded):
    """Share of rows that are of a class: its prevalence. (TP + FN) / n.

    Of the positive class where there are two; of more, of each (label `class`). Range 0 to 1, neither end is better;
    unchanged when nothing has changed. Exact, of rows with a target and a prediction or score (at a `threshold` it
    reads the rows with a score). No rows: `None`. Standard error of a share with half a row added in each cell,
    weighted rows by the squares of their weights.

    Agresti & Coull (1998) for the added rows.

    >>> from barograph import Profile, Schema
    >>> profile = Profile.of({"y": [1, 0, 0, 0], "p": [0.9, 0.8, 0.1, 0.2]}, schema=Schema(target="y", score="p"))
    >>> TargetRate().compute(profile, None).values[0].value
    0.25
    """

    spec: ClassVar[Spec] = Spec(
        name="target_rate",
        title="Target rate",
        group="performance",
        help="Share of rows that are of a class: its prevalence.",
        unit="ratio",
        direction="none",
        range=(0.0, 1.0),
        reference="optional",
    )
    ratio: ClassVar[Ratio] = Ratio((0, 1, 0, 0), (0, 0, 0, 1), "no rows", prior=0.5)
