"""The strongest correlation among the features, or of one with the target or the prediction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from barograph.errors import ParameterError
from barograph.joint import paired
from barograph.metric import Metric
from barograph.metrics.quality.pairs import METHODS, Method, Pairs, both_sides, number, summary_of
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Result, Spec, Value
from barograph.schema import Schema

AMONG = ("features", "target", "prediction")


@dataclass(frozen=True)
class HighestCorrelation(Metric):
    """Largest |correlation| of two features; or with `among` of a feature and the target, or of one and the prediction.

    Range 0 to 1; neither direction is better: two features that are one cost memory, and one that is the target is a
    leak. Unchanged when nothing has changed; of k independent columns about sqrt(2 ln(k^2 / 2) / n). The note says
    which pair it is; `reference` is the largest of the reference, of whichever pair. `method` is `spearman`, `kendall`,
    `pearson` or `cramers_v` (at least one of the two is categorical). The prediction is its column, else the score of
    the positive class. No pair with a correlation: `None`. Which columns, how exact, standard error and cost: see the
    metric of the method.

    Spearman (1904).

    >>> from barograph import Report
    >>> rows = {"age": [1, 2, 3, 4, 5], "years": [1, 2, 3, 4, 5], "shoe": [3, 1, 4, 1, 5]}
    >>> value = Report([HighestCorrelation()]).run(rows).results[0].values[0]
    >>> value.value, value.note
    (1.0, 'of age and years')
    """

    among: Literal["features", "target", "prediction"] = "features"
    method: Method = "spearman"

    spec: ClassVar[Spec] = Spec(
        name="highest_correlation",
        title="Highest correlation",
        group="quality",
        help="Largest absolute correlation among the features, or of one with the target or the prediction.",
        range=(0.0, 1.0),
        reference="optional",
    )

    def __post_init__(self) -> None:
        if self.among not in AMONG:
            raise ParameterError(f"there is no highest correlation among {self.among!r}; give one of {AMONG}")
        if self.method not in METHODS:
            raise ParameterError(f"there is no correlation {self.method!r}; the methods are {', '.join(METHODS)}")

    def needs(self, schema: Schema) -> Iterable[Need]:
        return paired(schema, summary_of(self.method))

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        schema = (reference or current).schema
        beside = self._beside(schema)
        if beside is None and self.among != "features":
            return self.result([], note=f"the schema names no {self.among}")
        now, before, note = both_sides(schema, current, reference, self.method)
        if now is None:
            return self.result([], note=note)
        meant = _meant(now, schema, beside)
        if not meant.any():
            return self.result([], note=f"no pair among the {self.among} that {self.method} is for")
        found = _highest(now, meant)
        labels: dict[str, str] = {"among": self.among}
        if found is None:
            return self.result([Value(None, labels, note="no pair has a correlation")], note=note)
        i, j = found
        then = None if before is None else _highest(before, meant)
        return self.result(
            [
                Value(
                    abs(float(now.value[i, j])),
                    labels,
                    int(now.n[i, j]),
                    se=number(now.se[i, j]),
                    reference=None if before is None or then is None else abs(float(before.value[then])),
                    reference_se=None if before is None or then is None else number(before.se[then]),
                    note=f"of {now.columns[i]} and {now.columns[j]}",
                )
            ],
            note=note,
        )

    def _beside(self, schema: Schema) -> str | None:
        if self.among == "target":
            return schema.target
        return predicted(schema) if self.among == "prediction" else None


def predicted(schema: Schema) -> str | None:
    """The column that says what the model said: the prediction, else the score of the positive class."""
    return schema.prediction or next(iter(schema.scores.values()), None)


def _meant(side: Pairs, schema: Schema, beside: str | None) -> np.ndarray:
    """Pairs of features, or of one and the column `beside`."""
    feature = np.array([column in schema.features for column in side.columns])
    other = feature if beside is None else np.array([column == beside for column in side.columns])
    both = (feature[:, None] & other[None, :]) | (other[:, None] & feature[None, :])
    found: np.ndarray[Any, Any] = np.triu(side.meant & both, 1)
    return found


def _highest(side: Pairs, meant: np.ndarray) -> tuple[int, int] | None:
    size = np.where(meant & np.isfinite(side.value), np.round(np.abs(side.value), 9), -1.0)
    i, j = divmod(int(size.argmax()), size.shape[1])
    return (i, j) if size[i, j] >= 0 else None
