"""Segments: a profile for each value of one or more columns, or for each named condition, which merge like profiles."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from barograph import codec, frame
from barograph.errors import FormatError, MergeError, ParameterError, SchemaError
from barograph.needs import Needs
from barograph.profile import NAME_AT_MOST, Profile, unanchored
from barograph.results import Side
from barograph.schema import Schema

Key: TypeAlias = tuple[str | None, ...]
By: TypeAlias = tuple[str, ...] | dict[str, str]  # columns, or conditions by the names of their segments

OTHER: Key = ()
SEGMENTS_AT_MOST = 50
_LIMIT = 1000


def segment_name(key: Key) -> str:
    """What reports call a segment: its values, in quotes where they could be taken for something else.

    >>> [segment_name(key) for key in [("Ulm",), (None,), ("null",), ("",), ("(null)",), OTHER, ("Ulm, north", None)]]
    ['Ulm', '(null)', 'null', '""', '"(null)"', '(other)', '"Ulm, north", (null)']
    """
    return ", ".join(map(_part_name, key)) if key else "(other)"


def _part_name(value: str | None) -> str:
    if value is None:
        return "(null)"
    plain = value and not value.startswith(("(", '"')) and ", " not in value
    return value if plain else json.dumps(value, ensure_ascii=False)


class Segments:
    """The profile of some rows, and one for each segment of them: each combination of labels of `schema.segments`.

    Of columns: the `most` most frequent segments have a profile of their own in `parts`; all other rows share that of
    `OTHER`, so that memory is bounded whatever a column holds. Who is frequent is decided once, by the rows
    of the baseline (which keeps its own segments, see `Baseline.segments`), else by the rows themselves. Null is a
    segment (`None` in its key, "(null)" in reports); so are NaN and infinities with it. 7, 7.0 and "7" are one segment.
    Every count of `whole` is the sum of those of `parts`.

    Of named conditions: a row is in the segment of each condition that it holds, so that segments may share rows and
    need not add up; in "(null)" where some condition cannot be told; in `OTHER` where it surely holds none. So every
    row is in a segment.

    Segments against the same baseline merge in any order and
    grouping; without a baseline, segments that one side has among its others are known from the other side only, and
    where both together have more than `most`, those with the fewest rows become others.

    >>> rows = {"city": ["Ulm", "Ulm", None, "Bonn"], "age": [31, 45, 60, 22]}
    >>> s = Segments.of(rows, schema=Schema(segments="city"), most=2)
    >>> {segment_name(key): part.n_rows for key, part in s.parts.items()}
    {'Ulm': 2, 'Bonn': 1, '(other)': 1}
    >>> s = Segments.of(rows, schema=Schema(segments={"over 30": "age > 30", "Ulm": "city == 'Ulm'"}))
    >>> {segment_name(key): part.n_rows for key, part in s.parts.items()}
    {'over 30': 3, 'Ulm': 2, '(null)': 1, '(other)': 1}
    """

    def __init__(
        self,
        whole: Profile,
        keys: Iterable[Key],
        parts: Mapping[Key, Profile] | None = None,
        most: int = SEGMENTS_AT_MOST,
    ) -> None:
        self.whole = whole
        self.keys: tuple[Key, ...] = tuple(keys)
        self.most = most
        self.parts: dict[Key, Profile] = {}
        for key in (*self.keys, OTHER):
            if parts and key in parts:
                self.parts[key] = parts[key]

    @classmethod
    def of(
        cls,
        source: object,
        baseline: Any = None,
        *,
        schema: Schema | None = None,
        needs: Needs | None = None,
        most: int = SEGMENTS_AT_MOST,
        name: str | None = None,
        progress: bool = False,
    ) -> Segments:
        """Profiles of rows by segment: rows as for `Profile.of`. Without a baseline they are read twice.

        Parameters
        ----------
        baseline
            A `Baseline` that was frozen with `Schema(segments=...)`: its segments are counted, in its bins.
        schema
            Without a baseline: `Schema(segments=...)` names the columns or the conditions.
        most
            Without a baseline: how many segments have a profile of their own, at most 1000.
        needs, name, progress
            As for `Profile.of`.

        Raises
        ------
        SchemaError
            Nothing to tell segments by, or the rows lack a column that does.
        InputError, ParameterError
            The rows cannot be read; an impossible `most`, a condition that is none, or a baseline without segments.
        """
        rows = frame.open_rows(source)
        if baseline is None:
            made, rows = unfrozen(rows, schema, needs, most, progress)
        elif schema is not None:
            raise ParameterError("a baseline brings its own schema and segments; leave the schema out")
        else:
            made = of_baseline(baseline).blank(needs)
        check_columns(rows, made.by)
        made.name = rows.name if name is None else name[:NAME_AT_MOST]
        for batch in rows.batches(progress=progress):
            made.add(batch)
        made.whole.skip(rows.skipped)
        return made

    def add(self, batch: frame.Batch) -> None:
        """Count a batch in place."""
        self.whole.add(batch)
        self.add_parts(batch)

    def add_parts(self, batch: frame.Batch) -> None:
        """Count a batch that `whole` has counted already."""
        by = self.by
        if isinstance(by, dict):
            found = frame.selections(batch, list(by.values()), self.schema.kinds)
        else:
            found = frame.partition(batch, by, self.keys)
        for at, rows in found:
            key = self.keys[at] if at >= 0 else OTHER
            if key not in self.parts:
                known = {**self.parts, key: self.whole.blank()}
                self.parts = {k: known[k] for k in (*self.keys, OTHER) if k in known}
            self.parts[key].add(rows)

    @property
    def by(self) -> By:
        """The columns whose values make the segments, or the conditions by the names of their segments."""
        return told_by(self.schema)

    @property
    def schema(self) -> Schema:
        """The completed schema."""
        return self.whole.schema

    @property
    def n_rows(self) -> int:
        """Rows of all segments."""
        return self.whole.n_rows

    @property
    def baseline_id(self) -> str | None:
        """The baseline in whose bins all is counted."""
        return self.whole.baseline_id

    @property
    def name(self) -> str:
        """What reports call these rows."""
        return self.whole.name

    @name.setter
    def name(self, name: str) -> None:
        self.whole.name = name

    def side(self, name: str = "") -> Side:
        """What a report says of these rows."""
        return self.whole.side(name)

    def part(self, key: Key) -> Profile:
        """The profile of a segment; one without rows where there were none."""
        return self.parts.get(key) or self.whole.blank()

    def blank(self, needs: Needs | None = None) -> Segments:
        """The same segments without rows."""
        return Segments(self.whole.blank(needs), self.keys, most=self.most)

    def merge(self, other: Segments) -> Segments:
        """The segments of both.

        Raises `MergeError` where they are told apart by other columns, or their profiles do not merge.
        """
        if self.by != other.by:
            raise MergeError(
                f"segments by {by_text(self.by)} and by {by_text(other.by)} do not merge; make both by the same"
            )
        whole = self.whole.merge(other.whole)
        parts = {key: self.part(key).merge(other.part(key)) for key in {**self.parts, **other.parts}}
        keys = tuple(dict.fromkeys([*self.keys, *other.keys]))
        most = max(self.most, other.most)
        if set(self.keys) != set(other.keys):
            order = sorted(keys, key=lambda key: (-parts[key].n_rows if key in parts else 0, segment_name(key)))
            keys = tuple(order[:most])
            for key in order[most:]:
                if key in parts:
                    one = parts.pop(key)
                    parts[OTHER] = parts[OTHER].merge(one) if OTHER in parts else one
        for part in parts.values():
            part.name = ""
        return Segments(whole, keys, parts, most)

    def __add__(self, other: Segments) -> Segments:
        return self.merge(other) if isinstance(other, Segments) else NotImplemented

    def __radd__(self, other: object) -> Segments:
        return self.merge(self.blank()) if other == 0 else NotImplemented  # sum() starts from 0

    def parts_body(self) -> dict[str, Any]:
        """The wire form of all but `whole`."""
        parts = [[key, part.n_rows, part.body()["summaries"]] for key, part in self.parts.items()]
        return {"most": self.most, "keys": self.keys, "parts": parts}

    @classmethod
    def from_parts_body(cls, whole: Profile, body: Any, name: str = "this") -> Segments:
        """Read what `parts_body` gave. Raises `FormatError`."""
        try:
            fields = msgspec.convert(body, _Body)
        except (msgspec.ValidationError, RecursionError) as error:
            raise FormatError(f"{name} cannot be read: {error}") from error
        keys = fields.keys
        try:
            by = told_by(whole.schema)
        except ParameterError as error:
            raise FormatError(f"{name} cannot be read: {error}") from error
        told = [key for key, _, _ in fields.parts]
        known = {*keys, OTHER}
        if not _fit(keys, by) or len(known) != len(keys) + 1 or len(keys) > _LIMIT:
            raise FormatError(f"{name} is damaged: its segments are not those by {by_text(by)}")
        if not known.issuperset(told) or len(set(told)) != len(told):
            raise FormatError(f"{name} is damaged: it has profiles of segments that it does not list, or lists twice")
        sizes = [n for _, n, _ in fields.parts]
        shared = isinstance(by, dict) and max(sizes, default=0) <= whole.n_rows <= sum(sizes)
        if sum(sizes) != whole.n_rows and not shared:
            raise FormatError(f"{name} is damaged: its segments do not add up to its {whole.n_rows:,} rows")
        common = {**whole.body(), "name": ""}
        parts = {
            key: Profile.from_body({**common, "n_rows": n, "summaries": summaries}, name)
            for key, n, summaries in fields.parts
        }
        return cls(whole, keys, parts, fields.most)

    def to_bytes(self) -> bytes:
        """The segments as a file's content."""
        return codec.encode("segments", {"whole": self.whole.body(), **self.parts_body()})

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "this") -> Segments:
        """Read `to_bytes`. Raises `FormatError`."""
        body = codec.decode("segments", data, name)
        if not isinstance(body, dict) or "whole" not in body:
            raise FormatError(f"{name} is damaged: it has no profile of all rows")
        whole = Profile.from_body(body.pop("whole"), name)
        return cls.from_parts_body(whole, body, name)

    def write(self, path: str | Path) -> None:
        """Write the segments to a file, whole or not at all."""
        codec.write_file(path, self.to_bytes())

    @classmethod
    def read(cls, path: str | Path) -> Segments:
        """Read segments from a file. Raises `FormatError`."""
        return cls.from_bytes(codec.read_file(path), str(path))

    def __repr__(self) -> str:
        shown = ", ".join(f"{segment_name(key)} {part.n_rows:,}" for key, part in list(self.parts.items())[:10])
        more = f" and {len(self.parts) - 10} more" if len(self.parts) > 10 else ""
        return f"Segments of {self.n_rows:,} rows by {by_text(self.by)}: {shown}{more}"


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    most: int
    keys: list[tuple[str | None, ...]]
    parts: list[tuple[tuple[str | None, ...], int, list[Any]]]

    def __post_init__(self) -> None:
        if not 1 <= self.most <= _LIMIT or any(n < 0 for _, n, _ in self.parts):
            raise ValueError("numbers of segments or rows that cannot be")


