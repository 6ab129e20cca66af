"""Evidently's presets of tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from barograph.checks import Check, close_to_reference, gt
from barograph.compat.evidently.drift import drift_check
from barograph.compat.evidently.entries import roles
from barograph.compat.evidently.mapping import Task
from barograph.compat.evidently.test_suite import Test
from barograph.errors import ParameterError
from barograph.metrics import quality
from barograph.presets import Item
from barograph.schema import Schema


def _preset(name: str, asked: Callable[[Schema], list[str | Item]], task: Task | None = None) -> Any:
    def preset(**options: Any) -> Test:
        for option, value in options.items():
            if value is not None:
                raise ParameterError(f"{name} takes no {option!r} here; list checks of ours with barograph.Report")
        return Test(name, asked, task, compares=True)

    preset.__name__ = preset.__qualname__ = name
    preset.__doc__ = f"`{name}`: checks of ours with conditions that hold where nothing has changed."
    return preset


def _no_target(schema: Schema) -> list[str | Item]:
    predicted = [c for c in (schema.prediction, *schema.scores.values()) if c]
    return [*(drift_check(column) for column in predicted), "data_drift", "data_stability"]


def _binary(schema: Schema) -> list[str | Item]:
    return ["classification", *(drift_check(c) for c in [schema.target] if c)]


DataStabilityTestPreset = _preset("DataStabilityTestPreset", lambda _: ["data_stability"])
DataQualityTestPreset = _preset(
    "DataQualityTestPreset", lambda _: ["data_quality", Check(quality.TopShare(), close_to_reference(absolute=0.1))]
)
DataDriftTestPreset = _preset(
    "DataDriftTestPreset", lambda schema: ["data_drift", *(["target_drift"] if roles(schema) else [])]
)
NoTargetPerformanceTestPreset = _preset("NoTargetPerformanceTestPreset", _no_target)
RegressionTestPreset = _preset("RegressionTestPreset", lambda _: ["regression"], "regression")
BinaryClassificationTestPreset = _preset("BinaryClassificationTestPreset", _binary, "classification")
MulticlassClassificationTestPreset = _preset(
    "MulticlassClassificationTestPreset",
    lambda schema: [*_binary(schema), Check(quality.RowCount(), gt(0))],
    "classification",
)
