"""Accuracy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.performance.estimates import Estimate, Key
from barograph.metrics.performance.rates import Ratio, Thresholded, class_key, share
from barograph.metrics.performance.tables import Guess, Table
from barograph.results import Spec
from barograph.schema import Schema


@dataclass(frozen=True)
class Accuracy(Thresholded):
    """Accuracy: the share of rows predicted right, over all classes. A class never seen before is an error.

    Range 0 to 1, higher is better; unchanged when nothing has changed. At labels exact; at a `threshold` (score >=
    threshold, the class against all others) exact where the baseline's cells are cut there (hundredths, and the
    schema's threshold), else interpolated inside the cell, with `low` and `high`; of the `k` highest scores with ties
    in proportion; scores of several classes give one value each (label `class`). No rows: `None`. Standard error of a
    share with one right and one wrong row added, weighted rows by the squares of their weights. By chance: the share of
    the most frequent class, the best that is to be had without the rows (choosing the class at random, by its
    frequency, is right less often).

    Other tools: Evidently 0.7.23 ignores predicted labels where there are scores too, and cuts these at 0.5 (0.714
    became 0.818).

    Agresti & Coull (1998) for the added rows.

    >>> from barograph import Profile, Schema
    >>> rows = {"y": ["a", "b", "c", "c"], "said": ["a", "b", "c", "a"]}
    >>> profile = Profile.of(rows, schema=Schema(target="y", prediction="said"))
    >>> Accuracy().compute(profile, None).values[0].value
    0.75
    """

    spec: ClassVar[Spec] = Spec(
        name="accuracy",
        title="Accuracy",
        group="performance",
        help="Share of rows predicted right.",
        unit="ratio",
        direction="higher",
        range=(0.0, 1.0),
        reference="optional",
    )
    ratio: ClassVar[Ratio] = Ratio((1, 0, 0, 0), (0, 1, 0, 0), "no rows")
    guess: ClassVar[Guess] = "most_frequent"  # no one who does not see the rows is more often right

    def of_table(self, table: Table | Estimate, schema: Schema, label: str | None, many: bool) -> dict[Key, Estimate]:
        key = class_key(label or "", label is not None and many)
        return {key: table if isinstance(table, Estimate) else share(self.ratio, table.right())}
