"""Drift of embeddings as a whole."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metric import Metric, label, missing_need, selected
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Result, Spec, Value
from barograph.schema import Kind, Schema
from barograph.special import gamma_tail
from barograph.summaries import Embedding
from barograph.types import Floats


@dataclass(frozen=True)
class EmbeddingDrift(Metric):
    """Distance between the mean vectors, in units of the reference's spread: |a - b| / sqrt(trace of its covariance).

    Range 0 to infinity, lower is better; 1 is a shift as long as the reference's vectors usually lie from their mean.
    Under no drift about sqrt(1/n + 1/m), in any dimension. Exact up to rounding. `p_value` needs no permutations: the
    squared distance is by chance a weighted sum of chi-square variables, whose first three cumulants are 1, 2 and 8
    times the traces of the covariance, its square and its cube; a chi-square variable is fitted to them. It counts on
    some 30 rows a side, and holds for correlated and for more dimensions than rows. Only the mean is compared: for the
    shape see the drift of the column's views (norm, cosine, axes). Fewer than 2 vectors on either side, a constant
    reference, or no column of vectors: `None`.

    Other tools: the defaults of Evidently 0.7.23 alarm for 100 % (distance) and 93 % (ratio) of unchanged samples of
    300 vectors in 16 dimensions.

    Bai & Saranadasa (1996); Buckley & Eagleson (1988) for the approximation.

    >>> import numpy as np
    >>> from barograph import Baseline, Profile
    >>> rng = np.random.default_rng(1)
    >>> base = Baseline.of({"e": rng.normal(size=(300, 16))})
    >>> same, moved = (Profile.of({"e": rng.normal(size=(300, 16)) + shift}, base) for shift in (0.0, 0.5))
    >>> [round(EmbeddingDrift().compute(p, base.profile).values[0].value, 2) for p in (same, moved)]
    [0.07, 0.49]
    """

    column: str | None = None

    spec: ClassVar[Spec] = Spec(
        name="embedding_drift",
        title="Distance of mean embeddings",
        group="drift",
        help="Distance between the mean vectors, in units of the reference's spread.",
        direction="lower",
        range=(0.0, None),
        reference="required",
    )

    def needs(self, schema: Schema) -> Iterable[Need]:
        columns = self._columns(schema)
        return [Need("embedding", (c,), "vector") for c in columns if schema.kinds.get(c) is Kind.EMBEDDING]

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        if reference is None:
            return self.result([], note="drift needs a reference")
        columns = self._columns(reference.schema)
        values = [_value(current, reference, column) for column in columns]
        return self.result(values, note="" if columns else "there is no embedding column")

    def _columns(self, schema: Schema) -> tuple[str, ...]:
        return selected(schema, self.column, (c for c in schema.features if schema.kinds[c] is Kind.EMBEDDING))


def _value(current: Profile, reference: Profile, column: str) -> Value:
    sides = [profile.get("embedding", column, view="vector") for profile in (current, reference)]
    kind = reference.schema.kinds.get(column)
    if kind is not None and kind is not Kind.EMBEDDING:
        return Value(None, label(column), note=f"column {column!r} is {kind.value}; embedding_drift is for embedding")
    if sides[0] is None or sides[1] is None:
        return Value(None, label(column), note=missing_need(reference if sides[1] is None else current, column))
    ours, theirs = sides
    for side, name in ((theirs, "reference"), (ours, "current side")):
        if side.n < 2:
            return Value(None, label(column), ours.n, note=f"the {name} has {side.n} vectors; at least 2 are needed")
    if not theirs.spread:
        why = "the reference's vectors are all the same" if theirs.spread == 0 else "its spread is beyond float64"
        return Value(None, label(column), ours.n, note=why)
    distance = float(np.linalg.norm((ours.mean_ - theirs.mean_) / theirs.spread))
    if not math.isfinite(distance):
        return Value(None, label(column), ours.n, note="the distance is beyond float64")
    return Value(distance, label(column), ours.n, p_value=_p_value(distance, ours, theirs))


def _p_value(distance: float, ours: Embedding, theirs: Embedding) -> float | None:
    """Chance of at least this distance between means of the same law; `None` where the law is not known."""
    traces: Floats = theirs.traces
    if not (traces > 0).all():
        return None
    second, third = traces[1] / traces[0] ** 2, traces[2] / traces[0] ** 3
    freedom = second**3 / third**2
    excess = distance**2 * ours.n * theirs.n / (ours.n + theirs.n) - 1
    return gamma_tail(freedom / 2, max(freedom + excess * math.sqrt(freedom / second), 0.0) / 2)
