"""Metrics of data quality and integrity by their old names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from barograph.compat.evidently.entries import Entry, Numbers, plain
from barograph.metric import Metric
from barograph.metrics import quality
from barograph.results import Run
from barograph.schema import Schema

Given = str | int | float | bool


def DatasetSummaryMetric() -> Entry:  # noqa: N802 - the old name
    """Rows and columns, and which of them are empty, constant, repeated or missing."""
    return plain(
        "DatasetSummaryMetric", quality.RowCount(), quality.ColumnCount(), quality.MissingCellShare(),
        quality.EmptyRowShare(), quality.EmptyColumns(), quality.ConstantColumns(), quality.AlmostConstantColumns(),
        quality.DuplicatedRowShare(),
    )  # fmt: skip


def DatasetMissingValuesMetric() -> Entry:  # noqa: N802
    """Share of missing values by column, of all cells, of rows and of columns with any."""
    return plain(
        "DatasetMissingValuesMetric", quality.MissingShare(), quality.MissingCellShare(), quality.IncompleteRowShare(),
        quality.IncompleteColumns(),
    )  # fmt: skip


def ColumnMissingValuesMetric(column_name: str) -> Entry:  # noqa: N802
    """Share of missing values of a column."""
    return _of("ColumnMissingValuesMetric", column_name, quality.MissingShare(column_name))


def ColumnSummaryMetric(column_name: str) -> Entry:  # noqa: N802
    """What a column looks like."""
    of = {"column": column_name}
    return _of(
        "ColumnSummaryMetric", column_name, quality.MissingShare(**of), quality.DistinctCount(**of),
        quality.Minimum(**of), quality.Maximum(**of), quality.Mean(**of), quality.Std(**of), quality.TopShare(**of),
        quality.Distribution(**of),
    )  # fmt: skip


def ColumnQuantileMetric(column_name: str, quantile: float) -> Entry:  # noqa: N802
    """A quantile of a column."""
    return _of("ColumnQuantileMetric", column_name, quality.Quantile(column=column_name, q=quantile))


def ColumnDistributionMetric(column_name: str) -> Entry:  # noqa: N802
    """The distribution of a column, drawn."""
    return _of("ColumnDistributionMetric", column_name, quality.Distribution(column_name))


def ColumnRegExpMetric(column_name: str, reg_exp: str) -> Entry:  # noqa: N802
    """Share of the values of a column that match a regular expression."""
    return _of("ColumnRegExpMetric", column_name, quality.MatchShare(column_name, reg_exp), reg_exp=reg_exp)


def ColumnCategoryMetric(column_name: str, category: Given) -> Entry:  # noqa: N802
    """Share of one category."""
    return _of("ColumnCategoryMetric", column_name, quality.InListShare(column_name, (category,)), category=category)


def ColumnValueListMetric(column_name: str, values: Iterable[Given] | None = None) -> Entry:  # noqa: N802
    """Share of the values in a list; without a list, of those that the reference never saw."""
    if values is None:
        return _of("ColumnValueListMetric", column_name, quality.UnseenShare(column_name), compares=True)
    listed = tuple(values)
    return _of("ColumnValueListMetric", column_name, quality.InListShare(column_name, listed), values=list(listed))


def ColumnValueRangeMetric(  # noqa: N802
    column_name: str, left: float | None = None, right: float | None = None
) -> Entry:  # fmt: skip
    """Share of the values within a range; without one, of those outside the reference's."""
    if left is None and right is None:
        return _of("ColumnValueRangeMetric", column_name, quality.OutOfRangeShare(column_name), compares=True)
    metric = quality.InRangeShare(column_name, left, right)
    return _of("ColumnValueRangeMetric", column_name, metric, left=left, right=right)


def ConflictTargetMetric() -> Entry:  # noqa: N802
    """Share of rows whose features occur with several targets."""
    return plain("ConflictTargetMetric", quality.ConflictShare())


def ConflictPredictionMetric() -> Entry:  # noqa: N802
    """Share of rows whose features occur with several predictions."""
    return plain("ConflictPredictionMetric", quality.ConflictShare(of="prediction"))


def DataQualityStabilityMetric() -> Entry:  # noqa: N802
    """Share of rows whose features occur with several targets, and with several predictions."""
    conflicts = quality.ConflictShare(), quality.ConflictShare(of="prediction")
    return plain("DataQualityStabilityMetric", *conflicts)


def DatasetCorrelationsMetric() -> Entry:  # noqa: N802
    """Correlations of all pairs of columns, each by every measure that is for its kinds."""
    measures = quality.Pearson(), quality.Spearman(), quality.Kendall(), quality.CramersV()
    return plain("DatasetCorrelationsMetric", *measures)


def ColumnCorrelationsMetric(column_name: str) -> Entry:  # noqa: N802
    """Correlations of one column with each of the others."""
    whole = DatasetCorrelationsMetric()

    def read(run: Run, _schema: Schema) -> Numbers:
        found: Numbers = {"column_name": column_name, "current": {}, "reference": {}}
        for result in run.results:
            pairs = [v for v in result.values if column_name in (v.labels.get("column"), v.labels.get("other"))]
            if result.spec.name in MEASURES and pairs:
                others = [next(c for c in v.labels.values() if c != column_name) for v in pairs]
                for side, told in (("current", [v.value for v in pairs]), ("reference", [v.reference for v in pairs])):
                    found[side][result.spec.name] = dict(zip(others, told, strict=True))
        return found

    return Entry("ColumnCorrelationsMetric", whole.asked, read)


MEASURES = {metric.spec.name for metric in (quality.Pearson, quality.Spearman, quality.Kendall, quality.CramersV)}


def TextDescriptorsDistribution(column_name: str) -> Entry:  # noqa: N802
    """What the texts of a column are like, and the distribution of their length and characters, drawn."""
    measures = quality.TextDescriptors(column_name), quality.Distribution(column_name)
    return _of("TextDescriptorsDistribution", column_name, *measures)


def _of(name: str, column: str, *metrics: Metric, compares: bool = False, **about: Any) -> Entry:
    return plain(name, *metrics, compares=compares, column_name=column, **about)
