"""What is measured of a model, cell by cell of each feature: what the metrics by feature share."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np

from barograph.errors import ParameterError
from barograph.joint import held, measured_by, reading
from barograph.metric import Metric
from barograph.needs import Need, performance_needs
from barograph.profile import Profile
from barograph.results import Bars, Direction, Figure, Line, Lines, Result, Table, Value
from barograph.schema import Schema
from barograph.summaries import CellMoments
from barograph.summaries.cuts import MISSING, NAMED_AT_MOST, Cut
from barograph.types import Floats

FIGURES_AT_MOST = 20
ROWS_AT_LEAST = 10  # below, two standard errors are no sure distance

T = TypeVar("T")


class Cells(NamedTuple):
    """A number in each cell of one column, its standard error, and the rows behind it (NaN where there are none)."""

    value: Floats
    se: Floats
    n: Floats


@dataclass(frozen=True)
class ByFeature(Metric):
    """A number for each cell of each feature, on both sides; the cells that stand out come first."""

    column: str | None = None
    cells: int = 100

    def __post_init__(self) -> None:
        if isinstance(self.cells, bool) or not isinstance(self.cells, int) or self.cells < 1:
            raise ParameterError(f"{self.cells!r} cells cannot be listed; give 1 or more")

    def measure(self, schema: Schema) -> tuple[str, str]:
        """What is said of each cell; or an empty text, and why nothing can be."""
        raise NotImplementedError  # pragma: no cover - abstract

    def read(self, held: CellMoments, name: str, column: int) -> Cells:
        """What is said, in the cells of a column."""
        raise NotImplementedError  # pragma: no cover - abstract

    def needs(self, schema: Schema) -> Iterable[Need]:
        found = measured_by(schema, () if self.column is None else (self.column,)) if self.measure(schema)[0] else ()
        if found and not schema.binary:  # all classes must be known before they are measured
            found += tuple(need for need in performance_needs(schema) if need.summary == "confusion")
        return found

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        schema = (reference or current).schema
        name, why = self.measure(schema)
        if not name:
            return self.result([], note=why)
        need = next((need for need in self.needs(schema) if need.summary == "cellmoments"), None)
        if need is None:
            return self.result([], note="no feature with cells: identities, times of rows and texts have none")
        key = held(current.summaries, need)
        if key is None or current.summaries[key].n_rows == 0:
            return self.result([], note=_lacking(current) if key is None else "no rows")
        before = None if reference is None else held(reference.summaries, need)
        found: list[tuple[float, Value]] = []
        figures: list[tuple[float, Figure]] = []
        for column in need.columns:
            ours = self.read(current.summaries[key], name, key.columns.index(column))
            theirs = None
            if reference is not None and before is not None:
                theirs = self.read(reference.summaries[before], name, before.columns.index(column))
            cut = current.summaries[key].cuts[key.columns.index(column)]
            ranks = _surely_worse(self.spec.direction, ours, theirs)
            found += _values(column, name, cut, ours, theirs, ranks)
            figure = _figure(column, name, cut, ours, theirs)
            figures += [] if figure is None else [(float(ranks.max()), figure)]
        note = self._note(schema, need, len(found)) if found else "no rows have what it takes"
        return self.result(_first(found, self.cells), _first(figures, FIGURES_AT_MOST), note)

    def _note(self, schema: Schema, need: Need, n_cells: int) -> str:
        possible = [c for c in schema.features if reading(schema, c) is not None]
        notes = []
        if self.column is None and len(possible) > len(need.columns):
            notes.append(f"of {len(possible)} features the first {len(need.columns)}; name another as column=...")
        if n_cells > self.cells:
            notes.append(f"{self.cells} of {n_cells:,} cells are listed, those that stand out first")
        return "; ".join(notes)


def _first(ranked: list[tuple[float, T]], most: int) -> list[T]:
    """Those of the highest ranks; equal ones as they came."""
    return [thing for _, thing in sorted(ranked, key=lambda pair: -round(pair[0], 9))[:most]]


def _surely_worse(direction: Direction, now: Cells, before: Cells | None) -> Floats:
    """By how much more than two standard errors each cell is worse than in the reference, or than all rows now."""
    known, enough = np.isfinite(now.value) & (now.n > 0), now.n >= ROWS_AT_LEAST
    with np.errstate(over="ignore", invalid="ignore"):
        whole = float((now.value[known] * now.n[known]).sum() / now.n[known].sum()) if known.any() else math.nan
        base = np.full(now.value.shape, whole) if before is None else before.value
        change = now.value - base
        worse = {
            "higher": -change, "lower": change, "zero": np.abs(now.value) - np.abs(base), "none": np.abs(change)
        }[direction]  # fmt: skip
        sure = worse - 2 * (now.se if before is None else np.hypot(now.se, before.se))
    return np.where(enough, np.nan_to_num(sure, nan=-math.inf, posinf=math.inf), -math.inf)


def _lacking(profile: Profile) -> str:
    if profile.baseline_id is None:
        return (
            "the profile was made without cells of features, cut from a reference or from the rows of the report: "
            "run it on rows, or make a Baseline with this metric's needs"
        )
    return "the baseline was made without cells of features: Baseline.of(rows, needs=...) with this metric's needs"


def mean(cells: CellMoments, measure: str, column: int) -> Cells:
    """The mean of a measure in each cell, and its standard error from the spread in the cell."""
    n, _, value, se = cells.at(measure, column)
    return Cells(value, se, n.astype(float))


def share(cells: CellMoments, measure: str, column: int, of: tuple[str, ...] = ()) -> Cells:
    """The share of rows with a measure that is 0 or 1; or, among rows with one `of` some of these, those with it.

    The standard error is that of (hits + 1) / (n + 2) with n effective rows (Agresti & Coull 1998; Kish 1965), so that
    three right of three are not taken for certain.
    """
    rows, weight, hit, _ = cells.at(measure, column)
    squares = cells.weight2[cells.measures.index(measure), column]
    n, hits = rows.astype(float), np.nan_to_num(hit) * weight
    if of:
        shares = [np.nan_to_num(cells.at(name, column)[2]) for name in of]
        part = np.minimum(np.sum(shares, axis=0), 1.0)
        n, weight, squares = np.rint(part * rows), part * weight, part * squares
    with np.errstate(invalid="ignore", divide="ignore"):
        effective = weight * (weight / squares)
        value = np.where(weight > 0, np.minimum(hits / weight, 1.0), np.nan)
        near = (value * effective + 1) / (effective + 2)
        return Cells(value, np.sqrt(near * (1 - near) / (effective + 2)), n)


def _values(
    column: str, name: str, cut: Cut, now: Cells, before: Cells | None, ranks: Floats
) -> list[tuple[float, Value]]:
    """A value for each cell that has rows on either side."""
    found = []
    for cell in range(MISSING + 1):
        known = np.isfinite(now.value[cell])
        if not known and (before is None or not np.isfinite(before.value[cell])):
            continue
        value = Value(
            _number(now.value[cell]),
            {"column": column, "cell": cut.name(cell), "of": name},
            int(now.n[cell]),
            se=_number(now.se[cell]) if known else None,
            reference=None if before is None else _number(before.value[cell]),
            reference_se=None if before is None or not np.isfinite(before.value[cell]) else _number(before.se[cell]),
            note="" if known else "no rows of this in the current rows",
        )
        found.append((float(ranks[cell]), value))
    return found


def _figure(column: str, name: str, cut: Cut, now: Cells, before: Cells | None) -> Figure | None:
    """Cells beside one another: bars for what is a share, else a table; lines where cells are cut from numbers."""
    sides = {"reference": before, "current": now} if before is not None else {"current": now}
    filled = [x for x in range(MISSING + 1) if any(np.isfinite(side.value[x]) for side in sides.values())]
    if not filled:
        return None
    title, labels = f"{name} by {column}", {"column": column}
    edges = cut.edges
    if edges is not None and edges.size > 2 and max(filled) < NAMED_AT_MOST:
        ends = np.concatenate([[edges[0]], edges, [edges[-1]]])
        middle = (ends[:-1] / 2 + ends[1:] / 2).tolist()
        cells = range(len(cut.names))
        lines = [Line(side, middle, [_number(c.value[x]) for x in cells]) for side, c in sides.items()]
        return Lines(title, lines, column, name, labels)
    numbers = [[side.value[x] for x in filled] for side in sides.values()]
    if all(math.isfinite(x) and 0 <= x <= 1 for side in numbers for x in side):
        shares = {side: [float(x) for x in values] for side, values in zip(sides, numbers, strict=True)}
        return Bars(title, [cut.name(x) for x in filled], shares, None, labels, column, name)
    head = [column, *(f"{name}, {side}" for side in sides), *(f"rows, {side}" for side in sides)]
    rows = [
        [cut.name(x), *(_number(s.value[x]) for s in sides.values()), *(int(s.n[x]) for s in sides.values())]
        for x in filled
    ]
    return Table(title, head, rows, labels)


def _number(x: Any) -> float | None:
    return float(x) if math.isfinite(x) else None
