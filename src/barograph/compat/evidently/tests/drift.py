"""Tests of drift: of one column, of all, of how many, and of embeddings."""

from __future__ import annotations

from typing import Any

from barograph.checks import Check, no_drift
from barograph.compat.evidently.drift import drift_check
from barograph.compat.evidently.entries import roles
from barograph.compat.evidently.judged import REQUIRED, Recipe
from barograph.errors import ParameterError
from barograph.metric import Metric
from barograph.metrics import drift
from barograph.presets import EMBEDDING_AT_LEAST
from barograph.schema import Schema

GROUP = "data_drift"
SHARE_AT_MOST = 0.3
METHOD = {"stattest": None, "stattest_threshold": None}


def _checks(
    _schema: Schema, column_name: Any = None, stattest: Any = None, stattest_threshold: Any = None
) -> list[Check]:
    return [drift_check(column_name, stattest, stattest_threshold)]


def _metric(schema: Schema, **given: Any) -> Metric:
    return _checks(schema, **given)[0].metric


def _all(schema: Schema, columns: Any = None, stattest: Any = None, stattest_threshold: Any = None) -> list[Check]:
    """Every feature and what the model says and is to say, or the columns that are named."""
    named = [None, *roles(schema)] if columns is None else [c for c in columns if c in schema.kinds]
    return [drift_check(column, stattest, stattest_threshold) for column in named]


def _any(_schema: Schema, **given: Any) -> Metric:
    return drift_check(None, given["stattest"], given["stattest_threshold"]).metric


def _embedding(_schema: Schema, embeddings_name: Any = None, drift_method: Any = None) -> list[Check]:
    if drift_method is not None:
        raise ParameterError("embeddings are compared by barograph.metrics.drift.EmbeddingDrift; for others, see MMD")
    return [Check(drift.EmbeddingDrift(embeddings_name), no_drift(EMBEDDING_AT_LEAST))]


def _few(failed: float, total: int) -> bool:
    """Fewer than three in ten, and none is always few: of two columns a third is none."""
    return failed == 0 or failed / total < SHARE_AT_MOST


RECIPES: dict[str, Recipe] = {
    "TestColumnDrift": Recipe("Drift per Column", GROUP, _metric, _checks, takes={"column_name": REQUIRED, **METHOD}),
    "TestShareOfDriftedColumns": Recipe(
        "Share of Drifted Columns", GROUP, _any, _all, takes={"columns": None, **METHOD}, tallied="share", usual=_few
    ),
    "TestNumberOfDriftedColumns": Recipe(
        "Number of Drifted Columns", GROUP, _any, _all, takes={"columns": None, **METHOD}, tallied="number", usual=_few
    ),
    "TestEmbeddingsDrift": Recipe(
        "Drift for embeddings", GROUP, lambda schema, **given: _embedding(schema, **given)[0].metric, _embedding,
        takes={"embeddings_name": None, "drift_method": None},
    ),
}  # fmt: skip
