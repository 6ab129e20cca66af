"""Quantiles of the error."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.errors import ParameterError
from barograph.metrics.performance.estimates import Estimate, Key, dropped, joined, nothing
from barograph.metrics.performance.residual import OfResiduals, residuals_of
from barograph.profile import Profile
from barograph.results import Bars, Figure, Spec
from barograph.schema import Schema
from barograph.summaries import Quantiles, Residuals

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
BINS = 40
TAIL = 0.005


@dataclass(frozen=True)
class ErrorQuantiles(OfResiduals):
    """Quantiles of prediction - target, one value each (label `quantile`), and a histogram.

    Any number, in the target's units, neither end is better; unchanged when nothing has changed. Interpolated as numpy
    does; exact for up to 512 rows, else `low` and `high` bound it by the summary's rank error. Of rows: weights play no
    part, and `note` says so where there are any. No rows: `None`. Standard error s from the quantiles two standard
    errors of a share away: (Q(q + 2 d) - Q(q - 2 d)) / 4, d = sqrt(q (1 - q) / n). The histogram's outermost cells hold
    the tails (half a percent each, of the wider side).

    Woodruff (1952); Hyndman & Fan (1996), definition 7.

    >>> from barograph import Profile, Schema
    >>> rows = {"y": [1.0, 2.0, 4.5], "said": [1.5, 2.0, 3.5]}
    >>> profile = Profile.of(rows, schema=Schema(target="y", prediction="said"))
    >>> [v.value for v in ErrorQuantiles((0.25, 0.5)).compute(profile, None).values]
    [-0.5, 0.0]
    """

    quantiles: tuple[float, ...] = QUANTILES

    spec: ClassVar[Spec] = Spec(
        name="error_quantiles",
        title="Error quantiles",
        group="performance",
        help="Quantiles of prediction - target.",
        direction="none",
        reference="optional",
    )
    drawn: ClassVar[tuple[str, str]] = "Errors", "prediction - target"

    def __post_init__(self) -> None:
        if not self.quantiles or not all(0 <= q <= 1 for q in self.quantiles):
            raise ParameterError(f"quantiles are shares of 0 to 1, at least one; not {self.quantiles}")

    def sketch(self, profile: Profile, schema: Schema) -> tuple[Quantiles, str, Estimate | None]:
        """The errors, what to say beside their quantiles, and what to say instead where there are none."""
        return sketch_of(residuals_of(self, profile, schema))

    def estimates(self, profile: Profile, schema: Schema) -> dict[Key, Estimate]:
        sketch, note, empty = self.sketch(profile, schema)
        found: dict[Key, Estimate] = {}
        for q in self.quantiles:
            found[("quantile", str(q)),] = empty or _quantile(sketch, q, note)
        return found

    def figures(self, current: Profile, reference: Profile | None, schema: Schema) -> list[Figure]:
        sides = {} if reference is None else {"reference": reference}
        found = {name: self.sketch(side, schema)[0] for name, side in {**sides, "current": current}.items()}
        sketches = {name: sketch for name, sketch in found.items() if sketch.n}
        if "current" not in sketches:
            return []
        spans = [q for sketch in sketches.values() if (q := sketch.quantiles(np.array([TAIL, 1 - TAIL]))) is not None]
        low, high = min(float(s[0]) for s in spans), max(float(s[1]) for s in spans)
        if not high > low:
            low, high = low - 0.5, high + 0.5
        ends = np.linspace(low, high, BINS + 1)
        if not np.isfinite(ends).all() or (np.diff(ends) <= 0).any():
            return []
        series = {}
        for name, sketch in sketches.items():
            below = sketch.cdf(ends)
            below[0], below[-1] = 0.0, 1.0
            series[name] = np.diff(below).tolist()
        cells = [f"{a:.3g} to {b:.3g}" for a, b in itertools.pairwise(ends)]
        title, x_title = self.drawn
        return [Bars(title, cells, series, ends.tolist(), {}, x_title, "share")]


def sketch_of(residuals: Residuals) -> tuple[Quantiles, str, Estimate | None]:
    """The errors of the residuals, what to say beside numbers read from them, or what instead where there are none."""
    empty = nothing(residuals, "prediction")
    if empty is None and residuals.quantiles.n == 0:
        empty = Estimate(None, residuals.n, note="no finite errors")
    weighed = "" if residuals.weight == residuals.n else "of rows, not weighted"
    return residuals.quantiles, joined(weighed, dropped(residuals.n_dropped, "prediction")), empty


def _quantile(sketch: Quantiles, q: float, note: str) -> Estimate:
    low, high = sketch.bounds(q) or (None, None)
    step = math.sqrt(q * (1 - q) / sketch.n)
    around = np.clip(np.array([q - 2 * step, q + 2 * step]), 0, 1)
    near = sketch.quantiles(around)
    known = near is not None and sketch.n > 1 and 0 < q < 1
    se = float((near[1] - near[0]) / (around[1] - around[0])) * step if near is not None and known else None
    return Estimate(sketch.quantile(q), sketch.n, low, high, se, note)
