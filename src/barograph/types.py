"""What passes between the floors: plain numpy arrays with a meaning.

`frame.py` makes these from any dataframe or file; the summaries read them. Nothing here knows polars.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeAlias, TypeVar, overload

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Keys: TypeAlias = npt.NDArray[np.uint64]
Strings: TypeAlias = list[str]
T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 - read as a decorator
    """A property that is computed once. No lock, unlike `functools.cached_property` before Python 3.12.

    That one is shared by all instances: columns on other threads would wait for it, and forked workers forever.

    >>> class Box:
    ...     found = once(lambda self: [self])
    >>> box = Box()
    >>> box.found is box.found
    True
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self.compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> once[T]: ...

    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object, owner: type) -> once[T] | T:
        if instance is None:
            return self
        found = instance.__dict__[self.name] = self.compute(instance)
        return found


@dataclass(frozen=True)
class Absent:
    """Counts of the values of a batch that are not values, each sort apart.

    `n_invalid` are values that could not be read as the kind the schema promises ("abc" in a numeric column).
    """

    n_null: int = 0
    n_nan: int = 0
    n_pos_inf: int = 0
    n_neg_inf: int = 0
    n_invalid: int = 0

    @property
    def total(self) -> int:
        return self.n_null + self.n_nan + self.n_pos_inf + self.n_neg_inf + self.n_invalid


@dataclass(frozen=True)
class Numbers:
    """One ordered column of a batch: finite values, ascending, shape `(n_present,)`, and what was left out.

    `keys` are 64-bit identities of the *distinct* values, given only where float64 cannot tell them apart
    (integers beyond 2**53). `ends` are then the smallest and the largest integer themselves, of 64 bits or fewer.
    `runs` are the distinct values and their counts, where these are known already.

    Summaries ask by `size`, `low`, `high`, `upto`, `ranked`, `frequent`, `each` and `in_any_order` where they can: the
    numbers of a large column are then not sorted (`unsorted.UnsortedNumbers`).
    """

    values: Floats
    absent: Absent = Absent()
    keys: Keys | None = None
    ends: tuple[int, int] | None = None
    runs: tuple[Floats, Ints] | None = None

    @property
    def n_rows(self) -> int:
        return self.size + self.absent.total

    def with_absent(self, absent: Absent) -> Numbers:
        """The same values, others left out."""
        return replace(self, absent=absent)

    @property
    def size(self) -> int:
        """How many values there are."""
        return self.values.size

    @property
    def low(self) -> float:
        """The smallest value; there must be one."""
        return float(self.values[0]) + 0.0  # -0.0 is 0.0

    @property
    def high(self) -> float:
        """The largest value; there must be one."""
        return float(self.values[-1]) + 0.0

    @property
    def in_any_order(self) -> Floats:
        """All values."""
        return self.values

    @property
    def each(self) -> Floats:
        """Every different value, at least once."""
        return self.distinct

    def upto(self, edges: Floats) -> Ints:
        """How many values are at or below each edge; edges ascend."""
        return np.searchsorted(self.values, edges, side="right")

    def ranked(self, ranks: Ints) -> Floats:
        """The values with these ranks among all, from 0."""
        return self.values[ranks]

    def frequent(self) -> tuple[Floats, Ints, int]:
        """Distinct values, ascending, and their counts; and the largest count that one of others can have."""
        return self.distinct, self.counts, 0

    @once
    def starts(self) -> Ints:
        """Where each run of equal values begins, shape `(n_distinct,)`."""
        if self.values.size == 0:
            return np.zeros(0, np.int64)
        changed = np.flatnonzero(self.values[1:] != self.values[:-1]) + 1
        return np.concatenate([np.zeros(1, np.int64), changed.astype(np.int64)])

    @once
    def distinct(self) -> Floats:
        """The distinct values, ascending."""
        return self.values[self.starts] if self.runs is None else self.runs[0]

    @once
    def counts(self) -> Ints:
        """How often each distinct value occurs."""
        if self.runs is not None:
            return self.runs[1]
        ends = np.empty_like(self.starts)
        ends[:-1], ends[-1:] = self.starts[1:], self.values.size
        return ends - self.starts


