"""The slices in which a model got worse."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from barograph.discoveries import discovery_level
from barograph.joint import loss, slices
from barograph.metric import Metric
from barograph.metrics.performance.slices import (
    ROWS_AT_LEAST,
    WEIGHED_AT_MOST,
    Sides,
    Slice,
    beside,
    explained_cells,
    left_out,
    sides,
    sliceable,
    told_apart,
)
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Result, Scalar, Spec, Table, Value
from barograph.schema import Schema
from barograph.special import f_tails
from barograph.types import Floats

ALL = "all rows"
LOSSES = {"log_loss": "log loss", "absolute": "absolute error", "correct": "share wrong"}


@dataclass(frozen=True)
class WorstSlices(Metric):
    """The slices of rows in which the loss grew by more than chance, and by more than in all other rows.

    A slice is a cell of a column, or of two: of up to 12 features (the first, or those named as `columns`) the six most
    frequent labels and the others, or seven groups of about equal mass in the reference, and what is missing. The loss
    is the log loss of two classes with a score, the absolute error of a regression, else the share of rows that are
    wrong. With m its mean in the slice, now and in the reference, and d the difference, a slice is tested twice: d
    against 0, and d against that of all other rows; a pair of columns also against the other rows of its first column's
    cell, and of its second's, so that it must do worse than either explains. The largest p-value counts (Student's t,
    the standard error the larger of Welch's and the pooled one). At `alpha` over all slices (Benjamini & Hochberg
    1995): where nothing has changed, at most so often is any slice found. Of what is found, cells of one column that
    are there only because of other slices found are left out.

    Values, with the label `slice`: the mean loss now, with the reference's, of `all rows`, and of at most `slices` of
    those found, first what adds most to the loss of all rows. Range 0 to infinity, lower is better; as in the
    reference, and no slice found, when nothing has changed. The table says what each adds to the mean loss of all rows,
    n d / N, and which part of all rows' growth that is; slices may overlap.

    Exact for these cells. Weights play no part. Slices of fewer than 30 rows on either side are not tested; none at
    all, no loss, losses whose squares overflow, or no reference: the result is `unknown`. Cost: see `SliceMoments`;
    milliseconds for 5,000 slices.

    Chung et al. (2019), Slice Finder; Benjamini & Hochberg (1995).

    >>> from barograph import Report, Schema
    >>> before = {"city": ["Ulm", "Bonn"] * 200, "y": [0.0] * 400, "said": [0.1, 0.1, 0.2, 0.2] * 100}
    >>> now = {**before, "said": [0.9, 0.1, 0.8, 0.2] * 100}
    >>> run = Report([WorstSlices()]).run(now, before, schema=Schema(target="y", prediction="said", task="regression"))
    >>> [(value.labels["slice"], round(value.value, 2)) for value in run.find("worst_slices")]
    [('all rows', 0.5), ('city: Ulm', 0.85)]
    """

    columns: tuple[str, ...] = ()
    slices: int = 10
    alpha: float = 0.01

    spec: ClassVar[Spec] = Spec(
        name="worst_slices",
        title="Worst slices",
        group="performance",
        help="Mean loss of the slices of rows in which it grew beyond chance, and more than in all other rows.",
        direction="lower",
        range=(0.0, None),
        reference="required",
    )

    def __post_init__(self) -> None:
        sliceable(self.columns, self.slices, self.alpha)

    def needs(self, schema: Schema) -> Iterable[Need]:
        return slices(schema, self.columns) if loss(schema) else ()

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        schema = (reference or current).schema
        if not loss(schema):
            return self.result([], note="the schema names no target, or neither prediction nor score")
        both = sides(next(iter(self.needs(schema)), None), current, reference)
        if isinstance(both, str):
            return self.result([], note=both)
        with np.errstate(all="ignore"):
            origin = _origin(both)
            sums = _sums(both, origin)
            if not np.isfinite(sums).all():
                return self.result([], note="some losses are too large for their squares to be summed")
            tested = _tested(both, sums)
            known = tested.p[tested.candidates]
            if not known.size:
                few = f"no slice has {ROWS_AT_LEAST} rows with a loss on both sides"
                return self.result([], note=few)
            level = discovery_level(known, self.alpha)
            found = _found(both, sums, tested, level)
            return self._told(both, sums, origin, tested, found, left_out(schema, self.columns))

    def _told(self, both: Sides, sums: Floats, origin: float, tested: _Tested, found: list[Slice], left: str) -> Result:
        whole = sums[:, :, 0].sum(axis=(-1, -2))
        ours, theirs = _loss(whole[0], origin), _loss(whole[1], origin)
        grown = ours[0] - theirs[0]
        values = [Value(ours[0], {"slice": ALL}, ours[1], se=ours[2], reference=theirs[0], reference_se=theirs[2])]
        rows: list[list[Scalar]] = [[ALL, ours[1], theirs[1], ours[0], theirs[0], grown, grown, 1.0, None]]
        adding = {s: float(sums[(0, 0, *both.at(s))] * tested.change[both.at(s)]) / ours[1] for s in found}
        listed = sorted(found, key=lambda s: (-adding[s], s))[: self.slices]
        for slice_ in listed:
            at = both.at(slice_)
            now, then = (_loss(sums[(side, slice(None), *at)], origin) for side in (0, 1))
            name, p = both.name(slice_), float(tested.p[at])
            values.append(
                Value(now[0], {"slice": name}, now[1], se=now[2], p_value=p, reference=then[0], reference_se=then[2])
            )
            part = adding[slice_] / grown if grown > 0 else None
            rows.append([name, now[1], then[1], now[0], then[0], now[0] - then[0], adding[slice_], part, p])
        what = LOSSES[both.now.measure]
        head: list[str] = ["slice", "rows", "rows, reference", what, f"{what}, reference", "worse by"]
        head += ["adds to all rows", "part of all that was added", "p-value"]
        more = f"; {len(listed)} of {len(found)} are listed" if len(found) > len(listed) else ""
        note = f"{len(found)} of {int(tested.candidates.sum()):,} slices are worse beyond chance{more}{left}"
        return self.result(values, [Table(f"Worst slices by {what}", head, rows)], note)


class _Tested(NamedTuple):
    """Of each cell of each table: how much the loss grew, how surely (in standard errors), the p-value; who counts."""

    change: Floats
    errors: Floats
    p: Floats
    candidates: np.ndarray


def _origin(both: Sides) -> float:
    """The mean loss of the reference."""
    n, mean = both.then.n[0], both.then.mean[0]
    found = float((mean * (n / max(int(n.sum()), 1))).sum())
    return 1 - found if both.then.measure == "correct" else found


def _sums(both: Sides, origin: float) -> Floats:
    """Rows, summed loss and summed squares about an origin: (2 sides, 3, tables, 8, 8)."""
    found = []
    for side in (both.now, both.then):
        away = (1 - side.mean if side.measure == "correct" else side.mean) - origin
        away = np.where(side.n > 0, away, 0.0)
        found.append(np.stack([side.n, side.n * away, side.m2 + side.n * away * away]))
    return np.stack(found)


def _tested(both: Sides, sums: Floats) -> _Tested:
    """Every cell against its own past, and against the change of the rows around it."""
    whole = sums[:, :, :1].sum(axis=(-1, -2), keepdims=True)
    first, second = sums.sum(axis=-1, keepdims=True), sums.sum(axis=-2, keepdims=True)
    p, errors = _worse(sums, (whole - sums,))
    of_pairs = _worse(sums, (whole - sums, first - sums, second - sums))
    single = np.equal(*np.triu_indices(len(both.columns)))[:, None, None]
    p, errors = np.where(single, p, of_pairs[0]), np.where(single, errors, of_pairs[1])
    enough = (sums[:, 0] >= ROWS_AT_LEAST).all(axis=0)
    return _Tested(_change(sums)[0], errors, p, both.candidates() & enough)


def _change(sums: Floats) -> tuple[Floats, Floats, Floats]:
    """Of sums (2 sides, 3, ...): by how much the mean grew, the variance of that, and the fewer rows of the two.

    The larger of two variances: Welch's is too small where few rows happen to be alike, the one pooled as if nothing
    had changed where few rows have a spread of their own.
    """
    n = sums[:, 0]
    mean = sums[:, 1] / n
    squares = np.maximum(sums[:, 2] - sums[:, 1] * mean, 0.0)
    grown = mean[0] - mean[1]
    welch = (squares / (n * (n - 1))).sum(axis=0)
    harmonic = 1 / (1 / n).sum(axis=0)
    pooled = (squares.sum(axis=0) + harmonic * grown**2) / (n.sum(axis=0) - 1) / harmonic
    rounding = 1e-12 * np.abs(mean).max(axis=0)
    return grown, np.maximum(np.maximum(welch, pooled), rounding**2), n.min(axis=0)


def _worse(inside: Floats, outside: tuple[Floats, ...]) -> tuple[Floats, Floats]:
    """The largest p-value, and the fewest standard errors, of rows that got worse and more so than each of others."""
    grown, variance, fewest = _change(inside)
    p, errors = _tail(grown / np.sqrt(variance), fewest)
    for rows in outside:
        theirs, spread, n = _change(rows)
        p_also, also = _tail((grown - theirs) / np.sqrt(variance + spread), np.minimum(fewest, n))
        p, errors = np.maximum(p, p_also), np.minimum(errors, also)
    return p, errors


def _tail(t: Floats, n: Floats) -> tuple[Floats, Floats]:
    """One-sided p-values of Student's t with one degree of freedom less than rows; nothing is said of few rows."""
    known = (n >= ROWS_AT_LEAST) & np.isfinite(t) & (t > 0)
    t = np.where(known, t, 0.0)
    return np.where(known, f_tails(1, np.maximum(n - 1, 1), t * t) / 2, 1.0), t


def _found(both: Sides, sums: Floats, tested: _Tested, level: float) -> list[Slice]:
    """What is below the level, less what other slices found explain."""
    candidates = both.among(tested.candidates & (tested.p <= level))
    surest = sorted(candidates, key=lambda s: -tested.errors[both.at(s)])[:WEIGHED_AT_MOST]
    whole = sums[:, :, 0].sum(axis=(-1, -2))

    def still(found: Slice, kept: list[Slice]) -> bool:
        if not found.single:
            return True
        mine = sums[(..., *both.at(found))]
        for other in {column for s in kept for column, _ in s.cells} - {found.column}:
            cells = explained_cells(found, other, kept)
            left = mine - beside(sums, both.now, found.column, other)[..., found.cell, cells].sum(axis=-1)
            if cells.size and _worse(left, (whole - mine,))[0] > level:
                return False
        return True

    return told_apart(surest, still)


def _loss(sums: Floats, origin: float) -> tuple[float, int, float]:
    """Mean loss, rows and standard error of some sums about an origin."""
    n, away, squares = sums.tolist()
    return origin + away / n, int(n), math.sqrt(max(squares - away * away / n, 0.0) / n / (n - 1))
