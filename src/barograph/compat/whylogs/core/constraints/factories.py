# ruff: noqa: ARG001 - `skip_missing` is whylogs' own
"""The 26 constraints that whylogs' factories make, as checks of ours or as conditions on a column's readings.

`skip_missing` is accepted and changes nothing: a column without values is neither good nor bad, and never passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from barograph import frame
from barograph.checks import Check, between, eq, gt, gte, in_rows, lt, lte
from barograph.conditions import Bound
from barograph.errors import ParameterError
from barograph.foreign.columns import TYPES
from barograph.foreign.frequent import FrequentItem
from barograph.metrics import quality

Row = dict[str, Any]
Reading = tuple[float | None, str]  # a number, or why there is none


_OUR_WAY = 'our way: why.log(rows, conditions=["age >= 18"]), and condition_meets("age", "age >= 18")'


@dataclass(frozen=True)
class Constraint:
    """A name, a column, and checks of ours; or a number read from the column's readings, and what must hold of it.

    Where there are both, checks judge a profile of ours, and the readings a file of whylogs.
    """

    name: str
    column: str
    checks: tuple[Check, ...] = ()
    read: Callable[[Row], Reading] | None = None
    condition: Bound | None = None


def greater_than_number(column_name: str, number: float, skip_missing: bool = True) -> Constraint:
    """The smallest value is above a number."""
    return _checked(f"{column_name} is greater than {number}", column_name, Check(_low(column_name), gt(number)))


def smaller_than_number(column_name: str, number: float, skip_missing: bool = True) -> Constraint:
    """The largest value is below a number."""
    return _checked(f"{column_name} is smaller than {number}", column_name, Check(_high(column_name), lt(number)))


def is_non_negative(column_name: str, skip_missing: bool = True) -> Constraint:
    """No value is below 0."""
    return _checked(f"{column_name} is non negative", column_name, Check(_low(column_name), gte(0)))


def is_in_range(column_name: str, lower: float, upper: float, skip_missing: bool = True) -> Constraint:
    """All values lie from `lower` to `upper`."""
    checks = Check(_low(column_name), gte(lower)), Check(_high(column_name), lte(upper))
    return _checked(f"{column_name} is in range [{lower}, {upper}]", column_name, *checks)


def mean_between_range(column_name: str, lower: float, upper: float, skip_missing: bool = True) -> Constraint:
    """The mean lies from `lower` to `upper`."""
    check = Check(quality.Mean(column_name), between(lower, upper))
    return _checked(f"{column_name} mean between {lower} and {upper}", column_name, check)


def stddev_between_range(column_name: str, lower: float, upper: float, skip_missing: bool = True) -> Constraint:
    """The standard deviation lies from `lower` to `upper`."""
    check = Check(quality.Std(column_name), between(lower, upper))
    return _checked(f"{column_name} standard deviation between {lower} and {upper}", column_name, check)


def quantile_between_range(
    column_name: str, quantile: float, lower: float, upper: float, skip_missing: bool = True
) -> Constraint:  # fmt: skip
    """A quantile lies from `lower` to `upper`."""
    check = Check(quality.Quantile(column_name, q=quantile), between(lower, upper))
    return _checked(f"{column_name} {quantile}-quantile between {lower} and {upper}", column_name, check)


def no_missing_values(column_name: str) -> Constraint:
    """No value is null or NaN."""
    return _checked(
        f"{column_name} has no missing values", column_name, Check(quality.MissingShare(column_name), eq(0))
    )  # fmt: skip


def null_percentage_below_number(column_name: str, number: float) -> Constraint:
    """The share of null and NaN is at most a number. Of no rows it is unknown."""
    check = Check(quality.MissingShare(column_name), lte(number))
    return _checked(f"{column_name} null percentage at most {number}", column_name, check)


def distinct_number_in_range(column_name: str, lower: float, upper: float) -> Constraint:
    """The number of distinct values lies from `lower` to `upper`."""

    def read(row: Row) -> Reading:
        return row.get("cardinality/est"), "the profile holds no distinct count"

    name = f"{column_name} distinct values between {lower} and {upper}"
    return Constraint(name, column_name, read=_noted(read), condition=between(lower, upper))


def count_below_number(column_name: str, number: int) -> Constraint:
    """There are at most so many rows."""
    return _of_row(f"{column_name} count at most {number}", column_name, "counts/n", lte(number))


def null_values_below_number(column_name: str, number: int) -> Constraint:
    """Fewer values than a number are null or NaN."""
    return _of_row(f"{column_name} null values below {number}", column_name, "counts/null", lt(number))


def column_is_probably_unique(column_name: str) -> Constraint:
    """No value occurs twice. Where values are too many to be known one by one, that is not told."""

    def read(row: Row) -> Reading:
        estimate = row.get("cardinality/est")
        n = row["counts/n"] - row["counts/null"]
        if estimate is None or n == 0:
            return None, "there are no values to compare" if n == 0 else "the profile holds no distinct count"
        low, high = row["cardinality/lower_1"], row["cardinality/upper_1"]
        if high - low < 0.5:
            return float(n - round(estimate)), "values that occurred before"
        if estimate + 3 * (high - estimate) < n:
            return n - estimate, "values that occurred before, about"
        return None, f"of {n:,} values a sketch cannot tell whether a few are the same"

    return Constraint(f"{column_name} is unique", column_name, read=read, condition=eq(0))


def frequent_strings_in_reference_set(column_name: str, reference_set: Iterable[Any]) -> Constraint:
    """Every value is one of a set. Where not all values are known, that is not told."""
    allowed = _allowed(reference_set)

    def read(row: Row) -> Reading:
        items, known = _items(row)
        outside = [item.value for item in items if item.value not in allowed]
        if not outside and not known:
            return None, f"only {len(items):,} of the values are known"
        return float(len(outside)), ", ".join(outside[:5])

    return Constraint(f"{column_name} values in the reference set", column_name, read=read, condition=eq(0))


def n_most_common_items_in_set(column_name: str, n: int, reference_set: Iterable[Any]) -> Constraint:
    """The `n` most frequent values are of a set. Where it is not known which these are, that is not told."""
    allowed = _allowed(reference_set)

    def read(row: Row) -> Reading:
        items, known = _items(row)
        sure = known or (len(items) > n and items[n - 1].lower >= items[n].upper)
        if not items or not sure:
            return None, f"it is not known which the {n} most frequent values are"
        outside = [item.value for item in items[:n] if item.value not in allowed]
        return float(len(outside)), ", ".join(outside[:5])

    return Constraint(f"{column_name} {n} most common items in the set", column_name, read=read, condition=eq(0))


def condition_meets(column_name: str, condition_name: str) -> Constraint:
    """Every value met a condition that was counted: of a whylogs file by its name, of our own by its text."""
    name = f"{column_name} meets {condition_name}"
    return _conditioned(name, column_name, condition_name, gte(1), eq(0), failures=True)


def condition_never_meets(column_name: str, condition_name: str) -> Constraint:
    """No value met a condition that was counted."""
    name = f"{column_name} never meets {condition_name}"
    return _conditioned(name, column_name, condition_name, in_rows(lte(0)), eq(0))


def condition_count_below(column_name: str, condition_name: str, max_count: int) -> Constraint:
    """At most so many values met a condition that was counted."""
    name = f"{column_name} meets {condition_name} at most {max_count} times"
    return _conditioned(name, column_name, condition_name, in_rows(lte(max_count)), lte(max_count))


def column_is_nullable_integral(column_name: str) -> Constraint:
    """All values are integers, or null."""
    return column_is_nullable_datatype(column_name, "integral")


def column_is_nullable_fractional(column_name: str) -> Constraint:
    """All values are floats, or null."""
    return column_is_nullable_datatype(column_name, "fractional")


def column_is_nullable_boolean(column_name: str) -> Constraint:
    """All values are booleans, or null."""
    return column_is_nullable_datatype(column_name, "boolean")


def column_is_nullable_string(column_name: str) -> Constraint:
    """All values are strings, or null."""
    return column_is_nullable_datatype(column_name, "string")


def column_is_nullable_object(column_name: str) -> Constraint:
    """All values are objects such as datetimes, or null."""
    return column_is_nullable_datatype(column_name, "object")


def column_is_nullable_datatype(column_name: str, datatype: str) -> Constraint:
    """All values are of one type, or null."""
    others = [sort for sort in TYPES if sort != _type(datatype)]

    def read(row: Row) -> Reading:
        if row["counts/n"] == 0:
            return None, "no rows"
        return float(sum(row[f"types/{sort}"] for sort in others)), "values of other types"

    return Constraint(f"{column_name} is nullable {datatype}", column_name, read=read, condition=eq(0))


def column_has_non_zero_types(column_name: str, types_list: list[str]) -> Constraint:
    """There is a value of each of some types."""
    wanted = [_type(sort) for sort in types_list]

    def read(row: Row) -> Reading:
        absent = [sort for sort in wanted if not row[f"types/{sort}"]]
        return float(len(absent)), f"no value is {' or '.join(absent)}"

    name = f"{column_name} has values of type {', '.join(wanted)}"
    return Constraint(name, column_name, read=read, condition=eq(0))


def column_has_zero_count_types(column_name: str, types_list: list[str]) -> Constraint:
    """There is no value of any of some types."""
    unwanted = [_type(sort) for sort in types_list]

    def read(row: Row) -> Reading:
        if row["counts/n"] == 0:
            return None, "no rows"
        return float(sum(row[f"types/{sort}"] for sort in unwanted)), "values of these types"

    name = f"{column_name} has no values of type {', '.join(unwanted)}"
    return Constraint(name, column_name, read=read, condition=eq(0))


def _low(column: str) -> quality.Minimum:
    return quality.Minimum(column)


def _high(column: str) -> quality.Maximum:
    return quality.Maximum(column)


def _checked(name: str, column: str, *checks: Check) -> Constraint:
    return Constraint(name, column, checks)


def _of_row(name: str, column: str, key: str, condition: Bound) -> Constraint:
    return Constraint(name, column, read=lambda row: (float(row[key]), ""), condition=condition)


def _noted(read: Callable[[Row], Reading]) -> Callable[[Row], Reading]:
    """The reason only where there is no number."""

    def found(row: Row) -> Reading:
        value, why = read(row)
        return value, "" if value is not None else why

    return found


def _conditioned(
    name: str, column: str, condition: str, ours: Bound, bound: Bound, *, failures: bool = False
) -> Constraint:
    """Of a profile of ours a check on the condition's share; of a whylogs file its count under the condition's name."""

    def read(row: Row) -> Reading:
        met, total = row.get(f"condition_count/{condition}"), row.get("condition_count/total")
        if met is None or (failures and not total):
            return None, f"the profile did not count the condition {condition!r}; {_OUR_WAY}"
        return (float(total - met), "values do not meet it") if failures else (float(met), "values meet it")

    checks = (Check(quality.ConditionShare(condition), ours),) if _is_condition(condition, column) else ()
    return Constraint(name, column, checks, read, bound)


def _is_condition(text: str, column: str) -> bool:
    """Whether a condition's name is its text; a single word is a name, unless it is the column's own."""
    if text.isidentifier() and text != column:
        return False
    try:
        frame.expression(text)
    except ParameterError:
        return False
    return True


def _items(row: Row) -> tuple[list[FrequentItem], bool]:
    """Frequent items, and whether these are all there are."""
    items: list[FrequentItem] = row.get("frequent_items/frequent_strings") or []
    return items, sum(item.lower for item in items) >= row["counts/n"] - row["counts/null"] > 0


def _allowed(values: Iterable[Any]) -> set[str]:
    if isinstance(values, str):
        raise ParameterError(f"the reference set is the string {values!r}; give a set of values")
    return {str(value) for value in values}


def _type(name: str) -> str:
    if name not in TYPES:
        raise ParameterError(f"there is no type {name!r}; the types are {', '.join(TYPES)}")
    return name


FACTORIES = {
    factory.__name__: factory
    for factory in (
        greater_than_number, smaller_than_number, is_non_negative, is_in_range, mean_between_range,
        stddev_between_range, quantile_between_range, no_missing_values, count_below_number, null_values_below_number,
        null_percentage_below_number, distinct_number_in_range, column_is_probably_unique,
        frequent_strings_in_reference_set, n_most_common_items_in_set, condition_meets, condition_never_meets,
        condition_count_below, column_is_nullable_integral, column_is_nullable_fractional, column_is_nullable_boolean,
        column_is_nullable_string, column_is_nullable_object, column_is_nullable_datatype, column_has_non_zero_types,
        column_has_zero_count_types,
    )
}  # fmt: skip
