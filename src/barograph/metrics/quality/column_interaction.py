"""How two columns lie together, as a table of their cells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.errors import ParameterError
from barograph.joint import held, paired
from barograph.metric import Metric
from barograph.metrics.quality.association import cramers_v
from barograph.metrics.quality.pairs import largest
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Figure, Heat, Result, Spec
from barograph.schema import Schema
from barograph.summaries import PairCells
from barograph.summaries.cuts import MISSING


@dataclass(frozen=True)
class ColumnInteraction(Metric):
    """Pictures only: the share of the rows in each cell of two columns, on both sides.

    Of `column` and `other`; where neither is named, of the `most` pairs of columns that go together most by Cramer's V.
    Cells are those of `spearman` and `cramers_v`: at most ten a column, of about equal mass in the reference (without
    one, in the rows themselves), labels beyond ten together, and the missing ones; cells that are empty on both sides
    are left out. Range of the shares, which are of all rows, 0 to 1; as they were when nothing has changed. Exact. No
    rows, or a column without cells (identities, texts): no picture, and the result is `unknown`. Cost: see `PairCells`.

    Cleveland (1993), Visualizing Data.

    >>> from barograph import Report
    >>> rows = {"city": ["Ulm", "Ulm", "Bonn", None], "late": [True, False, True, True]}
    >>> heat = Report([ColumnInteraction("city", "late")]).run(rows).results[0].figures[0]
    >>> heat.rows, heat.columns, heat.values
    (['Ulm', 'Bonn', '(missing)'], ['false', 'true'], [[0.25, 0.25], [0.0, 0.25], [0.0, 0.25]])
    """

    column: str | None = None
    other: str | None = None
    most: int = 6

    spec: ClassVar[Spec] = Spec(
        name="column_interaction",
        title="Column interaction",
        group="quality",
        help="Share of the rows in each cell of two columns.",
        unit="ratio",
        reference="optional",
    )

    def __post_init__(self) -> None:
        if (self.column is None) != (self.other is None) or (self.column is not None and self.column == self.other):
            raise ParameterError(
                f"an interaction is of two columns, not of {self.column!r} and {self.other!r}; name both, or neither"
            )
        if isinstance(self.most, bool) or not isinstance(self.most, int) or self.most < 1:
            raise ParameterError(f"{self.most!r} pairs cannot be drawn; give 1 or more")

    def needs(self, schema: Schema) -> Iterable[Need]:
        return paired(schema, "paircells", [c for c in (self.column, self.other) if c is not None])

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        need = next(iter(self.needs((reference or current).schema)), None)
        if need is None:
            return self.result([], note="fewer than two columns that can be paired")
        key = held(current.summaries, need)
        before = None if reference is None else held(reference.summaries, need)
        if key is None:
            return self.result([], note="the profile was made without cells for pairs of columns")
        tables = {"current": (current.summaries[key], key)}
        if reference is not None and before is not None:
            tables = {"reference": (reference.summaries[before], before), **tables}
        if not any(cells.n_rows for cells, _ in tables.values()):
            return self.result([], note="no rows")
        pairs = [(self.column, self.other)] if self.column and self.other else _strongest(tables, need, self.most)
        figures = [figure for a, b in pairs for figure in _figures(str(a), str(b), tables)]
        return self.result([], figures, "" if figures else "no pair of columns goes together")


Tables = dict[str, tuple[PairCells, Need]]


def _strongest(tables: Tables, need: Need, most: int) -> list[tuple[str, str]]:
    """Pairs by Cramer's V on the first side that has rows: the reference, where there is one."""
    cells, key = next((c, k) for c, k in tables.values() if c.n_rows)
    size = np.zeros((len(key.columns),) * 2)
    upper = np.triu_indices(len(key.columns), 1)
    size[upper] = np.nan_to_num(cramers_v(cells.counts[:, :MISSING, :MISSING]).value)
    wanted = np.array([column in need.columns for column in key.columns])
    found = largest(size, (size > 0) & wanted[:, None] & wanted[None, :], most)
    return [(key.columns[i], key.columns[j]) for i, j in found]


def _figures(a: str, b: str, tables: Tables) -> list[Figure]:
    counts = {name: _table(a, b, cells, key) for name, (cells, key) in tables.items() if cells.n_rows}
    cells, key = tables["current"]
    whole = np.sum(list(counts.values()), axis=0)
    rows, columns = (np.flatnonzero(whole.sum(axis=axis)) for axis in (1, 0))
    down, across = ([cells.cuts[key.columns.index(c)].name(int(x)) for x in at] for c, at in ((a, rows), (b, columns)))
    drawn: list[Figure] = []
    for name, table in counts.items():
        shares: list[list[float | None]] = (table[np.ix_(rows, columns)] / table.sum()).tolist()
        drawn.append(Heat(f"{a} and {b}, {name}", down, across, shares, b, a, {"column": a, "other": b}))
    return drawn


def _table(a: str, b: str, cells: PairCells, key: Need) -> np.ndarray:
    i, j = key.columns.index(a), key.columns.index(b)
    rows, columns = np.triu_indices(len(key.columns), 1)
    table: np.ndarray = cells.counts[int(np.flatnonzero((rows == min(i, j)) & (columns == max(i, j)))[0])]
    return table if i < j else table.T
