"""What the reference's outcomes would be with the current distribution of one column: re-weighting, cell by cell."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from barograph.joint import expected_by, held, reading
from barograph.metric import Metric, selected
from barograph.needs import Need, of_reference
from barograph.profile import Profile
from barograph.results import Result, Scalar, Table, Value
from barograph.schema import Schema
from barograph.summaries import Bins, Categories, CellMoments
from barograph.summaries.cuts import MISSING, OTHER, WIDTH, Cut
from barograph.types import Floats, Ints

UNSEEN_AT_MOST = 0.25
SHOWN_AT_MOST = 30
ASSUMED = (
    "taken that the target depends on the inputs as it did, and that the other columns move with this one as they did "
    "in the reference"
)


class Shift(NamedTuple):
    """Shares of rows in the cells of a column, of those cells in which outcomes are known; they sum to 1 on each side.

    `unseen` is the share of current rows that lie where the reference has none: beyond its range (they are counted in
    the outermost cell), with labels that it never saw, or in cells without known outcomes (they are left out).
    """

    now: Floats
    before: Floats
    n_now: int
    n_before: int
    unseen: float


class Change(NamedTuple):
    """The mean of a measure in the reference, with the current shares of cells, and the error of their difference."""

    before: float
    after: float
    se: float


@dataclass(frozen=True)
class ExpectedChange(Metric):
    """How the mean of one measure would change with each column's distribution; the largest change comes first."""

    column: str | None = None

    def measure(self, schema: Schema) -> tuple[str, str, float]:
        """What is measured, what it is called, and its sign; or an empty text, and why nothing is."""
        raise NotImplementedError  # pragma: no cover - abstract

    def needs(self, schema: Schema) -> Iterable[Need]:
        if self.measure(schema)[0]:
            for need in expected_by(schema, () if self.column is None else (self.column,)):
                yield from (Need(_counted(schema, column), (column,)) for column in need.columns)
                yield need

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        if reference is None:
            return self.result([], note="what a change costs needs a reference")
        schema = reference.schema
        name, called, sign = self.measure(schema)
        if not name:
            return self.result([], note=called)
        need = next((need for need in expected_by(schema, () if self.column is None else (self.column,))), None)
        kept = next((key for key in reference.summaries if of_reference(key)), None)
        key = kept if need is None else held(reference.summaries, need) or kept
        cells: CellMoments | None = None if key is None else reference.summaries[key]
        if key is None or cells is None or name not in cells.measures:
            return self.result([], note="the reference was frozen without outcomes by cell; freeze it again from rows")
        values, rows = [], []
        for column in dict.fromkeys((*selected(schema, self.column), *(need.columns if need else ()))):
            labels = {"column": column, "of": called}
            at = key.columns.index(column) if column in key.columns else -1
            found = _shift(current, reference, column, cells, at, name)
            change = found if isinstance(found, str) else _change(cells, name, at, found)
            if isinstance(found, str) or isinstance(change, str):
                values.append(Value(None, labels, current.n_rows, note=str(change)))
                continue
            moved = sign * (change.after - change.before)
            said = f"{found.unseen:.1%} of the rows lie where the reference has none" if found.unseen else ""
            values.append(Value(moved, labels, current.n_rows, se=change.se, note=said))
            rows.append((abs(moved), _row(column, moved, change, sign, cells, at, found)))
        table = _table(self.spec.title, called, cells, rows)
        return self.result(values, [table] if table else [], f"{ASSUMED}; nothing is added up over columns")


def _counted(schema: Schema, column: str) -> str:
    return "bins" if schema.ordered(column) else "categories"


def _shift(current: Profile, reference: Profile, column: str, cells: CellMoments, at: int, name: str) -> Shift | str:
    """The shares of rows in the cells of a column; or why they are not known, or say too little."""
    if at < 0:
        return "no outcomes are kept by its cells: it is a text or vector, or too many columns come before it"
    schema = reference.schema
    if column not in schema.kinds:
        return f"the schema has no column {column!r}"
    ours, theirs = (side.get(_counted(schema, column), column) for side in (current, reference))
    if ours is None or theirs is None:
        return f"the profile holds no counts of {column!r} in the cells of a baseline"
    if ours.n == 0:
        return "no values in the current rows"
    cut = cells.cuts[at]
    truth = reading(schema, column) == "truth"
    counts, counted = (_counts(side, summary, cut, truth) for side, summary in ((current, ours), (reference, theirs)))
    known = np.isfinite(cells.at(name, at)[2])
    n_now, n_before = int(counts[known].sum()), int(counted[known].sum())
    lost = int(counts[~known].sum()) + _beyond(ours, theirs)
    unseen = min(lost / max(current.n_rows, ours.n), 1.0)
    if n_before == 0:
        return "no row of the reference has what it takes"
    if n_now == 0 or unseen > UNSEEN_AT_MOST:
        return (
            f"not known: {unseen:.1%} of the rows lie where the reference has none (at most {UNSEEN_AT_MOST:.0%} may)"
        )
    now, before = (np.where(known, c, 0) for c in (counts, counted))
    return Shift(now / n_now, before / n_before, n_now, n_before, unseen)


