"""Columns of pandas, numpy and plain Python -> polars Series, without pyarrow unless the data is pyarrow's."""

from __future__ import annotations

import datetime as dt
import decimal
import math
import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from barograph.errors import InputError
from barograph.schema import label_of

Converted = pl.Series | str
"""A column, or the type of one that cannot be read as text."""

_NUMBERS = (bool, int, float, np.bool_, np.integer, np.floating)
_TIMES = (dt.date, dt.time, dt.timedelta)
_NAMEABLE = (str, bytes, *_NUMBERS, *_TIMES, decimal.Decimal, uuid.UUID, np.datetime64, np.timedelta64)
_INT128_END = 2**127


def from_pandas(frame: Any) -> tuple[pl.DataFrame, dict[str, str]]:
    """A pandas DataFrame as polars, and its columns that cannot be read. Plain float and int columns are not copied.

    A NaN of a float column stays NaN; None, NaN, NaT and pd.NA of any other column are null. The index is not read.
    """
    names = unique_names(list(frame.columns), "the pandas DataFrame")
    columns, skipped = [], {}
    for at, name in enumerate(names):
        found = _pandas_column(frame.iloc[:, at])
        if isinstance(found, str):
            skipped[name] = found
        else:
            columns.append(found.alias(name))
    return pl.DataFrame({s.name: s for s in columns}), skipped


def unique_names(names: Sequence[object], source: str) -> list[str]:
    """Column names as text. Raises `InputError` naming those that occur twice."""
    texts = [str(n) for n in names]
    if len(set(texts)) < len(texts):
        seen: dict[str, list[object]] = {}
        for name, text in zip(names, texts, strict=True):
            seen.setdefault(text, []).append(name)
        twice = [
            repr(text) + ("" if len({type(n) for n in of}) == 1 else f" (from {', '.join(map(repr, of))})")
            for text, of in seen.items()
            if len(of) > 1
        ]
        raise InputError(f"{source} has columns of the same name: {', '.join(twice[:20])}; rename them")
    return texts


def _pandas_column(column: Any) -> Converted:
    dtype = column.dtype
    if isinstance(dtype, np.dtype):
        return from_numpy(column.to_numpy())
    kind = type(dtype).__name__
    if kind == "CategoricalDtype":
        return _categorical(column)
    if kind == "DatetimeTZDtype":
        found = from_numpy(column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy())
        return found if isinstance(found, str) else found.dt.replace_time_zone("UTC")
    if kind == "PeriodDtype":
        return from_numpy(column.dt.to_timestamp().to_numpy())
    if kind == "SparseDtype":
        return _pandas_column(column.sparse.to_dense())
    if hasattr(dtype, "numpy_dtype") and hasattr(column.array, "_mask"):  # Int64, Float32, boolean: values and a mask
        values = from_numpy(column.to_numpy(dtype=dtype.numpy_dtype, na_value=0))
        missing = column.isna().to_numpy()
        return values if isinstance(values, str) or not missing.any() else values.set(pl.Series(missing), None)
    if hasattr(column.array, "__arrow_array__") and (kind == "ArrowDtype" or _arrow_strings(dtype)):
        return from_arrow_array(column.array.__arrow_array__())
    return from_objects(column.to_numpy(dtype=object))


def _arrow_strings(dtype: Any) -> bool:
    return getattr(dtype, "storage", "") == "pyarrow"


def _categorical(column: Any) -> Converted:
    categories = column.cat.categories
    found = _pandas_column(categories.to_series()) if len(categories) else pl.Series([], dtype=pl.String)
    if isinstance(found, str):
        found = pl.Series([str(c) for c in categories], dtype=pl.String)  # intervals, from pd.cut
    codes = pl.Series(column.cat.codes.to_numpy().astype(np.int64))
    if not len(found):
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(codes))
    return found.gather(codes.set(codes < 0, None).cast(pl.UInt32))


def from_arrow_array(array: Any) -> Converted:
    """A pyarrow array as polars, or its type where polars has none like it."""
    try:
        found = pl.from_arrow(array)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, TypeError, ValueError, NotImplementedError):
        return str(array.type)
    return found if isinstance(found, pl.Series) else str(array.type)


