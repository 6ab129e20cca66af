"""Metrics of classifiers by their old names."""

from __future__ import annotations

from typing import Any

from barograph.compat.evidently.entries import Entry, Numbers, answered, plain, sides
from barograph.errors import ParameterError
from barograph.metrics import performance
from barograph.results import Heat, Run
from barograph.schema import Schema

CLASSIFICATION = {
    "accuracy": "accuracy", "precision": "precision", "recall": "recall", "f1": "f1", "roc_auc": "roc_auc",
    "log_loss": "log_loss", "tpr": "recall", "tnr": "specificity",
}  # fmt: skip


def ClassificationQualityMetric(probas_threshold: float | None = None, k: int | None = None) -> Entry:  # noqa: N802
    """Accuracy, precision, recall, F1 and, of scores, ROC AUC and log loss, of either side."""
    _only_default("ClassificationQualityMetric", probas_threshold=probas_threshold, k=k)
    return Entry("ClassificationQualityMetric", lambda _: ["classification"], sides(CLASSIFICATION), "classification")


def _only_default(name: str, **arguments: Any) -> None:
    for argument, value in arguments.items():
        if value is not None:
            raise ParameterError(
                f"{name} takes no {argument!r} here; give Schema(threshold=...) to barograph.Report, or metrics of ours"
            )


def ClassificationConfusionMatrix() -> Entry:  # noqa: N802
    """Rows by target and prediction."""

    def read(run: Run, _schema: Schema) -> Numbers:
        heats = [f for r in run.results for f in r.figures if isinstance(f, Heat) and r.spec.name == "confusion_matrix"]
        return {"matrices": [{"title": h.title, "labels": h.rows, "values": h.values} for h in heats]}

    metric = performance.ConfusionMatrix()
    return Entry("ClassificationConfusionMatrix", lambda _: [metric], read, "classification")


def ClassificationQualityByFeatureTable(columns: list[str] | None = None) -> Entry:  # noqa: N802
    """Accuracy, precision and recall among the rows in each cell of each feature, or of some."""
    named: list[str | None] = [None] if columns is None else list(columns)
    tables = [performance.PerformanceByFeature(c, of=of) for c in named for of in ("accuracy", "precision", "recall")]
    return plain("ClassificationQualityByFeatureTable", *tables, task="classification")


def ClassificationLiftTable(top: int = 10) -> Entry:  # noqa: N802
    """Lift among the `top` percent of the rows that score highest."""
    metric = performance.Lift(share=top / 100)
    return plain("ClassificationLiftTable", metric, task="classification", top=top)


ClassificationClassBalance = answered("ClassificationClassBalance", "classification", performance.TargetRate())
ClassificationQualityByClass = answered(
    "ClassificationQualityByClass", "classification", performance.Precision(), performance.Recall(), performance.F1()
)
ClassificationProbDistribution = answered(
    "ClassificationProbDistribution", "classification", performance.ScoreDistribution()
)
ClassificationRocCurve = answered("ClassificationRocCurve", "classification", performance.RocAuc())
ClassificationPRCurve = answered("ClassificationPRCurve", "classification", performance.AveragePrecision())
ClassificationClassSeparationPlot = answered(
    "ClassificationClassSeparationPlot",
    "classification",
    performance.ClassSeparation(),
    performance.ScoreDistribution(),
)
ClassificationDummyMetric = answered("ClassificationDummyMetric", "classification", performance.Dummy())
ClassificationPRTable = answered("ClassificationPRTable", "classification", performance.ThresholdTable())
ClassificationLiftCurve = answered("ClassificationLiftCurve", "classification", performance.Lift(), performance.Gain())
