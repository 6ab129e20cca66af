"""Confusion matrix."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.performance.estimates import Estimate, Key, Performance, of_kind
from barograph.metrics.performance.tables import Table, counted
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Figure, Heat, Spec
from barograph.schema import Schema

ALL_CELLS_AT_MOST = 20
DRAWN_AT_MOST = 50


@dataclass(frozen=True)
class ConfusionMatrix(Performance):
    """Confusion matrix: how many rows (or how much weight) of each target got each prediction.

    One value per pair, with the labels `target` and `prediction`; beyond 20 classes only the pairs that occur. Range 0
    to infinity, neither end is better; the reference's shares under no change; it grows with n, so compare shares, not
    these, with a reference. Exact. No rows: `None`. Standard error of a count among n: sqrt(n p (1 - p)).

    Other tools: in whylogs 1.6.4 two matrices with different cells raise an error when they are merged.

    Stehman (1997).

    >>> from barograph import Profile, Schema
    >>> rows = {"y": ["a", "b", "b"], "said": ["a", "b", "a"]}
    >>> profile = Profile.of(rows, schema=Schema(target="y", prediction="said"))
    >>> [(v.labels["target"], v.labels["prediction"], v.value) for v in ConfusionMatrix().compute(profile, None).values]
    [('a', 'a', 1.0), ('a', 'b', 0.0), ('b', 'a', 1.0), ('b', 'b', 1.0)]
    """

    spec: ClassVar[Spec] = Spec(
        name="confusion_matrix",
        title="Confusion matrix",
        group="performance",
        help="Rows of each target class by predicted class.",
        direction="none",
        range=(0.0, None),
        reference="optional",
    )

    def sources(self, schema: Schema) -> tuple[Need, ...] | str:
        return of_kind(schema, "classification", "confusion")

    def estimates(self, profile: Profile, schema: Schema) -> dict[Key, Estimate]:
        table = self._table(profile, schema)
        if isinstance(table, Estimate):
            return {(): table} if table.value is None else {}
        total = float(table.weights.sum())
        mean = float(table.squares.sum()) / total
        p = np.minimum((table.weights + mean) / (total + 2 * mean), 1.0)
        errors = np.sqrt((table.squares + mean**2) * (1 - p) ** 2 + (table.squares.sum() - table.squares) * p * p)
        listed: dict[Key, Estimate] = {}
        few = len(table.classes) <= ALL_CELLS_AT_MOST
        for i, target in enumerate(table.classes):
            for j, prediction in enumerate(table.classes):
                if few or table.weights[i, j] > 0:
                    key = (("target", target), ("prediction", prediction))
                    se = float(errors[i, j]) if math.isfinite(errors[i, j]) else None
                    listed[key] = Estimate(float(table.weights[i, j]), table.n, se=se, note=table.note)
        return listed

    def figures(self, current: Profile, reference: Profile | None, schema: Schema) -> list[Figure]:
        drawn: list[Figure] = []
        for name, profile in (("current", current), ("reference", reference)):
            table = None if profile is None else self._table(profile, schema)
            if not isinstance(table, Table):
                break
            if len(table.classes) <= DRAWN_AT_MOST:
                classes = list(table.classes)
                title = f"Confusion matrix, {name}"
                drawn.append(Heat(title, classes, classes, table.weights.tolist(), "prediction", "target"))
        return drawn

    def _table(self, profile: Profile, schema: Schema) -> Table | Estimate:
        needs = self.sources(schema)
        assert not isinstance(needs, str)
        return counted(profile, needs[0], schema)
