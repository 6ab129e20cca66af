"""How the errors spread."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from barograph.errors import ParameterError
from barograph.metrics.performance.estimates import Estimate
from barograph.metrics.performance.residual import OfResiduals, shrink
from barograph.results import Spec
from barograph.summaries import Residuals

KINDS = ("error", "absolute", "percentage")


@dataclass(frozen=True)
class ErrorStd(OfResiduals):
    """Standard deviation of the errors: of prediction - target, of its absolute value, or of |error| / |target|.

    sqrt((mean of squares - square of mean) n / (n - 1)), n after Kish for weights. `of` says of which: `error`
    (beside `mean_error`), `absolute` (beside `mae`), `percentage` (beside `mape`, as a ratio like it, without the rows
    whose target is 0). Range 0 to infinity, lower is better; unchanged when nothing has changed. Exact up to rounding,
    measured against the mean error. Fewer than two rows: `None`. Standard error from the fourth moment about the mean,
    read from the quantiles of the errors; not known for percentages.

    Kish (1965).

    >>> from barograph import Profile, Schema
    >>> rows = {"y": [1.0, 2.0, 4.5], "said": [1.5, 2.0, 3.5]}
    >>> profile = Profile.of(rows, schema=Schema(target="y", prediction="said"))
    >>> [round(ErrorStd(of).compute(profile, None).values[0].value, 4) for of in ("error", "absolute", "percentage")]
    [0.7638, 0.5, 0.2505]
    """

    of: Literal["error", "absolute", "percentage"] = "error"

    spec: ClassVar[Spec] = Spec(
        name="error_std",
        title="Standard deviation of the error",
        group="performance",
        help="Standard deviation of prediction - target.",
        direction="lower",
        range=(0.0, None),
        reference="optional",
    )

    def __post_init__(self) -> None:
        if self.of not in KINDS:
            raise ParameterError(f"there is no standard deviation of {self.of!r}; there are {', '.join(KINDS)}")

    def estimate(self, residuals: Residuals) -> Estimate:
        r = residuals
        total, squares, weight, n = r.error, r.squared, r.weight, r.n
        if self.of == "absolute":
            total = r.absolute
        if self.of == "percentage":
            total, squares, weight, n = r.ape, r.ape2, r.ape_weight, r.n - r.n_zero
        rows = weight * shrink(r)
        if rows <= 1:
            return Estimate(None, n, note="one row has no spread" if n else "no rows with a target other than 0")
        spread = max(squares / weight - (total / weight) ** 2, 0.0)
        std = math.sqrt(spread * rows / (rows - 1))
        return Estimate(std, n, se=None if self.of == "percentage" else self._error(r, std, rows))

    def _error(self, r: Residuals, std: float, rows: float) -> float | None:
        values, weights = r.quantiles.weighted()
        if not r.quantiles.n:
            return None
        errors = np.abs(values) if self.of == "absolute" else values
        away = errors - float(weights @ errors) / r.quantiles.n
        second, fourth = (float(weights @ (away / max(std, 1e-300)) ** power) / r.quantiles.n for power in (2, 4))
        return std * math.sqrt(max(fourth - second**2, 0.0) / 4 / rows)
