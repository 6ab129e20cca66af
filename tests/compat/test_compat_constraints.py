"""whylogs' 26 constraints: each holds, each fails, and none holds of what was not looked at."""

from __future__ import annotations

import numpy as np
import pytest

import barograph.compat.whylogs as why
from barograph.compat.whylogs.core import constraints as c
from barograph.compat.whylogs.core.constraints.factories import FACTORIES, Constraint
from barograph.errors import ParameterError
from barograph.foreign import WhylogsProfile
from whylogs_bytes import v1

ROWS = {
    "age": [20, 30, 40, 50],
    "temp": [-3.5, 0.5, None, 4.5],
    "city": ["Ulm", "Ulm", "Bonn", "Kiel"],
    "flag": [True, False, True, None],
    "none": [None] * 4,
}
HOLDS = [
    c.greater_than_number("age", 19), c.smaller_than_number("age", 51), c.is_non_negative("age"),
    c.is_in_range("age", 20, 50), c.mean_between_range("age", 35, 35), c.stddev_between_range("age", 12, 13),
    c.quantile_between_range("age", 0.5, 30, 40), c.no_missing_values("age"), c.count_below_number("age", 4),
    c.null_values_below_number("temp", 2), c.null_percentage_below_number("temp", 0.25),
    c.distinct_number_in_range("city", 3, 3), c.column_is_probably_unique("age"),
    c.frequent_strings_in_reference_set("city", {"Ulm", "Bonn", "Kiel"}),
    c.n_most_common_items_in_set("city", 1, {"Ulm"}), c.column_is_nullable_integral("age"),
    c.column_is_nullable_fractional("temp"), c.column_is_nullable_boolean("flag"), c.column_is_nullable_string("city"),
    c.column_is_nullable_datatype("city", "string"), c.column_has_non_zero_types("city", ["string"]),
    c.column_has_zero_count_types("city", ["integral", "tensor"]), c.column_is_nullable_object("none"),
]  # fmt: skip
FAILS = [
    c.greater_than_number("age", 20), c.smaller_than_number("age", 50), c.is_non_negative("temp"),
    c.is_in_range("age", 20, 49), c.mean_between_range("age", 36, 40), c.stddev_between_range("age", 0, 12),
    c.quantile_between_range("age", 0.5, 0, 30), c.no_missing_values("temp"), c.count_below_number("age", 3),
    c.null_values_below_number("temp", 1), c.null_percentage_below_number("temp", 0.24),
    c.distinct_number_in_range("city", 4, 9), c.column_is_probably_unique("city"),
    c.frequent_strings_in_reference_set("city", {"Ulm"}), c.n_most_common_items_in_set("city", 2, {"Ulm"}),
    c.column_is_nullable_integral("temp"), c.column_is_nullable_fractional("age"),
    c.column_is_nullable_boolean("age"), c.column_is_nullable_string("flag"),
    c.column_is_nullable_datatype("age", "string"), c.column_has_non_zero_types("city", ["string", "integral"]),
    c.column_has_zero_count_types("city", ["string"]), c.column_is_nullable_object("city"),
]  # fmt: skip


def built(view: object, *constraints: Constraint) -> c.Constraints:
    return c.ConstraintsBuilder(dataset_profile_view=view).add_constraints(constraints).build()


def test_all_factories_are_here() -> None:
    assert len(FACTORIES) == 26 and len(HOLDS) == len(FAILS) == 26 - 3  # the three of conditions are tried below
    assert set(FACTORIES) <= set(c.__all__)


@pytest.mark.parametrize("constraint", HOLDS, ids=lambda constraint: constraint.name)
def test_holds(constraint: Constraint) -> None:
    assert built(why.log(ROWS).view(), constraint).validate()


@pytest.mark.parametrize("constraint", FAILS, ids=lambda constraint: constraint.name)
def test_fails(constraint: Constraint) -> None:
    made = built(why.log(ROWS).view(), constraint)
    assert not made.validate()
    (result,) = made.generate_constraints_report()
    assert (result.passed, result.failed) == (0, 1) and result.summary, "it says why"


@pytest.mark.parametrize("constraint", HOLDS, ids=lambda constraint: constraint.name)
def test_nothing_holds_of_nothing(constraint: Constraint) -> None:
    """No rows, no such column: neither is a pass, and none crashes (whylogs divides by 0 rows)."""
    empty = why.log({name: values[:0] for name, values in ROWS.items()}).view()
    if constraint.name not in ("age count at most 4", "temp null values below 2"):  # there are none, and that is so
        assert not built(empty, constraint).validate()
    assert not built(why.log({"else": [1]}).view(), constraint).validate()


def test_no_constraint_is_no_pass() -> None:
    made = built(why.log(ROWS).view())
    assert not made.validate() and made.generate_constraints_report() == []


def test_columns_without_values_never_pass() -> None:
    """whylogs passes numeric constraints on columns of nulls, of strings, and drops those on datetimes."""
    view = why.log({**ROWS, "when": ["2024-01-01T00:00:00"] * 4}).view()
    for column in ("none", "city"):
        for constraint in (c.is_in_range(column, 0, 9), c.greater_than_number(column, 0), c.is_non_negative(column)):
            assert not built(view, constraint).validate()
    assert len(built(view, c.is_non_negative("when")).generate_constraints_report()) == 1


