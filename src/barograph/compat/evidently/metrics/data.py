"""Evidently's metrics of columns and datasets, and what of ours answers each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from barograph import frame
from barograph.compat.evidently.sheets import REQUIRED, Sheet
from barograph.errors import ParameterError
from barograph.metric import Metric
from barograph.metrics import drift, performance, quality

COLUMN = {"column_name": REQUIRED}
MISSING = {
    "number_of_rows": "row_count", "number_of_missing_values": "missing_share count",
    "share_of_missing_values": "missing_share",
}  # fmt: skip


def summary(column: str) -> list[Metric]:
    """What a column looks like."""
    return [
        quality.RowCount(), quality.MissingShare(column), quality.DistinctCount(column), quality.DistinctShare(column),
        quality.Minimum(column), quality.Quantile(column, q=0.25), quality.Quantile(column),
        quality.Quantile(column, q=0.75), quality.Maximum(column), quality.Mean(column), quality.Std(column),
        quality.TopShare(column), quality.Distribution(column),
    ]  # fmt: skip


SUMMARY = {
    **MISSING, "missing_percentage": "missing_share percent", "unique": "distinct_count",
    "unique_percentage": "distinct_share percent", "min": "minimum", "max": "maximum", "mean": "mean", "std": "std",
    "most_common_percentage": "top_share percent",
}  # fmt: skip


def matched(column: str, pattern: str) -> Metric:
    """Values that a regular expression matches from their start on, as Python's `re.match`."""
    text = f"matches(col({column!r}), {pattern + '.*'!r})"
    frame.expression(text)
    return quality.ConditionShare(text)


def _in_range(column_name: str, left: Any, right: Any) -> Iterable[Metric]:
    given = left is not None or right is not None
    return [quality.InRangeShare(column_name, left, right) if given else quality.OutOfRangeShare(column_name)]


def _in_list(column_name: str, values: Any) -> Iterable[Metric]:
    return [quality.UnseenShare(column_name) if values is None else quality.InListShare(column_name, values)]


def _correlations(columns: tuple[str, ...] = ()) -> list[Metric]:
    return [quality.Spearman(columns), quality.Pearson(columns), quality.Kendall(columns), quality.CramersV(columns)]


def by_feature(columns: Iterable[str] | None, *metrics: Callable[[str | None], Metric]) -> list[Metric]:
    """Metrics by the cells of each feature, or of some."""
    named: list[str | None] = [None] if columns is None else list(columns)
    return [metric(column) for column in named for metric in metrics]


def _texts(column_name: str | None) -> list[Metric]:
    return [quality.TextDescriptors(column_name), quality.Distribution(column_name)]


def _embedding(embeddings_name: str | None, drift_method: Any) -> list[Metric]:
    if drift_method is not None:
        raise ParameterError(
            "embeddings are compared by barograph.metrics.drift.EmbeddingDrift; whole rows by MMD and DomainClassifier"
        )
    return [drift.EmbeddingDrift(embeddings_name)]


