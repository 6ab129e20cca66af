"""What the metrics of columns that repeat others share: each column, and the first one that it agrees with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from barograph.joint import comparable, compared, held
from barograph.metric import Metric
from barograph.metrics.quality.pairs import named
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Result, Scalar, Table, Value
from barograph.schema import Schema
from barograph.summaries import Agreement


class Repeat(NamedTuple):
    """A column, the first of those before it that it agrees with, and in what share of the rows."""

    column: str
    original: str
    share: float


class EqualColumns(Metric):
    """A metric that counts the columns that agree with one before them."""

    columns: tuple[str, ...]

    @property
    def at_least(self) -> float:
        """In what share of the rows that have either value the two must be the same."""
        return 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", named(self.columns))

    def needs(self, schema: Schema) -> Iterable[Need]:
        return compared(schema, self.columns)

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        schema = (reference or current).schema
        need = next(iter(compared(schema, self.columns)), None)
        if need is None:
            return self.result([Value(None, n=current.n_rows, note="fewer than two columns to compare")])
        now = self._repeats(current, need)
        if isinstance(now, str):
            return self.result([Value(None, n=current.n_rows, note=now)])
        then = self._repeats(reference, need) if reference else ""
        before = None if isinstance(then, str) else float(len(then))
        value = Value(float(len(now)), n=current.n_rows, reference=before, note=", ".join(r.column for r in now[:5]))
        heads = ["column", "agrees with", "share of rows"]
        rows: list[list[Scalar]] = [[*repeat] for repeat in now]
        if not isinstance(then, str):
            known = {repeat[:2] for repeat in then}
            heads.append("also in the reference")
            rows = [[*row, "yes" if (row[0], row[1]) in known else "no"] for row in rows]
        return self.result([value], [Table(self.spec.title, heads, rows)] if rows else [], self._left_out(schema, need))

    def _repeats(self, profile: Profile, need: Need) -> list[Repeat] | str:
        """The columns that agree with one before them, or why that is not known."""
        if profile.n_rows == 0:
            return "no rows"
        key = held(profile.summaries, need)
        if key is None:
            return f"the profile was not asked for {self.spec.name}; profile the rows with needs=metric.needs"
        summary: Agreement = profile.summaries[key]
        if not np.diagonal(summary.both).any():
            return "no column has a value"
        at = [key.columns.index(column) for column in need.columns]
        share = summary.share[np.ix_(at, at)]
        agrees = np.tril(share >= self.at_least, -1)  # NaN never does
        found = np.flatnonzero(agrees.any(axis=1))
        first = agrees.argmax(axis=1)
        return [Repeat(need.columns[i], need.columns[first[i]], float(share[i, first[i]])) for i in found.tolist()]

    def _left_out(self, schema: Schema, need: Need) -> str:
        absent = [column for column in self.columns if column not in schema.kinds]
        if absent:
            return f"no such column: {', '.join(map(repr, absent[:10]))}"
        possible = len(self.columns or comparable(schema))
        if possible == len(need.columns):
            return ""
        return f"of {possible} columns the first {len(need.columns)}; name others as columns=(...)"
