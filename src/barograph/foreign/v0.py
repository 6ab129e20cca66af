"""whylogs' files of version 0: one delimited message, also written by version 1 for performance metrics."""

from __future__ import annotations

from typing import Any

from barograph.errors import FormatError
from barograph.foreign import protobuf
from barograph.foreign.columns import COUNTS, TYPES, Distribution, WhylogsColumn
from barograph.foreign.frequent import FrequentItems
from barograph.foreign.hll import Hll
from barograph.foreign.kll import Kll
from barograph.foreign.v1 import COLUMNS_AT_MOST, Header

_TYPES = {2: "fractional", 3: "integral", 4: "boolean", 5: "string"}
_NULL = 1


def parse(data: memoryview) -> tuple[Header, list[WhylogsColumn], bool]:
    """Header, columns, and whether there are performance metrics (which are not read).

    Raises `FormatError` for anything else than a file of version 0.
    """
    raw, end = protobuf.delimited(data, 0)
    if end != len(data):
        raise FormatError(f"{len(data) - end:,} bytes are left over")
    header, columns, measured = Header(), {}, False
    known = False
    for number, value in protobuf.fields(raw):
        if number == 1:
            known = True
            _properties(protobuf.message(value), header)
        elif number == 2:
            name, content = protobuf.named(value)
            columns[name] = _column(name, memoryview(b"") if content == 0 else protobuf.message(content))
            if len(columns) > COLUMNS_AT_MOST:
                raise FormatError(f"more than {COLUMNS_AT_MOST:,} columns")
        elif number == 10:
            measured = True
    if not known and not columns:
        raise FormatError("it holds neither properties nor columns")
    return header, list(columns.values()), measured


def _properties(raw: memoryview, header: Header) -> None:
    for number, value in protobuf.fields(raw):
        if number == 4:
            header.created_ms = protobuf.whole(value)
        elif number == 5:
            header.dataset_ms = protobuf.whole(value)
        elif number in (6, 7):
            key, said = protobuf.pair(value)
            (header.tags if number == 6 else header.metadata)[key] = said


def _column(name: str, raw: memoryview) -> WhylogsColumn:
    counts, types = dict.fromkeys(COUNTS, 0), dict.fromkeys(TYPES, 0)
    found: dict[str, Any] = {}
    for number, value in protobuf.fields(raw):
        if number == 2:
            _counters(protobuf.message(value), counts)
        elif number == 3:
            _schema(protobuf.message(value), counts, types)
        elif number == 4:
            found["distribution"] = _numbers(protobuf.message(value))
        elif number == 7:
            found["frequent"] = _sketched(protobuf.message(value), FrequentItems.parse)
        elif number == 8:
            found["cardinality"] = _sketched(protobuf.message(value), Hll.parse)
    if min(*counts.values(), *types.values()) < 0 or max(*counts.values(), *types.values()) >= 2**62:
        raise FormatError(f"column {name!r} has counts that none can have")
    return WhylogsColumn(name, counts, types, **found)


def _counters(raw: memoryview, counts: dict[str, int]) -> None:
    for number, value in protobuf.fields(raw):
        if number == 1:
            counts["n"] = protobuf.signed(value)
        elif number in (2, 3):
            wrapped = [protobuf.signed(v) for inner, v in protobuf.fields(protobuf.message(value)) if inner == 1]
            counts["true" if number == 2 else "null"] = wrapped[-1] if wrapped else 0


def _schema(raw: memoryview, counts: dict[str, int], types: dict[str, int]) -> None:
    for number, value in protobuf.fields(raw):
        if number == 1:
            key, held = protobuf.entry(value)
            sort, n = protobuf.whole(key), protobuf.signed(held)
            if sort == _NULL:
                counts["null"] = n
            elif sort in _TYPES:
                types[_TYPES[sort]] = n
            else:
                types["object"] += n


def _numbers(raw: memoryview) -> Distribution | None:
    mean = m2 = 0.0
    kll: Kll | None = None
    for number, value in protobuf.fields(raw):
        if number == 1:
            for inner, content in protobuf.fields(protobuf.message(value)):
                if inner == 2:
                    m2 = protobuf.double(content)
                elif inner == 3:
                    mean = protobuf.double(content)
        elif number == 4 and len(protobuf.message(value)):
            kll = Kll.parse(protobuf.message(value), "<f4")
    return None if kll is None else Distribution(kll, mean, m2)


def _sketched(raw: memoryview, parse_: Any) -> Any:
    for number, value in protobuf.fields(raw):
        if number == 1 and len(protobuf.message(value)):
            return parse_(protobuf.message(value))
    return None
