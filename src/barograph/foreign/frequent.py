"""Frequent-items sketches of Apache DataSketches, as whylogs writes them."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from barograph.errors import FormatError
from barograph.types import Ints

FAMILY = 10
_EMPTY = 0b101
CUT_AT = 128  # characters that whylogs keeps of a string
LOAD = 0.75  # of the map


class FrequentItem(NamedTuple):
    """One item; it occurred at least `lower` and at most `upper` times."""

    value: str
    est: int
    upper: int
    lower: int


@dataclass(frozen=True)
class FrequentItems:
    """Items with counts that are too low by at most `offset`; an item that is not here occurred at most that often.

    Exact while `offset` is 0 (Misra & Gries 1982; Anderson et al. 2017). whylogs writes integers as `1`, floats with
    six decimals, booleans as `True` and `False`, and cuts strings at 128 characters.
    """

    names: tuple[str, ...] = ()
    counts: Ints | tuple[int, ...] = ()
    offset: int = 0
    total: int = 0
    lg_max: int = 10

    @property
    def exact(self) -> bool:
        """Whether every item is here with its true count (strings that may have been cut are not surely one item)."""
        return self.offset == 0 and all(len(name) < CUT_AT for name in self.names)

    def items(self) -> list[FrequentItem]:
        """The most frequent first: those surely more frequent than any that was dropped, as whylogs lists them."""
        found = [
            FrequentItem(name, int(count) + self.offset, int(count) + self.offset, int(count))
            for name, count in zip(self.names, self.counts, strict=True)
            if count > self.offset
        ]
        return sorted(found, key=lambda item: (-item.est, item.value))

    def merge(self, other: FrequentItems) -> FrequentItems:
        """Both together; of too many items the rarest go, and the largest count that went is added to `offset`."""
        counted = dict(zip(self.names, map(int, self.counts), strict=True))
        for name, count in zip(other.names, other.counts, strict=True):
            counted[name] = counted.get(name, 0) + int(count)
        lg_max = max(self.lg_max, other.lg_max)
        most = int(LOAD * 2**lg_max)
        ranked = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
        gone = ranked[most][1] if len(ranked) > most else 0
        kept = [(name, count) for name, count in ranked[:most] if count > gone]
        names, counts = tuple(name for name, _ in kept), tuple(count for _, count in kept)
        return FrequentItems(names, counts, self.offset + other.offset + gone, self.total + other.total, lg_max)

    @classmethod
    def parse(cls, data: memoryview) -> FrequentItems:
        """The sketch from its bytes. Raises `FormatError` for anything that does not add up."""
        if len(data) < 8:
            raise FormatError(f"a frequent-items sketch of {len(data)} bytes")
        longs, version, family, lg_max, _lg_now, flags = struct.unpack_from("<6B", data)
        if family != FAMILY or version != 1 or not 3 <= lg_max <= 31:
            raise FormatError(f"no frequent-items sketch: family {family}, version {version}, size 2**{lg_max}")
        if flags & _EMPTY or longs == 1:
            return cls(lg_max=lg_max)
        if longs != 4 or len(data) < 32:
            raise FormatError(f"a frequent-items sketch with a preamble of {longs} longs in {len(data)} bytes")
        size, _, total, offset = struct.unpack_from("<IIQQ", data, 8)
        if 12 * size > len(data) - 32 or total >= 2**62 or offset >= 2**62:
            raise FormatError(f"a frequent-items sketch of {size:,} items in {len(data):,} bytes")
        counts = np.frombuffer(data, "<u8", size, 32)
        if size and (not counts.all() or counts.max() >= 2**62 or counts.sum(dtype=float) > 1.001 * total):
            raise FormatError(f"a frequent-items sketch whose counts do not fit its {total:,} values")
        names = _names(data[32 + 8 * size :], size)
        if len(set(names)) != size:
            raise FormatError("a frequent-items sketch that holds an item twice")
        return cls(names, counts.astype(np.int64), offset, total, lg_max)


def _names(data: memoryview, size: int) -> tuple[str, ...]:
    found: list[str] = []
    at = 0
    for _ in range(size):
        if len(data) - at < 4:
            raise FormatError("a frequent-items sketch is cut off")
        (length,) = struct.unpack_from("<I", data, at)
        at += 4
        if length > len(data) - at:
            raise FormatError(f"a frequent item of {length:,} bytes where {len(data) - at:,} are left")
        # the cut at 128 characters may go through one
        found.append(bytes(data[at : at + length]).decode(errors="replace"))
        at += length
    return tuple(found)
