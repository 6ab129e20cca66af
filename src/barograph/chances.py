"""What chance can do to a value: noise, p-value and threshold, from two profiles and the reference's windows."""

from __future__ import annotations

import msgspec

from barograph.calibration import Noise, noise
from barograph.checks import Check
from barograph.conditions import MIN_ROWS, Chance, CloseToReference, NoDrift
from barograph.metrics.drift.cells import Comparison
from barograph.metrics.quality.readings import PerColumn
from barograph.profile import Profile
from barograph.records import Records, records
from barograph.results import Value
from barograph.variation import Excess, Varied, spread, varied


def chance(check: Check, value: Value, current: Profile, reference: Profile | None) -> Chance:
    """What chance can do to a value that is to be judged; nothing known of it where too few rows say nothing."""
    if not check.weighs_chance or value.value is None or value.n < MIN_ROWS:
        return Chance()
    try:
        known = Chance(
            _noise(check, value, current, reference),
            beside=_beside(check, value, current, reference),
            natural=_natural(check, value, current, reference),
        )
        p = check.condition.chance(value.value, value, check.metric.spec, known)
        idle = known.noise is not None and known.noise.variance <= 0 and p == 1.0
        return known._replace(p_value=p, idle=idle)
    except Exception as error:  # noqa: BLE001 - one failing statistic is a verdict; the report survives
        return Chance(error=f"{type(error).__name__}: {error}")


def weighed(metric: Comparison, value: Value, current: Profile, reference: Profile, level: float) -> Value:
    """A value with its expectation, threshold and p-value when nothing has changed; as it is where they are unknown."""
    if value.value is None or value.n < MIN_ROWS:
        return value
    try:
        cells = metric.cells(current, reference, *_about(value))
        if isinstance(cells, str):
            return value
        law = varied(metric, cells, current, reference, *_about(value))
        known = noise(metric, cells) if law is None else law
    except Exception as error:  # noqa: BLE001 - the value stands without its noise, and says so
        return msgspec.structs.replace(value, note=f"{type(error).__name__}: {error}")
    p = known.p_value(value.value) if law is not None or value.p_value is None else value.p_value
    return msgspec.structs.replace(value, expected=known.expected, threshold=known.threshold(level), p_value=p)


def _about(value: Value) -> tuple[str, str]:
    return value.labels["column"], value.labels.get("view", "value")


def _noise(check: Check, value: Value, current: Profile, reference: Profile | None) -> Noise | Varied | Records | None:
    """The noise of a statistic without a closed form, or of one whose windows differ by nature."""
    metric, condition = check.metric, check.condition
    if reference is not None and isinstance(metric, PerColumn) and isinstance(condition, NoDrift):
        return records(metric, value, current, reference)
    if reference is None or not isinstance(metric, Comparison) or isinstance(condition, CloseToReference):
        return None
    cells = metric.cells(current, reference, *_about(value))
    if isinstance(cells, str):
        return None
    # the classical test takes rows as independent, whatever is known of them
    law = varied(metric, cells, current, reference, *_about(value)) if isinstance(condition, NoDrift) else None
    return noise(metric, cells) if law is None and value.p_value is None else law


def _beside(check: Check, value: Value, current: Profile, reference: Profile | None) -> float | None:
    """The p-value of the other metric that a condition asks, where it speaks of the same column."""
    other = check.condition.beside if isinstance(check.condition, NoDrift) else None
    if other is None or reference is None:
        return None
    column, view = _about(value)
    kind = reference.schema.kinds.get(column)
    if kind is None or not kind.ordered:
        return None
    cells = other.cells(current, reference, column, view)
    if isinstance(cells, str):
        return None
    law = varied(other, cells, current, reference, column, view)
    return other.p_value(cells) if law is None else law.p_value(other.observed(cells))


def _natural(check: Check, value: Value, current: Profile, reference: Profile | None) -> Excess | None:
    """What windows of the reference vary beyond standard errors."""
    if reference is None or not isinstance(check.condition, CloseToReference):
        return None
    return spread(check.metric, value, current, reference)
