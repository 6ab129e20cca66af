"""What is measured of each row of a model with outcomes: its target, prediction, score, error and loss."""

from __future__ import annotations

import numpy as np

from barograph import frame
from barograph.schema import Schema
from barograph.spelling import one_spelling
from barograph.summaries.scores import EPSILON
from barograph.types import Floats

CLASSES_AT_MOST = 10  # beside more classes only accuracy is measured


def measures(schema: Schema) -> tuple[str, ...]:
    """Names of what can be measured of a row.

    Two classes: `target` and `prediction` (1 is the positive class), `correct`, the confusion's `tp fp fn tn`, and of a
    score `score`, `log_loss` and `brier`. More classes: `correct`, and for up to 10 of them `actual`, `predicted` and
    `hit` of each (of rows with both). Regression: `target`, `prediction`, `error` (prediction - target), `absolute`,
    `squared`.

    >>> measures(Schema(target="y", prediction="p", task="regression"))
    ('target', 'prediction', 'error', 'absolute', 'squared')
    """
    target, said = schema.target is not None, schema.prediction is not None
    if schema.task == "regression":
        errors = ["error", "absolute", "squared"] * (target and said)
        return (*(["target"] * target), *(["prediction"] * said), *errors)
    if schema.task != "classification":
        return ()
    if not schema.binary:
        both = ["correct"] * (target and said)
        few = schema.classes if len(schema.classes) <= CLASSES_AT_MOST else ()
        return (*both, *(f"{what}:{c}" for c in few for what in _OF_CLASS[target, said]))
    decided = said or schema.score is not None
    found = [*(["target"] * target), *(["prediction"] * decided)]
    found += ["correct", "tp", "fp", "fn", "tn"] if target and decided else []
    if schema.score is not None:
        found += ["score", *(["log_loss", "brier"] if target else [])]
    return tuple(found)


def expected_measures(schema: Schema) -> tuple[str, ...]:
    """Of `measures`, those whose change is told before labels come: one loss, what the model says, the confusion.

    >>> expected_measures(Schema(target="y", prediction="p", task="regression"))
    ('absolute', 'prediction')
    """
    there = measures(schema)
    loss = [m for m in ("log_loss", "absolute", "correct") if m in there][:1]
    said = [m for m in ("score", "prediction") if m in there][:1]
    return (*loss, *said, *(m for m in ("tp", "fp", "fn", "tn") if m in there))


_OF_CLASS = {
    (True, True): ("actual", "predicted", "hit"),
    (True, False): ("actual",),
    (False, True): ("predicted",),
    (False, False): (),
}


def measured(batch: frame.Batch, schema: Schema, names: tuple[str, ...]) -> tuple[dict[str, Floats], Floats | None]:
    """What `names` are of each row, NaN where it is not known, and the weights of the rows.

    Raises `InputError` where weights are negative or infinite.
    """
    weight, _ = frame.weights(batch, schema.weight if schema.weight in batch.columns else None)
    if schema.task == "regression":
        found = _regression(batch, schema)
    elif schema.binary:
        found = _binary(batch, schema)
    else:
        found = _classes(batch, schema, names)
    return {name: found[name] for name in names if name in found}, weight


def _regression(batch: frame.Batch, schema: Schema) -> dict[str, Floats]:
    target, prediction = (
        frame.row_numbers(batch, c) if c else np.full(batch.height, np.nan) for c in (schema.target, schema.prediction)
    )
    with np.errstate(over="ignore", invalid="ignore"):
        error = prediction - target
        return {
            "target": target, "prediction": prediction, "error": error, "absolute": np.abs(error), "squared": error**2
        }  # fmt: skip


def _binary(batch: frame.Batch, schema: Schema) -> dict[str, Floats]:
    positive = str(schema.positive)
    nothing = np.full(batch.height, np.nan)
    target = frame.row_class(batch, schema.target, positive) if schema.target else nothing
    score = frame.row_numbers(batch, schema.scores[positive]) if positive in schema.scores else nothing
    score = np.where(np.isfinite(score), score, np.nan)
    if schema.prediction:
        said = frame.row_class(batch, schema.prediction, positive)
    else:
        said = np.where(np.isnan(score), np.nan, (score >= schema.threshold).astype(float))
    p = np.clip(np.where((score >= 0) & (score <= 1), score, np.nan), EPSILON, 1 - EPSILON)
    return {
        "target": target,
        "prediction": said,
        "correct": np.where(np.isnan(target * said), np.nan, (target == said).astype(float)),
        "tp": target * said,
        "fp": (1 - target) * said,
        "fn": target * (1 - said),
        "tn": (1 - target) * (1 - said),
        "score": score,
        "log_loss": -(target * np.log(p) + (1 - target) * np.log1p(-p)),
        "brier": (score - target) ** 2,
    }


def _classes(batch: frame.Batch, schema: Schema, names: tuple[str, ...]) -> dict[str, Floats]:
    given = [c for c in (schema.target, schema.prediction) if c in batch.columns and c is not None]
    classes = one_spelling([*schema.classes, *(label for c in given for label in frame.class_labels(batch, c))])
    absent = np.full(batch.height, -1, np.int64)
    actual, said = (
        frame.codes(batch, c, classes) if c in given and c is not None else absent
        for c in (schema.target, schema.prediction)
    )
    has_target, has_said = actual >= 0, said >= 0
    both = has_target & has_said
    if schema.target and schema.prediction:  # shares of the hits: of the same rows
        has_target = has_said = both
    found = {"correct": np.where(both, (actual == said).astype(float), np.nan)}
    for name in names:
        what, _, of = name.partition(":")
        at = classes.index(of) if of in classes else -2
        if what == "actual":
            found[name] = np.where(has_target, (actual == at).astype(float), np.nan)
        elif what == "predicted":
            found[name] = np.where(has_said, (said == at).astype(float), np.nan)
        elif what == "hit":
            found[name] = np.where(both, ((actual == at) & (said == at)).astype(float), np.nan)
    return found
