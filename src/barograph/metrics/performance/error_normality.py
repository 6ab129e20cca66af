"""Whether errors are normal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.performance.error_quantiles import sketch_of
from barograph.metrics.performance.estimates import Estimate, Key
from barograph.metrics.performance.residual import OfResiduals, residuals_of
from barograph.profile import Profile
from barograph.results import Figure, Line, Lines, Spec
from barograph.schema import Schema
from barograph.special import normal_distribution, normal_quantiles
from barograph.summaries import Quantiles
from barograph.types import Floats

POINTS = 99


@dataclass(frozen=True)
class ErrorNormality(OfResiduals):
    """Distance of the errors from a normal distribution with their mean and standard deviation, and a QQ plot.

    Lilliefors' statistic: max |share of errors <= x - Phi((x - mean) / sd)|, sd with n - 1. Range 0 to 1, lower is
    nearer to normal; of n normal errors about 0.64 / sqrt(n), of which 5 % exceed 0.89 / sqrt(n); unchanged when
    nothing has changed. Many rows are never quite normal: look at the size, not at a p-value. From the quantiles of the
    errors: exact for up to 512 rows, else within the summary's rank error (`low` and `high`), mean and standard
    deviation being those of its values. Of rows: weights play no part, and `note` says so. Fewer than 3 rows or
    constant errors: `None`. No standard error: hold it against a number, not against the reference. The plot: the
    errors' quantiles over those of the normal distribution; normal errors lie on the straight line beside them.

    Lilliefors (1967).

    >>> from barograph import Profile, Schema
    >>> rows = {"y": [0.0] * 5, "said": [-2.0, -1.0, 0.0, 1.0, 2.0]}
    >>> profile = Profile.of(rows, schema=Schema(target="y", prediction="said", task="regression"))
    >>> round(ErrorNormality().compute(profile, None).values[0].value, 4)
    0.1365
    """

    spec: ClassVar[Spec] = Spec(
        name="error_normality",
        title="Distance of the errors from normal",
        group="performance",
        help="Largest distance of the errors' distribution from the normal one: 0 is normal.",
        direction="lower",
        range=(0.0, 1.0),
        reference="optional",
    )

    def estimates(self, profile: Profile, schema: Schema) -> dict[Key, Estimate]:
        sketch, note, empty = sketch_of(residuals_of(self, profile, schema))
        return {(): empty or _distance(sketch, note)}

    def figures(self, current: Profile, reference: Profile | None, schema: Schema) -> list[Figure]:
        sketch, _, empty = sketch_of(residuals_of(self, current, schema))
        known = None if empty else _standard(sketch)
        shares = (np.arange(POINTS) + 0.5) / POINTS
        found = sketch.quantiles(shares)
        if known is None or found is None or not np.isfinite(found).all():
            return []
        mean, sd = known
        x = normal_quantiles(shares)
        drawn = [Line("current", x.tolist(), found.tolist()), Line("normal", x.tolist(), (mean + sd * x).tolist())]
        if reference is not None:
            before, _, none = sketch_of(residuals_of(self, reference, schema))
            old = before.quantiles(shares)
            drawn += [Line("reference", x.tolist(), old.tolist())] if none is None and old is not None else []
        return [Lines("Error quantiles against normal ones (QQ)", drawn, "standard normal", "prediction - target")]


def _standard(sketch: Quantiles) -> tuple[float, float] | None:
    """Mean and standard deviation of the errors that the summary holds; `None` where there is no spread."""
    values, weights = sketch.weighted()
    mean = float(weights @ values) / sketch.n
    sd = math.sqrt(float(weights @ (values - mean) ** 2) / max(sketch.n - 1, 1))
    return (mean, sd) if sketch.n >= 3 and math.isfinite(sd) and sd > 1e-12 * abs(mean) else None


def _distance(sketch: Quantiles, note: str) -> Estimate:
    known = _standard(sketch)
    if known is None:
        return Estimate(None, sketch.n, note="fewer than 3 rows, or errors that are all the same")
    mean, sd = known
    values, weights = sketch.weighted()
    after = np.cumsum(weights) / sketch.n
    normal: Floats = normal_distribution((values - mean) / sd)
    apart = np.maximum(after - normal, normal - (after - weights / sketch.n))
    value, slack = float(apart.max()), sketch.slack
    low, high = (max(value - slack, 0.0), min(value + slack, 1.0)) if slack else (None, None)
    return Estimate(value, sketch.n, low, high, note=note)