def _counts(profile: Profile, held: Bins | Categories, cut: Cut, truth: bool) -> Ints:
    """Rows in each cell that whole bins or categories make up; labels that the reference never saw are in none."""
    counts = np.zeros(WIDTH, np.int64)
    if isinstance(held, Bins):
        ends = np.zeros(0) if cut.edges is None else cut.edges
        np.add.at(counts, np.searchsorted(ends, np.append(held.edges, np.inf)), held.counts)
    elif truth:
        np.add.at(counts, [int(name == "true") for name in held.names], held.counts)
    else:
        keys = np.zeros(0, np.uint64) if cut.keys is None else cut.keys
        same = held.keys[:, None] == keys[None, :]
        np.add.at(counts, np.where(same.any(axis=1), same @ np.arange(keys.size), OTHER), held.counts)
        counts[OTHER] += held.n_rare
    counts[MISSING] = max(profile.n_rows - held.n, 0)
    return counts


def _beyond(ours: Bins | Categories, theirs: Bins | Categories) -> int:
    """Current rows beyond the range of the reference, or with labels that it never saw."""
    if isinstance(ours, Categories) or isinstance(theirs, Categories):
        return ours.n_unseen if isinstance(ours, Categories) else 0
    filled = np.flatnonzero(theirs.counts)
    within = int(ours.counts[filled[0] : filled[-1] + 1].sum()) if filled.size else 0
    return ours.n - within


def _change(cells: CellMoments, name: str, at: int, shift: Shift) -> Change | str:
    """The change of a measure's mean; or why it is not known.

    Its variance is that of the cells' means, weighted by how far their shares moved, and that of the shares, which are
    multinomial on both sides. A cell of one row has the spread of all.
    """
    _, weight, mean, se = cells.at(name, at)
    used = (shift.now > 0) | (shift.before > 0)
    q, p, mean, se, weight = (a[used] for a in (shift.now, shift.before, mean, se, weight))
    m2 = cells.m2[cells.measures.index(name), at][used]
    alone = np.isnan(se)
    se = np.where(alone, math.sqrt(float(m2.sum() / weight.sum())) if alone.any() else 0.0, se)
    before, after = float(p @ mean), float(q @ mean)
    drawn = [float(s @ (mean - m) ** 2) / n for s, m, n in ((q, after, shift.n_now), (p, before, shift.n_before))]
    error = math.sqrt(float(((q - p) * se) @ ((q - p) * se)) + sum(drawn))
    if not all(map(math.isfinite, (before, after, error))):
        return "its sums leave the range of numbers"
    return Change(before, after, error)


def _rates(cells: CellMoments, at: int, shares: Floats) -> list[Scalar]:
    """Accuracy, precision and recall with these shares of the cells; `None` where there is nothing to divide by."""
    rows = [np.nan_to_num(cells.at(name, at)[2]) @ shares for name in ("tp", "fp", "fn", "tn")]
    tp, fp, fn, tn = (float(x) for x in rows)
    parts = ((tp + tn, tp + fp + fn + tn), (tp, tp + fp), (tp, tp + fn))
    return [hit / of if of > 0 else None for hit, of in parts]


def _row(
    column: str, moved: float, change: Change, sign: float, cells: CellMoments, at: int, shift: Shift
) -> list[Scalar]:
    ends = [change.before, change.after] if sign > 0 else [1 - change.before, 1 - change.after]
    rates = _rates(cells, at, shift.now) if "tp" in cells.measures else []
    return [column, moved, change.se, *ends, *rates, shift.unseen]


def _table(title: str, called: str, cells: CellMoments, rows: list[tuple[float, list[Scalar]]]) -> Table | None:
    """Columns by how much their change would cost, with what the confusion matrix would then say."""
    rates = ["accuracy", "precision", "recall"] if "tp" in cells.measures else []
    head = ["column", "change", "standard error", f"{called}, reference", f"{called}, expected", *rates, "rows unseen"]
    ranked = sorted(rows, key=lambda row: -row[0])[:SHOWN_AT_MOST]
    return Table(title, head, [row for _, row in ranked]) if ranked else None
