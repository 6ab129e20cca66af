"""Coarse frozen cells of a column, for counting it beside another."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from barograph.errors import FormatError, MergeError
from barograph.summaries import wire
from barograph.types import Floats, Ints, Keys, RowLabels

NAMED_AT_MOST = 10
OTHER = 10  # the cell of labels without a cell of their own
MISSING = 11
WIDTH = 12  # cells of any column, so that tables of all pairs are one array


@dataclass
class Cut:
    """At most ten cells in a row of twelve: numbers between `edges`, or labels by their `keys`.

    An ordered column has the cells `(-inf, e0], (e0, e1], ... (em, inf)`; of a nominal one, labels without a cell share
    one. What is absent has the last cell. `names` has one a cell (the shared and the last one have theirs).
    """

    edges: Floats | None = None
    keys: Keys | None = None
    names: list[str] = field(default_factory=list)

    @property
    def ordered(self) -> bool:
        """Whether the cells have an order."""
        return self.edges is not None

    def codes(self, column: Floats | RowLabels) -> Ints:
        """The cell of each row."""
        if isinstance(column, RowLabels):
            keys = np.zeros(0, np.uint64) if self.keys is None else self.keys
            order = np.argsort(keys)
            spot = np.minimum(np.searchsorted(keys[order], column.keys), max(keys.size - 1, 0))
            found = np.full(column.keys.size, OTHER, np.int64)
            if keys.size:
                found = np.where(keys[order][spot] == column.keys, order[spot], OTHER)
            return np.where(column.present, found, MISSING)
        edges = np.zeros(0) if self.edges is None else self.edges
        return np.where(np.isfinite(column), np.searchsorted(edges, column, side="left"), MISSING)

    def name(self, cell: int) -> str:
        """What a cell is called."""
        return {OTHER: "(other)", MISSING: "(missing)"}[cell] if cell >= OTHER else self.names[cell]

    def same(self, other: Cut) -> bool:
        """Whether both count in the same cells."""
        if self.edges is not None and other.edges is not None:
            return np.array_equal(self.edges, other.edges)
        return self.keys is not None and other.keys is not None and np.array_equal(self.keys, other.keys)

    def to_state(self) -> wire.State:
        of = {"edges": self.edges, "keys": self.keys}
        return {"names": list(self.names), **{n: None if a is None else wire.pack(a) for n, a in of.items()}}

    @classmethod
    def from_state(cls, state: wire.State) -> Cut:
        names = wire.field(state, "names", list)
        has_edges, has_keys = wire.optional(state, "edges"), wire.optional(state, "keys")
        if has_edges == has_keys:
            raise FormatError("edges: a column is cut by edges or by keys, one of the two")
        edges = wire.unpack(state, "edges", "f") if has_edges else None
        keys = wire.unpack(state, "keys", "u") if has_keys else None
        if edges is not None:
            wire.ascending("edges", edges)
            if not np.isfinite(edges).all():
                raise FormatError("edges: not finite")
        elif keys is not None and np.unique(keys).size < keys.size:
            raise FormatError("keys: one of them twice")
        cells = keys.size if keys is not None else edges.size + 1 if edges is not None else 0
        if cells > NAMED_AT_MOST or len(names) != cells or not all(isinstance(name, str) for name in names):
            raise FormatError(f"names: {len(names)} for {cells} cells, of which there are at most {NAMED_AT_MOST}")
        return cls(edges, keys, names)


def agree(mine: list[Cut], theirs: list[Cut]) -> None:
    """Raise `MergeError` where two sides count in other cells."""
    if len(mine) != len(theirs) or not all(a.same(b) for a, b in zip(mine, theirs, strict=True)):
        raise MergeError(
            f"the cells of {len(mine)} and {len(theirs)} columns, not the same ones, do not merge; "
            "profile both sides against one baseline"
        )


def cuts_of(state: wire.State) -> list[Cut]:
    """The cuts that a state holds. Raises `FormatError`."""
    return [Cut.from_state(cut) for cut in wire.field(state, "cuts", list)]
