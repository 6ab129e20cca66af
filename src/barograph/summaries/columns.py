"""Which columns a profile has seen, and stored as what."""

from __future__ import annotations

from dataclasses import dataclass, field

from barograph.errors import FormatError
from barograph.summaries import wire

COLUMNS_AT_MOST = 20_000


@dataclass
class Columns:
    """Rows seen of each column, by the family its values were stored as. Exact; merge adds.

    >>> a = Columns({"age": {"number": 3}}); a.merge(Columns({"age": {"string": 2}})).seen
    {'age': {'number': 3, 'string': 2}}
    """

    seen: dict[str, dict[str, int]] = field(default_factory=dict)

    def update(self, batch: dict[str, tuple[str, int]]) -> None:
        """Add a batch: family and number of rows by column."""
        for column, (family, n_rows) in batch.items():
            rows = self.seen.setdefault(column, {})
            rows[family] = rows.get(family, 0) + n_rows

    def merge(self, other: Columns) -> Columns:
        merged = Columns({column: dict(rows) for column, rows in self.seen.items()})
        for column, families in other.seen.items():
            rows = merged.seen.setdefault(column, {})
            for family, n_rows in families.items():
                rows[family] = rows.get(family, 0) + n_rows
        return merged

    def to_state(self) -> wire.State:
        # names in order, so that the same columns give the same bytes whichever batch came first
        return {"seen": {column: dict(sorted(self.seen[column].items())) for column in sorted(self.seen)}}

    @classmethod
    def from_state(cls, state: wire.State) -> Columns:
        seen = wire.field(state, "seen", dict)
        if len(seen) > COLUMNS_AT_MOST:
            raise FormatError(f"seen: {len(seen)} columns where at most {COLUMNS_AT_MOST} belong")
        for column, families in seen.items():
            if not isinstance(column, str) or not isinstance(families, dict):
                raise FormatError("seen: not a mapping of columns to families")
            for family in families:
                if not isinstance(family, str):
                    raise FormatError("seen: not a mapping of columns to families")
                wire.count(families, family)
        return cls({column: dict(families) for column, families in seen.items()})
