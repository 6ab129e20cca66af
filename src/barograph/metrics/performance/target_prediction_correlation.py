"""How strongly the prediction goes with the target."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from barograph.errors import ParameterError
from barograph.joint import paired
from barograph.metric import Metric
from barograph.metrics.quality.highest_correlation import predicted
from barograph.metrics.quality.pairs import METHODS, Method, both_sides, pair_value, summary_of
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Result, Spec, Value
from barograph.schema import Schema


@dataclass(frozen=True)
class TargetPredictionCorrelation(Metric):
    """Correlation of target and prediction; without a prediction, of the target and the score.

    Range -1 to 1, higher is better; unchanged when nothing has changed. `method` is `pearson`, `spearman`, `kendall` or
    `cramers_v`; left open it is `pearson` for regression and for two classes (there it is Matthews' coefficient), and
    `cramers_v` for more classes. A good correlation says nothing of the level: predictions twice too high have 1. Rows
    with both count; weights are not used. Fewer than three rows with both, or one that does not vary: `None`. How
    exact, and the standard error: see the metric of the method.

    Pearson (1895); Matthews (1975).

    >>> from barograph import Report, Schema
    >>> rows = {"y": [1.0, 2.0, 3.5, 4.25], "said": [2.0, 4.0, 7.0, 8.5]}
    >>> run = Report([TargetPredictionCorrelation()]).run(rows, schema=Schema(target="y", prediction="said"))
    >>> round(run.value("target_prediction_correlation"), 9)
    1.0
    """

    method: Method | None = None

    spec: ClassVar[Spec] = Spec(
        name="target_prediction_correlation",
        title="Correlation of target and prediction",
        group="performance",
        help="How strongly the prediction goes with the target.",
        direction="higher",
        range=(-1.0, 1.0),
        reference="optional",
    )

    def __post_init__(self) -> None:
        if self.method not in (None, *METHODS):
            raise ParameterError(f"there is no correlation {self.method!r}; the methods are {', '.join(METHODS)}")

    def needs(self, schema: Schema) -> Iterable[Need]:
        columns = _columns(schema)
        return () if isinstance(columns, str) else paired(schema, summary_of(self._by(schema)), columns)

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        schema = (reference or current).schema
        columns, method = _columns(schema), self._by(schema)
        if isinstance(columns, str):
            return self.result([], note=columns)
        now, before, note = both_sides(schema, current, reference, method, columns)
        if now is None:
            return self.result([], note=note)
        found = pair_value(now, before, 0, 1)
        value = Value(
            found.value,
            {"method": method},
            found.n,
            se=found.se,
            reference=found.reference,
            reference_se=found.reference_se,
            note=found.note,
        )
        return self.result([value], note=note)

    def _by(self, schema: Schema) -> Method:
        if self.method is not None:
            return self.method
        return "cramers_v" if schema.task == "classification" and not schema.binary else "pearson"


def _columns(schema: Schema) -> tuple[str, str] | str:
    said = predicted(schema)
    if schema.target is None:
        return 'the schema names no target; name its column: Schema(target="...")'
    if said is None:
        return 'the schema names neither prediction nor score; name one: Schema(prediction="...")'
    return schema.target, said
