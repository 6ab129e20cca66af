"""Conditions against the plain comparisons that they stand for; the calibrated ones have their laws in tests/laws."""

from __future__ import annotations

import operator
from typing import Any

import pytest

from barograph import Check, Report, between, eq, gt, gte, is_in, lt, lte, reference
from barograph.errors import ParameterError
from barograph.metrics import quality

PLAIN = {lt: operator.lt, lte: operator.le, gt: operator.gt, gte: operator.ge, eq: operator.eq}


def status(condition: Any, current: list[float], before: list[float] | None = None) -> str:
    check = Check(quality.Maximum("x"), condition)
    run = Report([check]).run({"x": current}, None if before is None else {"x": before})
    return run.verdicts[0].status


@pytest.mark.parametrize("made", PLAIN, ids=lambda made: made.__name__)
@pytest.mark.parametrize("value", [-3.0, 0.0, 4.999, 5.0, 5.001, 1e300])
def test_bounds_are_the_plain_comparisons(made: Any, value: float) -> None:
    rows = [value - abs(value) - 1, value]
    for bound in (5.0, value):
        assert status(made(bound), rows) == ("pass" if PLAIN[made](value, bound) else "fail")


@pytest.mark.parametrize(("value", "holds"), [(0.99, False), (1, True), (1.5, True), (2, True), (2.01, False)])
def test_between_has_both_its_ends(value: float, holds: bool) -> None:
    assert status(between(1, 2), [0, value]) == ("pass" if holds else "fail")


@pytest.mark.parametrize(("value", "holds"), [(1, True), (2, False), (3, True), (3.0000000001, True), (3.01, False)])
def test_a_list_holds_up_to_rounding(value: float, holds: bool) -> None:
    assert status(is_in([1, 3]), [0, value]) == ("pass" if holds else "fail")


def test_bounds_on_the_reference() -> None:
    assert status(lte(reference * 1.1 + 0.5), [0, 11.5], [0, 10]) == "pass"
    assert status(lte(reference * 1.1 + 0.5), [0, 11.51], [0, 10]) == "fail"
    assert status(between(reference - 1, reference + 1), [0, 9.5], [0, 10]) == "pass"
    assert status(eq(reference), [0, 10], [0, 10]) == "pass"
    assert status(eq(reference), [0, 10]) == "unknown"


def test_no_value_holds_nothing() -> None:
    for condition in (lt(1), gt(-1), eq(0), between(-1, 1), is_in([0])):
        assert Report([Check(quality.Maximum("x"), condition)]).run({"x": [None, None]}).verdicts[0].status == "unknown"


def test_impossible_conditions_are_refused() -> None:
    for call in (
        lambda: lt(float("nan")),
        lambda: gt("1"),
        lambda: between(2, 1),
        lambda: is_in([]),
        lambda: eq(x=True),
    ):
        with pytest.raises(ParameterError):
            call()
