"""Predictions against targets."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.performance.estimates import Estimate, Key, Performance, dropped, joined, of_kind
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Figure, Heat, Spec
from barograph.schema import Schema
from barograph.summaries import Density
from barograph.types import Floats, Ints

CELLS = 20
TAIL = 0.005


@dataclass(frozen=True)
class PredictedActual(Performance):
    """Density of predictions over targets, as a picture: perfect predictions lie on the diagonal.

    Value: the correlation of prediction and target, between the middles of the squares they are counted in. Range -1 to
    1, higher is better (but blind to a constant factor or offset, which `mean_error` and `r2` see); unchanged when
    nothing has changed. Off by the squares' width, which the picture's cells hide: at most 1024 squares are kept, as
    small as that allows, whatever the outliers. The picture has the same cells on both axes, over the middle 99 % of
    targets and predictions of both sides; the outermost hold what lies beyond; shares of the weight. It needs a summary
    that profiles keep only when asked: the metric in a report, or `Profile.of(rows, needs=PredictedActual().needs)`.
    No rows, or a constant side: `None`. No standard error.

    Pearson (1896).

    >>> from barograph import Profile, Schema
    >>> rows, schema = {"y": [1.5, 2.0, 4.5], "said": [3.0, 4.0, 9.0]}, Schema(target="y", prediction="said")
    >>> profile = Profile.of(rows, schema=schema, needs=PredictedActual().needs)
    >>> round(PredictedActual().compute(profile, None).values[0].value, 6)
    1.0
    """

    spec: ClassVar[Spec] = Spec(
        name="predicted_actual",
        title="Predicted and actual",
        group="performance",
        help="Correlation of prediction and target, and where the rows lie.",
        direction="higher",
        range=(-1.0, 1.0),
        reference="optional",
    )

    def sources(self, schema: Schema) -> tuple[Need, ...] | str:
        found = of_kind(schema, "regression", "residuals")
        return found if isinstance(found, str) else (Need("density", found[0].columns),)

    def estimates(self, profile: Profile, schema: Schema) -> dict[Key, Estimate]:
        density = self._density(profile, schema)
        note = dropped(density.n_dropped, "prediction")
        if density.weights.sum() <= 0:
            why = "the weights of all rows are 0" if density.n else "no rows with both a target and a prediction"
            return {(): Estimate(None, density.n, note=joined(why, note))}
        y, p = (_away(places, density.weights) for places in (density.rows, density.columns))
        spread = float(np.sqrt(density.weights @ y**2) * np.sqrt(density.weights @ p**2))
        if spread <= 0:
            return {(): Estimate(None, density.n, note=joined("target or prediction is constant", note))}
        value = float(np.clip((density.weights @ (y * p)) / spread, -1, 1))
        return {(): Estimate(value, density.n, note=note)}

    def figures(self, current: Profile, reference: Profile | None, schema: Schema) -> list[Figure]:
        sides = {"current": self._density(current, schema)}
        if reference is not None:
            sides["reference"] = self._density(reference, schema)
        sides = {name: side for name, side in sides.items() if side.weights.sum() > 0}
        if "current" not in sides:
            return []
        with np.errstate(over="ignore", invalid="ignore"):  # what overflows is not drawn
            ends = _ends(list(sides.values()))
        if not np.isfinite(ends).all() or (np.diff(ends) <= 0).any():
            return []
        cells = [f"{a:.3g} to {b:.3g}" for a, b in itertools.pairwise(ends)]
        drawn: list[Figure] = []
        for name, side in sides.items():
            shares = _shares(side, ends)[::-1].tolist()  # the axis of targets points up
            drawn.append(Heat(f"Predicted and actual, {name}", cells[::-1], cells, shares, "prediction", "target"))
        return drawn

    def _density(self, profile: Profile, schema: Schema) -> Density:
        needs = self.sources(schema)
        assert not isinstance(needs, str)
        found: Density = profile.summaries[needs[0]]
        return found


def _away(places: Ints, weights: Floats) -> Floats:
    """Distances from the mean, in units that keep sums small."""
    from_first = (places - places[0]).astype(float)
    centred: Floats = from_first - float(weights @ from_first) / float(weights.sum())
    largest = float(np.abs(centred).max())
    return centred / largest if largest > 0 else centred


def _middles(density: Density) -> tuple[Floats, Floats]:
    half = np.float64(0.5)
    return (density.rows + half) * density.width, (density.columns + half) * density.width


def _ends(sides: list[Density]) -> Floats:
    """Ends of the cells over the middle of all targets and predictions, each side counting the same."""
    values = np.concatenate([part for side in sides for part in _middles(side)])
    weights = np.concatenate([side.weights / side.weights.sum() for side in sides for _ in range(2)])
    order = np.argsort(values, kind="stable")
    upto = np.cumsum(weights[order]) / weights.sum()
    low, high = values[order][np.minimum(np.searchsorted(upto, [TAIL, 1 - TAIL]), values.size - 1)]
    half = max(side.width for side in sides) / 2
    ends: Floats = np.linspace(low - half, high + half, CELLS + 1)
    return ends


def _shares(side: Density, ends: Floats) -> Floats:
    """Share of the weight in each cell, target by prediction; the outermost hold what lies beyond."""
    row, column = (np.searchsorted(ends[1:-1], part, side="right") for part in _middles(side))
    counted: Floats = np.bincount(row * CELLS + column, side.weights, minlength=CELLS * CELLS).astype(float)
    shares: Floats = counted.reshape(CELLS, CELLS) / side.weights.sum()
    return shares
