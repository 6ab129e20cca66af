"""Evidently's presets of tests: its own lists, in its order, with conditions of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from barograph.compat.evidently.judged import Several, Test
from barograph.compat.evidently.mapping import Task
from barograph.compat.evidently.tests import CLASSES
from barograph.errors import ParameterError
from barograph.schema import Schema

Tests = list[Test | Several]
Made = Callable[..., Tests]


def _preset(name: str, made: Made, task: Task | None = None, **takes: Any) -> Any:
    def preset(**options: Any) -> Several:
        for option, value in options.items():
            if option not in takes and value is not None:
                raise ParameterError(f"{name} takes no {option!r} here; list the tests one by one instead")
        given = {**takes, **{option: value for option, value in options.items() if option in takes}}
        lacking = [option for option, value in given.items() if value is ...]
        if lacking:
            raise ParameterError(f"{name} needs {', '.join(lacking)}")
        return Several(name, lambda schema: made(schema, **given), task)

    preset.__name__ = preset.__qualname__ = name
    preset.__doc__ = f"`{name}`: its tests, with conditions of ours that hold where nothing has changed."
    return preset


def _drift(column: str | None, **how: Any) -> Tests:
    return [] if column is None else [CLASSES["TestColumnDrift"](column, **how)]


def _predicted(schema: Schema) -> list[str]:
    return [c for c in (schema.prediction, *schema.scores.values()) if c]


def _each(*names: str) -> Tests:
    return [CLASSES[name]() for name in names]


_STABLE = ("TestNumColumnsOutOfRangeValues", "TestCatColumnsOutOfListValues", "TestNumColumnsMeanInNSigmas")


def _stability(_schema: Schema, columns: Any) -> Tests:
    missing = CLASSES["TestAllColumnsShareOfMissingValues"](columns)
    return [*_each("TestNumberOfRows", "TestNumberOfColumns", "TestColumnsType"), missing, *_each(*_STABLE)]


def _quality(_schema: Schema, columns: Any) -> Tests:
    by_column = ("TestAllColumnsShareOfMissingValues", "TestAllColumnsMostCommonValueShare")
    whole = ("TestNumberOfConstantColumns", "TestNumberOfDuplicatedColumns", "TestNumberOfDuplicatedRows")
    return [*(CLASSES[name](columns) for name in by_column), *_each(*whole)]


def _data_drift(
    schema: Schema, columns: Any, drift_share: float | None, stattest: Any, stattest_threshold: Any
) -> Tests:
    how = {"stattest": stattest, "stattest_threshold": stattest_threshold}
    share = CLASSES["TestShareOfDriftedColumns"](columns=columns, lt=drift_share, **how)
    named = [schema.target, *_predicted(schema)]
    roles = [test for column in named for test in _drift(column, **how)]
    every = CLASSES["TestAllFeaturesValueDrift"](columns, **how)
    return [share, *roles, every, *_each("TestAllEmbeddingsDrift")]


def _no_target(schema: Schema, columns: Any) -> Tests:
    predicted = [test for column in _predicted(schema) for test in _drift(column)]
    whole = _each("TestShareOfDriftedColumns", "TestColumnsType")
    missing = CLASSES["TestAllColumnsShareOfMissingValues"](columns)
    return [*predicted, *whole, missing, *_each(*_STABLE, "TestAllEmbeddingsDrift")]


def _regression(_schema: Schema) -> Tests:
    return _each("TestValueMeanError", "TestValueMAE", "TestValueRMSE", "TestValueMAPE")


def _binary(schema: Schema, probas_threshold: Any) -> Tests:
    at = {"probas_threshold": probas_threshold}
    area = _each("TestRocAuc") if schema.scores else []
    rates = ("TestPrecisionScore", "TestRecallScore", "TestF1Score", "TestAccuracyScore")
    return [*_drift(schema.target), *area, *(CLASSES[name](**at) for name in rates)]


def _top_k(schema: Schema, k: int) -> Tests:
    rates = ("TestAccuracyScore", "TestPrecisionScore", "TestRecallScore", "TestF1Score")
    return [*(CLASSES[name](k=k) for name in rates), *_drift(schema.target), *_each("TestRocAuc", "TestLogLoss")]


def _multiclass(schema: Schema) -> Tests:
    by_class = [
        CLASSES[name](label) for name in ("TestPrecisionByClass", "TestRecallByClass") for label in schema.classes
    ]
    scored = _each("TestRocAuc", "TestLogLoss") if schema.scores else []
    return [
        *_each("TestAccuracyScore", "TestF1Score"), *by_class, *_each("TestNumberOfRows"), *_drift(schema.target),
        *scored,
    ]  # fmt: skip


def _recsys(_schema: Schema, k: int) -> Tests:
    names = ("TestPrecisionTopK", "TestRecallTopK", "TestMAPK", "TestNDCGK", "TestHitRateK")
    return [CLASSES[name](k=k) for name in names]


DataStabilityTestPreset = _preset("DataStabilityTestPreset", _stability, columns=None)
DataQualityTestPreset = _preset("DataQualityTestPreset", _quality, columns=None)
DataDriftTestPreset = _preset(
    "DataDriftTestPreset", _data_drift, columns=None, drift_share=None, stattest=None, stattest_threshold=None
)
NoTargetPerformanceTestPreset = _preset("NoTargetPerformanceTestPreset", _no_target, columns=None)
RegressionTestPreset = _preset("RegressionTestPreset", _regression, "regression")
BinaryClassificationTestPreset = _preset(
    "BinaryClassificationTestPreset", _binary, "classification", probas_threshold=None
)
BinaryClassificationTopKTestPreset = _preset("BinaryClassificationTopKTestPreset", _top_k, "classification", k=...)
MulticlassClassificationTestPreset = _preset("MulticlassClassificationTestPreset", _multiclass, "classification")
RecsysTestPreset = _preset("RecsysTestPreset", _recsys, "ranking", k=...)
