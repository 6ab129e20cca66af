"""How many different values."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from barograph.errors import FormatError
from barograph.summaries import wire
from barograph.types import Keys, Labels, Numbers
from barograph.unsorted import in_blocks

EXACT_UP_TO = 512
PRECISION = 12
REGISTERS = 1 << PRECISION


def mix(bits: Keys) -> Keys:
    """Spread 64-bit identities over all 64-bit numbers, one to one (the finaliser of splitmix64, Steele 2014)."""
    h: Keys = bits >> np.uint64(30)
    h ^= bits
    h *= np.uint64(0xBF58476D1CE4E5B9)
    h ^= h >> np.uint64(27)
    h *= np.uint64(0x94D049BB133111EB)
    h ^= h >> np.uint64(31)
    return h


@dataclass
class Distinct:
    """Number of distinct values: exact up to 512, then HyperLogLog with 4,096 registers.

    The registers are a function of the set of values alone, so merge is exact in its state: commutative, associative,
    idempotent. Standard error above 512: 1.04 / sqrt(4096) = 1.6 % (Flajolet et al. 2007; estimator of Ertl 2017).
    At most 4 KB. Cost: one pass over the distinct values of the batch, or over
    all of a large one.

    >>> d = Distinct(); d.update(Numbers(np.array([1.0, 1.0, 2.0]))); d.estimate, d.exact
    (2, True)
    """

    keys: Keys = field(default_factory=lambda: np.zeros(0, np.uint64))
    registers: npt.NDArray[np.uint8] | None = None

    def update(self, batch: Numbers | Labels) -> None:
        if isinstance(batch, Labels):
            self._add(batch.each)
        elif batch.keys is not None:
            self._add(batch.keys)
        else:
            values = batch.each
            # keys come once each, or there are more than 512 of them: then it is of no matter that some come again
            for block in in_blocks(values):
                self._add(mix((block + 0.0).view(np.uint64)), len(values))  # -0.0 is 0.0

    def _add(self, keys: Keys, n: int = 0) -> None:
        """Add keys, of `n` in all. The state depends on the set of all keys only, so the switch is by its size."""
        if self.registers is None:
            if max(keys.size, n) <= EXACT_UP_TO:
                keys = np.sort(np.concatenate([self.keys, keys]))
                new = np.ones(keys.size, np.bool_)
                np.not_equal(keys[1:], keys[:-1], out=new[1:])
                keys = keys[new]
                if keys.size <= EXACT_UP_TO:
                    self.keys = keys
                    return
            self._to_registers()
        assert self.registers is not None
        for block in in_blocks(keys):
            _count(self.registers, block)

    def _to_registers(self) -> None:
        if self.registers is None:
            self.registers = np.zeros(REGISTERS, np.uint8)
            _count(self.registers, self.keys)
            self.keys = np.zeros(0, np.uint64)

    @property
    def exact(self) -> bool:
        """Whether `estimate` is the number itself."""
        return self.registers is None

    @property
    def estimate(self) -> int:
        """Number of distinct values."""
        if self.registers is None:
            return self.keys.size
        return max(EXACT_UP_TO + 1, round(ertl(self.registers, 64 - PRECISION)))

    @property
    def bounds(self) -> tuple[int, int]:
        """Three standard errors to both sides (the number itself where exact)."""
        low, high = self.within(3)
        return (int(low), int(high)) if self.exact else (max(EXACT_UP_TO + 1, int(low)), int(np.ceil(high)))

    def within(self, errors: float) -> tuple[float, float]:
        """So many standard errors to both sides (the number itself where exact)."""
        n = self.estimate
        if self.exact:
            return n, n
        error = errors * 1.04 / np.sqrt(REGISTERS)
        return float(n / (1 + error)), float(n / (1 - error))

    def merge(self, other: Distinct) -> Distinct:
        merged = Distinct(self.keys.copy(), None if self.registers is None else self.registers.copy())
        if other.registers is not None:
            merged._to_registers()
            assert merged.registers is not None
            np.maximum(merged.registers, other.registers, out=merged.registers)
        merged._add(other.keys)
        return merged

    def to_state(self) -> wire.State:
        return {
            "keys": wire.pack(self.keys),
            "registers": None if self.registers is None else wire.pack(self.registers),
        }

    @classmethod
    def from_state(cls, state: wire.State) -> Distinct:
        keys = wire.unpack(state, "keys", "u")
        if keys.size > EXACT_UP_TO:
            raise FormatError(f"keys: {keys.size} where at most {EXACT_UP_TO} belong")
        wire.ascending("keys", keys)
        if not wire.optional(state, "registers"):
            return cls(keys)
        registers = wire.unpack(state, "registers", "b", REGISTERS)
        if registers.max() > 65 - PRECISION:
            raise FormatError(f"registers: {registers.max()} where at most {65 - PRECISION} is possible")
        if keys.size or not registers.any():
            raise FormatError(
                f"registers: all 0, or {keys.size} keys beside them; either keys or registers hold the values"
            )
        return cls(keys, registers)


def _count(registers: npt.NDArray[np.uint8], keys: Keys) -> None:
    """Note each key in its register: the position of the first one-bit behind the register's number."""
    if keys.size == 0:
        return
    rest = keys & np.uint64((1 << (64 - PRECISION)) - 1)
    lowest = int(registers.min()) if keys.size > EXACT_UP_TO else 0
    if lowest:  # once all registers hold something, few keys can raise any: half of them for each further bit
        raising = np.flatnonzero(rest < np.uint64(1 << (64 - PRECISION - lowest)))
        keys, rest = keys[raising], rest[raising]
    rank = (65 - PRECISION - np.frexp(rest.astype(np.float64))[1]).astype(np.uint8)
    register = (keys >> np.uint64(64 - PRECISION)).astype(np.int64)
    np.maximum.at(registers, register, rank)


def ertl(registers: npt.NDArray[np.uint8], q: int) -> float:
    """Unbiased estimate over the whole range, without tables (Ertl 2017, arXiv 1702.01284, algorithm 6).

    `q` is the largest rank but one that a register can hold.
    """
    histogram = np.bincount(registers, minlength=q + 2).astype(float)
    m = float(registers.size)
    z = m * _tau(1 - histogram[q + 1] / m)
    for k in range(q, 0, -1):
        z = 0.5 * (z + histogram[k])
    z += m * _sigma(histogram[0] / m)
    # all registers full gives z = 0: then as many as there are hashes
    return float(m * m / (2 * np.log(2)) / z) if z > 0 else 2.0**64


def _sigma(x: float) -> float:
    if x == 1:
        return np.inf
    total, y, power = x, 1.0, x
    while True:
        power *= power
        before, total = total, total + power * y
        y += y
        if total == before:
            return total


def _tau(x: float) -> float:
    if x in (0.0, 1.0):
        return 0.0
    y, total = 1.0, 1 - x
    while True:
        x = np.sqrt(x)
        before = total
        y *= 0.5
        total -= (1 - x) ** 2 * y
        if total == before:
            return total / 3
