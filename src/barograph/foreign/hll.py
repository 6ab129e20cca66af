"""HyperLogLog sketches of Apache DataSketches, as whylogs writes them."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.errors import FormatError
from barograph.summaries.distinct import ertl
from barograph.types import Ints

FAMILY = 7
_EMPTY, _COMPACT, _UNORDERED = 4, 8, 16
_LIST, _SET, _HLL = 0, 1, 2
_COUPON_ERROR = 0.409 / 2**13
_ADDRESS = 2**26
_RANKS = 62  # ranks of a register: 1 to 63
# One standard deviation below and above at 2**12 registers, as the library measured them; others by their formula.
_MEASURED = {True: (0.012936253, -0.012920332), False: (0.016155679, -0.016186662)}
_FACTOR = {True: math.sqrt(math.log(2.0)), False: math.sqrt(3 * math.log(2.0) - 1)}

Registers = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Hll:
    """Number of distinct values: coupons (26 bits of a hash and a rank) while they are few, then registers.

    `hip` is the estimate that was kept while the sketch grew (Ting 2014; standard error 0.833 / sqrt(registers), 1.3 %
    at 2**12); a merged sketch has none, and is estimated from its registers (Ertl 2017; 1.6 %). There the library
    interpolates in a table of its own instead: both are within that error, and not the same number.
    """

    lg_k: int = 12
    coupons: Ints | None = None
    registers: Registers | None = None
    hip: float | None = None

    @property
    def estimate(self) -> float:
        """Number of distinct values."""
        if self.registers is None:
            n = 0 if self.coupons is None else self.coupons.size
            return max(_uncollided(n), float(n))
        return ertl(self.registers, _RANKS) if self.hip is None else self.hip

    @property
    def bounds(self) -> tuple[float, float]:
        """One standard error to both sides."""
        estimate = self.estimate
        if self.registers is None:
            n = 0.0 if self.coupons is None else float(self.coupons.size)
            return max(estimate / (1 + _COUPON_ERROR), n), max(estimate / (1 - _COUPON_ERROR), n)
        ordered = self.hip is not None
        error = _FACTOR[ordered] / math.sqrt(2.0**self.lg_k)
        below, above = _MEASURED[ordered] if self.lg_k == 12 else (error, -error)
        return max(estimate / (1 + below), float(np.count_nonzero(self.registers))), estimate / (1 + above)

    def merge(self, other: Hll) -> Hll:
        """The sketch of both sets of values, with as many registers as the smaller of the two."""
        lg_k = min(self.lg_k, other.lg_k)
        if self.registers is None and other.registers is None:
            held = [s.coupons for s in (self, other) if s.coupons is not None]
            coupons = np.unique(np.concatenate([np.zeros(0, np.int64), *held]))
            if coupons.size <= 3 * 2**lg_k // 32:
                return Hll(lg_k, coupons)
            return Hll(lg_k, None, _registers(coupons, lg_k))
        if self._nothing or other._nothing:
            return other if self._nothing else self
        return Hll(lg_k, None, np.maximum(self._folded(lg_k), other._folded(lg_k)))

    @property
    def _nothing(self) -> bool:
        return self.registers is None and (self.coupons is None or self.coupons.size == 0)

    def _folded(self, lg_k: int) -> Registers:
        """As 2**lg_k registers: the lower bits of a register's number are that of the smaller sketch."""
        if self.registers is None:
            return _registers(np.zeros(0, np.int64) if self.coupons is None else self.coupons, lg_k)
        return np.asarray(self.registers.reshape(-1, 2**lg_k).max(axis=0))

    @classmethod
    def parse(cls, data: memoryview) -> Hll:
        """The sketch from its bytes. Raises `FormatError` for anything that does not add up."""
        if len(data) < 8:
            raise FormatError(f"an HLL sketch of {len(data)} bytes")
        _ints, version, family, lg_k, lg_array, flags, number, modes = struct.unpack_from("<8B", data)
        if family != FAMILY or version != 1 or not 4 <= lg_k <= 21:
            raise FormatError(f"no HLL sketch: family {family}, version {version}, 2**{lg_k} registers")
        mode, sort = modes & 3, modes >> 2 & 3
        if mode in (_LIST, _SET):
            if flags & _EMPTY:
                return cls(lg_k)
            if mode == _SET:
                if len(data) < 12:
                    raise FormatError("an HLL sketch is cut off inside its preamble")
                (number,) = struct.unpack_from("<I", data, 8)
            kept = number if flags & _COMPACT or mode == _LIST else 2 ** min(lg_array, 26)
            return cls(lg_k, _coupons(data[12 if mode == _SET else 8 :], kept, number))
        if mode != _HLL or sort > 2:
            raise FormatError(f"an HLL sketch of the unknown mode {modes}")
        return cls._dense(data, lg_k, sort, number, bool(flags & _UNORDERED))

    @classmethod
    def _dense(cls, data: memoryview, lg_k: int, sort: int, least: int, unordered: bool) -> Hll:
        k = 2**lg_k
        size = (k // 2, 3 * k // 4 + 1, k)[sort]
        if len(data) < 40 + size:
            raise FormatError(f"an HLL sketch of {k:,} registers in {len(data):,} bytes")
        hip, n_aux = struct.unpack_from("<d", data, 8)[0], struct.unpack_from("<I", data, 36)[0]
        packed = np.frombuffer(data, np.uint8, size, 40)
        registers = _unpacked(packed, k, sort)
        if sort == 0:
            exceptions = _coupons(data[40 + size :], n_aux, n_aux) if n_aux else np.zeros(0, np.int64)
            beyond = registers == 15
            registers = registers + least
            slots = exceptions % _ADDRESS % k
            if int(beyond.sum()) != exceptions.size or not beyond[slots].all():
                raise FormatError("an HLL sketch whose exceptions do not fit its registers")
            registers[slots] = exceptions // _ADDRESS
        if registers.max() > _RANKS + 1:
            raise FormatError(f"an HLL sketch with a register of {registers.max()}")
        if not unordered and not (math.isfinite(hip) and hip >= np.count_nonzero(registers) * (1 - 1e-9)):
            raise FormatError(f"an HLL sketch with the estimate {hip:g}")
        return cls(lg_k, None, registers.astype(np.uint8), None if unordered else hip)


def _coupons(data: memoryview, kept: int, number: int) -> Ints:
    if 4 * kept > len(data):
        raise FormatError(f"an HLL sketch of {kept:,} coupons in {len(data):,} bytes")
    coupons = np.frombuffer(data, "<u4", kept).astype(np.int64)
    coupons = np.unique(coupons[coupons != 0])
    if coupons.size != number:
        raise FormatError(f"an HLL sketch of {coupons.size:,} coupons where {number:,} belong")
    return coupons


def _unpacked(packed: Registers, k: int, sort: int) -> Ints:
    """Registers of 4, 6 or 8 bits, one after another."""
    if sort == 0:
        return np.stack([packed & 15, packed >> 4], axis=1).reshape(k).astype(np.int64)
    if sort == 1:
        bits = np.unpackbits(packed, bitorder="little")[: 6 * k].reshape(k, 6)
        return np.asarray(bits @ (1 << np.arange(6)))
    return packed.astype(np.int64)


def _registers(coupons: Ints, lg_k: int) -> Registers:
    registers = np.zeros(2**lg_k, np.uint8)
    np.maximum.at(registers, coupons % _ADDRESS % 2**lg_k, (coupons // _ADDRESS).astype(np.uint8))
    return registers


def _uncollided(n: int) -> float:
    """How many values give `n` different coupons in the mean: some share one by chance.

    A coupon of rank v has the probability 2**-(26 + v); the expected number of different ones is solved for.

    >>> round(_uncollided(400), 6)
    400.000396
    """
    chance = 2.0 ** -(26 + np.arange(1.0, 60.0))

    def expected(values: float) -> float:
        return float(-_ADDRESS * np.expm1(values * np.log1p(-chance)).sum())

    found = float(n)
    for _ in range(50):  # a contraction: of few coupons nearly none is shared
        step = n - expected(found)
        found += step
        if abs(step) <= 1e-13 * n:
            break
    return found
