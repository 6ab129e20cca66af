"""Any object -> something that can be counted. What a caller logs may be anything, and may have any methods."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import math
import uuid
from collections.abc import Callable
from typing import Any

import numpy as np

from barograph.schema import Family, Kind, label_of

_PLAIN = {float, int, bool, str, type(None)}
_KEPT = (dt.date, dt.time, dt.timedelta, decimal.Decimal, uuid.UUID)
_SHORT = 2**63
# of a subclass the value, not what its own methods say: they could say anything
_BASES: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (int, int.__int__), (float, float.__float__), (str, str.__str__), (bytes, lambda value: _decoded(bytes(value))),
)  # fmt: skip


def family_of(value: Any) -> str:
    """The family that a value would be stored as."""
    value = plain(value)
    if value is None:
        return Family.UNKNOWN.value
    if isinstance(value, bool):
        return Family.BOOLEAN.value
    if isinstance(value, (int, float, decimal.Decimal, dt.timedelta, dt.time)):
        return Family.NUMBER.value
    if isinstance(value, dt.date):
        return Family.TIME.value
    return Family.STRING.value if isinstance(value, (str, bytes, uuid.UUID)) else Family.UNSUPPORTED.value


def as_column(values: list[Any], kind: Kind | None) -> Any:
    """Values of one column as something `open_rows` takes: an array where all are of one type, else a clean list."""
    if kind is Kind.EMBEDDING:
        return [_vector(value) for value in values]
    types = set(map(type, values))
    if not types <= _PLAIN:
        values = [v if type(v) in _PLAIN else _clean(v) for v in values]
        types = set(map(type, values))
    absent = type(None) in types
    types.discard(type(None))
    if len(types) == 1:
        only = next(iter(types))
        if only is float:
            return _array(values, np.float64, absent)
        if only is bool:
            return _array(values, np.bool_, absent)
        if only is int:
            present = [v for v in values if v is not None] if absent else values
            return _array(values, np.int64, absent) if min(present) >= -_SHORT and max(present) < _SHORT else values
        return values
    if types == {int, float}:
        return [None if v is None else _float(v) for v in values] if kind is Kind.NUMERIC else values
    if len(types) == 1:
        return values
    # of several types: as text, which the schema's kind reads again
    text = _number_text if kind is Kind.NUMERIC else _text
    return [None if v is None else text(v) for v in values]


def _vector(value: Any) -> list[float] | None:
    """Numbers as a list; an empty one, which no embedding is, for what is none."""
    if value is None:
        return None
    try:
        array = np.asarray(value, np.float64)
        return array.tolist() if array.ndim == 1 else []
    except Exception:  # noqa: BLE001 - a hostile object must cost its value, not its row
        return []


def _array(values: list[Any], dtype: Any, absent: bool) -> Any:
    if not absent:
        return np.array(values, dtype)
    mask = np.fromiter((v is None for v in values), np.bool_, len(values))
    return np.ma.MaskedArray(np.array([0 if v is None else v for v in values], dtype), mask)


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:  # an integer beyond float64
        return float("inf") if value > 0 else float("-inf")


def _decoded(value: bytes) -> str:
    """Bytes as frames read them: UTF-8, else hexadecimal."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.hex()


def _number_text(value: Any) -> str | None:
    """Text that reads as the same number; anything else as its label."""
    return str(_float(value)) if isinstance(value, (bool, int, float)) else _text(value)


def _text(value: Any) -> str | None:
    """The label of a value, none of NaN and infinities; a marker for an integer too long to print."""
    try:
        if isinstance(value, float) and not math.isfinite(value):
            return None
        return label_of(value)
    except (ValueError, OverflowError):
        return _marker(value)


def plain(value: Any) -> Any:
    """A value of Python where it wraps one: numpy scalars, enums, tensors of no dimension."""
    if isinstance(value, enum.Enum):
        return plain(value.value)
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return None if np.isnat(value) else value.astype(f"{value.dtype.kind}8[us]").item()
    if getattr(value, "shape", None) == () and callable(getattr(value, "item", None)):
        return value.item()
    return value


def _clean(value: Any) -> Any:
    """Something that can be counted in place of any object: never raises, never calls an unknown `__str__`."""
    try:
        value = plain(value)
        if type(value) in _PLAIN or type(value) in (dt.date, dt.datetime, *_KEPT):
            return value
        for base, read in _BASES:
            if isinstance(value, base):
                return read(value)
        if isinstance(value, _KEPT):
            return value
    except Exception:  # noqa: BLE001 - a hostile object must cost its value, not its row
        return _marker(value)
    return _marker(value)


def _marker(value: object) -> str:
    """What stands for a value that is none: unreadable as a number, unseen as a label."""
    return f"<{type(value).__name__[:80]}>".encode("utf-8", "replace").decode()
