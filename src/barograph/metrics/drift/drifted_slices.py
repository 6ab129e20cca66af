"""The slices of which there are more or fewer rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from barograph.discoveries import any_discovery, discovery_level
from barograph.joint import slices
from barograph.metric import Metric
from barograph.metrics.performance.slices import ROWS_AT_LEAST, Sides, Slice, left_out, sides, sliceable
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Result, Scalar, Spec, Table, Value
from barograph.schema import Schema
from barograph.special import normal_distribution
from barograph.types import Floats

ANY = "any"
WEIGHT_AT_LEAST = 0.5  # rows added to each count of a table of two by two, without which nothing is infinite


@dataclass(frozen=True)
class DriftedSlices(Metric):
    """The slices of rows whose share changed beyond chance: of pairs, beyond what either column did alone.

    A slice is a cell of a column, or of two: see `WorstSlices`. Of a cell of one column the share now is held against
    the reference's, p - q (z test with the pooled share). Of a pair, the odds ratio of its two cells is held against
    the reference's: z is the difference of log((n11 + 1/2)(n00 + 1/2) / ((n10 + 1/2)(n01 + 1/2))), its variance the
    sum of 1/(n + 1/2) over both tables; what is to be expected is the share that keeps the reference's odds ratio where
    either column has the share that it has now (Plackett 1965). Two-sided, at `alpha` over all slices (Benjamini &
    Hochberg 1995).

    Values, with the label `slice`: by how much the share differs from what is expected, |p - e|, of at most `slices` of
    those found, the largest first; and of `any`, the largest of all that is found, with the p-value of all slices
    together (Simes 1986). Range 0 to 1, lower is better; 0 and nothing found when nothing has changed.

    Exact for these cells. Weights play no part. Slices of fewer than 30 rows on both sides together, or a pair with
    fewer expected of either, are not tested; none at all, or no reference: the result is `unknown`. Cost: see
    `SliceMoments`; milliseconds for 5,000 slices.

    Plackett, A Class of Bivariate Distributions (1965); Benjamini & Hochberg (1995); Agresti (2013).

    >>> from barograph import Report
    >>> before = {"city": ["Ulm", "Bonn"] * 200, "plan": ["x", "x", "y", "y"] * 100}
    >>> run = Report([DriftedSlices()]).run({**before, "plan": ["x", "y"] * 200}, before)
    >>> [(v.labels["slice"], v.value) for v in run.find("drifted_slices")][:2]
    [('any', 0.25), ('city: Bonn & plan: x', 0.25)]
    """

    columns: tuple[str, ...] = ()
    slices: int = 10
    alpha: float = 0.01

    spec: ClassVar[Spec] = Spec(
        name="drifted_slices",
        title="Drifted slices",
        group="drift",
        help="Change in the share of rows in a slice, beyond chance and beyond what its single columns did.",
        unit="ratio",
        direction="lower",
        range=(0.0, 1.0),
        reference="required",
    )

    def __post_init__(self) -> None:
        sliceable(self.columns, self.slices, self.alpha)

    def needs(self, schema: Schema) -> Iterable[Need]:
        return slices(schema, self.columns)

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        need = next(iter(self.needs((reference or current).schema)), None)
        both = sides(need, current, reference)
        if isinstance(both, str):
            return self.result([], note=both)
        with np.errstate(all="ignore"):
            shares = _compared(both)
        candidates = both.candidates() & shares.known
        known = shares.p[candidates]
        if not known.size:
            return self.result([], note=f"no slice has {ROWS_AT_LEAST} rows")
        found = both.among(candidates & (shares.p <= discovery_level(known, self.alpha)))
        found.sort(key=lambda s: (-abs(shares.moved(both.at(s))), s))
        return self._told(both, shares, found, known, left_out(current.schema, self.columns))

    def _told(self, both: Sides, shares: _Shares, found: list[Slice], known: Floats, left: str) -> Result:
        largest = abs(shares.moved(both.at(found[0]))) if found else 0.0
        values = [Value(largest, {"slice": ANY}, both.now.n_rows, p_value=any_discovery(known))]
        rows: list[list[Scalar]] = []
        for slice_ in found[: self.slices]:
            at = both.at(slice_)
            name, moved, p = both.name(slice_), shares.moved(at), float(shares.p[at])
            n, m = int(both.now.rows[at]), int(both.then.rows[at])
            values.append(Value(abs(moved), {"slice": name}, both.now.n_rows, p_value=p))
            shown = (n / both.now.n_rows, m / both.then.n_rows, float(shares.expected[at]), moved)
            rows.append([name, n, m, *shown, p])
        head = ["slice", "rows", "rows, reference", "share", "share, reference", "share expected", "moved", "p-value"]
        more = f"; {self.slices} of them are listed" if len(found) > self.slices else ""
        note = f"{len(found)} of {known.size:,} slices changed beyond chance{more}{left}"
        return self.result(values, [Table("Drifted slices", head, rows)], note)


class _Shares(NamedTuple):
    """Of each cell of each table: its share now, what it was expected to be, the p-value, and whether it is tested."""

    share: Floats
    expected: Floats
    p: Floats
    known: np.ndarray

    def moved(self, at: tuple[int, int, int]) -> float:
        """By how much a share differs from what is expected."""
        return float(self.share[at] - self.expected[at])


def _compared(both: Sides) -> _Shares:
    """Single columns against their share in the reference, pairs against what their columns leave to be expected."""
    now, then = both.now.rows.astype(float), both.then.rows.astype(float)
    n, m = float(both.now.n_rows), float(both.then.n_rows)
    pooled = (now + then) / (n + m)
    alone = (now / n - then / m) / np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    log_odds, variance = zip(*(_odds(side) for side in (now, then)), strict=True)
    together = (log_odds[0] - log_odds[1]) / np.sqrt(variance[0] + variance[1])
    single = np.equal(*np.triu_indices(len(both.columns)))[:, None, None]
    z = np.where(single, alone, together)
    row, column = (now.sum(axis=axis, keepdims=True) for axis in (-1, -2))
    fewest = np.minimum(row * column / n, then.sum(axis=-1, keepdims=True) * then.sum(axis=-2, keepdims=True) / m)
    enough = np.where(single, now + then, fewest) >= ROWS_AT_LEAST
    expected = np.where(single, then / m, _plackett(row / n, column / n, np.exp(log_odds[1])))
    return _Shares(now / n, expected, 2 * normal_distribution(-np.abs(z)), enough & np.isfinite(z))


def _odds(rows: Floats) -> tuple[Floats, Floats]:
    """Of each cell the log odds ratio of its table of two by two, and its variance."""
    first, second = rows.sum(axis=-1, keepdims=True), rows.sum(axis=-2, keepdims=True)
    whole = rows.sum(axis=(-1, -2), keepdims=True)
    a, b, c = rows + WEIGHT_AT_LEAST, first - rows + WEIGHT_AT_LEAST, second - rows + WEIGHT_AT_LEAST
    d = whole - first - second + rows + WEIGHT_AT_LEAST
    return np.log(a) + np.log(d) - np.log(b) - np.log(c), 1 / a + 1 / b + 1 / c + 1 / d


def _plackett(first: Floats, second: Floats, odds: Floats) -> Floats:
    """The share of both where two have these shares and this odds ratio."""
    s = 1 + (first + second) * (odds - 1)
    root = np.sqrt(np.maximum(s * s - 4 * odds * (odds - 1) * first * second, 0.0))
    found: Floats = 2 * odds * first * second / (s + root)
    return found
