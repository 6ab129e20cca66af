"""Tests of what the values of columns are: ranges, means, lists, how many differ, and how columns go together."""

from __future__ import annotations

from typing import Any

from barograph.checks import Check, close_to_reference, eq, gt, lt, no_drift
from barograph.compat.evidently.judged import REQUIRED, Recipe, counted, outside, outside_counted
from barograph.metric import Metric
from barograph.metrics import drift, performance, quality
from barograph.presets import SHARE_AT_LEAST, SIGMAS_AT_LEAST
from barograph.schema import Schema

GROUP = "data_quality"
COLUMN = {"column_name": REQUIRED}
CHANGE_AT_LEAST = 0.1
_steady = close_to_reference(sigmas=SIGMAS_AT_LEAST)
_near = close_to_reference(sigmas=0.1)
_spread = close_to_reference(relative=0.3)  # wide, for heavy tails: their spread has more noise than is known
_like = close_to_reference(absolute=CHANGE_AT_LEAST)
_rare = no_drift(SHARE_AT_LEAST)


def _of(metric: Any) -> Any:
    def make(_schema: Schema, column_name: str | None = None, **_: Any) -> Metric:
        made: Metric = metric(column_name)
        return made

    return make


def _judged(metric: Any, condition: Any) -> Any:
    """The condition held against the metric, made of the schema and the test's parameters."""
    return lambda schema, **given: [Check(metric(schema, **given), condition)]


def _range(_schema: Schema, column_name: str | None = None, left: Any = None, right: Any = None) -> Metric:
    if left is None and right is None:
        return quality.OutOfRangeShare(column_name)
    return quality.InRangeShare(column_name, left, right)


def _in_range(schema: Schema, column_name: str | None = None, left: Any = None, right: Any = None) -> list[Check]:
    given = left is not None or right is not None
    return [Check(_range(schema, column_name, left, right), eq(1) if given else _rare)]


def _given_range(schema: Schema, **given: Any) -> list[Check]:
    return _in_range(schema, **given) if (given["left"], given["right"]) != (None, None) else []


def _given_list(schema: Schema, **given: Any) -> list[Check]:
    return _in_list(schema, **given) if given["values"] is not None else []


def _list(_schema: Schema, column_name: str | None = None, values: Any = None) -> Metric:
    return quality.UnseenShare(column_name) if values is None else quality.InListShare(column_name, values)


def _in_list(schema: Schema, column_name: str | None = None, values: Any = None) -> list[Check]:
    return [Check(_list(schema, column_name, values), _rare if values is None else eq(1))]


def _category(_schema: Schema, column_name: str, category: Any) -> Metric:
    return quality.CategoryShare(column_name, category)


def _quantile(_schema: Schema, column_name: str, quantile: float) -> Metric:
    return quality.Quantile(column_name, q=quantile)


def _n_sigmas(_schema: Schema, column_name: str | None = None, n_sigmas: float | None = None) -> list[Check]:
    return [Check(drift.MeanShift(column_name), no_drift(SIGMAS_AT_LEAST) if n_sigmas is None else lt(n_sigmas))]


def _distinct(_schema: Schema, column_name: str) -> list[Check]:
    return [Check(drift.DistinctDrift((column_name,)), no_drift(CHANGE_AT_LEAST))]


def _beyond(side: Any) -> Any:
    """Values beyond the reference's own end: an extreme itself has no noise that is known."""
    return lambda _schema, column_name: [Check(quality.OutOfRangeShare(column_name, side), _rare)]


def _correlation(_schema: Schema, method: Any = None) -> Metric:
    return performance.TargetPredictionCorrelation(method)


def _highest(among: Any) -> Any:
    def make(schema: Schema, method: Any = None) -> Metric:
        labels = among != "features" and schema.task == "classification" and not schema.binary
        return quality.HighestCorrelation(among, method or ("cramers_v" if labels else "spearman"))

    return make


def _changes(_schema: Schema, corr_diff: float = 0.25, method: Any = None, **_: Any) -> list[Check]:
    return [Check(drift.CorrelationChange(method or "spearman"), no_drift(corr_diff))]


def _conflict(of: Any) -> Recipe:
    metric = quality.ConflictShare(of)
    return Recipe(
        f"Test number of conflicts in {of}", GROUP, lambda _schema: metric,
        lambda _schema: [Check(metric, close_to_reference(absolute=SHARE_AT_LEAST))], eq(0), read=counted,
    )  # fmt: skip


