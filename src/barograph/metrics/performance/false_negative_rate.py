"""False negative rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.performance.rates import Averaged, Ratio
from barograph.results import Spec


@dataclass(frozen=True)
class FalseNegativeRate(Averaged):
    """False negative rate (miss rate): of the rows of a class, the share not predicted to be. FN / (TP + FN).

    It is 1 - recall, in every average too. Values: of two classes that of the positive one; of more, one per class
    (label `class`) and the averages `macro`, `micro` and `weighted` by target rows (label `average`), over the classes
    that occur in target or prediction. A class without target rows has none: `None`. In `macro` and `weighted` such a
    class counts 1, as it counts 0 in the recall, and `note` says how many there are. Range 0 to 1, lower is better;
    unchanged when nothing has changed. At labels exact; at a `threshold` (score >= threshold) exact where the
    baseline's cells are cut there (hundredths, and the schema's threshold), else interpolated inside the cell, with
    `low` and `high`; of the `k` highest scores with ties in proportion. No rows: `None`. Standard error by the delta
    method with one row in each of the four cells added, weighted rows by the squares of their weights. By chance: 1
    less the share of the class in the target.

    Agresti & Coull (1998) for the added rows.

    >>> from barograph import Profile, Schema
    >>> rows = {"y": [1, 1, 1, 0, 0, 0], "said": [1, 1, 0, 1, 0, 0], "p": [0.9, 0.8, 0.4, 0.7, 0.2, 0.1]}
    >>> profile = Profile.of(rows, schema=Schema(target="y", prediction="said", score="p"))
    >>> [round(m.compute(profile, None).values[0].value, 4) for m in (FalseNegativeRate(), FalseNegativeRate(0.3))]
    [0.3333, 0.0]
    """

    spec: ClassVar[Spec] = Spec(
        name="false_negative_rate",
        title="False negative rate",
        group="performance",
        help="Share of the rows of a class that are not predicted to be.",
        unit="ratio",
        direction="lower",
        range=(0.0, 1.0),
        reference="optional",
    )
    ratio: ClassVar[Ratio] = Ratio((-1, 1, 0, 0), (0, 1, 0, 0), "not in the target", otherwise=1.0)
