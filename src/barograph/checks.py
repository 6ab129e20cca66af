"""Conditions on a metric's values, and the verdicts they give.

A condition is absolute (`lt(0.2)`), relative to the reference (`lte(reference * 1.1)`) or to predictions without skill
(`better_than_dummy()`), or calibrated: `no_drift()` and `close_to_reference()` fail only what is both beyond the noise
of the sample sizes at hand and larger than what matters. `p_at_least(0.05)` is the classical test of each column by
itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from barograph.conditions import (
    BetterThanDummy,
    Bound,
    CloseToReference,
    Condition,
    NoDrift,
    Operand,
    PAtLeast,
    Ref,
)
from barograph.errors import ParameterError
from barograph.metric import Metric
from barograph.metrics.drift.cells import Comparison, OrderedComparison
from barograph.results import Value

reference = Ref()


def lt(x: Operand) -> Bound:
    """Less than a number or the reference."""
    return Bound("<", (_checked(x),))


def lte(x: Operand) -> Bound:
    """At most a number or the reference."""
    return Bound("<=", (_checked(x),))


def gt(x: Operand) -> Bound:
    """More than a number or the reference."""
    return Bound(">", (_checked(x),))


def gte(x: Operand) -> Bound:
    """At least a number or the reference."""
    return Bound(">=", (_checked(x),))


def eq(x: Operand) -> Bound:
    """Equal, up to rounding (relative 1e-9); integers beyond 2^53 that float64 has not exactly."""
    return Bound("==", (_checked(x),))


def between(low: Operand, high: Operand) -> Bound:
    """From `low` to `high`, both included."""
    if not isinstance(low, Ref) and not isinstance(high, Ref) and low > high:
        raise ParameterError(f"nothing lies between {low:g} and {high:g}; give the smaller first")
    return Bound("between", (_checked(low), _checked(high)))


def is_in(values: Iterable[Operand]) -> Bound:
    """One of some numbers."""
    listed = tuple(_checked(v) for v in values)
    if not listed:
        raise ParameterError("no value is in an empty list; give at least one")
    return Bound("in", listed)


def in_rows(condition: Bound) -> Bound:
    """The same comparison, of how many a share counts: `in_rows(lte(5))` of `MissingShare` is at most 5 missing values.
    The reference is what its share gives of as many rows. Raises `ParameterError` for what is no comparison.
    """
    if not isinstance(condition, Bound):
        raise ParameterError(f"rows are counted by a comparison such as in_rows(lte(5)), not by {condition!r}")
    return replace(condition, counted=True)


def no_drift(at_least: float = 0.1, beside: Comparison | None = None) -> NoDrift:
    """Calibrated: beyond the noise of these sizes, and at least this large. For drift metrics.

    `beside` is a drift metric with a p-value in closed form whose evidence counts together with the metric's own, in
    columns that it speaks of: PSI says how large a shift is, and Anderson-Darling sees smaller ones.

    Raises `ParameterError` for a negative size, or for `beside` what is no such metric.
    """
    if beside is not None and not isinstance(beside, OrderedComparison):
        raise ParameterError(f"beside needs a metric of ordered columns such as AndersonDarling(), not {beside!r}")
    return NoDrift(_positive("at_least", at_least), beside)


def p_at_least(p: float = 0.05) -> PAtLeast:
    """The classical test: fails a p-value below `p`, of each value by itself. For drift metrics.

    Where a metric has no p-value in closed form, the noise of the rows at hand gives one (rows dealt out again where
    there are few, drawn from the reference's shares where there are many). With many columns some fail by chance, and
    with many rows the smallest difference does: `no_drift` has neither fault.

    Raises `ParameterError` unless 0 < p < 1.
    """
    if not 0 < p < 1:
        raise ParameterError(f"p is {p!r}; it is a chance between 0 and 1, such as 0.05")
    return PAtLeast(float(p))


def close_to_reference(relative: float = 0.0, absolute: float = 0.0, sigmas: float = 0.0) -> CloseToReference:
    """Calibrated: not worse than on the reference by more than noise and these tolerances."""
    return CloseToReference(
        _positive("relative", relative), _positive("absolute", absolute), _positive("sigmas", sigmas)
    )


def better_than_dummy(sigmas: float = 2.0) -> BetterThanDummy:
    """Better than predictions that know nothing of the rows, by more than so many standard errors; no reference."""
    return BetterThanDummy(_positive("sigmas", sigmas))


def materially(check: Check, at_least: float) -> Check:
    """The calibrated check with another size of what matters; any other check as it is."""
    if isinstance(check.condition, NoDrift):
        return replace(check, condition=replace(check.condition, at_least=at_least))
    if isinstance(check.condition, CloseToReference):
        return replace(check, condition=CloseToReference(absolute=at_least))
    return check


def _checked(operand: Any) -> Operand:
    if isinstance(operand, Ref):
        return operand
    if isinstance(operand, bool) or not isinstance(operand, int | float) or math.isnan(operand):
        raise ParameterError(f"a condition compares with a number or with `reference`, not with {operand!r}")
    # an integer that float64 has not stays itself: it is held against one that is as exact
    whole = isinstance(operand, int) and abs(operand) < 2**64
    return operand if whole and int(float(operand)) != operand else float(operand)


def _positive(name: str, number: float) -> float:
    if not number >= 0:
        raise ParameterError(f"{name} is {number!r}; it must be 0 or more")
    return float(number)


@dataclass(frozen=True)
class Check:
    """A metric, what must hold of its values, and how bad it is when it does not.

    `where` restricts it to the values with these labels, e.g. `{"average": "macro"}`.
    """

    metric: Metric
    condition: Condition
    severity: Literal["warn", "fail"] = "fail"
    where: dict[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if not isinstance(self.metric, Metric):
            raise ParameterError(f"a check needs a metric such as PSI('age'), not {self.metric!r}")
        if not isinstance(self.condition, Condition):
            raise ParameterError(f"a check needs a condition such as lt(0.2), not {self.condition!r}")
        if self.severity not in ("warn", "fail"):
            raise ParameterError(f"a check's severity is 'warn' or 'fail', not {self.severity!r}")

    @property
    def calibrated(self) -> bool:
        """Whether its verdicts share the report's rate of false alarms."""
        return isinstance(self.condition, NoDrift | CloseToReference)

    @property
    def weighs_chance(self) -> bool:
        """Whether it asks what chance can do, of which a few rows say nothing."""
        return isinstance(self.condition, NoDrift | PAtLeast | CloseToReference)

    def concerns(self, value: Value) -> bool:
        """Whether a value is one this check judges."""
        return self.where.items() <= value.labels.items()
