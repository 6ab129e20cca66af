"""What the tests of one share share: columns of two values, as a table of two rows and two columns."""

from __future__ import annotations

from collections.abc import Iterable

from barograph.metric import missing_need, selected
from barograph.metrics.drift.cells import Cells, Comparison, compare, value_cells
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Result
from barograph.schema import Kind, Schema


class TwoValues(Comparison):
    """A comparison of the share of one value among two. Without a column: of all that have two in the reference."""

    def needs(self, schema: Schema) -> Iterable[Need]:
        return [Need("topk", (c,)) for c in self._eligible(schema) if schema.kinds.get(c, Kind.TEXT) is not Kind.TEXT]

    def compared(self, schema: Schema) -> Iterable[tuple[str, str]]:
        return ((column, "value") for column in self._eligible(schema))

    def _eligible(self, schema: Schema) -> tuple[str, ...]:
        kinds = schema.kinds
        return tuple(c for c in selected(schema, self.column) if self.column or kinds.get(c) is not Kind.TEXT)

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        found = compare(self, current, reference)
        if self.column is not None or reference is None:
            return found
        of_two = [value for value in found.values if _two(reference, value.labels["column"])]
        return self.result(of_two, note="" if of_two else "no column has two values")

    def cells(self, current: Profile, reference: Profile, column: str, view: str) -> Cells | str:
        ours, theirs = current.get("topk", column), reference.get("topk", column)
        if ours is None or theirs is None:
            return missing_need(reference if theirs is None else current, column)
        if theirs.keys.size == 0 and theirs.exact:
            return "the reference has no values"
        if ours.keys.size == 0 and ours.exact:
            return "no values in the current rows"
        found = value_cells(current, reference, column)
        if found is None or found.current.size > 2:
            have = "over 256" if found is None else found.current.size
            return f"both sides together have {have} values, and {self.spec.name} is for two; use chi_square"
        return found


def _two(reference: Profile, column: str) -> bool:
    values = reference.get("topk", column)
    return values is None or (values.exact and values.keys.size == 2)
