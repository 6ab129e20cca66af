"""Evidently's metrics of drift: verdicts on columns, and how many drifted."""

from __future__ import annotations

from barograph.compat.evidently.drift import drift_check
from barograph.compat.evidently.entries import Asked, Entry, Numbers, drift_by_column, roles
from barograph.errors import ParameterError
from barograph.presets import Item
from barograph.results import Run
from barograph.schema import Schema


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


__all__ = ["ColumnDriftMetric", "DataDriftTable", "DatasetDriftMetric"]
