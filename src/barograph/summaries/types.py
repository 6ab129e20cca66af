"""How many values of a column are stored as what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from barograph.summaries import wire


@dataclass
class Types:
    """Values of a column by how they are stored: integers, floats (whole and not), booleans, strings, others, vectors.

    State: seven integers, exact; merge adds. What is missing (null, NaN) is of no type. `whole` are floats without a
    fraction, which is what integers beside a null often are; `object` is all that is a time or a duration.

    >>> Types(integral=2).merge(Types(integral=1, whole=3)).found
    ('integral', 'whole')
    """

    integral: int = 0
    whole: int = 0
    fractional: int = 0
    boolean: int = 0
    string: int = 0
    object: int = 0
    tensor: int = 0

    def update(self, batch: Mapping[str, int]) -> None:
        for name, n in batch.items():
            setattr(self, name, getattr(self, name) + n)

    @property
    def n(self) -> int:
        """Values of any type."""
        return sum(asdict(self).values())

    @property
    def found(self) -> tuple[str, ...]:
        """The types that occur."""
        return tuple(name for name, n in asdict(self).items() if n)

    def merge(self, other: Types) -> Types:
        mine, theirs = asdict(self), asdict(other)
        return Types(**{name: mine[name] + theirs[name] for name in mine})

    def to_state(self) -> wire.State:
        return asdict(self)

    @classmethod
    def from_state(cls, state: wire.State) -> Types:
        return cls(**{name: wire.count(state, name) for name in cls.__dataclass_fields__})


NAMES = tuple(Types.__dataclass_fields__)