def unfrozen(
    rows: frame.Rows, schema: Schema | None, needs: Needs | None, most: int = SEGMENTS_AT_MOST, progress: bool = False
) -> tuple[Segments, frame.Rows]:
    """The segments of rows without a baseline, no rows counted yet, and the rows to count: of columns those that are
    most frequent, for which the rows are read."""
    by = told_by(schema) if schema is not None else ()
    if not by:
        raise SchemaError("segments need columns or conditions to be told by: give Schema(segments=...)")
    if isinstance(most, bool) or not isinstance(most, int) or not 1 <= most <= _LIMIT:
        raise ParameterError(f"{most!r} segments cannot be kept; give 1 to {_LIMIT}")
    if isinstance(by, dict):
        check_columns(rows, by)
        again = rows.materialise()  # a first batch tells the classes of a stream
        return Segments(unanchored(again, schema, needs), condition_keys(by), most=most), again
    again = rows.materialise()
    whole = unanchored(again, schema, needs)
    check_columns(again, by)
    counted = None
    for batch in again.batches(progress=progress):
        counted = frame.count_keys(batch, by, counted)
    assert counted is not None  # there is always a batch
    return Segments(whole, frame.frequent_keys(counted, by, most), most=most), again


def of_baseline(baseline: Any) -> Segments:
    """The reference's segments. Raises `ParameterError` where the baseline was frozen without any."""
    found: Segments | None = baseline.segments
    if found is None:
        raise ParameterError(
            "this baseline was frozen without segments; freeze it again with Baseline.of(rows, "
            "schema=Schema(segments=...))"
        )
    return found