SHEETS: dict[str, Sheet] = {
    "DatasetSummaryMetric": Sheet(
        lambda: [
            quality.RowCount(), quality.ColumnCount(), quality.MissingShare(), quality.EmptyRowShare(),
            quality.EmptyColumns(), quality.ConstantColumns(), quality.AlmostConstantColumns(),
            quality.DuplicatedRowShare(), quality.DuplicatedColumns(),
        ],
        {
            "number_of_rows": "row_count", "number_of_columns": "column_count",
            "number_of_missing_values": "missing_share count", "number_of_empty_rows": "empty_row_share count",
            "number_of_empty_columns": "empty_columns", "number_of_constant_columns": "constant_columns",
            "number_of_almost_constant_columns": "almost_constant_columns",
            "number_of_duplicated_rows": "duplicated_row_share count",
            "number_of_duplicated_columns": "duplicated_columns",
        },
    ),
    "DatasetMissingValuesMetric": Sheet(
        lambda: [
            quality.RowCount(), quality.ColumnCount(), quality.MissingShare(), quality.MissingCellShare(),
            quality.IncompleteRowShare(), quality.IncompleteColumns(),
        ],
        {
            "number_of_rows": "row_count", "number_of_columns": "column_count",
            "number_of_missing_values": "missing_share count", "share_of_missing_values": "missing_cell_share",
            "share_of_missing_values_by_column": "missing_share by column",
            "number_of_rows_with_missing_values": "incomplete_row_share count",
            "share_of_rows_with_missing_values": "incomplete_row_share",
            "number_of_columns_with_missing_values": "incomplete_columns",
        },
    ),
    "ColumnMissingValuesMetric": Sheet(
        lambda column_name: [quality.RowCount(), quality.MissingShare(column_name)], MISSING, COLUMN
    ),
    "ColumnSummaryMetric": Sheet(lambda column_name: summary(column_name), SUMMARY, COLUMN),
    "ColumnRegExpMetric": Sheet(
        lambda column_name, reg_exp, **_: [matched(column_name, reg_exp)],
        {"number_of_matched": "condition_share count", "number_of_not_matched": "condition_share left_count"},
        {**COLUMN, "reg_exp": REQUIRED, "top": None},
    ),
    "ColumnCategoryMetric": Sheet(
        lambda column_name, category: [quality.CategoryShare(column_name, category)],
        {"category_num": "category_share count", "category_ratio": "category_share"},
        {**COLUMN, "category": REQUIRED},
    ),
    "ColumnQuantileMetric": Sheet(
        lambda column_name, quantile: [quality.Quantile(column_name, q=quantile)], {"value": "quantile"},
        {**COLUMN, "quantile": REQUIRED},
    ),
    "ColumnValueListMetric": Sheet(
        _in_list,
        {
            "number_in_list": "in_list_share count", "share_in_list": "in_list_share",
            "number_not_in_list": "in_list_share left_count", "share_not_in_list": "in_list_share left",
        },
        {**COLUMN, "values": None},
    ),
    "ColumnValueRangeMetric": Sheet(
        _in_range,
        {
            "number_in_range": "in_range_share count", "share_in_range": "in_range_share",
            "number_not_in_range": "in_range_share left_count", "share_not_in_range": "in_range_share left",
        },
        {**COLUMN, "left": None, "right": None},
    ),
    "ColumnDistributionMetric": Sheet(lambda column_name: [quality.Distribution(column_name)], takes=COLUMN),
    "ColumnCorrelationsMetric": Sheet(lambda **_: _correlations(), takes=COLUMN),
    "DatasetCorrelationsMetric": Sheet(_correlations),
    "ConflictTargetMetric": Sheet(
        lambda: [quality.ConflictShare()],
        {"number_not_stable_target": "conflict_share count", "share_not_stable_target": "conflict_share"},
    ),
    "ConflictPredictionMetric": Sheet(
        lambda: [quality.ConflictShare("prediction")],
        {"number_not_stable_prediction": "conflict_share count", "share_not_stable_prediction": "conflict_share"},
    ),
    "DataQualityStabilityMetric": Sheet(lambda: [quality.ConflictShare(), quality.ConflictShare("prediction")]),
    "TextDescriptorsDistribution": Sheet(_texts, takes={"column_name": None}),
    "TextDescriptorsDriftMetric": Sheet(
        lambda column_name: [drift.TextDrift(column_name), quality.TextDescriptors(column_name)],
        takes={"column_name": None}, compares=True,
    ),
    "TextDomainClassifierDriftMetric": Sheet(
        lambda text_column_name: [drift.TextDrift(text_column_name)], takes={"text_column_name": REQUIRED},
        compares=True,
    ),
    "EmbeddingsDriftMetric": Sheet(
        _embedding, {"drift_score": "embedding_drift"}, {"embeddings_name": None, "drift_method": None}, compares=True,
    ),
    "TargetByFeaturesTable": Sheet(
        lambda columns: by_feature(columns, performance.TargetByFeature, performance.PredictionByFeature),
        takes={"columns": None},
    ),
    "ColumnValuePlot": Sheet(lambda column_name: [quality.Distribution(column_name)], takes=COLUMN),
    "ColumnInteractionPlot": Sheet(
        lambda x_column, y_column: [quality.ColumnInteraction(x_column, y_column)],
        takes={"x_column": REQUIRED, "y_column": REQUIRED},
    ),
}  # fmt: skip