@dataclass(frozen=True)
class Labels:
    """One nominal column of a batch as 64-bit hashes: `keys` distinct and ascending, `counts` beside them.

    `resolve(keys)` gives the strings behind some of the keys; only the few that are kept are ever looked up.
    """

    keys: Keys
    counts: Ints
    resolve: Callable[[Keys], Strings]
    absent: Absent = Absent()

    @property
    def n_rows(self) -> int:
        return int(self.counts.sum()) + self.absent.total

    @property
    def each(self) -> Keys:
        """Every different key, at least once."""
        return self.keys

    @property
    def differ_at_least(self) -> int:
        """How many keys surely differ."""
        return self.keys.size

    def frequent(self) -> tuple[Keys, Ints, int]:
        """Distinct keys, ascending, and their counts; and the largest count that one of others can have."""
        return self.keys, self.counts, 0

    def counted(self, keys: Keys) -> Ints:
        """How often each of some keys, which ascend, is there."""
        counts = np.zeros(keys.size, np.int64)
        spot = np.searchsorted(keys, self.keys)
        found = spot < keys.size
        found[found] = keys[spot[found]] == self.keys[found]
        counts[spot[found]] = self.counts[found]
        return counts

    def bucketed(self, n: int) -> Ints:
        """How many rows have each remainder of their key by `n`, a power of two; shape `(n,)`."""
        bucket = (self.keys & np.uint64(n - 1)).astype(np.int64)
        return np.bincount(bucket, self.counts, minlength=n).astype(np.int64)


@dataclass(frozen=True)
class Vectors:
    """One column of embeddings: finite vectors in row order, shape `(n_present, dimension)`, and what was left out.

    A vector with a NaN or null in it is NaN, one with an infinity (or a norm beyond float64) infinite, one of another
    length invalid. `rows` are the places of those that are present.
    """

    values: Floats
    rows: Ints
    absent: Absent = Absent()

    @property
    def n_rows(self) -> int:
        return len(self.values) + self.absent.total


@dataclass(frozen=True)
class Words:
    """The words of a column of text as 64-bit hashes, one after the other, and how many are each value's (may be 0)."""

    keys: Keys
    lengths: Ints
    absent: Absent = Absent()

    def marked(self, marks: npt.NDArray[np.bool_]) -> Ints:
        """How many of each value's words are marked, where `marks` has a mark for each word."""
        upto = np.concatenate([[0], np.cumsum(marks)])
        ends = np.cumsum(self.lengths)
        found: Ints = upto[ends] - upto[ends - self.lengths]
        return found


@dataclass(frozen=True)
class Records:
    """Whole rows as bits of numbers and hashes of labels, shape `(n, columns)`, and a hash of each row."""

    rows: npt.NDArray[np.uint64]
    keys: Keys


@dataclass(frozen=True)
class Classified:
    """Aligned rows of a classification: class codes into `classes`; rows lacking either side are left out."""

    classes: tuple[str, ...]
    target: Ints
    prediction: Ints
    weight: Floats | None = None
    n_dropped: int = 0


@dataclass(frozen=True)
class Scored:
    """Aligned rows of one class against the rest: is it that class, and the score given to it."""

    positive: npt.NDArray[np.bool_]
    score: Floats
    weight: Floats | None = None
    n_dropped: int = 0


@dataclass(frozen=True)
class Regressed:
    """Aligned rows of a regression: target and prediction, both finite."""

    target: Floats
    prediction: Floats
    weight: Floats | None = None
    n_dropped: int = 0


@dataclass(frozen=True)
class Ranked:
    """Recommendations of a batch, user after user, each user's best first.

    `users` holds one key a user, `lengths` how many rows each has; `items` and `relevance` (0: not relevant) are the
    rows in that order. `n_unlabelled` of them have no target and count as not relevant.
    """

    users: Keys
    lengths: Ints
    items: Keys
    relevance: Floats
    n_dropped: int = 0
    n_unlabelled: int = 0


@dataclass(frozen=True)
class Matrix:
    """Several columns as numbers, row by row, shape `(n_rows, n_columns)`: NaN where one is absent."""

    values: Floats


@dataclass(frozen=True)
class RowLabels:
    """One nominal column, row by row: the hash of each label, and where there is one."""

    keys: Keys
    present: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Joint:
    """Several columns, row by row: numbers (NaN where absent) or labels."""

    columns: tuple[Floats | RowLabels, ...]
    n_rows: int


@dataclass(frozen=True)
class Measured:
    """Several columns, row by row, and what is measured of each row beside them (NaN where it is not known)."""

    columns: tuple[Floats | RowLabels, ...]
    n_rows: int
    measures: dict[str, Floats]
    weight: Floats | None = None


@dataclass(frozen=True)
class Judged:
    """How many rows of a batch hold a condition, break it or cannot be judged; at most `most` `examples`."""

    n_true: int = 0
    n_false: int = 0
    n_null: int = 0
    most: int = 0
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class IncompleteRows:
    """How many rows of a batch there are, lack at least one value, and lack all."""

    n_rows: int = 0
    n_incomplete: int = 0
    n_empty: int = 0


@dataclass(frozen=True)
class RowKeys:
    """Rows by a 64-bit hash of what they hold, and of the outcome beside it (0 where none was asked for)."""

    keys: Keys
    outcomes: Keys
