"""Logged rows -> columns. Whatever a caller hands over becomes something that can be counted, or a bad row."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import math
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from barograph import frame
from barograph.schema import Family, Kind, Schema, label_of
from barograph.summaries.columns import COLUMNS_AT_MOST
from barograph.types import Floats

NAME_LENGTH = 256
_PLAIN = {float, int, bool, str, type(None)}
_KEPT = (dt.date, dt.time, dt.timedelta, decimal.Decimal, uuid.UUID)
_SHORT = 2**63
# of a subclass the value, not what its own methods say: they could say anything
_BASES: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (int, int.__int__), (float, float.__float__), (str, str.__str__), (bytes, lambda value: _decoded(bytes(value))),
)  # fmt: skip


def as_row(features: Any) -> dict[Any, Any]:
    """Own copy of a row: a mapping, a pydantic model, a dataclass, a msgspec struct, a named tuple, an attrs object.

    Raises `TypeError` for anything else. Runs on the caller's thread: no value is looked at.
    """
    if isinstance(features, Mapping):
        return dict(features)
    kind = type(features)
    if hasattr(kind, "model_fields") or hasattr(kind, "__fields__"):
        return {**features.__dict__, **(getattr(features, "__pydantic_extra__", None) or {})}
    if dataclasses.is_dataclass(features) and not isinstance(features, type):
        return {f.name: getattr(features, f.name) for f in dataclasses.fields(features)}
    for attribute in ("__struct_fields__", "_fields"):
        names = getattr(kind, attribute, None)
        if isinstance(names, tuple):
            return {name: getattr(features, name) for name in names}
    if hasattr(kind, "__attrs_attrs__"):
        return {a.name: getattr(features, a.name) for a in kind.__attrs_attrs__}
    raise TypeError(f"a row of type {kind.__name__}; give a dict, a pydantic model or a dataclass")


def moment(value: Any) -> float:
    """Seconds since 1970 UTC of a number of seconds, a datetime (naive is UTC), a date, or ISO 8601 text.

    Raises `ValueError` or `TypeError` for what is no time.
    """
    if isinstance(value, dt.datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        return aware.timestamp()
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC).timestamp()
    if isinstance(value, np.datetime64):
        return float(value.astype("M8[us]").astype(np.int64)) / 1e6 if not np.isnat(value) else float("nan")
    if isinstance(value, str):
        return moment(dt.datetime.fromisoformat(value.strip()))
    if isinstance(value, bool):
        raise TypeError("a boolean is no time")
    return float(value)


class Layout:
    """Which columns rows of a schema have, and where predictions, scores and the rest go."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.timestamp = schema.timestamp
        weight = [schema.weight] if schema.weight else []
        self.columns = tuple(dict.fromkeys([*schema.profiled, *schema.roles, *weight]))
        self.known = frozenset({*self.columns, *schema.ignore})
        self._wanted = [column for column in self.columns if column not in schema.ignore]

    def time_of(self, item: tuple[Any, ...]) -> tuple[float, bool]:
        """Event time of a logged row, and whether it is our own stamp. NaN for a stated time that is none."""
        row, stamp, stated = item[:3]
        if stated is None and self.timestamp is not None:
            stated = row.get(self.timestamp)
        if stated is None:
            return stamp, True
        try:
            return moment(stated), False
        except Exception:  # noqa: BLE001 - any object may have been given
            return float("nan"), False

    def fill(self, item: tuple[Any, ...]) -> dict[Any, Any]:
        """The row with prediction, score, target, id and segment in the columns that the schema names for them.

        What the schema has no column for is left out. Raises for a score, id or segment that cannot be placed.
        """
        row, _, _, prediction, score, target, identity, segment = item
        schema = self.schema
        given = ((schema.prediction, prediction), (schema.target, target), (schema.id, identity))
        for column, value in given:
            if value is not None and column is not None:
                row[column] = value
        if score is not None and schema.score is not None:
            row.update(_scores(score, schema))
        if segment is not None and schema.segments:
            row.update(_segments(segment, schema.segments))
        return named(row, self.known)

    def new(self, rows: Sequence[dict[Any, Any]]) -> dict[str, tuple[str, int]]:
        """Names of columns that the schema has not: family by the first value, and rows."""
        found: dict[str, list[Any]] = {}
        known = self.known
        for row in rows:
            if not known.issuperset(row):
                for name in row.keys() - known:
                    seen = found.setdefault(name, [_family(row[name]), 0])
                    seen[1] += 1
                    if seen[0] == Family.UNKNOWN.value:
                        seen[0] = _family(row[name])
        return {name: (family, n) for name, (family, n) in found.items()}

    def batch(self, rows: Sequence[dict[Any, Any]], times: Floats, pause: Callable[[], None]) -> frame.Batch:
        """The rows as a batch: a column that some rows have is null in the others."""
        columns: dict[str, Any] = {}
        for column in self._wanted:
            if column == self.timestamp:
                continue
            values = [row.get(column) for row in rows]
            if any(column in row for row in rows):
                columns[column] = as_column(values, self.schema.kinds.get(column))
            pause()
        if self.timestamp is not None:
            kind = self.schema.kinds.get(self.timestamp)
            columns[self.timestamp] = times if kind is Kind.NUMERIC else (times * 1e6).astype("M8[us]")
        if not columns:
            columns = {"": [None] * len(rows)}
        return next(iter(frame.open_rows(columns).batches()))