def from_numpy(array: npt.NDArray[Any]) -> Converted:
    """A one-dimensional numpy array; any unit of datetime64; objects by `from_objects`."""
    kind = array.dtype.kind
    if array.ndim == 2 and kind in "fiub" and not isinstance(array, np.ma.MaskedArray):
        return pl.Series(array.astype(np.float64, copy=False))  # a vector a row
    if array.ndim != 1 or kind in "cV":
        return f"{array.dtype}" if array.ndim == 1 else f"array of {array.ndim} dimensions"
    if isinstance(array, np.ma.MaskedArray):
        found = from_numpy(array.data)
        mask = pl.Series(np.ma.getmaskarray(array))
        return found if isinstance(found, str) else found.set(mask, None)
    if kind in "Mm":
        unit = np.datetime_data(array.dtype)[0]
        if unit not in ("ms", "us", "ns") or np.datetime_data(array.dtype)[1] != 1:
            array = array.astype(f"{kind}8[{'ns' if unit in ('ps', 'fs', 'as') else 'ms'}]")
        return pl.Series(array)
    if kind == "f" and array.dtype.itemsize > 8:
        return pl.Series(array.astype(np.float64))
    if kind in "OSU" or not array.dtype.isnative:
        return (
            from_objects(array.tolist() if kind != "O" else array)
            if kind in "OSU"
            else from_numpy(array.astype(array.dtype.newbyteorder("=")))
        )
    return pl.Series(array)


def _is_missing(value: object) -> bool:
    """None, NaN of any sort, NaT, pd.NA; the last two are known by their name, as pandas may not be there."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, (float, np.floating)):
        return math.isnan(value)
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return bool(np.isnat(value))
    return isinstance(value, decimal.Decimal) and value.is_nan()


def from_objects(values: Any) -> Converted:
    """Python objects: what is uniform keeps its type, mixed scalars become their labels; NaN is null.

    Lists of numbers stay vectors. Anything else with lists, dicts or unknown objects in it is not read (the answer is
    its type as text).
    """
    return _from_list([None if _is_missing(v) else v for v in values])


def from_list(values: Sequence[object]) -> Converted:
    """A list of a user's own making: as `from_objects`, but NaN among numbers stays NaN."""
    if all(v is None or isinstance(v, _NUMBERS) for v in values):
        return _numbers(list(values))
    return from_objects(values)


def _from_list(values: list[Any]) -> Converted:
    types = set(map(type, values)) - {type(None)}
    if not types:
        return pl.Series([None], dtype=pl.Null).new_from_index(0, len(values))
    if all(issubclass(t, str) for t in types):
        return _texts(values)
    if all(issubclass(t, _NUMBERS) for t in types):
        return _numbers(values)
    if all(issubclass(t, (list, tuple, np.ndarray)) for t in types):
        found = _vectors(values)
        if found is not None:
            return found
    if any(issubclass(t, (list, tuple, dict, set, np.ndarray)) for t in types):
        return " or ".join(sorted(t.__name__ for t in types))
    if not all(issubclass(t, _NAMEABLE) for t in types):
        return "object: " + ", ".join(sorted(t.__name__ for t in types))
    if len(types) == 1 and types <= {dt.date, dt.time, dt.timedelta, bytes, decimal.Decimal}:
        return _uniform(values)
    if all(issubclass(t, dt.datetime) for t in types):
        return _datetimes(values)
    if all(issubclass(t, dt.timedelta) for t in types):
        return pl.Series([None if v is None else v.total_seconds() for v in values], dtype=pl.Float64)
    return pl.Series([None if v is None else label_of(v) for v in values], dtype=pl.String)


def _vectors(values: list[Any]) -> pl.Series | None:
    """Lists of numbers, or nothing where some hold anything else."""
    plain = [v.tolist() if isinstance(v, np.ndarray) else v for v in values]
    try:
        return pl.Series(plain, dtype=pl.List(pl.Float64))
    except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError):
        return None


def _texts(values: list[Any]) -> pl.Series:
    try:
        return pl.Series(values, dtype=pl.String)
    except (TypeError, UnicodeEncodeError):  # numpy's str, or half a surrogate pair, which has no UTF-8: "?" instead
        clean = [None if v is None else str(v).encode("utf-8", "replace").decode() for v in values]
        return pl.Series(clean, dtype=pl.String)


