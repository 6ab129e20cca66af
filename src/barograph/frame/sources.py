"""`open_rows`: anything with rows -> `Rows`."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import polars as pl

from barograph.errors import InputError
from barograph.frame.files import open_files
from barograph.frame.foreign import from_arrow_array, from_columns, from_pandas, from_records, unique_names
from barograph.frame.rows import (
    SAMPLE_ROWS,
    Rows,
    batch_rows,
    first_line,
    lazy_rows,
    make_rows,
    rows_in_memory,
    streamed,
)

_ACCEPTED = (
    "a pandas, polars or pyarrow table, a RecordBatchReader, a DuckDB relation, a dict of arrays, a list of dicts, "
    "an iterator of such tables, or the path, glob or folder of CSV, Parquet, Arrow or JSON Lines files"
)


def open_rows(source: object) -> Rows:
    """Rows of a frame, a file or a stream.

    Parameters
    ----------
    source
        polars DataFrame or LazyFrame (streamed); pandas DataFrame; pyarrow Table, RecordBatch or RecordBatchReader;
        anything with `__arrow_c_stream__` (a DuckDB relation is streamed); a dict of arrays; a list of dicts; an
        iterator of frames; a path, a glob, a folder, or a list of paths (see `files.open_files`); `Rows`.

    Frames in memory are not copied where their memory layout allows, and are never changed. Of streams and files only
    one batch is held at a time, plus what polars reads ahead.

    Raises
    ------
    InputError
        Not something with rows; no columns; two columns of the same name; a file that is missing, empty or broken.

    >>> rows = open_rows({"delay": [3.5, None], "late": [True, False]})
    >>> rows.columns, rows.n_rows, str(rows.families["late"])
    (('delay', 'late'), 2, 'boolean')
    """
    if isinstance(source, Rows):
        return source
    if isinstance(source, (str, Path)):
        return open_files([source])
    if isinstance(source, pl.DataFrame):
        return rows_in_memory(source)
    if isinstance(source, pl.LazyFrame):
        return _from_lazy(source)
    if isinstance(source, pl.Series):
        return rows_in_memory(source.to_frame())
    if isinstance(source, dict):
        return rows_in_memory(*_named(from_columns(source), "dict"))
    if isinstance(source, (list, tuple)):
        return _from_sequence(list(source))
    return _from_foreign(source)


def _named(found: tuple[pl.DataFrame, dict[str, str]], name: str) -> tuple[pl.DataFrame, str, dict[str, str]]:
    return found[0], name, found[1]


def _from_foreign(source: Any) -> Rows:
    module = type(source).__module__.partition(".")[0]
    kind = type(source).__name__
    if module == "pandas":
        if not hasattr(source, "columns"):
            raise InputError(f"a pandas {kind} is not a table; give a DataFrame (series.to_frame())")
        return rows_in_memory(*_named(from_pandas(source), "DataFrame"))
    if module == "pyarrow" and hasattr(source, "num_rows"):
        frame, skipped = _from_arrow_table(source)
        return rows_in_memory(frame, kind, skipped)
    if hasattr(source, "__arrow_c_stream__"):
        return _from_arrow_stream(source, kind, repeatable=module in ("duckdb", "_duckdb"))
    if isinstance(source, Iterator):
        return _from_iterator(source, kind)
    if isinstance(source, Iterable) and not isinstance(source, (bytes, bytearray, memoryview)):
        return _from_iterator(iter(source), kind)
    raise InputError(f"a {kind} has no rows that can be read; give {_ACCEPTED}")


def _from_sequence(source: list[Any]) -> Rows:
    if not source:
        raise InputError(f"an empty list has no columns; give {_ACCEPTED}")
    if all(isinstance(item, (str, Path)) for item in source):
        return open_files(source)
    if all(isinstance(item, dict) for item in source) and not _dict_of_columns(source[0]):
        return rows_in_memory(*_named(from_records(source), "list of dicts"))
    if isinstance(source[0], dict) and not _dict_of_columns(source[0]):
        from_records(source)
    parts = [open_rows(_not_a_scalar(item)) for item in source]
    return _from_parts(parts[0], lambda: parts, f"list of {len(parts)} frames", repeatable=True)


def _dict_of_columns(item: dict[Any, Any]) -> bool:
    return bool(item) and all(hasattr(v, "__len__") and hasattr(v, "dtype") for v in item.values())


def _not_a_scalar(item: Any) -> Any:
    if item is None or isinstance(item, (int, float, str, bytes)):
        raise InputError(f"a list with a {type(item).__name__} in it has no rows that can be read; give {_ACCEPTED}")
    return item


def _from_lazy(source: pl.LazyFrame) -> Rows:
    try:
        schema = dict(source.collect_schema())
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(f"the LazyFrame cannot be read: {first_line(error)}") from error
    return lazy_rows(source, schema, "LazyFrame")


def _from_arrow_table(table: Any) -> tuple[pl.DataFrame, dict[str, str]]:
    names = unique_names(list(table.schema.names), f"the pyarrow {type(table).__name__}")
    columns, skipped = [], {}
    for at, name in enumerate(names):
        found = from_arrow_array(table.column(at))
        if isinstance(found, str):
            skipped[name] = found
        else:
            columns.append(found.alias(name))
    return pl.DataFrame({s.name: s for s in columns}), skipped


def _from_arrow_stream(source: Any, kind: str, *, repeatable: bool) -> Rows:
    """A DuckDB relation answers every scan anew; anything else is taken for a one-shot stream."""
    if not repeatable and hasattr(source, "read_next_batch"):
        unique_names(list(source.schema.names), f"the {kind}")
        return _from_iterator(iter(source), kind, empty=lambda: _from_arrow_table(source.schema.empty_table()))
    try:
        lazy = pl.scan_arrow_c_stream(source)
        schema = dict(lazy.collect_schema())
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, TypeError, ValueError) as error:
        raise InputError(f"the {kind} cannot be read as an Arrow stream: {first_line(error)}") from error
    if repeatable:

        def anew() -> pl.LazyFrame:
            return pl.scan_arrow_c_stream(source)

        return make_rows(
            kind, schema,
            lambda: streamed(anew(), batch_rows(schema.values()), kind),
            lambda: anew().head(SAMPLE_ROWS).collect(),
        )  # fmt: skip
    batches = streamed(lazy, batch_rows(schema.values()), kind)
    return _from_iterator(batches, kind, empty=lambda: (pl.DataFrame(schema=schema), {}))


def _from_iterator(
    source: Iterator[Any], kind: str, empty: Callable[[], tuple[pl.DataFrame, dict[str, str]]] | None = None
) -> Rows:
    """The first table is opened now, for its columns; the others as they come."""
    try:
        first = next(source, None)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(f"the {kind} cannot be read: {first_line(error)}") from error
    if first is None:
        if empty is None:
            raise InputError(f"the {kind} gives nothing; it must give at least one table")
        frame, skipped = empty()
        return rows_in_memory(frame, kind, skipped)
    if isinstance(first, dict) and not _dict_of_columns(first):
        raise InputError(f"the {kind} gives dicts of single values; give a list of dicts, or an iterator of tables")
    opened = open_rows(_not_a_scalar(first))
    return _from_parts(opened, lambda: itertools.chain([opened], map(open_rows, source)), kind, repeatable=False)


def _from_parts(first: Rows, parts: Callable[[], Iterable[Rows]], name: str, *, repeatable: bool) -> Rows:
    known = {*first.columns, *first.skipped}

    def read() -> Iterator[pl.DataFrame]:
        for at, part in enumerate(parts()):
            if new := [c for c in (*part.columns, *part.skipped) if c not in known]:
                raise InputError(
                    f"table {at} of the {name} has columns that the first has not: {', '.join(map(repr, new[:10]))}; "
                    "give the first table all columns"
                )
            yield from part.batches()

    schema = dict(first._schema)  # noqa: SLF001 - Rows of this package
    return make_rows(name, schema, read, first._sample, skipped=first.skipped, repeatable=repeatable)  # noqa: SLF001


__all__ = ["open_rows"]
