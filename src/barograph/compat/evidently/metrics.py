"""Evidently's metrics by their names, each answered by metrics of ours.

>>> from barograph.compat.evidently.metrics import ColumnQuantileMetric
>>> from barograph.compat.evidently.report import Report
>>> report = Report(metrics=[ColumnQuantileMetric(column_name="age", quantile=0.5)])
>>> report.run(reference_data=None, current_data={"age": [1, 2, 3]})
>>> report.as_dict()["metrics"][0]["result"]["current"]
{'quantile': 2.0}
"""

from __future__ import annotations

from typing import Any

from barograph.compat.evidently.drift import drift_check
from barograph.compat.evidently.entries import Asked, Entry, Numbers, drift_by_column, numbers, overall, roles
from barograph.errors import ParameterError
from barograph.metric import Metric
from barograph.metrics import performance, quality
from barograph.presets import Item
from barograph.results import Heat, Run
from barograph.schema import Schema

CLASSIFICATION = {
    "accuracy": "accuracy", "precision": "precision", "recall": "recall", "f1": "f1", "roc_auc": "roc_auc",
    "log_loss": "log_loss", "tpr": "recall", "tnr": "specificity",
}  # fmt: skip
REGRESSION = {
    "mean_error": "mean_error", "mean_abs_error": "mae", "mean_abs_perc_error": "mape", "rmse": "rmse",
    "r2_score": "r2", "abs_error_max": "max_error",
}  # fmt: skip


def asked_drift(columns: list[str] | None, method: str | None, threshold: float | None) -> Asked:
    """Drift of some columns, or of all with the roles: our presets, unless a method or threshold is named."""

    def asked(schema: Schema) -> list[str | Item]:
        if method is None and threshold is None and columns is None:
            return ["data_drift", *(["target_drift"] if roles(schema) else [])]
        named: list[str | None] = list(columns) if columns is not None else [None, *roles(schema)]
        return [drift_check(column, method, threshold) for column in named]

    return asked


def DatasetDriftMetric(  # noqa: N802 - the old name
    columns: list[str] | None = None,
    drift_share: float = 0.5,
    stattest: str | None = None,
    stattest_threshold: float | None = None,
) -> Entry:
    """Whether at least `drift_share` of the columns drifted."""
    if not 0 < drift_share <= 1:
        raise ParameterError(f"drift_share is {drift_share!r}; it is a share of the columns, such as 0.5")

    def read(run: Run, _schema: Schema) -> Numbers:
        judged = [found["drift_detected"] for found in drift_by_column(run).values()]
        n, drifted = sum(known is not None for known in judged), sum(known is True for known in judged)
        share = drifted / n if n else None
        return {
            "drift_share": drift_share,
            "number_of_columns": n,
            "number_of_drifted_columns": drifted,
            "share_of_drifted_columns": share,
            "dataset_drift": None if share is None else share >= drift_share,
        }

    return Entry("DatasetDriftMetric", asked_drift(columns, stattest, stattest_threshold), read, compares=True)


def DataDriftTable(  # noqa: N802
    columns: list[str] | None = None,
    drift_share: float = 0.5,
    stattest: str | None = None,
    stattest_threshold: float | None = None,
) -> Entry:
    """The same with the verdict on each column."""
    whole = DatasetDriftMetric(columns, drift_share, stattest, stattest_threshold)

    def read(run: Run, schema: Schema) -> Numbers:
        return {**whole.read(run, schema), "drift_by_columns": drift_by_column(run)}

    return Entry("DataDriftTable", whole.asked, read, compares=True)


def ColumnDriftMetric(  # noqa: N802
    column_name: str, stattest: str | None = None, stattest_threshold: float | None = None
) -> Entry:
    """Drift of one column, by calibrated PSI unless a method is named."""
    checks = [drift_check(column_name, stattest, stattest_threshold)]

    def read(run: Run, _schema: Schema) -> Numbers:
        return drift_by_column(run).get(column_name, {"column_name": column_name, "drift_detected": None})

    return Entry("ColumnDriftMetric", lambda _: list(checks), read, compares=True)


def ClassificationQualityMetric(probas_threshold: float | None = None, k: int | None = None) -> Entry:  # noqa: N802
    """Accuracy, precision, recall, F1 and, of scores, ROC AUC and log loss, of either side."""
    _only_default("ClassificationQualityMetric", probas_threshold=probas_threshold, k=k)
    return Entry("ClassificationQualityMetric", _preset("classification"), _sides(CLASSIFICATION), "classification")


