"""Any number of columns of a batch, row by row: what is counted of two columns at a time."""

from __future__ import annotations

import numpy as np
import polars as pl

from barograph.frame.aligned import codes, floats
from barograph.frame.columns import _TRUTH, _hashes
from barograph.frame.text import instants, label_text, seconds
from barograph.frame.words import text_view
from barograph.types import Floats, RowLabels


def row_numbers(batch: pl.DataFrame, column: str) -> Floats:
    """Numbers in row order; NaN where there is none, or no such column.

    >>> row_numbers(pl.DataFrame({"x": ["1.5", None, "NA"]}), "x")
    array([1.5, nan, nan])
    """
    return floats(batch, column) if column in batch.columns else np.full(batch.height, np.nan)


def row_view(batch: pl.DataFrame, column: str, view: str) -> Floats:
    """One view of texts in row order (see `words`); NaN where there is none, or no such column.

    >>> row_view(pl.DataFrame({"x": ["It is late.", None]}), "x", "words")
    array([ 3., nan])
    """
    if column not in batch.columns:
        return np.full(batch.height, np.nan)
    text = label_text(batch.get_column(column)).cast(pl.String)
    return text_view(text, view).fill_null(float("nan")).to_numpy()


def row_times(batch: pl.DataFrame, column: str) -> Floats:
    """Seconds since 1970 in row order; NaN where there is no time."""
    if column not in batch.columns:
        return np.full(batch.height, np.nan)
    return seconds(instants(batch.get_column(column))).fill_null(float("nan")).to_numpy()


def row_truth(batch: pl.DataFrame, column: str) -> Floats:
    """1 for true, 0 for false in row order; NaN where there is neither.

    >>> row_truth(pl.DataFrame({"x": ["yes", "no", "perhaps", None]}), "x")
    array([ 1.,  0., nan, nan])
    """
    if column not in batch.columns:
        return np.full(batch.height, np.nan)
    text = label_text(batch.get_column(column)).str.to_lowercase()
    truth = {said: float(meant == "true") for said, meant in _TRUTH.items()}
    found = text.replace_strict(truth, default=None, return_dtype=pl.Float64)
    return found.fill_null(float("nan")).to_numpy()


def row_class(batch: pl.DataFrame, column: str, positive: str) -> Floats:
    """1 where the class is `positive`, 0 where it is another, NaN where there is none."""
    if column not in batch.columns:
        return np.full(batch.height, np.nan)
    present = label_text(batch.get_column(column)).is_not_null().to_numpy()
    return np.where(present, (codes(batch, column, (positive,)) == 0).astype(float), np.nan)


def row_labels(batch: pl.DataFrame, column: str) -> RowLabels:
    """Hashes of the labels in row order, and where there is a label."""
    keys = np.zeros(batch.height, np.uint64)
    if column not in batch.columns:
        return RowLabels(keys, np.zeros(batch.height, np.bool_))
    text = label_text(batch.get_column(column))
    present = text.is_not_null().to_numpy()
    keys[present] = _hashes(text.drop_nulls())
    return RowLabels(keys, present)


__all__ = ["row_class", "row_labels", "row_numbers", "row_times", "row_truth", "row_view"]
