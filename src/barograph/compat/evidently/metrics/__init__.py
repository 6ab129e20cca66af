"""Evidently's metrics by their names, of all its versions, each answered by metrics of ours.

>>> from barograph.compat.evidently.metrics import ColumnQuantileMetric
>>> from barograph.compat.evidently.report import Report
>>> report = Report(metrics=[ColumnQuantileMetric(column_name="age", quantile=0.5)])
>>> report.run(reference_data=None, current_data={"age": [1, 2, 3]})
>>> report.as_dict()["metrics"][0]["result"]["current"]
{'quantile': 2.0, 'value': 2.0}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from barograph.compat.evidently.entries import Entry
from barograph.compat.evidently.metrics import data, model, newer
from barograph.compat.evidently.metrics.confusion import ClassificationConfusionMatrix
from barograph.compat.evidently.metrics.drift import ColumnDriftMetric, DataDriftTable, DatasetDriftMetric
from barograph.compat.evidently.sheets import MetricClass, Sheet
from barograph.errors import ParameterError

SHEETS: dict[str, Sheet] = {**newer.SHEETS, **data.SHEETS, **model.SHEETS}
CLASSES: dict[str, Any] = {
    **{name: MetricClass(name, sheet) for name, sheet in SHEETS.items()},
    "ClassificationConfusionMatrix": ClassificationConfusionMatrix,
    "ColumnDriftMetric": ColumnDriftMetric,
    "DataDriftTable": DataDriftTable,
    "DatasetDriftMetric": DatasetDriftMetric,
    "DriftedColumnsCount": DatasetDriftMetric,
    "ValueDrift": lambda column, method=None, threshold=None: ColumnDriftMetric(column, method, threshold),
}
_OURS = {
    "Comment": "a report has a title, and text between its charts is for whoever publishes it",
    "RecCasesTable": "it lists rows of single users, and profiles keep none; take them from the rows",
    "TextDescriptorsCorrelationMetric": "give barograph.Report quality.TextCorrelation",
    "GroupBy": "give barograph.Report(..., by='column')",
    "RowTestSummary": "give barograph.Report a check of quality.ConditionShare",
}


def generate_column_metrics(
    metric_class: Any, columns: list[str] | str, parameters: Mapping[str, Any] | None = None
) -> list[Entry]:
    """One metric of a class for each of some named columns. Without names none is needed: a metric of
    `barograph.metrics` that names no column is about every one.

    Raises `ParameterError` where the columns are not a list of names.
    """
    if isinstance(columns, str):
        raise ParameterError(f"columns is {columns!r}; name them, or give barograph.Report a metric without a column")
    return [metric_class(column, **(parameters or {})) for column in columns]


def __getattr__(name: str) -> Any:
    """A class of metrics by its old name; what is not there says our way."""
    if name in CLASSES:
        return CLASSES[name]
    if not name[0].isupper():
        raise AttributeError(name)
    raise ParameterError(f"there is no metric {name!r} here; {_OURS.get(name, 'see barograph.metrics')}")


__all__ = ["CLASSES", "ColumnDriftMetric", "DataDriftTable", "DatasetDriftMetric", "generate_column_metrics", *CLASSES]
