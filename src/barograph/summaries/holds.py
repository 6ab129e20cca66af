"""How many rows hold a condition."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from barograph.errors import FormatError
from barograph.summaries import wire
from barograph.types import Judged

EXAMPLES_AT_MOST = 20
LENGTH_AT_MOST = 200


@dataclass
class Holds:
    """Rows that hold a condition, break it, or cannot be judged by it, and perhaps a few of those that break it.

    State: three integers, exact; merge adds. `examples` are at most `most` texts, first in order of those kept of
    either side (each batch brings its first rows); `most` is 0 unless they were asked for.

    >>> Holds(n_true=3, n_null=1).merge(Holds(n_true=1, n_false=1))
    Holds(n_true=4, n_false=1, n_null=1, most=0, examples=())
    """

    n_true: int = 0
    n_false: int = 0
    n_null: int = 0
    most: int = 0
    examples: tuple[str, ...] = ()

    def update(self, batch: Judged) -> None:
        merged = self.merge(Holds(batch.n_true, batch.n_false, batch.n_null, batch.most, batch.examples))
        self.n_true, self.n_false, self.n_null = merged.n_true, merged.n_false, merged.n_null
        self.most, self.examples = merged.most, merged.examples

    @property
    def n_judged(self) -> int:
        """Rows of which it is known."""
        return self.n_true + self.n_false

    def merge(self, other: Holds) -> Holds:
        most = max(self.most, other.most)
        return Holds(
            self.n_true + other.n_true,
            self.n_false + other.n_false,
            self.n_null + other.n_null,
            most,
            tuple(sorted({*self.examples, *other.examples})[:most]),
        )

    def to_state(self) -> wire.State:
        counts = {"n_true": self.n_true, "n_false": self.n_false, "n_null": self.n_null}
        return {**counts, "most": self.most, "examples": list(self.examples)}

    @classmethod
    def from_state(cls, state: wire.State) -> Holds:
        n_true, n_false, n_null, most = (wire.count(state, name) for name in ("n_true", "n_false", "n_null", "most"))
        examples = wire.field(state, "examples", list)
        if most > EXAMPLES_AT_MOST or len(examples) > min(most, n_false):
            raise FormatError(f"examples: {len(examples)} of {n_false} rows that break it, where at most {most} belong")
        if not all(isinstance(text, str) and len(text) <= LENGTH_AT_MOST for text in examples):
            raise FormatError(f"examples: not all of them are texts of at most {LENGTH_AT_MOST} characters")
        if any(a >= b for a, b in pairwise(examples)):
            raise FormatError("examples: not ascending")
        return cls(n_true, n_false, n_null, most, tuple(examples))
