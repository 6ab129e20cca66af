"""F1 score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.performance.rates import Averaged, Ratio
from barograph.results import Spec


@dataclass(frozen=True)
class F1(Averaged):
    """F1 score, the harmonic mean of precision and recall. 2 TP / (2 TP + FP + FN).

    Values: of two classes that of the positive one; of more, one per class (label `class`) and the averages `macro`,
    `micro` and `weighted` by target rows (label `average`), over the classes that occur in target or prediction. A
    class in neither target nor prediction has none: `None`. In `macro` and `weighted` such a class counts 0, as in
    scikit-learn with `zero_division=0`, and `note` says how many there are. Range 0 to 1, higher is better; unchanged
    when nothing has changed. At labels exact; at a `threshold` (score >= threshold) exact where the baseline's cells
    are cut there (hundredths, and the schema's threshold), else interpolated inside the cell, with `low` and `high`; of
    the `k` highest scores with ties in proportion. No rows: `None`. Standard error by the delta method with half a row
    in each of the four cells added, weighted rows by the squares of their weights.

    van Rijsbergen (1979).

    >>> from barograph import Profile, Schema
    >>> rows = {"y": [1, 1, 1, 0, 0, 0], "said": [1, 1, 0, 1, 0, 0], "p": [0.9, 0.8, 0.4, 0.7, 0.2, 0.1]}
    >>> profile = Profile.of(rows, schema=Schema(target="y", prediction="said", score="p"))
    >>> [round(m.compute(profile, None).values[0].value, 4) for m in (F1(), F1(0.75))]
    [0.6667, 0.8]
    """

    spec: ClassVar[Spec] = Spec(
        name="f1",
        title="F1 score",
        group="performance",
        help="Harmonic mean of precision and recall.",
        unit="ratio",
        direction="higher",
        range=(0.0, 1.0),
        reference="optional",
    )
    ratio: ClassVar[Ratio] = Ratio((2, 0, 0, 0), (0, 1, 1, 0), "neither in target nor in prediction", prior=0.5)
