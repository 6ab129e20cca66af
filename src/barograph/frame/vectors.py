"""Columns of lists or arrays of numbers -> `Vectors`, and their norms."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from barograph.frame.columns import _mix, column_of
from barograph.frame.text import family_of
from barograph.schema import DIMENSIONS_AT_MOST, Family
from barograph.types import Absent, Floats, Ints, Keys, Numbers, Vectors

_STEP = np.uint64(0x9E3779B97F4A7C15)
_PROJECTION = 19_840_101  # the seed


def dimension_of(batch: pl.DataFrame, column: str) -> int:
    """The most frequent length of the vectors of a column, the smaller of two; 0 where it holds none.

    >>> dimension_of(pl.DataFrame({"e": [[1.0, 2.0], [3.0, 4.0], [5.0]]}), "e")
    2
    """
    flat = _flattened(batch, column)
    sizes, counts = np.unique(flat.lengths, return_counts=True)
    return int(sizes[counts.argmax()]) if sizes.size else 0


def vectors(batch: pl.DataFrame, column: str, dimension: int) -> Vectors:
    """A column of lists or arrays of numbers as vectors of one length; all else is counted.

    >>> found = vectors(pl.DataFrame({"e": [[3.0, 4.0], None, [1.0], [0.0, float("nan")]]}), "e", 2)
    >>> found.values.tolist(), found.absent.n_null, found.absent.n_invalid, found.absent.n_nan
    ([[3.0, 4.0]], 1, 1, 1)
    """
    flat = _flattened(batch, column)
    fits = flat.lengths == dimension
    values = flat.values[np.repeat(fits, flat.lengths)].reshape(-1, max(dimension, 1))
    sorts = _sorts(flat)[fits]
    fine = sorts == _FINE
    n_invalid = flat.n_invalid + int((~fits).sum())
    return Vectors(values[fine], flat.rows[fits][fine], _absent(sorts, flat.n_null, n_invalid))


def norms(batch: pl.DataFrame, column: str, dimension: int | None = None) -> Numbers:
    """The Euclidean norms of vectors (of any length, where none is given), their keys those of the vectors.

    >>> norms(pl.DataFrame({"e": [[3.0, 4.0], [3.0, 4.0]]}), "e").values.tolist()
    [5.0, 5.0]
    """
    flat = _flattened(batch, column)
    fits = np.ones(flat.lengths.size, bool) if dimension is None else flat.lengths == dimension
    sorts = _sorts(flat)
    fine = fits & (sorts == _FINE)
    keys = np.unique(_keys(flat)[fine])
    n_invalid = flat.n_invalid + int((~fits).sum())
    return Numbers(np.sort(np.sqrt(_squares(flat)[fine])), _absent(sorts[fits], flat.n_null, n_invalid), keys)


def projections(batch: pl.DataFrame, column: str, width: int) -> Floats:
    """Vectors in row order as `width` numbers: short ones as they are, others through a fixed random projection.

    The projection has normal entries of variance 1 / width, so that distances are kept in the mean (Johnson &
    Lindenstrauss 1984); the row of it that a component goes by depends on its place only, so vectors of one length are
    alike in every batch. NaN where a vector is shorter, missing or not finite.

    >>> projections(pl.DataFrame({"e": [[3.0, 4.0], None]}), "e", 3).tolist()
    [[3.0, 4.0, nan], [nan, nan, nan]]
    """
    flat = _flattened(batch, column)
    found = np.full((batch.height, width), np.nan)
    fine = _sorts(flat) == _FINE
    for length in np.unique(flat.lengths[fine]).tolist():
        these = fine & (flat.lengths == length)
        values = flat.values[np.repeat(these, flat.lengths)].reshape(-1, length)
        rows = flat.rows[these]
        if length <= width:
            found[np.ix_(rows, np.arange(length))] = values
        else:
            drawn = np.random.default_rng(_PROJECTION).normal(size=(length, width))
            # a sum of its own for each row: a matrix product rounds otherwise in other batches
            found[rows] = np.einsum("ij,jk->ik", values, drawn / np.sqrt(width), optimize=False)
    return found


class _Flat(NamedTuple):
    """All numbers of a column one after the other, how many are each vector's (at least one), and its place."""

    values: Floats
    lengths: Ints
    rows: Ints
    n_null: int
    n_invalid: int

    @property
    def starts(self) -> Ints:
        return np.cumsum(self.lengths) - self.lengths


_FINE, _NAN, _INFINITE = 0, 1, 2


def _flattened(batch: pl.DataFrame, column: str) -> _Flat:
    series = column_of(batch, column)
    n_null = series.null_count()
    if family_of(series.dtype) is not Family.VECTOR:
        return _Flat(np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64), n_null, len(series) - n_null)
    present = series.drop_nulls().cast(pl.List(pl.Float64))
    lengths = present.list.len().to_numpy().astype(np.int64)
    sound = (lengths > 0) & (lengths <= DIMENSIONS_AT_MOST)
    if not sound.all():
        present = present.filter(pl.Series(sound))
    values = present.explode().to_numpy() if len(present) else np.zeros(0)  # a null inside becomes NaN
    rows = np.flatnonzero(series.is_not_null().to_numpy())[sound]
    return _Flat(values, lengths[sound], rows, n_null, int((~sound).sum()))


def _squares(flat: _Flat) -> Floats:
    with np.errstate(over="ignore", invalid="ignore"):
        found: Floats = np.add.reduceat(flat.values**2, flat.starts) if flat.lengths.size else np.zeros(0)
    return found


def _sorts(flat: _Flat) -> npt.NDArray[np.int64]:
    """Of each vector, whether it is finite; one with NaN and an infinity is NaN."""
    if not flat.lengths.size:
        return np.zeros(0, np.int64)
    nan = np.logical_or.reduceat(np.isnan(flat.values), flat.starts)
    return np.where(nan, _NAN, np.where(np.isfinite(_squares(flat)), _FINE, _INFINITE))


def _keys(flat: _Flat) -> Keys:
    """A 64-bit hash of each vector: the sum of the hashes of its numbers, each with its place."""
    if not flat.lengths.size:
        return np.zeros(0, np.uint64)
    places = (np.arange(flat.values.size) - np.repeat(flat.starts, flat.lengths) + 1).astype(np.uint64)
    bits = _mix((flat.values + 0.0).view(np.uint64)) ^ (places * _STEP)
    return _mix(np.add.reduceat(_mix(bits), flat.starts))


def _absent(sorts: npt.NDArray[np.int64], n_null: int, n_invalid: int) -> Absent:
    return Absent(n_null, int((sorts == _NAN).sum()), int((sorts == _INFINITE).sum()), 0, n_invalid)
