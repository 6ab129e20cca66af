"""Metrics of regressions by their old names."""

from __future__ import annotations

from dataclasses import replace

from barograph.compat.evidently.entries import Entry, answered, plain, sides
from barograph.metrics import performance

REGRESSION = {
    "mean_error": "mean_error", "mean_abs_error": "mae", "mean_abs_perc_error": "mape", "rmse": "rmse",
    "r2_score": "r2", "abs_error_max": "max_error",
}  # fmt: skip


def RegressionQualityMetric() -> Entry:  # noqa: N802 - the old name
    """Mean error, MAE, MAPE, RMSE, R2 and the largest error, of either side."""
    return Entry("RegressionQualityMetric", lambda _: ["regression"], sides(REGRESSION), "regression")


def RegressionPerformanceMetrics() -> Entry:  # noqa: N802
    """The same as `RegressionQualityMetric`."""
    return replace(RegressionQualityMetric(), name="RegressionPerformanceMetrics")


def RegressionErrorBiasTable(columns: list[str] | None = None, top_error: float = 0.05) -> Entry:  # noqa: N802
    """What over- and underestimated rows are like by feature, the bias in each cell, and the tails of errors."""
    named: list[str | None] = [None] if columns is None else list(columns)
    told = [performance.ErrorBias(column, top_error) for column in named]
    tables = [performance.BiasByFeature(column) for column in named]
    tails = performance.ErrorTails(share=top_error)
    return plain("RegressionErrorBiasTable", *told, *tables, tails, task="regression")


def RegressionTopErrorMetric(top_error: float = 0.05) -> Entry:  # noqa: N802
    """Errors of the rows that are under- and overestimated most, and of those between."""
    return plain("RegressionTopErrorMetric", performance.ErrorTails(share=top_error), task="regression")


RegressionErrorDistribution = answered("RegressionErrorDistribution", "regression", performance.ErrorQuantiles())
RegressionErrorNormality = answered("RegressionErrorNormality", "regression", performance.ErrorNormality())
RegressionErrorPlot = answered(
    "RegressionErrorPlot", "regression", performance.MeanError(), performance.ErrorStd(), performance.ErrorQuantiles()
)
RegressionAbsPercentageErrorPlot = answered(
    "RegressionAbsPercentageErrorPlot", "regression", performance.MAPE(), performance.PercentageErrorQuantiles()
)
RegressionPredictedVsActualScatter = answered(
    "RegressionPredictedVsActualScatter", "regression", performance.PredictedActual()
)
RegressionPredictedVsActualPlot = answered(
    "RegressionPredictedVsActualPlot", "regression", performance.PredictedActual()
)
RegressionDummyMetric = answered("RegressionDummyMetric", "regression", performance.Dummy())
