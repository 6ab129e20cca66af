"""Evidently's confusion matrix."""

from __future__ import annotations

from barograph.compat.evidently.entries import Entry, Numbers
from barograph.errors import ParameterError
from barograph.metrics import performance
from barograph.results import Heat, Run
from barograph.schema import Schema


def ClassificationConfusionMatrix(  # noqa: N802 - the old name
    probas_threshold: float | None = None, k: int | None = None
) -> Entry:
    """Rows by target and prediction. Raises `ParameterError` for a threshold: the schema has it."""
    if probas_threshold is not None or k is not None:
        raise ParameterError("a confusion matrix is of labels; give Schema(threshold=...) to barograph.Report")
    metric = performance.ConfusionMatrix()

    def read(run: Run, _schema: Schema) -> Numbers:
        heats = [f for r in run.results for f in r.figures if isinstance(f, Heat) and r.spec.name == "confusion_matrix"]
        return {"matrices": [{"title": h.title, "labels": h.rows, "values": h.values} for h in heats]}

    return Entry("ClassificationConfusionMatrix", lambda _: [metric], read, "classification")
