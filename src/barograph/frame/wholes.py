"""Whole rows of a batch: which lack values, and a 64-bit hash of each, by which equal rows are found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from barograph.frame.columns import _as_floats, _hashes, _int_keys, _mix, column_of, keys_of, number_keys
from barograph.frame.conditions import missing
from barograph.frame.text import label_text
from barograph.schema import Kind
from barograph.types import IncompleteRows, Keys, RowKeys, RowLabels

_SEED = np.uint64(0x9FB21C651E98DF25)


def incomplete_rows(batch: pl.DataFrame, columns: Iterable[str], kinds: Mapping[str, Kind]) -> IncompleteRows:
    """How many rows lack at least one value, and how many lack all, of the columns that the batch has.

    >>> incomplete_rows(pl.DataFrame({"a": [1, None, None], "b": [1.0, float("nan"), 3.0]}), ["a", "b"], {})
    IncompleteRows(n_rows=3, n_incomplete=2, n_empty=1)
    """
    absent = [missing(batch[c], kinds.get(c) is Kind.NUMERIC).to_numpy() for c in columns if c in batch.columns]
    if not absent:
        return IncompleteRows()
    lacking = np.sum(absent, axis=0, dtype=np.int64)
    return IncompleteRows(batch.height, int((lacking > 0).sum()), int((lacking == len(absent)).sum()))


def row_keys(
    batch: pl.DataFrame, columns: Iterable[str], kinds: Mapping[str, Kind], outcome: str = "", *, present: bool = False
) -> RowKeys:
    """A hash of each row over some columns, and of its outcome; rows without an outcome are left out.

    Missing values are one value, and a column that the batch lacks is missing in every row; the order of columns and
    how numbers are stored change nothing. With `present`, rows without any value in the columns are left out too.
    """
    found, empty = np.zeros(batch.height, np.uint64), np.ones(batch.height, np.bool_)
    for column in columns:
        if column in batch.columns:
            keys, there = _cells(batch[column], kinds.get(column) is Kind.NUMERIC)
            found += np.where(there, _spread(keys + keys_of([column])[0]), np.uint64(0))
            empty &= ~there
    keep = ~empty if present else np.ones(batch.height, np.bool_)
    if not outcome:
        return RowKeys(_spread(found[keep]), np.zeros(int(keep.sum()), np.uint64))
    if outcome not in batch.columns:
        return RowKeys(found[:0], found[:0])
    outcomes, there = _cells(column_of(batch, outcome), kinds.get(outcome) is Kind.NUMERIC)
    keep &= there
    return RowKeys(_spread(found[keep]), outcomes[keep])


def row_cells(batch: pl.DataFrame, column: str, *, numeric: bool) -> RowLabels:
    """A key for each value in row order, by which columns are compared, and where there is a value.

    1, 1.0 and true are one value, however they are stored. A column that the batch lacks is missing in every row.

    >>> batch = pl.DataFrame({"a": [1, None], "b": [1.0, 2.0]})
    >>> a, b = (row_cells(batch, column, numeric=True) for column in "ab")
    >>> bool(a.keys[0] == b.keys[0]), a.present.tolist()
    (True, [True, False])
    """
    if column not in batch.columns:
        return RowLabels(np.zeros(batch.height, np.uint64), np.zeros(batch.height, np.bool_))
    return RowLabels(*_cells(batch[column], numeric))


def _cells(series: pl.Series, numeric: bool) -> tuple[Keys, npt.NDArray[np.bool_]]:
    """A key for each value, and where there is one."""
    there = ~missing(series, numeric).to_numpy()
    dtype = series.dtype
    if dtype.is_integer() and dtype not in (pl.Int128, pl.UInt128):
        return _int_keys(series.fill_null(0).to_numpy()), there
    if numeric or dtype.is_float() or dtype == pl.Boolean or dtype.is_temporal():
        floats = _as_floats(series)[0].cast(pl.Float64)
        read = floats.is_not_null().to_numpy()
        return number_keys(floats.fill_null(0.0).to_numpy()), there & read
    return _hashes(label_text(series).fill_null("")).copy(), there


def _spread(keys: Keys) -> Keys:
    """Keys evenly over all 64-bit numbers, one to one: the smallest of them are a sample of the different rows."""
    return _mix(keys + _SEED)


__all__ = ["incomplete_rows", "row_cells", "row_keys"]
