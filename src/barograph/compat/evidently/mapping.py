"""`ColumnMapping`: Evidently's words for the roles and kinds of columns, as a schema of ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from barograph import frame
from barograph.errors import ParameterError, SchemaError
from barograph.profile import unanchored
from barograph.schema import Family, Kind, Schema, Traits

Task = Literal["classification", "regression", "ranking"]
TASKS: dict[str, Task] = {"classification": "classification", "regression": "regression", "recsys": "ranking"}


@dataclass
class ColumnMapping:
    """What columns are for. Fields may be set after it is made; what is left out is inferred, as a `Schema` would.

    `target` and `prediction` are the columns of these names where such are there. A `prediction` of a classifier may be
    a column of labels, one of probabilities of the positive class, or a list of one column a class.
    """

    target: str | int | None = "target"
    prediction: str | list[str] | int | None = "prediction"
    datetime: str | None = "datetime"
    id: str | None = None
    numerical_features: list[str] | None = None
    categorical_features: list[str] | None = None
    datetime_features: list[str] | None = None
    text_features: list[str] | None = None
    target_names: list[Any] | dict[Any, str] | None = None
    task: str | None = None
    pos_label: str | int | None = 1
    embeddings: dict[str, list[str]] | None = None
    user_id: str | None = "user_id"
    item_id: str | None = "item_id"
    recommendations_type: str | None = "score"
    usual: dict[str, str] = field(
        default_factory=lambda: {
            "target": "target", "prediction": "prediction", "datetime": "datetime", "user_id": "user_id",
            "item_id": "item_id",
        },
        repr=False, compare=False,
    )  # fmt: skip


def schema_of(mapping: ColumnMapping | None, rows: object, task: Task | None) -> Schema:
    """The schema that a mapping means for some rows.

    `task` is what the report needs where the mapping leaves it open. Raises `SchemaError` where a column that was named
    is not there, and `ParameterError` for what has no counterpart.
    """
    mapping = mapping or ColumnMapping()
    if mapping.embeddings:
        raise ParameterError(
            "embeddings as sets of columns have no counterpart: put each set into one column of lists, and it is "
            "profiled as an embedding"
        )
    if mapping.task is not None and mapping.task not in TASKS:
        raise ParameterError(f"there is no task {mapping.task!r}; there are {', '.join(TASKS)}")
    traits = frame.open_rows(rows).traits()
    kinds = _kinds(mapping, traits)
    target, timestamp = _there(mapping, "target", traits), _there(mapping, "datetime", traits)
    users = {role: _there(mapping, role, traits) for role in ("user_id", "item_id")}
    done = TASKS[mapping.task] if mapping.task else task
    roles: dict[str, Any] = {"target": target, "timestamp": timestamp, "id": mapping.id}
    if done == "ranking":
        roles |= {**users, "recommendations": mapping.recommendations_type}
    roles |= _prediction(mapping, traits, target, done)
    if done == "regression":
        kinds |= {c: Kind.NUMERIC for c in (target, roles.get("prediction")) if c}
    if done == "classification" and target:
        roles["positive"] = _positive(mapping, rows, target)
    return Schema(**roles, task=done, kinds=kinds)


def completed(schema: Schema, rows: object) -> Schema:
    """The same with everything that the mapping leaves open, as the rows have it."""
    return unanchored(frame.open_rows(rows), schema, lambda _: ()).schema


def _there(mapping: ColumnMapping, role: str, traits: dict[str, Traits]) -> str | None:
    """The column of a role. One that nobody named, and that is not there, is no mistake."""
    column = getattr(mapping, role)
    if column is None or str(column) in traits:
        return None if column is None else str(column)
    if column == mapping.usual.get(role):
        return None
    raise SchemaError(
        f"the mapping's {role} is {column!r}, and the columns are {', '.join(map(repr, list(traits)[:20]))}"
    )


def _kinds(mapping: ColumnMapping, traits: dict[str, Traits]) -> dict[str, Kind]:
    named = {
        Kind.NUMERIC: mapping.numerical_features,
        Kind.CATEGORICAL: mapping.categorical_features,
        Kind.DATETIME: mapping.datetime_features,
        Kind.TEXT: mapping.text_features,
    }
    kinds = {}
    for kind, columns in named.items():
        for column in columns or ():
            if column not in traits:
                raise SchemaError(f"the mapping names {column!r}, and there is no such column")
            boolean = kind is Kind.CATEGORICAL and traits[column].family is Family.BOOLEAN
            kinds[column] = Kind.BOOLEAN if boolean else kind
    return kinds


def _prediction(
    mapping: ColumnMapping, traits: dict[str, Traits], target: str | None, task: Task | None
) -> dict[str, Any]:
    """Whether the prediction is a label or number, a probability, or one probability a class."""
    if isinstance(mapping.prediction, list):
        missing = [c for c in mapping.prediction if c not in traits]
        if missing:
            raise SchemaError(f"the mapping's prediction names {missing}, and there are no such columns")
        if len(mapping.prediction) == 1:
            return {"score": mapping.prediction[0]}
        return {"score": {column: column for column in mapping.prediction}}
    prediction = _there(mapping, "prediction", traits)
    if prediction is None:
        return {}
    seen = traits[prediction]
    fractions = seen.family is Family.NUMBER and not seen.whole
    continuous = target is not None and traits[target].family is Family.NUMBER and not traits[target].whole
    if fractions and (task == "classification" or (task is None and target is not None and not continuous)):
        return {"score": prediction}
    return {"prediction": prediction}


def _positive(mapping: ColumnMapping, rows: object, target: str) -> Any:
    """The positive class, where it is among the labels; of three classes or more none is."""
    labels = frame.class_labels(next(iter(frame.open_rows(rows).batches())), target)
    wanted = str(mapping.pos_label)
    return mapping.pos_label if len(labels) <= 2 and wanted in {str(label) for label in labels} else None
