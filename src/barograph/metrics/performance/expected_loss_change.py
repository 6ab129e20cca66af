"""What each column's change would cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.measures import expected_measures
from barograph.metrics.performance.impact import ExpectedChange
from barograph.results import Spec
from barograph.schema import Schema

_CALLED = {"log_loss": ("log loss", 1.0), "absolute": ("absolute error", 1.0), "correct": ("error rate", -1.0)}


@dataclass(frozen=True)
class ExpectedLossChange(ExpectedChange):
    """How much the reference's mean loss would change if one column were distributed as it is now; no labels needed.

    `sum over cells b of (q_b - p_b) * mean_b`, where p and q are the shares of the reference's and the current rows in
    cell b of the column, and mean_b the reference's mean loss in it: importance weighting with the ratio q_b / p_b.
    The loss is the log loss where there is a score, the absolute error of a regression, else the share of wrong
    predictions. Any range, lower is better, 0 when nothing has changed.

    It is taken that the target depends on the inputs as it did, and that the other columns move with this one as they
    did in the reference; so changes of columns that move together are one cost told twice, and do not add up. The
    cells: at most ten of about equal mass in the reference, its ten most frequent labels and all others, and missing
    ones. Rows beyond the reference's range are counted in the outermost cell, rows in cells or with labels that it
    never saw are left out; above a quarter of such rows the value is `None`, and so it is without values on either
    side, or where the reference kept no outcomes (it has no target, or was not frozen from rows). What changes inside
    a cell is not seen. Constant columns: 0.

    Standard error from the spread in the cells and the chance in the shares of both sides. Cost: microseconds for
    each column; the baseline holds 480 bytes for each column and measure, of up to 100 columns, of about 65,536 of its
    rows where there are more (a seeded choice), which is part of the standard error.

    Shimodaira (2000) for re-weighting; Quionero-Candela et al. (2009) for covariate shift.

    >>> from barograph import Report, Schema
    >>> then = {"city": ["Ulm", "Ulm", "Bonn", "Bonn"], "y": [1, 0, 1, 1], "said": [1, 1, 1, 1]}
    >>> now = {"city": ["Ulm", "Ulm", "Ulm", "Bonn"], "y": [None] * 4, "said": [1, 1, 1, 1]}
    >>> run = Report([ExpectedLossChange()]).run(now, then, schema=Schema(target="y", prediction="said"))
    >>> run.value("expected_loss_change", column="city")
    0.125
    """

    spec: ClassVar[Spec] = Spec(
        name="expected_loss_change",
        title="Expected change of the loss",
        group="performance",
        help="Change of the reference's mean loss, re-weighted to the column's current distribution.",
        direction="lower",
        reference="required",
    )

    def measure(self, schema: Schema) -> tuple[str, str, float]:
        name = next((name for name in _CALLED if name in expected_measures(schema)), "")
        return (name, *_CALLED[name]) if name else ("", "the schema names no target beside a prediction or score", 1.0)
