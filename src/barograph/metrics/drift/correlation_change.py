"""Change of the correlation of every pair of columns."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from barograph.errors import ParameterError
from barograph.joint import paired
from barograph.metric import Metric
from barograph.metrics.quality.pairs import Pairs, both_sides, largest, named, number, summary_of
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Figure, Heat, Result, Spec, Value
from barograph.schema import Schema
from barograph.special import gamma_tail

SIGNED = ("spearman", "kendall", "pearson")
ROWS_AT_LEAST = 10  # below, no standard error is near enough
DRAWN_AT_MOST = 40


@dataclass(frozen=True)
class CorrelationChange(Metric):
    """Absolute difference of a pair's correlation from the reference's: |r - r_ref|, for every pair of ordered columns.

    Range 0 to 2, lower is better; under no change about the standard error, 1 / sqrt(n) + 1 / sqrt(m) at most. Its
    p-value is that of z = (r - r_ref) / sqrt(se^2 + se_ref^2), two-sided; for `pearson`, of Fisher's atanh r. So
    `Check(CorrelationChange(), no_drift(0.25))` fails for a pair that changed by more than 0.25 and than noise. The
    errors of `spearman` (the default) and `kendall` hold for any law; that of `pearson` for normal ones only.

    Values are the `pairs` largest changes, with the labels `column` and `other`; where there are more, their p-values
    are those of the largest among all (Bonferroni). The figure has all, up to 40 columns. A pair without a correlation
    in the reference (a constant column, fewer than ten rows) is left out and counted in the note; one that has none
    now is `None`. Which columns, how exact, and the cost: see the metric of the method.

    Fisher (1921); Steiger (1980) for comparing correlations.

    >>> import numpy as np
    >>> from barograph import Report
    >>> x = np.arange(100.0)
    >>> run = Report([CorrelationChange()]).run(reference={"a": x, "b": x}, current={"a": x, "b": x[::-1]})
    >>> round(run.value("correlation_change", column="a", other="b"), 9)
    2.0
    """

    method: Literal["spearman", "kendall", "pearson"] = "spearman"
    columns: tuple[str, ...] = ()
    pairs: int = 100

    spec: ClassVar[Spec] = Spec(
        name="correlation_change",
        title="Change of correlation",
        group="drift",
        help="Difference of a pair's correlation from the reference's.",
        direction="lower",
        range=(0.0, 2.0),
        reference="required",
    )

    def __post_init__(self) -> None:
        if self.method not in SIGNED:
            raise ParameterError(f"there is no change of {self.method!r}; the methods are {', '.join(SIGNED)}")
        object.__setattr__(self, "columns", named(self.columns))
        if isinstance(self.pairs, bool) or not isinstance(self.pairs, int) or self.pairs < 1:
            raise ParameterError(f"{self.pairs!r} pairs cannot be listed; give 1 or more")

    def needs(self, schema: Schema) -> Iterable[Need]:
        return paired(schema, summary_of(self.method), self.columns)

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        if reference is None:
            return self.result([], note="correlation_change needs a reference")
        now, before, note = both_sides(reference.schema, current, reference, self.method, self.columns)
        if now is None or before is None:
            return self.result([], note=note or "the reference holds no pairs of columns")
        known = before.meant & np.isfinite(before.value) & (before.n >= ROWS_AT_LEAST)
        left = int(before.meant.sum() - known.sum()) // 2
        if left:
            said = f"{left:,} {'pair has' if left == 1 else 'pairs have'} no correlation in the reference"
            note = f"{note}; {said}" if note else said
        change = now.value - before.value
        listed = largest(np.nan_to_num(np.abs(change), nan=9.0), known, self.pairs)
        total = int(known.sum()) // 2
        if len(listed) < total:
            note = f"{note}; " * bool(note) + f"the {len(listed)} largest of {total:,} changes are listed"
        values = [self._value(now, before, i, j, total / len(listed)) for i, j in listed]
        return self.result(values, _figures(now.columns, np.where(known, change, np.nan)), note)

    def _value(self, now: Pairs, before: Pairs, i: int, j: int, among: float) -> Value:
        labels = {"column": now.columns[i], "other": now.columns[j]}
        n = int(now.n[i, j])
        r, r_ref = number(now.value[i, j]), float(before.value[i, j])
        if r is None or n < ROWS_AT_LEAST:
            few = f"only {n} rows have both; at least {ROWS_AT_LEAST} are needed"
            return Value(None, labels, n, note=few if n < ROWS_AT_LEAST else now.why(i, j))
        se = math.hypot(float(now.se[i, j]), float(before.se[i, j]))
        change = abs(r - r_ref)
        z = change / se if se > 0 else math.inf if change > 1e-12 else 0.0
        if self.method == "pearson":
            m = int(before.n[i, j])
            z = abs(_atanh(r) - _atanh(r_ref)) / math.sqrt(1 / (n - 3) + 1 / (m - 3))
        p_value = min(1.0, among * gamma_tail(0.5, z * z / 2)) if math.isfinite(z) else 0.0
        return Value(change, labels, n, se=se, p_value=p_value, note=f"{r:.3g}, was {r_ref:.3g}")


def _atanh(r: float) -> float:
    return math.atanh(max(-1 + 1e-15, min(1 - 1e-15, r)))


def _figures(columns: tuple[str, ...], change: np.ndarray) -> list[Figure]:
    shown = np.flatnonzero(np.isfinite(change).any(axis=1))
    if not 0 < shown.size <= DRAWN_AT_MOST:
        return []
    names = [columns[i] for i in shown]
    values = [[number(v) for v in row] for row in change[np.ix_(shown, shown)].tolist()]
    return [Heat("Change of correlation (current less reference)", names, names, values, "", "", middle=0.0)]