def named(row: dict[Any, Any], known: frozenset[str]) -> dict[Any, Any]:
    """The row with names that are text, of bounded length, and can be written as UTF-8."""
    if known.issuperset(row):
        return row
    if len(row) > COLUMNS_AT_MOST:
        raise ValueError(f"a row of {len(row):,} columns; at most {COLUMNS_AT_MOST:,} are read")
    clean: dict[Any, Any] = {}
    for name, value in row.items():
        text = name if type(name) is str else str(name)
        if text not in known:
            text = text.encode("utf-8", "replace").decode()
            text = text if len(text) <= NAME_LENGTH else f"{text[: NAME_LENGTH - 1]}…"
        clean[text] = value
    return clean


def _scores(score: Any, schema: Schema) -> dict[str, Any]:
    columns = schema.scores
    if isinstance(score, Mapping):
        by_class = {label_of(_plain(name)): value for name, value in score.items()}
        if isinstance(schema.score, str):
            positive = next(iter(columns))
            return {schema.score: by_class.get(positive)}
        return {column: by_class[label] for label, column in columns.items() if label in by_class}
    if isinstance(schema.score, str):
        return {schema.score: score}
    if isinstance(score, (list, tuple, np.ndarray)):
        order = [columns[label] for label in (schema.classes or tuple(columns)) if label in columns]
        return dict(zip(order, score, strict=True))
    positive = label_of(schema.positive) if schema.positive is not None else ""
    if positive in columns:
        return {columns[positive]: score}
    raise ValueError(f"one score where there are columns for {', '.join(columns)}; give a dict of class to score")


def _segments(segment: Any, columns: tuple[str, ...]) -> dict[str, Any]:
    if isinstance(segment, Mapping):
        return {column: segment[column] for column in columns if column in segment}
    if isinstance(segment, (tuple, list)):
        return dict(zip(columns, segment, strict=False))
    return {columns[0]: segment}


def _family(value: Any) -> str:
    value = _plain(value)
    if value is None:
        return Family.UNKNOWN.value
    if isinstance(value, bool):
        return Family.BOOLEAN.value
    if isinstance(value, (int, float, decimal.Decimal, dt.timedelta, dt.time)):
        return Family.NUMBER.value
    if isinstance(value, dt.date):
        return Family.TIME.value
    return Family.STRING.value if isinstance(value, (str, bytes, uuid.UUID)) else Family.UNSUPPORTED.value


def as_column(values: list[Any], kind: Kind | None) -> Any:
    """Values of one column as something `open_rows` takes: an array where all are of one type, else a clean list."""
    types = set(map(type, values))
    if not types <= _PLAIN:
        values = [v if type(v) in _PLAIN else _clean(v) for v in values]
        types = set(map(type, values))
    absent = type(None) in types
    types.discard(type(None))
    if len(types) == 1:
        only = next(iter(types))
        if only is float:
            return _array(values, np.float64, absent)
        if only is bool:
            return _array(values, np.bool_, absent)
        if only is int:
            present = [v for v in values if v is not None] if absent else values
            return _array(values, np.int64, absent) if min(present) >= -_SHORT and max(present) < _SHORT else values
        return values
    if types == {int, float}:
        return [None if v is None else _float(v) for v in values] if kind is Kind.NUMERIC else values
    if len(types) == 1:
        return values
    # of several types: as text, which the schema's kind reads again
    text = _number_text if kind is Kind.NUMERIC else _text
    return [None if v is None else text(v) for v in values]


def _array(values: list[Any], dtype: Any, absent: bool) -> Any:
    if not absent:
        return np.array(values, dtype)
    mask = np.fromiter((v is None for v in values), np.bool_, len(values))
    return np.ma.MaskedArray(np.array([0 if v is None else v for v in values], dtype), mask)


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:  # an integer beyond float64
        return float("inf") if value > 0 else float("-inf")


def _decoded(value: bytes) -> str:
    """Bytes as frames read them: UTF-8, else hexadecimal."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.hex()


def _number_text(value: Any) -> str | None:
    """Text that reads as the same number; anything else as its label."""
    return str(_float(value)) if isinstance(value, (bool, int, float)) else _text(value)


def _text(value: Any) -> str | None:
    """The label of a value, none of NaN and infinities; a marker for an integer too long to print."""
    try:
        if isinstance(value, float) and not math.isfinite(value):
            return None
        return label_of(value)
    except (ValueError, OverflowError):
        return _marker(value)


def _plain(value: Any) -> Any:
    """A value of Python where it wraps one: numpy scalars, enums, tensors of no dimension."""
    if isinstance(value, enum.Enum):
        return _plain(value.value)
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return None if np.isnat(value) else value.astype(f"{value.dtype.kind}8[us]").item()
    if getattr(value, "shape", None) == () and callable(getattr(value, "item", None)):
        return value.item()
    return value


def _clean(value: Any) -> Any:
    """Something that can be counted in place of any object: never raises, never calls an unknown `__str__`."""
    try:
        value = _plain(value)
        if type(value) in _PLAIN or type(value) in (dt.date, dt.datetime, *_KEPT):
            return value
        for base, read in _BASES:
            if isinstance(value, base):
                return read(value)
        if isinstance(value, _KEPT):
            return value
    except Exception:  # noqa: BLE001 - a hostile object must cost its value, not its row
        return _marker(value)
    return _marker(value)


def _marker(value: object) -> str:
    """What stands for a value that is none: unreadable as a number, unseen as a label."""
    return f"<{type(value).__name__[:80]}>".encode("utf-8", "replace").decode()
