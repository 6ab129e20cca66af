"""Evidently 0.7's words for rows and what their columns are: `Dataset` and `DataDefinition`, as a mapping of ours.

>>> from barograph.compat.evidently import BinaryClassification, DataDefinition, Dataset, Report
>>> from barograph.compat.evidently.metrics import Accuracy
>>> of = DataDefinition(classification=[BinaryClassification(target="late", prediction_labels="said")])
>>> rows = Dataset.from_pandas({"late": [1, 0, 1, 0], "said": [1, 0, 0, 0]}, data_definition=of)
>>> Report([Accuracy()]).run(rows).dict()["metrics"][0]["value"]
0.75
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from barograph.compat.evidently.mapping import ColumnMapping
from barograph.errors import ParameterError


@dataclass
class BinaryClassification:
    """Which columns hold the two classes that happened and that were predicted."""

    name: str = "default"
    target: str = "target"
    prediction_labels: str | None = None
    prediction_probas: str | None = None
    pos_label: str | int = 1
    labels: dict[Any, str] | None = None

    def roles(self) -> dict[str, Any]:
        """As arguments of a mapping."""
        said = self.prediction_probas or self.prediction_labels or "prediction"
        return {"task": "classification", "target": self.target, "prediction": said, "pos_label": self.pos_label}


@dataclass
class MulticlassClassification:
    """Which columns hold the classes, or a probability for each."""

    name: str = "default"
    target: str = "target"
    prediction_labels: str | None = None
    prediction_probas: list[str] | None = None
    labels: dict[Any, str] | None = None

    def roles(self) -> dict[str, Any]:
        """As arguments of a mapping."""
        said = self.prediction_labels or self.prediction_probas or "prediction"
        return {"task": "classification", "target": self.target, "prediction": said}


@dataclass
class Regression:
    """Which columns hold the numbers."""

    name: str = "default"
    target: str = "target"
    prediction: str = "prediction"

    def roles(self) -> dict[str, Any]:
        """As arguments of a mapping."""
        return {"task": "regression", "target": self.target, "prediction": self.prediction}


@dataclass
class Recsys:
    """Which columns say who got what, and how good it was."""

    name: str = "default"
    user_id: str = "user_id"
    item_id: str = "item_id"
    target: str = "target"
    prediction: str = "prediction"
    recommendations_type: str = "score"

    def roles(self) -> dict[str, Any]:
        """As arguments of a mapping."""
        names = ("user_id", "item_id", "target", "prediction", "recommendations_type")
        return {"task": "recsys", **{name: getattr(self, name) for name in names}}


@dataclass
class DataDefinition:
    """What columns are. What is not named is inferred."""

    id_column: str | None = None
    timestamp: str | None = None
    numerical_columns: list[str] | None = None
    categorical_columns: list[str] | None = None
    text_columns: list[str] | None = None
    datetime_columns: list[str] | None = None
    classification: list[Any] | None = None
    regression: list[Any] | None = None
    ranking: list[Any] | None = None
    embeddings: dict[str, list[str]] | None = None
    llm: Any = None

    def mapping(self) -> ColumnMapping:
        """The same as a mapping. Raises `ParameterError` for several models, or for texts that a model judges."""
        tasks = [task for tasks in (self.classification, self.regression, self.ranking) for task in tasks or ()]
        if len(tasks) > 1:
            raise ParameterError(f"{len(tasks)} models in one data set; make a report of each")
        if self.llm is not None:
            raise ParameterError("nothing is judged by language models here; watch such judgements as columns")
        return ColumnMapping(
            **(tasks[0].roles() if tasks else {}),
            id=self.id_column, datetime=self.timestamp or "datetime", numerical_features=self.numerical_columns,
            categorical_features=self.categorical_columns, text_features=self.text_columns,
            datetime_features=self.datetime_columns, embeddings=self.embeddings,
        )  # fmt: skip


@dataclass(frozen=True)
class Dataset:
    """Rows, and what their columns are."""

    rows: object
    data_definition: DataDefinition = field(default_factory=DataDefinition)

    @classmethod
    def from_pandas(
        cls, data: object, data_definition: DataDefinition | None = None, descriptors: Any = None
    ) -> Dataset:
        """Rows in any form that Barograph reads. Raises `ParameterError` for descriptors: a report takes them."""
        if descriptors:
            raise ParameterError("give descriptors to TextEvals(column_name, descriptors=[...]) of metric_preset")
        return cls(data, data_definition or DataDefinition())

    @classmethod
    def from_any(cls, data: object) -> Dataset:
        """Rows, or a data set as it is."""
        return data if isinstance(data, Dataset) else cls(data)
