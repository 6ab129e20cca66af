"""Rows and absent values, each sort apart."""

from __future__ import annotations

import math

import pytest

from barograph.errors import FormatError
from barograph.summaries import Counts
from barograph.types import Absent, Numbers
from strategies import labels, numbers


def test_each_sort_is_counted_apart():
    """Null, NaN and both infinities are four different things, and none is a value."""
    counts = Counts()
    counts.update(numbers([1.0, None, math.nan, math.nan, math.inf, -math.inf, -math.inf, -math.inf, 0.0]))
    assert counts == Counts(n_rows=9, n_null=1, n_nan=2, n_pos_inf=1, n_neg_inf=3)
    assert (counts.n_missing, counts.n_present) == (3, 2)


def test_unreadable_values_are_rows_but_not_present():
    """ "abc" in a numeric column is a row and is invalid; it is not missing."""
    counts = Counts()
    counts.update(Numbers(numbers([1.0]).values, Absent(n_invalid=4)))
    assert (counts.n_rows, counts.n_invalid, counts.n_missing, counts.n_present) == (5, 4, 0, 1)


def test_columns_of_nothing_but_absence():
    """All null, all NaN and no rows differ."""
    for rows, want in (([], Counts()), ([None] * 3, Counts(3, 3)), ([math.nan] * 3, Counts(3, 0, 3))):
        counts = Counts()
        counts.update(numbers(rows))
        assert counts == want
        assert counts.n_present == 0


def test_a_first_null_batch_freezes_nothing():
    """A batch of nulls, then numbers, then labels: all counted (whylogs froze a column by its first value)."""
    counts = Counts()
    for batch in (numbers([None]), numbers([1.0, 2.0]), labels(["a", None])):
        counts.update(batch)
    assert counts == Counts(n_rows=5, n_null=2)


def test_total_and_failures_accumulate_alike():
    """Over batches the rows add up as the nulls do (a peer overwrote the total per batch)."""
    counts = Counts()
    for _ in range(3):
        counts.update(numbers([None, 1.0]))
    assert counts.n_null / counts.n_rows == 0.5


def test_more_absent_than_rows_is_refused():
    """A state whose parts exceed its whole is not one."""
    with pytest.raises(FormatError, match="n_rows"):
        Counts.from_state({**Counts(2, 1).to_state(), "n_nan": 2})
