"""Every pair of columns, by one measure of association: what the correlation metrics share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from barograph.errors import ParameterError
from barograph.joint import candidates, held, paired
from barograph.metric import Metric
from barograph.metrics.quality.association import Association, cramers_v, fisher, kendall, mutual_information, spearman
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Figure, Heat, Result, Value
from barograph.schema import Schema
from barograph.summaries import CrossMoments, PairCells
from barograph.summaries.cuts import MISSING
from barograph.types import Floats, Ints

ROWS_AT_LEAST = 3
DRAWN_AT_MOST = 40

Method = Literal["pearson", "spearman", "kendall", "cramers_v", "mutual_information"]


class Pairs(NamedTuple):
    """One side: of columns i and j the association, its standard error, the rows with both, and whether it is meant."""

    columns: tuple[str, ...]
    value: Floats
    se: Floats
    n: Ints
    meant: npt.NDArray[np.bool_]
    n_rows: int

    def why(self, i: int, j: int) -> str:
        """Why a pair has no value."""
        if self.n[i, j] < ROWS_AT_LEAST:
            return f"only {self.n[i, j]} rows have both; at least {ROWS_AT_LEAST} are needed"
        return "one of the two does not vary (where cells are frozen: is in one of them), or its squares overflow"


_TABLES: dict[str, Callable[[Ints], Association]] = {
    "spearman": spearman, "kendall": kendall, "cramers_v": cramers_v, "mutual_information": mutual_information
}  # fmt: skip
METHODS = ("pearson", "spearman", "kendall", "cramers_v")  # the correlations: within -1 and 1


def summary_of(method: Method) -> str:
    """The summary that a method reads."""
    return "crossmoments" if method == "pearson" else "paircells"


def associations(profile: Profile, need: Need, method: Method) -> Pairs | str:
    """All pairs of one side, or why there are none."""
    key = held(profile.summaries, need)
    if key is None and profile.baseline_id is None and need.summary == "paircells":
        return (
            "the profile was made without cells for pairs of columns, cut from a reference or from the rows of the "
            "report: run it on rows, or make a Baseline with this metric's needs"
        )
    if key is None:
        return "the profile was made without pairs of columns: Profile.of(rows, needs=...) with this metric's needs"
    summary = profile.summaries[key]
    if summary.n_rows == 0:
        return "no rows"
    found = _moments(summary, key) if isinstance(summary, CrossMoments) else _cells(summary, key, method)
    few = found.n < ROWS_AT_LEAST
    found.value[few] = found.se[few] = np.nan
    if key == need:
        return found
    at = np.ix_(*[[key.columns.index(column) for column in need.columns]] * 2)
    return Pairs(need.columns, found.value[at], found.se[at], found.n[at], found.meant[at], found.n_rows)


def _moments(moments: CrossMoments, need: Need) -> Pairs:
    r = moments.correlation
    meant = ~np.eye(len(need.columns), dtype=bool)
    return Pairs(need.columns, r, fisher(r, moments.n), moments.n, meant, moments.n_rows)


def _cells(cells: PairCells, need: Need, method: Method) -> Pairs:
    k = len(need.columns)
    found = _TABLES[method](cells.counts[:, :MISSING, :MISSING])
    value, se, n = np.full((k, k), np.nan), np.full((k, k), np.nan), np.zeros((k, k), np.int64)
    upper = np.triu_indices(k, 1)
    for whole, part in ((value, found.value), (se, found.se), (n, found.n)):
        whole[upper] = part
        whole.T[upper] = part
    ordered = np.array([cut.ordered for cut in cells.cuts])
    both = ordered[:, None] & ordered[None, :]
    meant = {"cramers_v": ~both, "mutual_information": np.full((k, k), fill_value=True)}.get(method, both)
    meant = meant & ~np.eye(k, dtype=bool)
    return Pairs(need.columns, value, se, n, meant, cells.n_rows)


@dataclass(frozen=True)
class Pairwise(Metric):
    """A matrix of associations; values are those of the strongest pairs, figures the whole of it."""

    columns: tuple[str, ...] = ()
    pairs: int = 100

    method: ClassVar[Method]

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", named(self.columns))
        if isinstance(self.pairs, bool) or not isinstance(self.pairs, int) or self.pairs < 1:
            raise ParameterError(f"{self.pairs!r} pairs cannot be listed; give 1 or more")

    def needs(self, schema: Schema) -> Iterable[Need]:
        return paired(schema, summary_of(self.method), self.columns)

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        schema = (reference or current).schema
        now, before, note = both_sides(schema, current, reference, self.method, self.columns)
        if now is None:
            return self.result([], note=note)
        listed = strongest(now, before, self.pairs)
        values = [pair_value(now, before, i, j) for i, j in listed]
        total = int(now.meant.sum()) // 2
        if len(listed) < total:
            note = _joined(note, f"the {len(listed)} strongest of {total:,} pairs are listed")
        sides = {"reference": before, "current": now}
        figures = [_heat(self.spec.title, name, side) for name, side in sides.items() if side is not None]
        return self.result(values, [f for f in figures if f is not None], note)


def named(columns: Any) -> tuple[str, ...]:
    """Columns that somebody asked for: none, or at least two."""
    listed = (columns,) if isinstance(columns, str) else tuple(columns)
    if len(listed) == 1 or not all(isinstance(column, str) for column in listed):
        raise ParameterError(f"pairs are made of at least two names of columns, not of {columns!r}")
    return listed


def both_sides(
    schema: Schema, current: Profile, reference: Profile | None, method: Method, columns: tuple[str, ...] = ()
) -> tuple[Pairs | None, Pairs | None, str]:
    """All pairs of both sides, and what to say of them; no current ones where there are none, with the reason."""
    summary = summary_of(method)
    need = next(iter(paired(schema, summary, columns)), None)
    possible = candidates(schema, summary, columns)
    absent = [column for column in columns if column not in possible]
    note = f"no such column, or none that can be paired: {', '.join(map(repr, absent[:10]))}" if absent else ""
    if need is None:
        return None, None, _joined(note, "fewer than two columns that can be paired")
    if len(possible) > len(need.columns):
        note = _joined(note, f"of {len(possible)} columns the first {len(need.columns)}; name others as columns=(...)")
    now = associations(current, need, method)
    if isinstance(now, str):
        return None, None, now
    before = None if reference is None else associations(reference, need, method)
    if not now.meant.any():
        return None, None, f"no pair of columns that {method} is for"
    if now.n_rows < current.n_rows:
        part = f"{now.n_rows:,} of {current.n_rows:,} rows"
        note = _joined(note, f"of {part}: the others were profiled for other columns")
    return now, before if isinstance(before, Pairs) else None, note


def strongest(now: Pairs, before: Pairs | None, most: int) -> list[tuple[int, int]]:
    """The pairs with the largest association on either side, in the order of the columns."""
    size = np.nan_to_num(np.abs(now.value), nan=-1.0)
    if before is not None:
        size = np.maximum(size, np.nan_to_num(np.abs(before.value), nan=-1.0))
    return largest(size, now.meant, most)


def largest(size: Floats, meant: npt.NDArray[np.bool_], most: int) -> list[tuple[int, int]]:
    """Where the upper triangle is largest, in the order of the columns; equal ones by their place."""
    rows, columns = np.nonzero(np.triu(meant, 1))
    order = np.argsort(-np.round(size[rows, columns], 9), kind="stable")[:most]
    return sorted(zip(rows[order].tolist(), columns[order].tolist(), strict=True))


def pair_value(now: Pairs, before: Pairs | None, i: int, j: int) -> Value:
    """The association of one pair, beside the reference's."""
    found = number(now.value[i, j])
    return Value(
        found,
        {"column": now.columns[i], "other": now.columns[j]},
        int(now.n[i, j]),
        se=number(now.se[i, j]),
        reference=None if before is None else number(before.value[i, j]),
        reference_se=None if before is None else number(before.se[i, j]),
        note="" if found is not None else now.why(i, j),
    )


def number(x: Any) -> float | None:
    """A number, where there is one."""
    return float(x) if math.isfinite(x) else None


def _heat(title: str, name: str, side: Pairs) -> Figure | None:
    """The matrix of the columns that have any pair; none where they would not be seen."""
    shown = np.flatnonzero(side.meant.any(axis=1))
    if shown.size > DRAWN_AT_MOST:
        return None
    cells = np.where(side.meant, side.value, np.nan)[np.ix_(shown, shown)]
    if np.isnan(cells).all():
        return None
    names = [side.columns[i] for i in shown]
    values = [[number(v) for v in row] for row in cells.tolist()]
    return Heat(f"{title}, {name}", names, names, values, "", "")


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)
