"""Evidently's presets of metrics."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from barograph.compat.evidently.descriptors import Descriptor
from barograph.compat.evidently.entries import Entry, Numbers, drift_by_column, results_of, roles
from barograph.compat.evidently.metrics import CLASSES, DataDriftTable, DatasetDriftMetric
from barograph.compat.evidently.metrics.drift import asked_drift
from barograph.errors import ParameterError
from barograph.presets import Item
from barograph.results import Run
from barograph.schema import Schema


@dataclass(frozen=True)
class Preset:
    """Several metrics by one name."""

    entries: list[Entry]


def _named(*names: str, beside: str = "", **parameters: Any) -> list[Entry]:
    """Metrics by their old names; with the first our own preset is computed too, with its checks and figures."""
    entries: list[Entry] = [CLASSES[name](**parameters) for name in names]
    first = entries[0]
    return [replace(first, asked=lambda schema: [beside, *first.asked(schema)]), *entries[1:]]


def DataDriftPreset(  # noqa: N802 - the old name
    columns: list[str] | None = None,
    drift_share: float = 0.5,
    stattest: str | None = None,
    stattest_threshold: float | None = None,
) -> Preset:
    """Which columns drifted, and whether `drift_share` of them did."""
    given = (columns, drift_share, stattest, stattest_threshold)
    return Preset([DatasetDriftMetric(*given), DataDriftTable(*given)])


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


def DataQualityPreset(columns: list[str] | None = None) -> Preset:  # noqa: N802
    """What the data look like, and what is missing."""
    summaries = [CLASSES["ColumnSummaryMetric"](column) for column in columns or ()]
    whole = _named("DatasetSummaryMetric", "DatasetMissingValuesMetric", beside="data_quality")
    return Preset([whole[0], *summaries, whole[1]])


def ClassificationPreset(probas_threshold: float | None = None, k: int | None = None) -> Preset:  # noqa: N802
    """How well a classifier does; of scores at a threshold, or of the `k` highest."""
    at = {"probas_threshold": probas_threshold, "k": k}
    quality_of = _named("ClassificationQualityMetric", beside="classification", **at)
    names = (
        "ClassificationClassBalance", "ClassificationConfusionMatrix", "ClassificationQualityByClass",
        "ClassificationQualityByFeatureTable",
    )  # fmt: skip
    return Preset([*quality_of, *(CLASSES[name]() for name in names)])


def RegressionPreset(columns: list[str] | None = None) -> Preset:  # noqa: N802
    """How well a regressor does."""
    names = (
        "RegressionQualityMetric", "RegressionPredictedVsActualScatter", "RegressionAbsPercentageErrorPlot",
        "RegressionErrorDistribution", "RegressionErrorNormality", "RegressionTopErrorMetric",
        "RegressionErrorBiasTable",
    )  # fmt: skip
    if columns is not None:
        raise ParameterError("errors are told by every feature; name some to performance.BiasByFeature instead")
    return Preset(_named(*names, beside="regression"))


def RecsysPreset(  # noqa: N802
    k: int = 10,
    no_feedback_users: bool = False,
    min_rel_score: float | None = None,
    **not_read: Any,
) -> Preset:
    """How good the first `k` recommendations of each user are."""
    for name, value in {"min_rel_score": min_rel_score, **not_read}.items():
        if value:
            raise ParameterError(f"RecsysPreset takes no {name!r} here; the target says what is relevant, 0 where not")
    first = ("PrecisionTopKMetric", "RecallTopKMetric", "FBetaTopKMetric", "MAPKMetric", "MARKMetric", "NDCGKMetric",
             "MRRKMetric", "HitRateKMetric")  # fmt: skip
    items = (
        "DiversityMetric",
        "PersonalizationMetric",
        "NoveltyMetric",
        "SerendipityMetric",
        "PopularityBias",
        "ScoreDistribution",
    )
    at = _named(*first, beside="ranking", k=k, no_feedback_users=no_feedback_users)
    return Preset([*at, *(CLASSES[name](k=k) for name in items)])


def TextEvals(column_name: str | None = None, descriptors: Iterable[Descriptor] | None = None) -> Preset:  # noqa: N802
    """What the texts of a column are like: all descriptors that need no model, or those that are given.

    Raises `ParameterError` for what is no descriptor of `barograph.compat.evidently.descriptors`.
    """
    if descriptors is None:
        return Preset([CLASSES["TextDescriptorsDistribution"](column_name)])
    if column_name is None:
        raise ParameterError("descriptors are of a column: give column_name")
    return Preset([_described(descriptor, column_name) for descriptor in descriptors])


def _described(descriptor: Descriptor, column: str) -> Entry:
    if not isinstance(descriptor, Descriptor):
        raise ParameterError(f"{descriptor!r:.100} is no descriptor of barograph.compat.evidently.descriptors")
    metric = descriptor.of(column)

    def read(run: Run, _schema: Schema) -> Numbers:
        values = [v for result in results_of(run, metric) for v in result.values]
        values = [v for v in values if descriptor.view in (None, v.labels.get("view"))]
        now = values[0] if values else None
        sides = {"current": now.value if now else None, "reference": now.reference if now else None}
        return {"column_name": column, **{side: {"mean": number} for side, number in sides.items()}}

    def asked(schema: Schema) -> list[str | Item]:
        return [metric] if column in schema.kinds else []

    return Entry(descriptor.name, asked, read)


def ValueStats(column: str) -> Preset:  # noqa: N802
    """What a column looks like."""
    return Preset([CLASSES["ColumnSummaryMetric"](column)])


def DatasetStats() -> Preset:  # noqa: N802
    """Rows, columns, and what is missing, constant or repeated."""
    return Preset(_named("DatasetSummaryMetric", beside="data_quality"))


def _classes(*names: str) -> Any:
    return lambda: Preset([CLASSES[name]() for name in names])


DataSummaryPreset = DataQualityPreset
ClassificationQuality = _classes("ClassificationQualityMetric")
ClassificationQualityByLabel = _classes("ClassificationQualityByClass")
ClassificationDummyQuality = _classes("ClassificationDummyMetric")
RegressionQuality = _classes("RegressionQualityMetric")
RegressionDummyQuality = _classes("RegressionDummyMetric")
