"""How large the worst errors are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.errors import ParameterError
from barograph.metrics.performance.error_quantiles import sketch_of
from barograph.metrics.performance.estimates import Estimate, Key
from barograph.metrics.performance.residual import OfResiduals, residuals_of
from barograph.profile import Profile
from barograph.results import Spec
from barograph.schema import Schema
from barograph.summaries import Quantiles


@dataclass(frozen=True)
class ErrorTails(OfResiduals):
    """Mean error of the rows that are underestimated most, of those overestimated most, and of the majority between.

    The `share` of the rows with the lowest prediction - target (label `group` = `underestimated`), as many with the
    highest (`overestimated`), and all others (`majority`); the mean of a part of a row counts that part of it. Any
    number, in the target's units; nearer to 0 is better; unchanged when nothing has changed. From the quantiles of the
    errors: exact for up to 512 rows, else `low` and `high` bound it by the summary's rank error. Of rows: weights play
    no part, and `note` says so where there are any. No rows: `None`. Standard error of a mean beyond a quantile, and of
    a trimmed mean.

    Acerbi & Tasche (2002) for means beyond a quantile; Tukey & McLaughlin (1963) for the trimmed mean.

    >>> from barograph import Profile, Schema
    >>> rows = {"y": [0.0] * 20, "said": [-9.0, *[0.5] * 18, 7.0]}
    >>> profile = Profile.of(rows, schema=Schema(target="y", prediction="said", task="regression"))
    >>> {v.labels["group"]: v.value for v in ErrorTails().compute(profile, None).values}
    {'underestimated': -9.0, 'majority': 0.5, 'overestimated': 7.0}
    """

    share: float = 0.05

    spec: ClassVar[Spec] = Spec(
        name="error_tails",
        title="Mean of the worst errors",
        group="performance",
        help="Mean error of the rows underestimated most, overestimated most, and of the majority.",
        direction="zero",
        reference="optional",
    )

    def __post_init__(self) -> None:
        if not 0 < self.share < 0.5:
            raise ParameterError(f"a tail of {self.share!r} cannot be; give a share between 0 and 0.5")

    def estimates(self, profile: Profile, schema: Schema) -> dict[Key, Estimate]:
        sketch, note, empty = sketch_of(residuals_of(self, profile, schema))
        s = self.share
        groups = {"underestimated": (0.0, s), "majority": (s, 1 - s), "overestimated": (1 - s, 1.0)}
        return {(("group", name),): empty or _mean(sketch, *ends, note) for name, ends in groups.items()}


def _mean(sketch: Quantiles, start: float, end: float, note: str) -> Estimate:
    value = _between(sketch, start, end)
    slack = sketch.slack
    low, high = (_between(sketch, start + by, end + by) for by in (-slack, slack)) if slack else (None, None)
    values, weights = sketch.weighted()
    # what a row adds: its distance beyond the quantile, or the error winsorised at both
    ends = sketch.quantiles(np.array([start, end]))
    assert ends is not None
    kept = np.clip(values, *ends)
    spread = float(weights @ (kept - float(weights @ kept) / sketch.n) ** 2) / sketch.n
    se = math.sqrt(spread / max(sketch.n - 1, 1)) / (end - start) if sketch.n > 1 else None
    return Estimate(value, sketch.n, low, high, se, note)


def _between(sketch: Quantiles, start: float, end: float) -> float:
    """Mean of the errors between two shares of the rows; beyond the first and the last row lie their like."""
    values, weights = sketch.weighted()
    values = np.concatenate([[sketch.low], values, [sketch.high]])
    after = np.concatenate([[0.0], np.cumsum(weights), [2.0 * sketch.n]])
    before = np.concatenate([[-float(sketch.n)], after[:-1]])
    part = np.clip(np.minimum(after, end * sketch.n) - np.maximum(before, start * sketch.n), 0.0, None)
    return float((part / part.sum()) @ values)