def _uniform(values: list[Any]) -> pl.Series:
    try:
        return pl.Series(values)
    except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError):  # e.g. decimals of more than 38 digits
        return pl.Series([None if v is None else label_of(v) for v in values], dtype=pl.String)


def _datetimes(values: list[dt.datetime | None]) -> pl.Series:
    aware = any(v is not None and v.tzinfo is not None for v in values)
    moments = [v if v is None or v.tzinfo is None else v.astimezone(dt.UTC).replace(tzinfo=None) for v in values]
    plain = [None if m is None else np.datetime64(m.replace(fold=0), "us") for m in moments]
    found = pl.Series(np.array([np.datetime64("NaT") if p is None else p for p in plain], dtype="M8[us]"))
    return found.dt.replace_time_zone("UTC") if aware else found


def _numbers(values: list[Any]) -> pl.Series:
    types = set(map(type, values)) - {type(None)}
    if not types:
        return pl.Series([None], dtype=pl.Null).new_from_index(0, len(values))
    if all(issubclass(t, (bool, np.bool_)) for t in types):
        return pl.Series([None if v is None else bool(v) for v in values], dtype=pl.Boolean)
    if all(issubclass(t, (bool, np.bool_, int, np.integer)) for t in types):
        whole = [None if v is None else int(v) for v in values]
        present = [v for v in whole if v is not None]
        low, high = min(present), max(present)
        if low >= -(2**63) and high < 2**63:
            return pl.Series(whole, dtype=pl.Int64)
        if low >= -_INT128_END and high < _INT128_END:
            return pl.Series(whole, dtype=pl.Int128)
    return pl.Series([None if v is None else _float(v) for v in values], dtype=pl.Float64)


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def from_columns(data: dict[Any, Any]) -> tuple[pl.DataFrame, dict[str, str]]:
    """A dict of arrays or lists as polars, and its columns that cannot be read.

    Raises `InputError` for unlike lengths, naming two columns.
    """
    names = unique_names(list(data), "the dict")
    columns, skipped = {}, {}
    for name, values in zip(names, data.values(), strict=True):
        found = _any_column(values, name)
        if isinstance(found, str):
            skipped[name] = found
        else:
            columns[name] = found.alias(name)
    lengths = {name: len(s) for name, s in columns.items()}
    if len(set(lengths.values())) > 1:
        first = next(iter(lengths))
        other = next(n for n, size in lengths.items() if size != lengths[first])
        raise InputError(
            f"the columns of the dict differ in length: {first!r} has {lengths[first]:,} values "
            f"and {other!r} {lengths[other]:,}"
        )
    return pl.DataFrame(columns), skipped


def _any_column(values: Any, name: str) -> Converted:
    if isinstance(values, pl.Series):
        return values
    if isinstance(values, np.ndarray):
        return from_numpy(values)
    if type(values).__module__.startswith("pandas"):
        return _pandas_column(values.to_series() if hasattr(values, "to_series") else values)
    if type(values).__module__.startswith("pyarrow"):
        return from_arrow_array(values)
    if isinstance(values, (list, tuple, range)):
        return from_list(values)
    raise InputError(
        f"column {name!r} of the dict is a {type(values).__name__}; give a list, a numpy array or a Series "
        "(one row of single values goes into a list: [{...}])"
    )


def from_records(records: list[dict[Any, Any]]) -> tuple[pl.DataFrame, dict[str, str]]:
    """A list of dicts as polars; a key that a row lacks is null there."""
    names: dict[Any, None] = {}
    for at, record in enumerate(records):
        if not isinstance(record, dict):
            raise InputError(f"row {at} of the list is a {type(record).__name__}; every row must be a dict")
        names.update(dict.fromkeys(record))
    return from_columns({name: [record.get(name) for record in records] for name in names})


__all__ = [
    "from_arrow_array",
    "from_columns",
    "from_list",
    "from_numpy",
    "from_objects",
    "from_pandas",
    "from_records",
    "unique_names",
]
