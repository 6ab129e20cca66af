"""The series that the recording rules make, and how values are held against thresholds."""

from __future__ import annotations

from typing import Literal

from barograph.metrics import quality
from barograph.results import Spec
from barograph.stack import names

Group = Literal["drift", "quality", "performance"]
FIGURES = (  # and no numbers
    quality.Distribution.spec,
    quality.ClockDistribution.spec,
    quality.ColumnInteraction.spec,
)
GROUPS: dict[Group, list[Spec]] = {
    "drift": names.DRIFT,
    "quality": [spec for spec in names.QUALITY if spec not in FIGURES],
    "performance": names.PERFORMANCE,
}

FAILS = f"{names.CHECK} == {names.STATUSES['fail']}"
JUDGED = f"!= {names.STATUSES['unknown']}"
MODEL = "job, model"
VERSION = "job, model, model_version"

# the user's numbers, each a rule of its own
BUDGET, SLOW_BUDGET = "barograph:error_budget:ratio", "barograph:slow_budget:ratio"
TRAFFIC = "barograph:traffic_floor:rate"
DRIFTED_LIMIT = "barograph:drifted_columns:limit_ratio"
DELAY_LIMIT = "barograph:label_delay:limit_seconds"
AGE_LIMIT = "barograph:baseline_age:limit_seconds"
LEFT_OUT_LIMIT = "barograph:rows_left_out:limit_ratio"

SERVED = "instance:barograph_served:info"
ROLE = "column:barograph_role:info"
STANDING = "column:barograph_drift:standing"
LIMIT = "column:barograph_drift:limit"
STANDING_SHARE = "version:barograph_drifted_columns:standing_ratio"
LABELLED = "model:barograph_labelled_window_end:timestamp_seconds"
FIRST_SEEN = "baseline:barograph_first_seen:timestamp_seconds"
REFERENCE_END = "baseline:barograph_reference_end:timestamp_seconds"


def rate(window: str) -> str:
    """Name of the recorded predictions a second."""
    return f"model:predictions:rate{window}"


def errors(window: str) -> str:
    """Name of the recorded share of predictions that ended in an error."""
    return f"model:prediction_errors:ratio_rate{window}"


def slow(window: str) -> str:
    """Name of the recorded share of predictions that took too long."""
    return f"model:predictions_slow:ratio_rate{window}"


def score(group: Group) -> str:
    """Name of the recorded values of a group's metrics, which the label `metric` tells apart."""
    return f"column:barograph_{group}:score"


def threshold(group: Group) -> str:
    """Name of what they were held against."""
    return f"column:barograph_{group}:threshold"


def failed(group: Group) -> str:
    """Name of the values that are beyond it, and whose verdict says so."""
    return f"column:barograph_{group}:failed"


def values(group: Group, *, thresholds: bool = False) -> str:
    """PromQL for a group's values under one name."""
    found = [names.of(spec) for spec in GROUPS[group]]
    shown = [name.threshold if thresholds else name.name for name in found]
    parts = [
        f'label_replace({name}, "metric", "{spec.name}", "", "")'
        for name, spec in zip(shown, GROUPS[group], strict=True)
    ]
    return "\nor ".join(parts)


def beyond(group: Group) -> str:
    """PromQL for the values beyond their thresholds.

    A threshold may be there for a value with a verdict of "pass": some metrics are judged by their p-value too. And a
    verdict of "fail" alone would hide what it was held against. So both must say it. Where neither direction is better,
    only the verdict knows on which side of the threshold the value lies.
    """
    by_direction: dict[str, list[str]] = {}
    for spec in GROUPS[group]:
        by_direction.setdefault(_COMPARED.get(spec.direction, "and"), []).append(spec.name)
    # a second condition on one value has a threshold of its own, with the label `condition`
    parts = []
    for operator, listed in by_direction.items():
        of = f'{{metric=~"{"|".join(listed)}"}}'
        on = "ignoring (condition)" if operator == "and" else "ignoring (condition) group_right ()"
        parts.append(f"{score(group)}{of} {operator} {on} {threshold(group)}{of}")
    any_of = "\n  or ".join(parts)
    return f"(\n  {any_of}\n)\nand ignoring (condition) ({FAILS})"


_COMPARED = {"lower": ">=", "higher": "<="}
