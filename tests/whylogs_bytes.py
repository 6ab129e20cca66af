"""Bytes as whylogs writes them, made by hand: protobuf fields, sketches, whole files."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from pathlib import Path

FILES = Path(__file__).parent / "foreign" / "whylogs"


def varint(n: int) -> bytes:
    n %= 2**64
    out = bytearray()
    while True:
        out.append(n & 0x7F | (0x80 if n > 0x7F else 0))
        n >>= 7
        if not n:
            return bytes(out)


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def double(field: int, value: float) -> bytes:
    return varint(field << 3 | 1) + struct.pack("<d", value)


def block(field: int, content: bytes | str) -> bytes:
    content = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(content)) + content


def entry(field: int, key: bytes, value: bytes) -> bytes:
    return block(field, key + value)


def delimited(content: bytes) -> bytes:
    return varint(len(content)) + content


def kll(levels: Iterable[Iterable[float]], k: int = 1024, ints: int = 6, item: str = "d") -> bytes:
    """A KLL sketch of more than one value."""
    held = [list(level) for level in levels]
    flat = [v for level in held for v in level]
    n = sum(len(level) << i for i, level in enumerate(held))
    offsets, at = [], 7  # sketches keep free space below their items
    for level in held:
        offsets.append(at)
        at += len(level)
    head = struct.pack("<BBBBHBBQHBB", ints, 1, 15, 0, k, 8, 0, n, k, len(held), 0)
    padding = b"\0\0\0\0" if ints == 6 else b""
    items = struct.pack(f"<{len(flat) + 2}{item}", min(flat), max(flat), *flat)
    return head + padding + struct.pack(f"<{len(held)}I", *offsets) + items


def frequent(counts: Mapping[str, int], offset: int = 0, total: int | None = None) -> bytes:
    """A frequent-items sketch; `counts` are lower bounds."""
    if not counts:
        return bytes([1, 1, 10, 10, 3, 5, 0, 0])
    total = sum(counts.values()) if total is None else total
    head = struct.pack("<8BIIQQ", 4, 1, 10, 10, 10, 0, 0, 0, len(counts), 0, total, offset)
    names = b"".join(struct.pack("<I", len(name.encode())) + name.encode() for name in counts)
    return head + struct.pack(f"<{len(counts)}Q", *counts.values()) + names


def coupons(addresses: Iterable[int], lg_k: int = 12) -> bytes:
    """An HLL sketch of few values: a list of coupons of rank 1."""
    held = [1 << 26 | address for address in addresses]
    return bytes([2, 1, 7, lg_k, 3, 8, len(held), 0]) + struct.pack(f"<{len(held)}I", *held)


Component = int | float | tuple[int, bytes]


def component(value: Component) -> bytes:
    if isinstance(value, tuple):
        return block(value[0], block(1, value[1]))
    return double(3, value) if isinstance(value, float) else number(2, value)


def v1(columns: Mapping[str, Mapping[str, Component]], starts: Mapping[str, int] | None = None) -> bytes:
    """A file of version 1; `starts` lies about where a column begins."""
    paths = sorted({path for parts in columns.values() for path in parts})
    body, offsets = b"", b""
    for name, parts in columns.items():
        chunk = b"".join(
            entry(1, number(1, paths.index(path)), block(2, component(value))) for path, value in parts.items()
        )
        offsets += entry(2, block(1, name), block(2, block(1, varint((starts or {}).get(name, len(body))))))
        body += delimited(number(1, 2) + number(3, len(chunk))) + chunk
    properties = block(1, number(4, 1_700_000_000_000) + number(5, 1_700_000_000_000))
    named = b"".join(entry(5, number(1, i), block(2, path)) for i, path in enumerate(paths))
    return b"WHY1" + delimited(b"") + delimited(properties + offsets + number(4, len(body)) + named) + body


def v0_column(
    *, n: int, types: Mapping[int, int], mean: float, m2: float, histogram: bytes, items: bytes, hll: bytes
) -> bytes:
    counted = b"".join(entry(1, number(1, sort), number(2, count)) for sort, count in types.items())
    numbers = block(1, number(1, n) + double(2, m2) + double(3, mean)) + block(4, histogram)
    return (
        block(2, number(1, n) + block(2, number(1, 3)))
        + block(3, counted)
        + block(4, numbers)
        + block(7, block(1, items) + number(2, 10))
        + block(8, block(1, hll) + number(2, 12))
    )


def v0(columns: Mapping[str, bytes], *, performance: bool = False) -> bytes:
    """A file of version 0."""
    properties = block(1, number(1, 1) + block(3, "session") + number(5, 1_600_000_000_000))
    held = b"".join(entry(2, block(1, name), block(2, raw)) for name, raw in columns.items())
    return delimited(properties + held + (block(10, block(1, "x")) if performance else b""))
