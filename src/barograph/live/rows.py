"""Logged rows -> columns. Whatever a caller hands over becomes something that can be counted, or a bad row."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from barograph import frame
from barograph.live.values import as_column, family_of, plain
from barograph.live.windows import NEW_COLUMNS_AT_MOST, OTHER_COLUMNS
from barograph.schema import Family, Kind, Schema, label_of
from barograph.summaries.columns import COLUMNS_AT_MOST
from barograph.types import Floats

NAME_LENGTH = 256
SHAPES_AT_MOST = 1_000


class _Absent:
    """What a row has in a column that it has not."""


ABSENT: Any = _Absent()

Row: TypeAlias = tuple[Any, ...]
"""Names, stamp, what was given as timestamp, prediction, score, target, id and segment; then the values.

One plain tuple, which the garbage collector lets go of once it has seen that it holds plain values only. Rows kept as
dicts it goes through again and again, and the more of them wait, the more often it goes through every object of the
process: in a service of 4,500 requests a second that made the 99th percentile of the latency five times as long.
"""
HEAD = 8
Columns: TypeAlias = dict[str, list[Any]]


def as_row(features: Any) -> Mapping[Any, Any]:
    """Names and values of a mapping, pydantic model, dataclass, msgspec struct, named tuple or attrs object.

    Raises `TypeError` for anything else. Runs on the caller's thread: no value is looked at.
    """
    if isinstance(features, Mapping):
        return features
    kind = type(features)
    if hasattr(kind, "model_fields") or hasattr(kind, "__fields__"):
        own: dict[Any, Any] = features.__dict__
        extra = getattr(features, "__pydantic_extra__", None)
        return {**own, **extra} if extra else own
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


@dataclasses.dataclass(frozen=True)
class Table:
    """Rows side by side: a list for each column, with `ABSENT` where a row has it not."""

    times: Floats
    ids: list[Any]
    columns: Columns  # of the schema
    others: Columns

    def __len__(self) -> int:
        return self.times.size

    def take(self, at: npt.NDArray[np.intp]) -> Table:
        """Some of the rows."""
        if at.size == len(self):
            return self
        indices = at.tolist()
        columns, others = (
            {name: [values[i] for i in indices] for name, values in part.items()}
            for part in (self.columns, self.others)
        )
        return Table(self.times[at], [self.ids[i] for i in indices], columns, others)


class Layout:
    """Which columns rows of a schema have, and where predictions, scores and the rest go."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.timestamp = schema.timestamp
        weight = [schema.weight] if schema.weight else []
        columns = dict.fromkeys([*schema.profiled, *schema.roles, *weight])
        self.known = frozenset({*columns, *schema.ignore})
        self._wanted = [column for column in columns if column not in schema.ignore]
        self._names: dict[tuple[Any, ...], tuple[str, ...]] = {}

    def table(
        self, rows: Sequence[Row], refuse: Callable[[Exception], None], pause: Callable[[], None]
    ) -> tuple[Table, npt.NDArray[np.bool_]]:
        """The rows that can be read, in their order, and which of them bear our own stamp; `refuse` hears of the rest.

        Prediction, score, target, id and segment stand in the columns that the schema names for them; what it has no
        column for is left out.
        """
        shapes, stamps, stated, predictions, scores, targets, ids, segments = transposed(rows, 0, HEAD)
        bad: dict[int, Exception] = {}
        columns: Columns = {}
        others: Columns = {}
        for shape, at in _by_shape(shapes).items():
            try:
                self._spread(columns, others, self._clean(shape), rows, at, pause)
            except Exception as error:  # noqa: BLE001 - a name may be any object
                bad |= dict.fromkeys(at, error)
        schema = self.schema
        for column, given in ((schema.prediction, predictions), (schema.target, targets), (schema.id, ids)):
            if column is not None:
                _put(columns, column, given)
        if schema.score is not None:
            self._place(columns, scores, _scores, schema.score if isinstance(schema.score, str) else None, bad)
        if schema.segment_columns:
            self._place(columns, segments, _segments, None, bad)
        times, own = self._times(stamps, stated, columns)
        for reason in bad.values():
            refuse(reason)
        good = np.delete(np.arange(len(rows)), list(bad))
        pause()
        wanted = {name: columns[name] for name in self._wanted if name in columns}
        return Table(times, ids, wanted, others).take(good), own[good]

    def _spread(
        self,
        columns: Columns,
        others: Columns,
        names: Sequence[str],
        rows: Sequence[Row],
        at: list[int],
        pause: Callable[[], None],
    ) -> None:
        """Write the values of rows of one shape into their columns; `others` are those the schema does not know."""
        n = len(rows)
        rows = rows if len(at) == n else [rows[i] for i in at]
        for name, column in zip(names, transposed(rows, HEAD, HEAD + len(names)), strict=True):
            pause()
            home, key = (columns, name) if name in self.known else (others, name)
            if home is others and name not in others and len(others) >= NEW_COLUMNS_AT_MOST:
                key = OTHER_COLUMNS
            if len(at) == n:
                home[key] = column
                continue
            whole = home.setdefault(key, [ABSENT] * n)
            for i, value in zip(at, column, strict=True):
                whole[i] = value

    def _clean(self, shape: tuple[Any, ...]) -> tuple[str, ...]:
        """The names as text of bounded length that can be written as UTF-8. Raises `ValueError` for too many."""
        names = self._names.get(shape)
        if names is None:
            if len(shape) > COLUMNS_AT_MOST:
                raise ValueError(f"a row of {len(shape):,} columns; at most {COLUMNS_AT_MOST:,} are read")
            names = tuple(self._name(name) for name in shape)
            if len(self._names) >= SHAPES_AT_MOST:
                self._names.clear()
            self._names[shape] = names
        return names

    def _name(self, name: Any) -> str:
        text = name if type(name) is str else str(name)
        if text in self.known:
            return text
        text = text.encode("utf-8", "replace").decode()
        return text if len(text) <= NAME_LENGTH else f"{text[: NAME_LENGTH - 1]}…"

    def _place(
        self,
        columns: Columns,
        given: Sequence[Any],
        spread: Callable[[Any, Schema], dict[str, Any]],
        only: str | None,
        bad: dict[int, Exception],
    ) -> None:
        """Write what may be one value or a dict of several; `only` is the column where there is no other."""
        kinds = set(map(type, given))
        if kinds == {type(None)}:
            return
        if only is not None and not any(issubclass(kind, Mapping) for kind in kinds):
            _put(columns, only, given)
            return
        placed: Columns = {}
        for i, value in enumerate(given):
            try:
                for column, one in spread(value, self.schema).items() if value is not None else ():
                    placed.setdefault(column, [None] * len(given))[i] = one
            except Exception as error:  # noqa: BLE001 - any object may have been given
                bad[i] = error
        for column, values in placed.items():
            _put(columns, column, values)

    def _times(
        self, stamps: Sequence[float], stated: Sequence[Any], columns: Columns
    ) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Event times of rows, NaN for a stated time that is none, and which are our own stamps."""
        if self.timestamp is not None and self.timestamp in columns:
            held = columns[self.timestamp]
            stated = [h if s is None and h is not ABSENT else s for s, h in zip(stated, held, strict=True)]
        times = np.array(stamps, np.float64)
        if set(map(type, stated)) == {type(None)}:
            return times, np.ones(times.size, np.bool_)
        own = np.array([s is None for s in stated], np.bool_)
        for i in np.flatnonzero(~own).tolist():
            try:
                times[i] = moment(stated[i])
            except Exception:  # noqa: BLE001 - any object may have been given
                times[i] = np.nan
        return times, own

    def odd(self, batch: frame.Batch) -> npt.NDArray[np.intp]:
        """Rows whose target is neither of the two classes that the score is about, and so is no prediction's truth."""
        schema = self.schema
        if schema.prediction is None and isinstance(schema.score, str) and schema.target in batch.columns:
            return frame.unclassed(batch, schema.target, schema.classes)
        return np.arange(0)

    def new(self, table: Table) -> dict[str, tuple[str, int]]:
        """Names of columns that the schema has not: family by the first value, and rows."""
        found: dict[str, tuple[str, int]] = {}
        for name, column in table.others.items():
            values = [value for value in column if value is not ABSENT]
            if values:
                families = (family for value in values if (family := family_of(value)) != Family.UNKNOWN.value)
                found[name] = next(families, Family.UNKNOWN.value), len(values)
        return found

    def batch(self, table: Table, pause: Callable[[], None]) -> frame.Batch:
        """The rows as a batch: a column that some rows have is null in the others."""
        ready: dict[str, Any] = {}
        for column, values in table.columns.items():
            if column == self.timestamp:
                continue
            kinds = set(map(type, values))
            if kinds == {_Absent}:
                continue
            whole = [None if v is ABSENT else v for v in values] if _Absent in kinds else values
            ready[column] = as_column(whole, self.schema.kinds.get(column))
            pause()
        if self.timestamp is not None:
            kind = self.schema.kinds.get(self.timestamp)
            ready[self.timestamp] = table.times if kind is Kind.NUMERIC else (table.times * 1e6).astype("M8[us]")
        if not ready:
            ready = {"": [None] * len(table)}
        return next(iter(frame.open_rows(ready).batches()))