def RegressionQualityMetric() -> Entry:  # noqa: N802
    """Mean error, MAE, MAPE, RMSE, R2 and the largest error, of either side."""
    return Entry("RegressionQualityMetric", _preset("regression"), _sides(REGRESSION), "regression")


def ClassificationConfusionMatrix() -> Entry:  # noqa: N802
    """Rows by target and prediction."""

    def read(run: Run, _schema: Schema) -> Numbers:
        heats = [f for r in run.results for f in r.figures if isinstance(f, Heat) and r.spec.name == "confusion_matrix"]
        return {"matrices": [{"title": h.title, "labels": h.rows, "values": h.values} for h in heats]}

    metric = performance.ConfusionMatrix()
    return Entry("ClassificationConfusionMatrix", lambda _: [metric], read, "classification")


def _preset(name: str) -> Asked:
    return lambda _: [name]


def _sides(names: dict[str, str]) -> Any:
    def read(run: Run, _schema: Schema) -> Numbers:
        return {
            "current": {old: overall(run, ours) for old, ours in names.items()},
            "reference": {old: overall(run, ours, "reference") for old, ours in names.items()},
        }

    return read


def _only_default(name: str, **arguments: Any) -> None:
    for argument, value in arguments.items():
        if value is not None:
            raise ParameterError(
                f"{name} takes no {argument!r} here; give Schema(threshold=...) to barograph.Report, or metrics of ours"
            )


def plain(name: str, *metrics: Metric, task: Any = None, **about: Any) -> Entry:
    """An entry that some metrics answer as they are."""
    items: list[str | Item] = list(metrics)

    def read(run: Run, _schema: Schema) -> Numbers:
        return {**about, **numbers(run, items)}

    return Entry(name, lambda _: items, read, task)


def DatasetSummaryMetric() -> Entry:  # noqa: N802
    """Rows, and empty and constant columns."""
    return plain("DatasetSummaryMetric", quality.RowCount(), quality.EmptyColumns(), quality.ConstantColumns())


def DatasetMissingValuesMetric() -> Entry:  # noqa: N802
    """Share of missing values by column."""
    return plain("DatasetMissingValuesMetric", quality.MissingShare())


def ColumnMissingValuesMetric(column_name: str) -> Entry:  # noqa: N802
    """Share of missing values of a column."""
    return plain("ColumnMissingValuesMetric", quality.MissingShare(column_name), column_name=column_name)


def ColumnSummaryMetric(column_name: str) -> Entry:  # noqa: N802
    """What a column looks like."""
    of = {"column": column_name}
    return plain(
        "ColumnSummaryMetric", quality.MissingShare(**of), quality.DistinctCount(**of), quality.Minimum(**of),
        quality.Maximum(**of), quality.Mean(**of), quality.Std(**of), quality.TopShare(**of),
        quality.Distribution(**of), column_name=column_name,
    )  # fmt: skip


def ColumnQuantileMetric(column_name: str, quantile: float) -> Entry:  # noqa: N802
    """A quantile of a column."""
    return plain("ColumnQuantileMetric", quality.Quantile(column=column_name, q=quantile), column_name=column_name)


def ColumnDistributionMetric(column_name: str) -> Entry:  # noqa: N802
    """The distribution of a column, drawn."""
    return plain("ColumnDistributionMetric", quality.Distribution(column_name), column_name=column_name)


def _performance(name: str, task: str, *metrics: Metric) -> Any:
    def entry() -> Entry:
        return plain(name, *metrics, task=task)

    entry.__name__ = entry.__qualname__ = name
    entry.__doc__ = f"`{name}`, answered by {', '.join(f'`{metric.spec.name}`' for metric in metrics)}."
    return entry


ClassificationClassBalance = _performance("ClassificationClassBalance", "classification", performance.TargetRate())
ClassificationQualityByClass = _performance(
    "ClassificationQualityByClass", "classification", performance.Precision(), performance.Recall(), performance.F1()
)
ClassificationProbDistribution = _performance(
    "ClassificationProbDistribution", "classification", performance.ScoreDistribution()
)
ClassificationRocCurve = _performance("ClassificationRocCurve", "classification", performance.RocAuc())
ClassificationPRCurve = _performance("ClassificationPRCurve", "classification", performance.AveragePrecision())
RegressionErrorDistribution = _performance("RegressionErrorDistribution", "regression", performance.ErrorQuantiles())
