"""The wire form of arrays inside a summary's state: little-endian bytes, checked when they come back."""

from __future__ import annotations

import math
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
    if kind is float and isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 2**53:
        return float(value)  # type: ignore[return-value]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise FormatError(f"{name}: {type(value).__name__} where {kind.__name__} belongs")
    return value


def optional(state: State, name: str) -> bool:
    """Whether a field that may be null is not. Raises `FormatError` where it is absent: that is not the same."""
    if not isinstance(state, Mapping) or name not in state:
        raise FormatError(f"{name}: absent; where there is nothing it is null")
    return state[name] is not None


def count(state: State, name: str) -> int:
    """A field that counts: an integer, not negative, below 2**62 so that counts can be added."""
    value = field(state, name, int)
    if not 0 <= value < 2**62:
        raise FormatError(f"{name}: a count cannot be {value}")
    return value


def total(state: State, name: str, low: float = -math.inf) -> float:
    """A sum: any number from `low` on; infinite or NaN only where it could have overflowed."""
    value = field(state, name, float)
    if value < low:
        raise FormatError(f"{name}: {value} where at least {low} belongs")
    return value


def weights(state: State, name: str, size: int) -> npt.NDArray[np.float64]:
    """An array of sums of weights: none negative, none NaN (infinite where they overflowed)."""
    array = unpack(state, name, "f", size)
    if not (array >= 0).all():
        raise FormatError(f"{name}: a sum of weights cannot be {array.min()}")
    return array


def ascending(name: str, array: npt.NDArray[Any]) -> None:
    """Raise `FormatError` where an array is not strictly ascending (NaN never is)."""
    if not (array[1:] > array[:-1]).all():
        raise FormatError(f"{name}: not ascending")


def counts(state: State, name: str, size: int | None = None) -> npt.NDArray[np.int64]:
    """An array of counts: integers, none negative."""
    array = unpack(state, name, "i", size)
    if array.size and array.min() < 0:
        raise FormatError(f"{name}: a count cannot be {array.min()}")
    if array.sum(dtype=np.float64) >= 2**62:
        raise FormatError(f"{name}: counts that sum to {array.sum(dtype=np.float64):g} cannot be added")
    return array


def canonical(array: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """One zero and one NaN, so that equal states have equal bytes."""
    found: npt.NDArray[np.float64] = array + 0.0
    found[np.isnan(found)] = np.nan
    return found
