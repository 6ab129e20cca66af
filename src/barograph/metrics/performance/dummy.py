"""What is to be had without skill."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.performance.accuracy import Accuracy
from barograph.metrics.performance.average_precision import AveragePrecision
from barograph.metrics.performance.balanced_accuracy import BalancedAccuracy
from barograph.metrics.performance.brier import Brier
from barograph.metrics.performance.estimates import Estimate, Key, Performance, joined
from barograph.metrics.performance.f1 import F1
from barograph.metrics.performance.false_negative_rate import FalseNegativeRate
from barograph.metrics.performance.false_positive_rate import FalsePositiveRate
from barograph.metrics.performance.log_loss import LogLoss
from barograph.metrics.performance.mae import MAE
from barograph.metrics.performance.mape import MAPE
from barograph.metrics.performance.max_error import MaxError
from barograph.metrics.performance.precision import Precision
from barograph.metrics.performance.r2 import R2
from barograph.metrics.performance.recall import Recall
from barograph.metrics.performance.rmse import RMSE
from barograph.metrics.performance.roc_auc import RocAuc
from barograph.metrics.performance.specificity import Specificity
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Spec
from barograph.schema import Schema

_LABELS: tuple[Performance, ...] = (
    Accuracy(), BalancedAccuracy(), Precision(), Recall(), F1(), Specificity(), FalsePositiveRate(),
    FalseNegativeRate(),
)  # fmt: skip
_SCORES: tuple[Performance, ...] = (RocAuc(), AveragePrecision(), LogLoss(), Brier())
_ERRORS: tuple[Performance, ...] = (MAE(), RMSE(), MAPE(), MaxError(), R2())


@dataclass(frozen=True)
class Dummy(Performance):
    """What each metric would be on the same rows for predictions that know nothing of them (label `metric`).

    Expectations in closed form, not one random draw, from the frequencies p of the classes. Of labels: a class said at
    random as often as it occurs, so precision, recall, F1 and false positive rate p, specificity and false negative
    rate 1 - p; but accuracy that of the most frequent class, which is higher. Of scores: ROC AUC 0.5, average precision
    p, and log loss and Brier score those of p as score. Of regressions the best constant: MAE of the median, RMSE of
    the mean, MAPE of the median weighted by 1 / |target|, the largest error of the middle of the range, R2 0. Classes
    and averages as in the metric itself. Neither end is better; unchanged when nothing has changed. No rows: `None`.
    `better_than_dummy()` holds a metric against these.

    >>> from barograph import Profile, Schema
    >>> profile = Profile.of({"y": [1, 0, 0, 0], "said": [1, 0, 1, 0]}, schema=Schema(target="y", prediction="said"))
    >>> {v.labels["metric"]: v.value for v in Dummy().compute(profile, None).values[:3]}
    {'accuracy': 0.75, 'balanced_accuracy': 0.5, 'precision': 0.25}
    """

    spec: ClassVar[Spec] = Spec(
        name="dummy",
        title="Without skill",
        group="performance",
        help="What predictions that know nothing of the rows would get.",
        reference="optional",
    )

    def sources(self, schema: Schema) -> tuple[Need, ...] | str:
        found = {metric: metric.sources(schema) for metric in (*_LABELS, *_SCORES, *_ERRORS)}
        needs = {need: None for those in found.values() if not isinstance(those, str) for need in those}
        if schema.task == "regression":
            return tuple(needs) or str(found[_ERRORS[0]])
        return tuple(needs) or str(found[_LABELS[0]])

    def needs(self, schema: Schema) -> Iterable[Need]:
        every = (metric.needs(schema) for metric in (*_LABELS, *_SCORES, *_ERRORS))
        return tuple(dict.fromkeys(need for needs in every for need in needs))

    def estimates(self, profile: Profile, schema: Schema) -> dict[Key, Estimate]:
        found: dict[Key, Estimate] = {}
        for metric in (*_LABELS, *_SCORES, *_ERRORS):
            if isinstance(metric.sources(schema), str):
                continue
            for key, own in metric.estimates(profile, schema).items():
                note = own.note if own.dummy is not None else joined(own.note, "not known from this profile")
                found[("metric", metric.spec.name), *key] = Estimate(own.dummy, own.n, note=note)
        return found
