"""Whole rows as numbers of 64 bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from barograph.frame.aligned import floats
from barograph.frame.columns import _hashes, _mix, column_of
from barograph.frame.text import instants, label_text, seconds
from barograph.frame.vectors import projections
from barograph.frame.words import text_view
from barograph.schema import Kind
from barograph.types import Keys, Records

_STEP = np.uint64(0x9E3779B97F4A7C15)
_SEED = np.uint64(0xBB67AE8584CAA73B)
_DESCRIBED = ("length", "words", "sentences", "non_letters")


def records(
    batch: pl.DataFrame, kinds: Mapping[str, Kind], columns: Sequence[str], also: Sequence[str] = ()
) -> Records:
    """Rows as the bits of their numbers and the hashes of their labels, with a seeded hash of each row.

    A text is four numbers, its length, words, sentences and share of non-letters; an embedding 16, see `projections`.
    What is no number is NaN, a label that is missing 0. The hash is over `columns` and `also` (such as an identity and
    a time, which tell rows apart that are else the same).

    >>> found = records(pl.DataFrame({"x": [1.5, None]}), {"x": Kind.NUMERIC}, ["x"])
    >>> found.rows.view(np.float64).tolist()
    [[1.5], [nan]]
    """
    rows = np.column_stack([_described(batch, column, kinds[column]) for column in columns])
    bits = [*rows.T, *(_bits(batch, column, kinds[column]) for column in also)]
    hashed = np.full(batch.height, _SEED)
    places = np.arange(1, len(bits) + 1, dtype=np.uint64) * _STEP
    for place, found in zip(places, bits, strict=True):
        hashed = hashed + _mix(_mix(found) ^ place)
    return Records(rows, _mix(hashed))


def _described(batch: pl.DataFrame, column: str, kind: Kind) -> Keys:
    """A column as the numbers of 64 bits that it has in a row, one or (texts, embeddings) several."""
    if kind is Kind.TEXT:
        text = label_text(column_of(batch, column)).cast(pl.String)
        views = [text_view(text, view).fill_null(float("nan")).to_numpy() for view in _DESCRIBED]
        return (np.column_stack(views) + 0.0).view(np.uint64)
    if kind is Kind.EMBEDDING:
        found = projections(batch, column, kind.parts)
        return (np.where(np.isnan(found), np.nan, found) + 0.0).view(np.uint64)
    return _bits(batch, column, kind)[:, None]


def _bits(batch: pl.DataFrame, column: str, kind: Kind) -> Keys:
    series = column_of(batch, column)
    if kind in (Kind.NUMERIC, Kind.DATETIME):
        found = floats(batch, column)
        if kind is Kind.DATETIME:
            found = seconds(instants(series)).fill_null(float("nan")).to_numpy()
        found = np.where(np.isnan(found), np.nan, found) + 0.0
        return found.view(np.uint64)
    text = label_text(series)
    known = text.is_not_null().to_numpy()
    keys = np.zeros(len(series), np.uint64)
    keys[known] = _hashes(text.drop_nulls())
    return keys
