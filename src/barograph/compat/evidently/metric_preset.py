"""Evidently's presets of metrics."""

from __future__ import annotations

from dataclasses import dataclass

from barograph.compat.evidently import metrics as m
from barograph.compat.evidently.entries import Asked, Entry, Numbers, drift_by_column, roles
from barograph.compat.evidently.metrics.drift import asked_drift
from barograph.presets import Item
from barograph.results import Run
from barograph.schema import Schema


@dataclass(frozen=True)
class Preset:
    """Several metrics by one name."""

    entries: list[Entry]


def DataDriftPreset(  # noqa: N802 - the old name
    columns: list[str] | None = None,
    drift_share: float = 0.5,
    stattest: str | None = None,
    stattest_threshold: float | None = None,
) -> Preset:
    """Which columns drifted, and whether `drift_share` of them did."""
    given = (columns, drift_share, stattest, stattest_threshold)
    return Preset([m.DatasetDriftMetric(*given), m.DataDriftTable(*given)])


def TargetDriftPreset(  # noqa: N802
    columns: list[str] | None = None, stattest: str | None = None, stattest_threshold: float | None = None
) -> Preset:
    """Whether target and prediction drifted."""

    def asked(schema: Schema) -> list[str | Item]:
        if stattest is None and stattest_threshold is None and columns is None:
            return ["target_drift"]
        return asked_drift(columns or roles(schema), stattest, stattest_threshold)(schema)

    def read(run: Run, schema: Schema) -> Numbers:
        found = drift_by_column(run)
        return {"drift_by_columns": {column: found[column] for column in columns or roles(schema) if column in found}}

    return Preset([Entry("TargetDriftPreset", asked, read, compares=True)])


def DataQualityPreset() -> Preset:  # noqa: N802
    """What the data look like, and what is missing."""
    whole = m.DatasetSummaryMetric()
    usual: Asked = lambda schema: ["data_quality", *whole.asked(schema)]  # noqa: E731
    return Preset([Entry(whole.name, usual, whole.read), m.DatasetMissingValuesMetric()])


def ClassificationPreset(probas_threshold: float | None = None, k: int | None = None) -> Preset:  # noqa: N802
    """How well a classifier does."""
    return Preset([
        m.ClassificationQualityMetric(probas_threshold, k), m.ClassificationClassBalance(),
        m.ClassificationConfusionMatrix(), m.ClassificationQualityByClass(),
    ])  # fmt: skip


def RegressionPreset() -> Preset:  # noqa: N802
    """How well a regression does."""
    return Preset([m.RegressionQualityMetric(), m.RegressionErrorDistribution()])


def RecsysPreset(k: int = 10, no_feedback_users: bool = False) -> Preset:  # noqa: N802
    """How good recommendations are, in the first `k` of each user."""
    each = (
        m.PrecisionTopKMetric, m.RecallTopKMetric, m.FBetaTopKMetric, m.MAPKMetric, m.MARKMetric, m.NDCGKMetric,
        m.MRRKMetric, m.HitRateKMetric,
    )  # fmt: skip
    shown = m.PopularityBias, m.PersonalizationMetric, m.DiversityMetric, m.ScoreDistribution
    return Preset([*(made(k, no_feedback_users=no_feedback_users) for made in each), *(made(k) for made in shown)])