def transposed(rows: Sequence[Row], begin: int, end: int) -> Iterator[list[Any]]:
    """The columns of rows, from one place to another.

    Not `zip(*rows)`: that holds an iterator for each row, thousands of objects for the garbage collector.
    """
    return (list(map(itemgetter(i), rows)) for i in range(begin, end))


def _by_shape(shapes: Sequence[tuple[Any, ...]]) -> dict[tuple[Any, ...], list[int]]:
    if len(set(map(id, shapes))) == 1:
        return {shapes[0]: list(range(len(shapes)))}
    found: dict[tuple[Any, ...], list[int]] = {}
    for i, shape in enumerate(shapes):
        found.setdefault(shape, []).append(i)
    return found


def _put(columns: Columns, name: str, given: Sequence[Any]) -> None:
    """What was given for a role comes before what the row holds under the column's name."""
    kinds = set(map(type, given))
    if kinds == {type(None)}:
        return
    held = columns.get(name)
    if type(None) not in kinds:
        columns[name] = list(given)
    else:
        held = held or [ABSENT] * len(given)
        columns[name] = [h if g is None else g for g, h in zip(given, held, strict=True)]


def _scores(score: Any, schema: Schema) -> dict[str, Any]:
    columns = schema.scores
    if isinstance(score, Mapping):
        by_class = {label_of(plain(name)): value for name, value in score.items()}
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


def _segments(segment: Any, schema: Schema) -> dict[str, Any]:
    columns = schema.segment_columns
    if isinstance(segment, Mapping):
        return {column: segment[column] for column in columns if column in segment}
    if isinstance(segment, (tuple, list)):
        return dict(zip(columns, segment, strict=False))
    return {columns[0]: segment}