def test_values_outside_a_set_are_found_or_not_told() -> None:
    """whylogs passes 100,000 different values of which none is allowed: its list of frequent ones is empty."""
    view = why.log({"id": [f"id{i}" for i in range(5000)]}).view()
    for constraint in (
        c.frequent_strings_in_reference_set("id", {"a"}),
        c.n_most_common_items_in_set("id", 3, {"a"}),
    ):
        made = built(view, constraint)
        assert not made.validate() and "known" in made.generate_constraints_report()[0].summary
    some = why.log({"id": ["bad"] * 3000 + [f"id{i}" for i in range(2000)]}).view()
    made = built(some, c.frequent_strings_in_reference_set("id", {"a"}))
    assert not made.validate() and "bad" in made.generate_constraints_report()[0].summary


def test_unique_needs_to_be_known() -> None:
    """whylogs passes a column with one duplicate in a thousand."""
    ids = np.arange(20_000)
    few = built(why.log({"id": ids[:300].tolist()}).view(), c.column_is_probably_unique("id"))
    assert few.validate()
    twice = built(why.log({"id": [*ids[:300].tolist(), 7]}).view(), c.column_is_probably_unique("id"))
    assert not twice.validate()
    many = built(why.log({"id": ids}).view(), c.column_is_probably_unique("id"))
    assert not many.validate() and "cannot tell" in many.generate_constraints_report()[0].summary
    half = built(why.log({"id": ids // 2}).view(), c.column_is_probably_unique("id"))
    assert "about" in half.generate_constraints_report()[0].summary


def test_conditions_that_a_file_counted() -> None:
    parts = {"counts/n": 10, "condition_count/total": 10, "condition_count/is_mail": 10, "condition_count/is_test": 2}
    file = WhylogsProfile.from_bytes(v1({"mail": parts}))
    assert built(file, c.condition_meets("mail", "is_mail"), c.condition_count_below("mail", "is_test", 2)).validate()
    for constraint in (
        c.condition_meets("mail", "is_test"), c.condition_never_meets("mail", "is_test"),
        c.condition_count_below("mail", "is_test", 1), c.condition_meets("mail", "unknown"),
        c.condition_never_meets("mail", "unknown"),
    ):  # fmt: skip
        assert not built(file, constraint).validate()
    uncounted = built(why.log({"mail": ["a@b"]}).view(), c.condition_meets("mail", "is_mail"))
    assert "our way" in uncounted.generate_constraints_report()[0].summary


def test_conditions_that_our_own_profile_counted() -> None:
    """All 26 factories answer on our profiles: a condition's text is its name, and missing values are not judged."""
    adult, mail = "age >= 30", 'contains(mail, "@")'
    rows = {"age": [20, 30, 40, None], "mail": ["a@b", "c@d", None, "e@f"], "flag": [True, True, True, None]}
    results = why.log(rows, conditions=[adult, mail, "flag"])
    view = results.view()
    holds = [
        c.condition_meets("mail", mail), c.condition_count_below("age", adult, 2), c.condition_meets("flag", "flag"),
        c.condition_never_meets("age", "age >= 99"),
    ]  # fmt: skip
    fails = [
        c.condition_meets("age", adult), c.condition_never_meets("age", adult), c.condition_count_below("age", adult, 1)
    ]  # fmt: skip
    again = why.log(rows, conditions=[adult, mail, "flag", "age >= 99"]).view()
    assert built(again, *holds).validate()
    for constraint in fails:
        made = built(view, constraint)
        assert not made.validate() and made.generate_constraints_report()[0].summary
    assert "in rows, of 3" in built(view, fails[2]).generate_constraints_report()[0].summary
    assert view.to_pandas().loc["age", [f"condition_count/{adult}", "condition_count/total"]].tolist() == [2, 4]
    uncounted = built(view, holds[3])
    assert not uncounted.validate() and "did not count" in uncounted.generate_constraints_report()[0].summary
    assert len(built(again, *holds, *fails).run().verdicts) == 7
    profile = results.profile()
    profile.track({"age": 50, "mail": "none", "flag": False})  # what was counted goes on being counted
    assert not built(profile.view(), holds[0]).validate() and not built(profile.view(), holds[1]).validate()
    nothing = why.log({name: [] for name in rows}, conditions=[adult]).view()
    assert not any(built(nothing, constraint).validate() for constraint in (*holds, *fails))


def test_the_run_shows_every_constraint() -> None:
    made = built(why.log(ROWS).view(), *HOLDS[:5], *FAILS[8:14])
    run = made.run()
    assert len(run.verdicts) == 6 + 6 and not run.passed
    assert len(made.generate_constraints_report(with_summary=True)) == 11


def test_what_makes_no_sense_is_refused() -> None:
    view = why.log(ROWS).view()
    for call in (
        lambda: c.ConstraintsBuilder(view, reference_profile_view=view),
        lambda: c.ConstraintsBuilder(view).add_constraint("age > 0"),
        lambda: c.column_is_nullable_datatype("age", "number"),
        lambda: c.frequent_strings_in_reference_set("city", "Ulm"),
        lambda: c.MetricConstraint,
    ):
        with pytest.raises(ParameterError):
            call()
    with pytest.raises(AttributeError):
        _ = c.NothingOfTheKind