def told_by(schema: Schema) -> By:
    """What tells segments apart: columns, or conditions by name, each in one spelling.

    Raises `ParameterError` for a condition that is none.

    >>> told_by(Schema(segments={"long haul": "distance>1500"}))
    {'long haul': 'distance > 1500'}
    """
    given = schema.segments
    if not isinstance(given, dict):
        return given
    return {name: frame.expression(text).text for name, text in given.items()}


def by_text(by: By) -> str:
    """Columns, or conditions with their names, to be read."""
    named = [f"{name} ({text})" for name, text in by.items()] if isinstance(by, dict) else by
    return ", ".join(named) or "no column"


def condition_keys(by: dict[str, str]) -> list[Key]:
    """The segments of named conditions, in their order: of each, then of what cannot be told."""
    return [*((name,) for name in by), (None,)]


def _fit(keys: list[Key], by: By) -> bool:
    """Whether these can be the segments of what they are told by."""
    if isinstance(by, dict):
        return bool(by) and set(keys) == set(condition_keys(by))
    return bool(by) and all(len(key) == len(by) for key in keys)


def check_columns(rows: frame.Rows, by: By) -> None:
    """Raises `SchemaError` where rows lack a column to tell segments by, or one that a condition reads."""
    read = dict.fromkeys(by, "") if not isinstance(by, dict) else {
        column: f", which condition {name!r} reads" for name, text in by.items()
        for column in frame.expression(text).columns
    }  # fmt: skip
    for column, why in read.items():
        if column not in rows.columns:
            there = ", ".join(map(repr, rows.columns[:20]))
            kind = f" (a {rows.skipped[column]})" if column in rows.skipped else ""
            raise SchemaError(f"segments cannot be told by column {column!r}{kind}{why}; the rows have {there}")
