"""Distinct values and how often each is there, as a database gives them, in place of the rows themselves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from barograph.frame.aligned import floats
from barograph.frame.columns import _hashes, _truth, column_of, labels, numbers
from barograph.frame.text import label_text
from barograph.types import Absent, Ints, Labels, Numbers


def weighted_labels(batch: pl.DataFrame, column: str, times: Ints, boolean: bool = False) -> Labels:
    """`labels` of rows of which each stands for so many, `times` of shape `(n_rows,)`.

    >>> found = weighted_labels(pl.DataFrame({"x": ["a", None, "b"]}), "x", np.array([5, 2, 1]))
    >>> sorted(found.counts.tolist()), found.absent.n_null
    ([1, 5], 2)
    """
    series = column_of(batch, column)
    text = _truth(label_text(series)) if boolean else label_text(series)
    there = text.is_not_null().to_numpy()
    keys, at = np.unique(_hashes(text.drop_nulls()), return_inverse=True)
    counts = np.zeros(keys.size, np.int64)
    np.add.at(counts, at, times[there])
    return Labels(keys, counts, labels(batch, column, boolean).resolve, _absent(series, there, times))


def weighted_numbers(batch: pl.DataFrame, column: str, times: Ints) -> Numbers:
    """`numbers` of rows of which each stands for so many, for what asks only how often each value is there."""
    series, values = column_of(batch, column), floats(batch, column)
    there = np.isfinite(values)
    distinct, at = np.unique(values[there] + 0.0, return_inverse=True)
    counts = np.zeros(distinct.size, np.int64)
    np.add.at(counts, at, times[there])
    return Numbers(distinct, _absent(series, there, times), numbers(batch, column).keys, runs=(distinct, counts))


def _absent(series: pl.Series, there: npt.NDArray[np.bool_], times: Ints) -> Absent:
    """Of what is not there: how many rows are null, NaN, infinite, and how many hold what cannot be read."""
    null = series.is_null().to_numpy()
    left = ~there & ~null
    if not series.dtype.is_float():
        return Absent(n_null=int(times[null].sum()), n_invalid=int(times[left].sum()))
    nan = left & series.is_nan().fill_null(value=False).to_numpy()
    high, low = (left & (series == end).fill_null(value=False).to_numpy() for end in (float("inf"), float("-inf")))
    sums = [int(times[mask].sum()) for mask in (null, nan, high, low, left & ~nan & ~high & ~low)]
    return Absent(*sums)


__all__ = ["weighted_labels", "weighted_numbers"]
