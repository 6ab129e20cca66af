"""Conditions on rows: what they mean, against plain Python on the rows; and what is no condition."""

from __future__ import annotations

import datetime as dt
import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.errors import ParameterError
from barograph.frame import expression, judged
from barograph.schema import Kind

ROWS = pl.DataFrame(
    {
        "a": [1, 5, None, 2**62],
        "x": [1.5, math.nan, math.inf, -2.0],
        "s": ["1", "b", "Ulm", None],
        "t": [dt.datetime(2024, 1, 1, 5), None, dt.datetime(2025, 1, 1), dt.datetime(2024, 6, 1)],  # noqa: DTZ001
        "f": [True, False, None, True],
        "big": pl.Series([2**64 - 1, 2**53 + 1, 2**53, 0], dtype=pl.UInt64),
        "read": ["7", "NA", "abc", "8.5"],
    }
)
N, C = Kind.NUMERIC, Kind.CATEGORICAL
KINDS = {"a": N, "x": N, "s": C, "t": Kind.DATETIME, "f": Kind.BOOLEAN, "big": N, "read": N}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a < 3", (1, 2, 1)), ("0 <= x < 10", (1, 2, 1)), ("x / 0 > 1", (0, 0, 4)), ("x is None", (1, 3, 0)),
        ("x is not None and x > 0", (2, 2, 0)), ("is_infinite(x)", (1, 2, 1)), ("abs(x) > 1", (3, 0, 1)),
        ("x - x == 0", (2, 0, 2)), ("a % 2 == 1", (2, 1, 1)), ("a // 2 == 2", (1, 2, 1)), ("-x > 0", (1, 2, 1)),
        ("s in ['Ulm', 'b']", (2, 1, 1)), ("s not in [1, 'Ulm']", (1, 2, 1)), ("a in []", (0, 3, 1)),
        ("s in ['', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'Ulm']", (1, 2, 1)), ("s > 0", (1, 0, 3)),
        ("t >= '2024-03-01'", (2, 1, 1)), ("t < date('2024-03-01') + days(200)", (2, 1, 1)),
        ("t - date('2023-12-31') > days(400)", (0, 3, 1)), ("year(t) == 2024", (2, 1, 1)), ("hour(t) == 5", (1, 2, 1)),
        ("weekday(t) == 1", (1, 2, 1)), ("f", (2, 1, 1)), ("not f", (1, 2, 1)), ("f or a > 100", (2, 1, 1)),
        ("big == 9007199254740993", (1, 3, 0)), ("big == 18446744073709551615", (1, 3, 0)),
        ("matches(s, '[a-z]')", (1, 2, 1)), ("contains(s, 'l')", (1, 2, 1)), ("length(s) > 1", (1, 2, 1)),
        ("lower(s) == 'ulm'", (1, 2, 1)), ("x < 'abc'", (0, 0, 4)), ("read > 7", (1, 1, 2)),
        ("read is None", (1, 3, 0)), ('col("a") == 5', (1, 2, 1)),
    ],
)  # fmt: skip
def test_what_conditions_mean(text, expected):
    found = judged(ROWS, text, KINDS)
    assert (found.n_true, found.n_false, found.n_null) == expected


NUMBER = st.none() | st.integers(-5, 5)


@given(st.lists(st.tuples(NUMBER, NUMBER, NUMBER), max_size=30))
def test_three_values_are_kleenes(rows):
    """`and`, `or` and `not` over comparisons, against Python row by row."""

    def less(a, b):
        return None if a is None or b is None else a < b

    def both(p, q):
        return False if p is False or q is False else None if p is None or q is None else True

    truth = []
    for a, b, c in rows:
        either = both(less(a, b), less(b, c))
        turned = None if less(a, c) is None else not less(a, c)
        truth.append(True if either or turned else None if either is None or turned is None else False)
    batch = pl.DataFrame(rows, schema={"a": pl.Int64, "b": pl.Int64, "c": pl.Int64}, orient="row")
    found = judged(batch, "a < b < c or not a < c", dict.fromkeys("abc", N))
    assert (found.n_true, found.n_false, found.n_null) == tuple(truth.count(v) for v in (True, False, None))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("__import__('os').system('true')", "attributes|calls"), ("x.__class__ == 1", "attributes"),
        ("x[0] > 1", "index"), ("x + None > 1", "no value"), ("x and [1]", "no value"), ("None", "no value"),
        ("(lambda: x)() > 1", "calls"), ("[y for y in x] == 1", "ListComp"), ("x ** 9 ** 9 ** 9 > 1", "powers"),
        ("open('f') == x", "calls 'open'"), ("1 < 2", "names no column"), ("", "empty"), ("x >", "not understood"),
        ("x > 1; y", "not understood"), ("x == None", "go with|`is`|NoneType|x"), ("x is 3", "go with None"),
        ("matches(x, '[')", "regular expression"), ("matches(x, y)", "text in quotes"), ("x > 1e999", "beyond float64"),
        ("date('soon') < x", "no date"), ("x in y", "go with a list"), (f"x == {2**200}", "126 bits"),
        ("x == b'a'", "numbers, text"), ("(" * 300 + "x" + ")" * 300 + " > 1", "not understood"),
        ("not " * 60 + "x", "levels"), ("not " * 6000 + "x", "20,000|not understood|levels"),
        ("x == 1j", "numbers, text"),
        ("matches(x, pattern='a')", "argument"), ("x > 1\0", "not understood"), ("f'{x}' == 'a'", "JoinedStr"),
        ("(y := x) > 1", "NamedExpr"), ("x if x else y", "IfExp"),
    ],
)  # fmt: skip
def test_what_is_no_condition_is_refused(text, said):
    with pytest.raises(ParameterError, match=said):
        expression(text)


@given(st.text(max_size=60))
def test_any_text_is_a_condition_or_refused(text):
    try:
        found = expression(text)
    except ParameterError:
        return
    judged(pl.DataFrame({column: [1.0, None] for column in found.columns}), found.text, {})


def test_examples_are_few_short_and_only_on_request():
    batch = pl.DataFrame({"s": ["y" * 9000 + str(i) for i in range(50)]})
    assert judged(batch, "s == 'x'", {"s": C}).examples == ()
    kept = judged(batch, "s == 'x'", {"s": C}, examples=5).examples
    assert len(kept) <= 5
    assert all(len(text) <= 200 for text in kept)


def test_columns_of_hostile_names():
    name = "</script>' or 1=1 --\n\\"
    found = judged(pl.DataFrame({name: [1, 2]}), f"col({name!r}) > 1", {name: N})
    assert (found.n_true, found.n_false) == (1, 1)
