"""Precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.performance.rates import Averaged, Ratio
from barograph.results import Spec


@dataclass(frozen=True)
class Precision(Averaged):
    """Precision: of the rows predicted to be of a class, the share that are. TP / (TP + FP).

    Values: of two classes that of the positive one; of more, one per class (label `class`) and the averages `macro`,
    `micro` and `weighted` by target rows (label `average`), over the classes that occur in target or prediction. A
    class that is never predicted has none: `None`. In `macro` and `weighted` such a class counts 0, as in scikit-learn
    with `zero_division=0`, and `note` says how many there are. Range 0 to 1, higher is better; unchanged when nothing
    has changed. At labels exact; at a `threshold` (score >= threshold) exact where the baseline's cells are cut there
    (hundredths, and the schema's threshold), else interpolated inside the cell, with `low` and `high`; of the `k`
    highest scores with ties in proportion. No rows: `None`. Standard error by the delta method with one row in each of
    the four cells added, weighted rows by the squares of their weights.

    Other tools: in Evidently 0.7.23 the k highest scores are k + 1 rows.

    Agresti & Coull (1998) for the added rows.

    >>> from barograph import Profile, Schema
    >>> rows = {"y": [1, 1, 1, 0, 0, 0], "said": [1, 1, 0, 1, 0, 0], "p": [0.9, 0.8, 0.4, 0.7, 0.2, 0.1]}
    >>> profile = Profile.of(rows, schema=Schema(target="y", prediction="said", score="p"))
    >>> [round(m.compute(profile, None).values[0].value, 4) for m in (Precision(), Precision(0.75))]
    [0.6667, 1.0]
    """

    spec: ClassVar[Spec] = Spec(
        name="precision",
        title="Precision",
        group="performance",
        help="Share of the rows predicted to be of a class that are.",
        unit="ratio",
        direction="higher",
        range=(0.0, 1.0),
        reference="optional",
    )
    ratio: ClassVar[Ratio] = Ratio((1, 0, 0, 0), (0, 0, 1, 0), "never predicted")
