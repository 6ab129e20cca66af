"""What the columns are: roles (what a column is for) and kinds (what its values are).

A `Schema` is written by hand with as little as `Schema(target="late", prediction="late_pred")`; `complete` fills in the
rest from the data by the rules in `infer_kind`, and never overrides what was said.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from barograph.errors import SchemaError
from barograph.spelling import in_order, one_spelling, spellings


class Kind(enum.StrEnum):
    """What the values of a column are."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    TEXT = "text"
    EMBEDDING = "embedding"

    @property
    def ordered(self) -> bool:
        """Whether the column is profiled as numbers.

        Text by its length, a datetime by its seconds since 1970, an embedding by its norm.
        """
        return self in (Kind.NUMERIC, Kind.DATETIME, Kind.TEXT, Kind.EMBEDDING)

    @property
    def parts(self) -> int:
        """How many numbers a value is in a sample of whole rows: 4 of a text, 16 of an embedding, else 1."""
        return {Kind.TEXT: 4, Kind.EMBEDDING: 16}.get(self, 1)


class Family(enum.StrEnum):
    """What a column's storage is: all that one batch can tell for sure."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    STRING = "string"
    VECTOR = "vector"  # lists or arrays of numbers
    UNSUPPORTED = "unsupported"
    UNKNOWN = "unknown"  # a column of nulls only


class Traits(NamedTuple):
    """What inference looks at: the storage and a sample of a column.

    `dimension` is the length of vectors, where at least 9 of 10 in the sample have the same.
    """

    family: Family
    n_sampled: int = 0
    n_distinct: int = 0
    mean_length: float = 0.0
    word_share: float = 0.0
    whole: bool = False
    dimension: int = 0

    @property
    def readable(self) -> bool:
        """Whether values are such that a kind can be told: lists of one number, or of ever another length, are not."""
        if self.family is Family.VECTOR:
            return 2 <= self.dimension <= DIMENSIONS_AT_MOST
        return self.storable

    @property
    def storable(self) -> bool:
        """Whether values can be taken from storage at all."""
        return self.family is not Family.UNSUPPORTED


DIMENSIONS_AT_MOST = 4096
TEXT_MIN_LENGTH = 20.0
CLASSES_AT_MOST = 50
CONDITIONS_AT_MOST = 50  # segments of their own, as of the values of columns


def infer_kind(traits: Traits) -> Kind:
    """Kind of a column from its storage.

    Numbers, durations and decimals are numeric; booleans boolean; dates and times datetime. Strings are text where
    more than half of the sampled values differ, most of them hold a space, and they are 20 characters long in the
    mean; else categorical. A column of nulls only is categorical. Vectors of numbers are embeddings.

    >>> infer_kind(Traits(Family.STRING, n_sampled=1000, n_distinct=990, mean_length=80.0, word_share=0.99))
    <Kind.TEXT: 'text'>
    >>> infer_kind(Traits(Family.STRING, n_sampled=1000, n_distinct=1000, mean_length=36.0, word_share=0.0))
    <Kind.CATEGORICAL: 'categorical'>
    """
    if traits.family is Family.NUMBER:
        return Kind.NUMERIC
    if traits.family is Family.BOOLEAN:
        return Kind.BOOLEAN
    if traits.family is Family.TIME:
        return Kind.DATETIME
    if traits.family is Family.VECTOR:
        return Kind.EMBEDDING
    wordy = traits.word_share > 0.5 and traits.mean_length >= TEXT_MIN_LENGTH
    return Kind.TEXT if wordy and traits.n_distinct > 0.5 * traits.n_sampled else Kind.CATEGORICAL


class Schema(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Roles and kinds of the columns of a model's rows.

    Parameters
    ----------
    target, prediction
        Columns with what happened and what the model said (a label, or a number for regression).
    score
        Column with the probability of the positive class, or a mapping from class name to column.
    timestamp, id, weight, segments
        When a row happened; its identity; its sample weight (not negative); columns that tell groups of rows apart, or
        conditions by the names of the groups they make (`{"long haul": "distance > 1500"}`).
    user_id, item_id
        Of recommendations: who got what. The prediction is then the score (or rank) of that item for that user, and the
        target its relevance (0 or missing: none).
    recommendations
        Whether the prediction of a recommendation is a `"score"` (high is first) or a `"rank"` (1 is first).
    task
        `"classification"`, `"regression"` or `"ranking"`; inferred: ranking where there are users and items, else from
        the target (numbers with over 50 distinct values, or with fractions, are regression).
    positive
        The class that counts as positive; inferred for two classes as `1`, `true`, `yes`, or the last in order.
    classes
        Names of the classes, in order.
    threshold
        Score at or above which the positive class is predicted, used where there is a score but no prediction.
    kinds
        Kind by column; what is not named is inferred.
    ignore
        Columns to leave out.

    Raises
    ------
    SchemaError
        One column with two roles, or a threshold without a score.

    >>> Schema(target="late", prediction="late")
    Traceback (most recent call last):
    ...
    barograph.errors.SchemaError: column 'late' has two roles: target and prediction; a column can have one
    """

    target: str | None = None
    prediction: str | None = None
    score: str | dict[str, str] | None = None
    timestamp: str | None = None
    id: str | None = None
    weight: str | None = None
    segments: tuple[str, ...] | dict[str, str] = ()
    task: Literal["classification", "regression", "ranking"] | None = None
    positive: str | int | float | bool | None = None
    classes: tuple[str, ...] = ()
    threshold: float = 0.5
    kinds: dict[str, Kind] = {}
    ignore: tuple[str, ...] = ()
    user_id: str | None = None
    item_id: str | None = None
    recommendations: Literal["score", "rank"] = "score"

    def __post_init__(self) -> None:
        self._settle()
        seen: dict[str, str] = {}
        for column, role in self._named_roles():
            if column in seen:
                raise SchemaError(f"column {column!r} has two roles: {seen[column]} and {role}; a column can have one")
            seen[column] = role
        for column in self.scores.values():
            if not self.kinds.get(column, Kind.NUMERIC).ordered:
                raise SchemaError(
                    f"column {column!r} is a score, and its kind is {self.kinds[column]}; scores are numeric"
                )
        for column in self.ignore:
            if column in seen:
                raise SchemaError(f"column {column!r} is ignored and is also the {seen[column]}; drop one of the two")

    def _settle(self) -> None:
        """Accept what people write: kinds as plain text, one name where several may stand."""
        for name in ("segments", "ignore", "classes"):
            given = getattr(self, name)
            if name == "segments" and isinstance(given, Mapping):
                listed: object = _named_conditions(given)
            else:
                listed = (given,) if isinstance(given, str) else tuple(dict.fromkeys(given))
            msgspec.structs.force_setattr(self, name, listed)
        if self.task not in (None, "classification", "regression", "ranking"):
            raise SchemaError(f"task is {self.task!r}; it is 'classification', 'regression' or 'ranking'")
        if self.recommendations not in ("score", "rank"):
            raise SchemaError(f"recommendations are {self.recommendations!r}; they are by 'score' or by 'rank'")
        possible = ", ".join(Kind)
        for column, kind in self.kinds.items():
            if kind not in set(Kind):
                raise SchemaError(f"the kind of column {column!r} is {kind!r}; kinds are {possible}")
        kinds = {column: Kind(kind) for column, kind in self.kinds.items()}
        msgspec.structs.force_setattr(self, "kinds", kinds)

    def _named_roles(self) -> list[tuple[str, str]]:
        names = ("target", "prediction", "timestamp", "id", "weight", "user_id", "item_id")
        single = [(c, r) for r in names if (c := getattr(self, r))]
        return single + [(c, "score") for c in self.scores.values()]

    @property
    def scores(self) -> dict[str, str]:
        """Score columns by class; the positive class where only one column is given."""
        if self.score is None:
            return {}
        if isinstance(self.score, str):
            return {"" if self.positive is None else label_of(self.positive): self.score}
        return self.score

    @property
    def roles(self) -> dict[str, str]:
        """Role by column, for the columns that have one (segments are features too, and not listed).

        Users and items are identities: their role is `id`.
        """
        return {column: "id" if role in ("user_id", "item_id") else role for column, role in self._named_roles()}

    @property
    def segment_columns(self) -> tuple[str, ...]:
        """Columns whose values tell segments apart; none where named conditions do."""
        return () if isinstance(self.segments, dict) else self.segments

    @property
    def features(self) -> tuple[str, ...]:
        """Columns with a kind and no role: the model's inputs, in the order of the data."""
        return tuple(c for c in self.kinds if c not in self.roles)

    @property
    def profiled(self) -> tuple[str, ...]:
        """Columns that get a profile of their own: all with a kind."""
        return tuple(self.kinds)

    def ordered(self, column: str) -> bool:
        """Whether `column` is profiled as numbers."""
        return self.kinds[column].ordered

    @property
    def binary(self) -> bool:
        """Whether this is a classification with a known positive class and one other."""
        return self.task == "classification" and len(self.classes) <= 2 and self.positive is not None

    @property
    def negative(self) -> str | None:
        """The other class of a binary classification."""
        others = [c for c in self.classes if self.positive is not None and c != label_of(self.positive)]
        return others[0] if len(others) == 1 else None

    def replace(self, **changes: object) -> Schema:
        """Copy with some fields changed."""
        return msgspec.structs.replace(self, **changes)

    def to_yaml(self) -> str:
        """The schema as YAML; `from_yaml` reads it back."""
        return msgspec.yaml.encode(self).decode()

    @classmethod
    def from_yaml(cls, text: str) -> Schema:
        """Read what `to_yaml` wrote (or a person).

        Raises `SchemaError` naming the offending field.
        """
        try:
            return msgspec.yaml.decode(text.encode(), type=cls)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            fields = ", ".join(cls.__struct_fields__)
            raise SchemaError(f"the schema cannot be read: {error}; its fields are {fields}") from error

    def save(self, path: str | Path) -> None:
        """Write the schema as YAML."""
        Path(path).write_text(self.to_yaml(), encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> Schema:
        """Read a schema from a YAML file. Raises `SchemaError`."""
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SchemaError(f"the schema {path} cannot be read: {error}") from error
        return cls.from_yaml(text)


def _named_conditions(given: Mapping[str, str]) -> dict[str, str]:
    """Conditions by name. Raises `SchemaError` where names or conditions are no texts, or too many."""
    for name, condition in given.items():
        if not (isinstance(name, str) and name.strip() and isinstance(condition, str)):
            raise SchemaError(
                f"segments are named conditions such as {{'long haul': 'distance > 1500'}}, not {name!r}: {condition!r}"
            )
    if len(given) > CONDITIONS_AT_MOST:
        raise SchemaError(f"segments are told by {len(given)} conditions; give at most {CONDITIONS_AT_MOST}")
    return dict(given)


def label_of(value: object) -> str:
    """The text of a class, the same for `1`, `1.0` and `"1"`, and for `True` and `"true"`.

    >>> [label_of(v) for v in (1, 1.0, "1", True, 0.5)]
    ['1', '1', '1', 'true', '0.5']
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def complete(schema: Schema | None, traits: dict[str, Traits], classes: tuple[str, ...] = ()) -> Schema:
    """Fill in what `schema` leaves open, from what the columns look like.

    `classes` are the labels seen in target and prediction, in order. Columns that cannot be profiled (structs, lists
    that are no vectors of one length) get no kind.

    Raises
    ------
    SchemaError
        A role names a column that is not there.
    """
    schema = schema or Schema()
    named = {**schema.roles, **dict.fromkeys(schema.segment_columns, "segment")}
    for column, role in named.items():
        if column not in traits:
            raise SchemaError(
                f"the schema's {role} is {column!r}, and there is no such column; the columns are {_listed(traits)}"
            )
    kinds = {
        column: schema.kinds.get(column, infer_kind(trait))
        for column, trait in traits.items()
        if column not in schema.ignore and (trait.readable or (column in schema.kinds and trait.storable))
    }
    if schema.timestamp in kinds and schema.timestamp not in schema.kinds and not kinds[schema.timestamp].ordered:
        kinds[schema.timestamp] = Kind.DATETIME  # times that were stored as text
    task = schema.task or _infer_task(schema, traits)
    # probabilities and outcomes are numbers, also where the rows have none of them yet
    outcomes = (schema.target, schema.prediction) if task == "regression" else ()
    for column in (*schema.scores.values(), *outcomes):
        if column in kinds and column not in schema.kinds and kinds[column] is not Kind.DATETIME:
            kinds[column] = Kind.NUMERIC
    if task == "classification":
        for labelled in (schema.target, schema.prediction):
            if labelled and kinds.get(labelled) is not Kind.BOOLEAN:
                kinds[labelled] = schema.kinds.get(labelled, Kind.CATEGORICAL)
        known = tuple(label_of(c) for c in schema.classes) or one_spelling(in_order(classes))
        schema = schema.replace(classes=known, positive=_positive(schema, known))
    return schema.replace(task=task, kinds=kinds)


def _infer_task(schema: Schema, traits: dict[str, Traits]) -> Literal["classification", "regression", "ranking"] | None:
    if schema.user_id and schema.item_id:
        return "ranking"
    if schema.score is not None:
        return "classification"
    told = [c for c in (schema.target, schema.prediction) if c is not None]
    if not told:
        return None
    # where no label has come yet, the prediction tells
    trait = next((traits[c] for c in told if traits[c].family is not Family.UNKNOWN), traits[told[0]])
    continuous = trait.family is Family.NUMBER and (not trait.whole or trait.n_distinct > CLASSES_AT_MOST)
    return "regression" if continuous else "classification"


def _positive(schema: Schema, classes: tuple[str, ...]) -> str | None:
    if schema.positive is not None:
        wanted = label_of(schema.positive)
        found = [c for c in (wanted, *spellings(wanted)) if c in classes]
        if not found and len(classes) > 1:
            raise SchemaError(f"the positive class is {wanted!r}, and the classes are {_listed(classes)}")
        return found[0] if found else wanted
    if isinstance(schema.score, dict) or len(classes) > 2:
        return None
    usual = [c for c in _POSITIVE.values() if c in classes]
    if usual or len(classes) > 1:
        return usual[0] if usual else classes[-1]
    # one class, or none: of a pair that everybody knows the other one is positive
    return _POSITIVE.get(classes[0], classes[0]) if classes else "1"


_POSITIVE = {
    "0": "1", "false": "true", "no": "yes", "False": "True", "No": "Yes", "N": "Y", "n": "y",
}  # fmt: skip


def _listed(names: object, most: int = 20) -> str:
    shown = [repr(n) for n in list(names)]  # type: ignore[call-overload]
    return ", ".join(shown[:most]) + (f" and {len(shown) - most} more" if len(shown) > most else "")
