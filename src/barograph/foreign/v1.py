"""whylogs' files of version 1: a header, then the columns in chunks, each a map of metric components."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from barograph.errors import FormatError
from barograph.foreign import protobuf
from barograph.foreign.columns import COUNTS, TYPES, Distribution, WhylogsColumn
from barograph.foreign.frequent import FrequentItems
from barograph.foreign.hll import Hll
from barograph.foreign.kll import Kll

MAGIC = b"WHY1"
COLUMNS_AT_MOST = 20_000
PATHS_AT_MOST = 100_000
CHUNKS_AT_MOST = 10_000
_COLUMN_CHUNK = 2


@dataclass
class Header:
    """What a file says of itself."""

    created_ms: int = 0
    dataset_ms: int = 0
    tags: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    offsets: dict[str, list[int]] = field(default_factory=dict)
    paths: dict[int, str] = field(default_factory=dict)
    length: int = 0


def parse(data: memoryview) -> tuple[Header, list[WhylogsColumn]]:
    """Header and columns of a file that starts with `WHY1`.

    Raises `FormatError` for what is truncated or lies about its lengths and offsets. Bytes behind the profile (files of
    segments have some) are not looked at.
    """
    _segments, at = protobuf.delimited(data, len(MAGIC))
    raw, base = protobuf.delimited(data, at)
    header = _header(raw)
    if header.length > len(data) - base:
        raise FormatError(f"it is cut off: {len(data) - base:,} bytes of columns where {header.length:,} belong")
    body = data[base : base + header.length] if header.length else data[base:]
    left = len(body)
    columns = []
    for name, offsets in header.offsets.items():
        held: dict[str, Any] = {}
        for offset in offsets:
            chunk = _chunk(body, offset, name)
            left -= len(chunk)
            if left < 0:  # several columns in the same bytes would make of a small file a large profile
                raise FormatError("its chunks overlap")
            _components(chunk, header.paths, held)
        columns.append(column(name, held))
    return header, columns


def _header(raw: memoryview) -> Header:
    header = Header()
    for number, value in protobuf.fields(raw):
        if number == 1:
            _properties(protobuf.message(value), header)
        elif number == 2:
            name, chunks = protobuf.named(value)
            offsets = header.offsets.setdefault(name, [])
            for inner, content in protobuf.fields(protobuf.message(chunks)) if chunks != 0 else ():
                if inner == 1:
                    offsets += protobuf.numbers(content, CHUNKS_AT_MOST)
            if len(header.offsets) > COLUMNS_AT_MOST or len(offsets) > CHUNKS_AT_MOST:
                raise FormatError(f"more than {COLUMNS_AT_MOST:,} columns, or {CHUNKS_AT_MOST:,} chunks of one")
        elif number == 4:
            header.length = protobuf.whole(value)
        elif number == 5:
            index, path = protobuf.entry(value)
            header.paths[protobuf.whole(index)] = "" if path == 0 else protobuf.text(path)
            if len(header.paths) > PATHS_AT_MOST:
                raise FormatError(f"more than {PATHS_AT_MOST:,} metrics")
    return header


def _properties(raw: memoryview, header: Header) -> None:
    for number, value in protobuf.fields(raw):
        if number == 4:
            header.created_ms = protobuf.whole(value)
        elif number == 5:
            header.dataset_ms = protobuf.whole(value)
        elif number in (6, 7):
            key, said = protobuf.pair(value)
            (header.tags if number == 6 else header.metadata)[key] = said


def _chunk(body: memoryview, offset: int, name: str) -> memoryview:
    if offset >= len(body):
        raise FormatError(f"column {name!r} is said to be at byte {offset:,} of {len(body):,}")
    raw, at = protobuf.delimited(body, offset)
    sort = length = 0
    for number, value in protobuf.fields(raw):
        if number == 1:
            sort = protobuf.whole(value)
        elif number == 3:
            length = protobuf.whole(value)
    if sort != _COLUMN_CHUNK or length > len(body) - at:
        raise FormatError(f"column {name!r} has a chunk of type {sort} and {length:,} bytes, {len(body) - at:,} left")
    return body[at : at + length]


def _components(chunk: memoryview, paths: dict[int, str], held: dict[str, Any]) -> None:
    """Components of a chunk by their path, e.g. `counts/n`."""
    for number, value in protobuf.fields(chunk):
        if number != 1:
            continue
        index, component = protobuf.entry(value)
        path = paths.get(protobuf.whole(index))
        if path is None:
            raise FormatError(f"a metric with the number {index}, which the header does not name")
        held[path] = 0 if component == 0 else _component(protobuf.message(component))


_SKETCHES: dict[int, Callable[[memoryview], Any]] = {4: FrequentItems.parse, 5: Hll.parse, 6: Kll.parse}


class Unread:
    """A component that this reader has no use for."""


def _component(raw: memoryview) -> Any:
    found: Any = 0
    for number, value in protobuf.fields(raw):
        if number == 2:
            found = protobuf.signed(value)
        elif number == 3:
            found = protobuf.double(value)
        elif number in _SKETCHES:
            found = _sketch(number, protobuf.message(value))
        elif number != 1:
            found = Unread()
    return found


def _sketch(number: int, raw: memoryview) -> Any:
    for inner, content in protobuf.fields(raw):
        if inner == 1:
            return _SKETCHES[number](protobuf.message(content))
    raise FormatError("a sketch without content")


def column(name: str, held: dict[str, Any]) -> WhylogsColumn:
    """A column from its components; those of unknown metrics are named in `skipped`."""
    simple: dict[str, Any] = {}
    parts: dict[str, dict[str, Any]] = {}
    conditions: dict[str, int] = {}
    skipped: set[str] = set()
    for path, value in held.items():
        namespace, _, rest = path.partition("/")
        if isinstance(value, Unread):
            skipped.add(namespace)
        elif namespace == "condition_count":
            conditions[rest] = _integer(path, value)
        elif namespace == "unicode_range" and ":" in rest:
            part, _, inner = rest.partition(":")
            parts.setdefault(part, {})[inner] = value
        elif path in _KNOWN:
            simple[path] = value
        else:
            skipped.add(namespace)
    ranges = {part: column(part, inner) for part, inner in parts.items()}
    return WhylogsColumn(
        name,
        {sort: _count(simple, f"counts/{sort}") for sort in COUNTS},
        {sort: _count(simple, f"types/{sort}") for sort in TYPES},
        _distribution(simple),
        _ints(simple),
        _of(simple, "cardinality/hll", Hll),
        _of(simple, "frequent_items/frequent_strings", FrequentItems),
        conditions,
        ranges,
        tuple(sorted(skipped)),
    )


_KNOWN = {
    *(f"counts/{sort}" for sort in COUNTS),
    *(f"types/{sort}" for sort in TYPES),
    *(f"distribution/{part}" for part in ("kll", "mean", "m2")),
    "ints/min", "ints/max", "cardinality/hll", "frequent_items/frequent_strings",
}  # fmt: skip


def _integer(path: str, value: Any) -> int:
    if not isinstance(value, int):
        raise FormatError(f"{path} is a {type(value).__name__} where a number belongs")
    return value


def _count(simple: dict[str, Any], path: str) -> int:
    value = _integer(path, simple.get(path, 0))
    if not 0 <= value < 2**62:
        raise FormatError(f"{path}: a count cannot be {value}")
    return value


def _of(simple: dict[str, Any], path: str, sort: type[Any]) -> Any:
    value = simple.get(path)
    if value is not None and not isinstance(value, sort):
        raise FormatError(f"{path} is a {type(value).__name__} where a {sort.__name__} belongs")
    return value


def _distribution(simple: dict[str, Any]) -> Distribution | None:
    kll = _of(simple, "distribution/kll", Kll)
    if kll is None:
        return None
    mean, m2 = (simple.get(f"distribution/{part}", 0.0) for part in ("mean", "m2"))
    if not isinstance(mean, int | float) or not isinstance(m2, int | float):
        raise FormatError("distribution: mean or m2 is no number")
    return Distribution(kll, float(mean), float(m2))


def _ints(simple: dict[str, Any]) -> tuple[int, int] | None:
    if "ints/min" not in simple and "ints/max" not in simple:
        return None
    return _integer("ints/min", simple.get("ints/min", 0)), _integer("ints/max", simple.get("ints/max", 0))
