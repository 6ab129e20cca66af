"""Protocol Buffers' wire format, as much of it as foreign profiles need: fields out of bytes, nothing trusted."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from barograph.errors import FormatError

Field = tuple[int, int | memoryview]

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def varint(data: memoryview, at: int) -> tuple[int, int]:
    """An unsigned number of at most 64 bits, and where it ends.

    >>> varint(memoryview(bytes([0xAC, 0x02])), 0)
    (300, 2)
    """
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise FormatError("a number is cut off")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if value >= 2**64:
                break
            return value, at
    raise FormatError("a number has more than 64 bits")


def fields(data: memoryview) -> Iterator[Field]:
    """Number and content of each field: an int, or the bytes of a string, a message or a fixed-width number.

    Raises `FormatError` for what is cut off, reaches beyond the data, or is of a sort that these files never have.
    """
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        number, sort = tag >> 3, tag & 7
        if number == 0:
            raise FormatError("a field has the number 0")
        if sort == _VARINT:
            value, at = varint(data, at)
            yield number, value
            continue
        if sort == _BYTES:
            size, at = varint(data, at)
        elif sort in (_FIXED64, _FIXED32):
            size = 8 if sort == _FIXED64 else 4
        else:
            raise FormatError(f"a field is of the wire type {sort}, which these files never have")
        if size > len(data) - at:
            raise FormatError(f"a field of {size:,} bytes where {len(data) - at:,} are left")
        yield number, data[at : at + size]
        at += size


def delimited(data: memoryview, at: int) -> tuple[memoryview, int]:
    """A message with its length before it, and where it ends."""
    size, at = varint(data, at)
    if size > len(data) - at:
        raise FormatError(f"a message of {size:,} bytes where {len(data) - at:,} are left")
    return data[at : at + size], at + size


def whole(value: int | memoryview) -> int:
    """A number that counts or stamps; refuses bytes."""
    if not isinstance(value, int):
        raise FormatError("bytes where a number belongs")
    return value


def signed(value: int | memoryview) -> int:
    """A 64-bit number with its sign."""
    number = whole(value)
    return number - 2**64 if number >= 2**63 else number


def double(value: int | memoryview) -> float:
    """A 64-bit floating-point number."""
    if isinstance(value, int) or len(value) != 8:
        raise FormatError("no 64-bit number where one belongs")
    return float(struct.unpack("<d", value)[0])


def message(value: int | memoryview) -> memoryview:
    """The bytes of a message or sketch."""
    if isinstance(value, int):
        raise FormatError("a number where a message belongs")
    return value


def text(value: int | memoryview) -> str:
    """A string."""
    try:
        return bytes(message(value)).decode()
    except UnicodeDecodeError as error:
        raise FormatError(f"text that is no UTF-8: {error.reason}") from error


def numbers(value: int | memoryview, most: int) -> list[int]:
    """A repeated number, packed or not; at most `most`."""
    if isinstance(value, int):
        return [value]
    found: list[int] = []
    at = 0
    while at < len(value):
        number, at = varint(value, at)
        found.append(number)
        if len(found) > most:
            raise FormatError(f"more than {most:,} numbers in one list")
    return found


def entry(value: int | memoryview) -> tuple[int | memoryview, int | memoryview]:
    """Key and value of one entry of a map; what is left out is 0 or empty, as the format has it."""
    key: int | memoryview = 0
    held: int | memoryview = 0
    for number, content in fields(message(value)):
        if number == 1:
            key = content
        elif number == 2:
            held = content
    return key, held


def named(value: int | memoryview) -> tuple[str, int | memoryview]:
    """Key and value of an entry whose key is text."""
    key, held = entry(value)
    return "" if key == 0 else text(key), held


def pair(value: int | memoryview) -> tuple[str, str]:
    """Key and value of an entry that are both text."""
    key, held = named(value)
    return key, "" if held == 0 else text(held)