def _ranges(title: str, read: Any = outside) -> Recipe:
    takes = {**COLUMN, "left": None, "right": None}
    return Recipe(title, GROUP, _range, _in_range, _given_range, takes, read=read)


def _lists(title: str, read: Any = outside) -> Recipe:
    return Recipe(title, GROUP, _list, _in_list, _given_list, {**COLUMN, "values": None}, read=read)


_METHOD = {"method": None}
RECIPES: dict[str, Recipe] = {
    "TestConflictTarget": _conflict("target"),
    "TestConflictPrediction": _conflict("prediction"),
    "TestTargetPredictionCorrelation": Recipe(
        "Correlation between Target and Prediction", GROUP, _correlation, _judged(_correlation, _like), gt(0), _METHOD
    ),
    "TestHighlyCorrelatedColumns": Recipe(
        "Highly Correlated Columns", GROUP, _highest("features"), _judged(_highest("features"), _like), lt(0.9), _METHOD
    ),
    "TestTargetFeaturesCorrelations": Recipe(
        "Correlation between Target and Features", GROUP, _highest("target"), _judged(_highest("target"), _like),
        lt(0.9), _METHOD,
    ),
    "TestPredictionFeaturesCorrelations": Recipe(
        "Correlation between Prediction and Features", GROUP, _highest("prediction"),
        _judged(_highest("prediction"), _like), lt(0.9), _METHOD,
    ),
    "TestCorrelationChanges": Recipe(
        "Change in Correlation", GROUP, lambda schema, **given: _changes(schema, **given)[0].metric, _changes,
        takes={"corr_diff": 0.25, "method": None, "column_name": None}, tallied="number",
    ),
    "TestMostCommonValueShare": Recipe(
        "Share of the Most Common Value", GROUP, _of(quality.TopShare), _judged(_of(quality.TopShare), _like), lt(0.8),
        COLUMN,
    ),
    "TestNumberOfUniqueValues": Recipe(
        "Number of Unique Values", GROUP, _of(quality.DistinctCount), _distinct, gt(1), COLUMN
    ),
    "TestUniqueValuesShare": Recipe(
        "Share of Unique Values", GROUP, _of(quality.DistinctShare), _distinct, takes=COLUMN
    ),
    "TestColumnValueMin": Recipe("Min Value", GROUP, _of(quality.Minimum), _beyond("below"), takes=COLUMN),
    "TestColumnValueMax": Recipe("Max Value", GROUP, _of(quality.Maximum), _beyond("above"), takes=COLUMN),
    "TestColumnValueMean": Recipe(
        "Mean Value", GROUP, _of(quality.Mean), _judged(_of(quality.Mean), _steady), takes=COLUMN
    ),
    "TestColumnValueMedian": Recipe(
        "Median Value", GROUP, _of(quality.Quantile), _judged(_of(quality.Quantile), _near),
        takes=COLUMN,
    ),
    "TestColumnValueStd": Recipe(
        "Std Value", GROUP, _of(quality.Std), _judged(_of(quality.Std), _spread),
        takes=COLUMN,
    ),
    "TestColumnQuantile": Recipe(
        "Quantile Value", GROUP, _quantile, _judged(_quantile, _near),
        takes={**COLUMN, "quantile": REQUIRED},
    ),
    "TestMeanInNSigmas": Recipe(
        "Mean Value Stability", GROUP, _of(quality.Mean), _n_sigmas, takes={**COLUMN, "n_sigmas": None}
    ),
    "TestValueRange": _ranges("Value Range"),
    "TestNumberOfOutRangeValues": _ranges("Number of Out-of-Range Values", outside_counted),
    "TestShareOfOutRangeValues": _ranges("Share of Out-of-Range Values"),
    "TestValueList": _lists("Out-of-List Values"),
    "TestNumberOfOutListValues": _lists("Number Out-of-List Values", outside_counted),
    "TestShareOfOutListValues": _lists("Share of Out-of-List Values"),
    "TestCategoryShare": Recipe(
        "Share of category", GROUP, _category, _judged(_category, _like), takes={**COLUMN, "category": REQUIRED}
    ),
    "TestCategoryCount": Recipe(
        "Count of category", GROUP, _category, _judged(_category, _like), takes={**COLUMN, "category": REQUIRED},
        read=counted,
    ),
}  # fmt: skip
