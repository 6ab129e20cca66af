"""Batches cut by the values of one or more columns, or by named conditions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import polars as pl

from barograph.frame.columns import LABEL_LENGTH, _hashes, clip_label, column_of, keys_of
from barograph.frame.conditions import holds
from barograph.frame.text import label_text
from barograph.schema import Kind

Key: TypeAlias = tuple[str | None, ...]

KEYS_AT_MOST = 100_000


def _named(prefix: str, by: Sequence[str]) -> list[str]:
    return [f"{prefix}{at}" for at in range(len(by))]


def _hashed(batch: pl.DataFrame, by: Sequence[str]) -> tuple[pl.DataFrame, list[pl.Series]]:
    """The hash of each row's label in each column, null where there is none, and the labels."""
    texts = [label_text(column_of(batch, column)) for column in by]
    hashes = [
        pl.Series(name, _hashes(text.fill_null("").cast(pl.String))).set(text.is_null(), None)
        for name, text in zip(_named("k", by), texts, strict=True)
    ]
    return pl.DataFrame(hashes), texts


def count_keys(batch: pl.DataFrame, by: Sequence[str], before: pl.DataFrame | None = None) -> pl.DataFrame:
    """How many rows have each combination of labels, added to the counts of the batches before.

    At most 100,000 combinations are kept, the most frequent ones, so that a column of identities cannot fill memory.
    """
    hashed, texts = _hashed(batch, by)
    # one character more than a label can have tells that it was longer
    shown = [
        t.cast(pl.String).str.slice(0, LABEL_LENGTH + 1).alias(n) for n, t in zip(_named("t", by), texts, strict=True)
    ]
    parts = [hashed.with_columns(*shown, n=pl.lit(1, pl.Int64))]
    parts += [before] if before is not None else []
    grouped = pl.concat(parts).group_by(_named("k", by))
    counted = grouped.agg(*(pl.col(n).min() for n in _named("t", by)), pl.col("n").sum())
    return counted.sort(["n", *_named("t", by)], descending=[True, *(False for _ in by)], nulls_last=True).head(
        KEYS_AT_MOST
    )


def frequent_keys(counted: pl.DataFrame, by: Sequence[str], most: int) -> list[Key]:
    """The most frequent combinations, first those with the most rows; equal ones in the order of their text.

    >>> batch = pl.DataFrame({"shop": [7.0, 7.0, None], "city": ["Ulm", "Ulm", "null"]})
    >>> frequent_keys(count_keys(batch, ["shop", "city"]), ["shop", "city"], 5)
    [('7', 'Ulm'), (None, 'null')]
    """
    kept = counted.head(most)
    columns = []
    for k, t in zip(_named("k", by), _named("t", by), strict=True):
        pairs = zip(kept.get_column(t), kept.get_column(k), strict=True)
        columns.append([None if text is None else clip_label(text, key) for text, key in pairs])
    return list(zip(*columns, strict=True))


def _key_hashes(name: str, labels: Iterable[str | None]) -> pl.Series:
    return pl.Series(name, [None if k is None else int(keys_of([k])[0]) for k in labels], dtype=pl.UInt64)


def partition(batch: pl.DataFrame, by: Sequence[str], keys: Sequence[Key]) -> list[tuple[int, pl.DataFrame]]:
    """The rows of each of `keys` with its position, and at -1 the rows of none of them; only what has rows.

    Labels are those of `frame.labels`: 7, 7.0 and "7" are one, and what is null, NaN or infinite is none, which is a
    key of its own (`None`).

    Raises `InputError` where the batch lacks one of the columns.

    >>> batch = pl.DataFrame({"city": ["Ulm", None, "null", "Bonn", "Ulm"]})
    >>> [(at, rows.height) for at, rows in partition(batch, ["city"], [("Ulm",), (None,)])]
    [(-1, 2), (0, 2), (1, 1)]
    """
    names = _named("k", by)
    columns = zip(*keys, strict=True) if keys else ([] for _ in by)
    known = pl.DataFrame([_key_hashes(n, column) for n, column in zip(names, columns, strict=True)])
    known = known.with_columns(at=pl.int_range(pl.len(), dtype=pl.Int64))
    hashed, _ = _hashed(batch, by)
    found = hashed.join(known, on=names, how="left", nulls_equal=True, maintain_order="left")
    at = found.get_column("at").fill_null(-1).to_numpy()
    if not at.size:
        return []
    order = np.argsort(at.astype(np.int16), kind="stable")  # a radix sort
    ordered, at = batch[order], at[order]
    starts = np.flatnonzero(np.concatenate([[True], at[1:] != at[:-1]]))
    lengths = np.diff(starts, append=at.size)
    return [(int(at[i]), ordered.slice(int(i), int(n))) for i, n in zip(starts, lengths, strict=True)]


def selections(
    batch: pl.DataFrame, conditions: Sequence[str], kinds: Mapping[str, Kind]
) -> list[tuple[int, pl.DataFrame]]:
    """The rows that hold each condition with its position; then, at the next one, those of which some condition cannot
    be told; and at -1 those that surely hold none. Only what has rows.

    A row may be in several, and is in one at least. Raises `InputError` where the batch lacks a column.

    >>> batch = pl.DataFrame({"x": [1, 5, 9, None]})
    >>> [(at, rows.height) for at, rows in selections(batch, ["x > 4", "x > 8"], {"x": Kind.NUMERIC})]
    [(0, 2), (1, 1), (2, 1), (-1, 1)]
    """
    told = pl.DataFrame([holds(batch, text, kinds).alias(str(at)) for at, text in enumerate(conditions)])
    unknown = told.select(pl.any_horizontal(pl.all().is_null())).to_series()
    none = told.select(~pl.any_horizontal(pl.all())).to_series()
    at = [*range(len(conditions) + 1), -1]
    masks = [series.fill_null(value=False) for series in (*told, unknown, none)]
    return [(i, batch.filter(mask)) for i, mask in zip(at, masks, strict=True) if mask.any()]


__all__ = ["KEYS_AT_MOST", "Key", "count_keys", "frequent_keys", "partition", "selections"]
