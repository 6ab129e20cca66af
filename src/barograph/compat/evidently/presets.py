"""Where Evidently 0.7 has its presets."""

from barograph.compat.evidently.metric_preset import (
    ClassificationDummyQuality,
    ClassificationPreset,
    ClassificationQuality,
    ClassificationQualityByLabel,
    DataDriftPreset,
    DatasetStats,
    DataSummaryPreset,
    RecsysPreset,
    RegressionDummyQuality,
    RegressionPreset,
    RegressionQuality,
    TextEvals,
    ValueStats,
)

__all__ = [
    "ClassificationDummyQuality",
    "ClassificationPreset",
    "ClassificationQuality",
    "ClassificationQualityByLabel",
    "DataDriftPreset",
    "DataSummaryPreset",
    "DatasetStats",
    "RecsysPreset",
    "RegressionDummyQuality",
    "RegressionPreset",
    "RegressionQuality",
    "TextEvals",
    "ValueStats",
]
