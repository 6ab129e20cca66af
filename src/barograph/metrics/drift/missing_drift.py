"""Change in what is absent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metric import missing_need, selected
from barograph.metrics.drift.cells import Cells, Comparison, shares
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Spec
from barograph.schema import Schema
from barograph.summaries import Counts
from barograph.types import Floats


@dataclass(frozen=True)
class MissingDrift(Comparison):
    """Share of rows that changed between present, null, NaN, +inf, -inf and unreadable: their total variation distance.

    Range 0 to 1, lower is better; under no drift it shrinks as 1/sqrt(n). With one sort of absence it is the change of
    its share. Exact. No rows on either side: `None`.

    Other tools: Evidently 0.7.23 drops absent values before it compares, so that 90 % of NaN is no drift; whylogs 1.6.4
    does not see a rise of nulls from 0 to 60 % either (p = 0.96).

    >>> from barograph import Baseline, Profile
    >>> base = Baseline.of({"age": [1, 2, 3, None]})
    >>> MissingDrift("age").compute(Profile.of({"age": [1, None]}, base), base.profile).values[0].value
    0.25
    """

    column: str | None = None

    spec: ClassVar[Spec] = Spec(
        name="missing_drift",
        title="Drift of missing values",
        group="drift",
        help="Share of rows that changed between present, null, NaN, infinite and unreadable.",
        unit="ratio",
        direction="lower",
        range=(0.0, 1.0),
        reference="required",
    )

    def needs(self, schema: Schema) -> Iterable[Need]:
        return [Need("counts", (column,)) for column in selected(schema, self.column) if column in schema.kinds]

    def compared(self, schema: Schema) -> Iterable[tuple[str, str]]:
        return ((column, "value") for column in selected(schema, self.column))

    def cells(self, current: Profile, reference: Profile, column: str, view: str) -> Cells | str:
        ours, theirs = current.get("counts", column), reference.get("counts", column)
        if ours is None or theirs is None:
            return missing_need(reference if theirs is None else current, column)
        if ours.n_rows == 0 or theirs.n_rows == 0:
            side, rows = ("reference", reference) if theirs.n_rows == 0 else ("current side", current)
            return f"the {side} has no {'rows' if rows.n_rows == 0 else 'such column'}"
        return Cells(_sorts(ours), _sorts(theirs))

    def statistic(self, current: Floats, reference: Floats, cells: Cells) -> Floats:
        distance: Floats = np.abs(shares(reference) - shares(current)).sum(axis=-1) / 2
        return distance


def _sorts(counts: Counts) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    sorts = ("n_present", "n_null", "n_nan", "n_pos_inf", "n_neg_inf", "n_invalid")
    return np.array([getattr(counts, sort) for sort in sorts], np.int64)
