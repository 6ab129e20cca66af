"""The wire form of arrays inside a summary's state: little-endian bytes, checked when they come back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from barograph.errors import FormatError

State: TypeAlias = Mapping[str, Any]
T = TypeVar("T")

_WIRE: dict[str, np.dtype[Any]] = {
    "f": np.dtype("<f8"),
    "i": np.dtype("<i8"),
    "u": np.dtype("<u8"),
    "h": np.dtype("<u4"),
    "b": np.dtype("u1"),
}


def pack(array: npt.NDArray[Any]) -> bytes:
    """Bytes of an array in its little-endian form."""
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()


def unpack(state: State, name: str, sort: str, size: int | None = None) -> npt.NDArray[Any]:
    """Array `name` of a state, of the sort `f` float64, `i` int64, `u` uint64, `h` uint32 or `b` uint8.

    Raises `FormatError` where it is absent, of another type, or not of `size` items.
    """
    raw = field(state, name, bytes)
    dtype: np.dtype[Any] = _WIRE[sort]
    if len(raw) % dtype.itemsize:
        raise FormatError(f"{name}: {len(raw)} bytes do not hold whole {dtype.name} numbers")
    array: npt.NDArray[Any] = np.frombuffer(raw, dtype=dtype).astype(dtype.newbyteorder("="))
    if size is not None and array.size != size:
        raise FormatError(f"{name}: {array.size} items where {size} belong")
    return array


def field(state: State, name: str, kind: type[T]) -> T:
    """One field of a state, of the promised type (an int passes for a float)."""
    value = state.get(name) if isinstance(state, Mapping) else None
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)  # type: ignore[return-value]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise FormatError(f"{name}: {type(value).__name__} where {kind.__name__} belongs")
    return value


def count(state: State, name: str) -> int:
    """A field that counts: an integer, not negative."""
    value = field(state, name, int)
    if value < 0:
        raise FormatError(f"{name}: a count cannot be {value}")
    return value


def counts(state: State, name: str, size: int | None = None) -> npt.NDArray[np.int64]:
    """An array of counts: integers, none negative."""
    array = unpack(state, name, "i", size)
    if array.size and array.min() < 0:
        raise FormatError(f"{name}: a count cannot be {array.min()}")
    return array
