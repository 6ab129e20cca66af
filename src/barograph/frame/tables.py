"""Lists of dicts -> frames, for the `to_polars` and `to_pandas` of other modules."""

from __future__ import annotations

from typing import Any

import polars as pl

from barograph.errors import MissingExtraError


def to_polars(rows: list[dict[str, Any]], schema: dict[str, Any] | None = None) -> pl.DataFrame:
    """A polars frame of one row per dict; the types are inferred from all rows, or given by `schema`.

    >>> to_polars([{"metric": "psi", "value": 0.1}, {"metric": "ks", "value": None}]).shape
    (2, 2)
    """
    return pl.DataFrame(rows, schema=schema, infer_schema_length=None, strict=False, orient="row")


def to_pandas(rows: list[dict[str, Any]]) -> Any:
    """A pandas frame of one row per dict.

    Raises `MissingExtraError` without pandas.
    """
    try:
        import pandas  # type: ignore[import-untyped,unused-ignore]
    except ImportError as error:
        raise MissingExtraError("to_pandas needs pandas: pip install pandas; or use to_polars") from error
    return pandas.DataFrame(rows)


__all__ = ["to_pandas", "to_polars"]
