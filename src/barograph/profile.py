"""Profile: everything that monitoring needs to know about some rows, as counts and summaries that add up."""

from __future__ import annotations

import html
import warnings
from collections.abc import Mapping
from copy import deepcopy
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec

from barograph import codec, frame, joint
from barograph.counting import Source, by_source, count
from barograph.errors import FormatError, MergeError, ParameterError, SchemaError
from barograph.needs import LEARNED, ROWWISE, Need, Needs, default_needs, of_reference, with_learned
from barograph.overview import iso, overview
from barograph.results import Side
from barograph.schema import Family, Kind, Schema, complete
from barograph.spelling import in_order
from barograph.summaries import SUMMARIES, Columns, Counts, Moments, Summary, blank
from barograph.views import Extract, extractor

S = TypeVar("S")


class SkippedColumnsWarning(UserWarning):
    """Columns of lists, structs or objects were left out."""


class Profile:
    """Summaries of some rows under the needs they answer.

    Profiles of the same schema and baseline merge, in any order and grouping, into the profile of all their rows:
    counts exactly, sketches within their bound. Make one by `Profile.of`; it holds no rows.

    >>> p = Profile.of({"age": [31, 45, None], "city": ["Ulm", "Ulm", "Bonn"]})
    >>> p.n_rows, p.get("counts", "age").n_null, p.get("topk", "city").items()
    (3, 1, [('Ulm', 2), ('Bonn', 1)])
    >>> (p + p).n_rows
    6
    """

    def __init__(
        self,
        schema: Schema,
        summaries: Mapping[Need, Summary],
        n_rows: int = 0,
        baseline_id: str | None = None,
        name: str = "",
    ) -> None:
        self.schema = schema
        self.summaries: dict[Need, Any] = dict(sorted(summaries.items(), key=itemgetter(0)))
        self.n_rows = n_rows
        self.baseline_id = baseline_id
        self.name = name
        self.reasons: dict[tuple[str, str], str] = {}  # why a (summary, column) is lacking that one would expect
        self._sources: list[list[Source]] | None = None  # what is read for which summaries
        self.windows: Any = None  # of a reference: its `ReferenceWindows`; not part of the file

    @classmethod
    def of(
        cls,
        source: object,
        baseline: Any = None,
        *,
        schema: Schema | None = None,
        needs: Needs | None = None,
        name: str | None = None,
        progress: bool = False,
    ) -> Profile:
        """Profile of rows: a frame, a path or glob, an iterator of frames; see `frame.open_rows`.

        Parameters
        ----------
        baseline
            A `Baseline`: its schema is used, and values are counted in its bins.
        schema
            Without a baseline: roles and kinds; what it leaves open is inferred.
        needs
            What to summarise, given the completed schema, where the default (all that the metrics read) is too much.
        name
            What reports call these rows; else the file's name.
        progress
            Show a progress bar where rows come from files and standard error is a terminal.

        Raises
        ------
        InputError, SchemaError
            The rows cannot be read; the schema names what is not there.
        """
        rows = frame.open_rows(source)
        if baseline is not None and schema is not None:
            raise ParameterError(
                "a baseline brings its own schema; leave the schema out, or freeze the baseline with it"
            )
        if baseline is not None:
            profile: Profile = baseline.empty(needs)
            rows.set_aside(profile.schema)
        else:
            profile = unanchored(rows, schema, needs)
            asked = needs(profile.schema) if needs else ()
            cut = [need for need in asked if need.summary in joint.CUT and not of_reference(need)]
            if cut:
                rows = rows.materialise()
                profile = _anchored_on_itself(profile, cut, rows)
        profile.name = rows.name if name is None else name[:NAME_AT_MOST]
        for batch in rows.batches(progress=progress):
            profile.add(batch)
        profile.skip(rows.skipped)
        return profile

    def add(self, batch: frame.Batch, extract: Extract | None = None) -> None:
        """Count a batch in place. For whoever builds a profile piece by piece; finished profiles are merged instead.

        `extract(column, view)` may hand over columns that were taken from the batch before. Columns of 32,768 rows or
        more are counted on as many threads as there are cores, or as the environment variable `BAROGRAPH_THREADS` says.
        """
        self.n_rows += batch.height
        take = extract or extractor(batch, self.schema, self.get)
        if self._sources is None:
            self._sources = by_source(self.summaries)
        count(batch, self.schema, self._sources, take)

    def skip(self, skipped: Mapping[str, str]) -> None:
        """Note columns that cannot be profiled (name -> type), and warn of them."""
        if not skipped:
            return
        columns: Columns | None = self.get("columns")
        if columns is not None:
            columns.update(dict.fromkeys(skipped, (Family.UNSUPPORTED.value, self.n_rows)))
        shown = ", ".join(f"{column!r} ({dtype})" for column, dtype in list(skipped.items())[:10])
        more = f" and {len(skipped) - 10} more" if len(skipped) > 10 else ""
        warnings.warn(f"skipped, for they hold no single values: {shown}{more}", SkippedColumnsWarning, stacklevel=3)

    def get(self, summary: str, *columns: str, view: str = "value", label: str = "") -> Any:
        """The summary that answers a need, or `None` where this profile does not hold it."""
        return self.summaries.get(Need(summary, columns, view, label))

    @property
    def columns(self) -> tuple[str, ...]:
        """Profiled columns."""
        return self.schema.profiled

    @property
    def seen(self) -> Columns:
        """Which columns the rows had, by how they were stored."""
        return cast("Columns", self.get("columns") or Columns())

    @property
    def time_range(self) -> tuple[str, str] | None:
        """First and last timestamp, ISO 8601."""
        moments: Moments | None = self.schema.timestamp and self.get("moments", self.schema.timestamp)  # type: ignore[assignment]
        if not moments or moments.minimum is None or moments.maximum is None:
            return None
        return iso(moments.minimum), iso(moments.maximum)

    def side(self, name: str = "") -> Side:
        """What a report says of this profile."""
        start, end = self.time_range or (None, None)
        return Side(name or self.name, self.n_rows, start, end, self.baseline_id)

    def blank(self, needs: Needs | None = None) -> Profile:
        """A profile of no rows with the same schema, needs and cells (or those of `needs` that this one has).

        What only a baseline keeps is left out.
        """
        held = {need: summary for need, summary in self.summaries.items() if not of_reference(need)}
        wanted = held if needs is None else with_learned(needs(self.schema))
        made = {need: blank(held[need]) for need in wanted if need in held}
        # what only these rows could not be asked, others can be
        others = [
            need for need in wanted if need not in self.summaries and (need.summary, *need.columns) in self.reasons
        ]
        made |= {need: SUMMARIES[need.summary]() for need in others if not _anchored(need)}
        return Profile(self.schema, made, 0, self.baseline_id)

    def merge(self, other: Profile) -> Profile:
        """The profile of both.

        Raises `MergeError` where the baselines differ (saying both hashes), or a column is of two kinds.
        """
        if self.baseline_id != other.baseline_id:
            raise MergeError(
                f"profiles against baseline {self.baseline_id} and {other.baseline_id} do not merge; "
                "profile both against one baseline"
            )
        schema = _merged_schema(self, other)
        merged: dict[Need, Any] = {}
        if list(self.summaries) == list(other.summaries):
            pairs = zip(self.summaries.items(), other.summaries.values(), strict=True)
            merged = {need: mine.merge(theirs) for (need, mine), theirs in pairs}
        else:
            # of two that count in the same cells, what only one was asked for is not known of both
            shared = [need for need in self.summaries if need in other.summaries]
            for need in shared if self.baseline_id else {**self.summaries, **other.summaries}:
                mine, theirs = self.summaries.get(need), other.summaries.get(need)
                merged[need] = mine.merge(theirs) if mine and theirs else deepcopy(mine or theirs)  # never shared
        if schema is not self.schema:
            kinds = (self.schema.kinds, other.schema.kinds)
            merged = {need: summary for need, summary in merged.items() if _fits(need, schema, *kinds)}
        name = self.name if self.name == other.name else " + ".join(n for n in (self.name, other.name) if n)
        name = name if len(name) <= NAME_AT_MOST else name[: NAME_AT_MOST - 1] + "…"
        both = Profile(schema, merged, self.n_rows + other.n_rows, self.baseline_id, name)
        both.reasons = {**self.reasons, **other.reasons}
        return both

    def __add__(self, other: Profile) -> Profile:
        return self.merge(other) if isinstance(other, Profile) else NotImplemented

    def __radd__(self, other: object) -> Profile:
        return self.merge(self.blank()) if other == 0 else NotImplemented  # sum() starts from 0

    def to_dicts(self) -> list[dict[str, Any]]:
        """One row a column: counts, distinct values, moments, quantiles, top values; `None` where it has no meaning."""
        return [overview(self.schema, column, self.get) for column in self.columns]

    def to_polars(self) -> frame.Batch:
        """`to_dicts` as a polars frame."""
        return frame.to_polars(self.to_dicts())

    def to_pandas(self) -> Any:
        """`to_dicts` as a pandas frame, indexed by column.

        Raises `MissingExtraError` without pandas.
        """
        return frame.to_pandas(self.to_dicts()).set_index("column")

    def body(self) -> dict[str, Any]:
        """The wire form, before it becomes bytes."""
        return {
            "schema": msgspec.to_builtins(self.schema),
            "n_rows": self.n_rows,
            "baseline": self.baseline_id,
            "name": self.name,
            "summaries": [[msgspec.to_builtins(need), s.to_state()] for need, s in self.summaries.items()],
            **({"reasons": [[*key, why] for key, why in sorted(self.reasons.items())]} if self.reasons else {}),
        }

    @classmethod
    def from_body(cls, body: Any, name: str = "this", needs: Needs | None = None) -> Profile:
        """Read what `body` gave, or what `needs` names of it. Raises `FormatError`."""
        try:
            fields = msgspec.convert(body, _Body)
            schema = msgspec.convert(fields.schema, Schema)
            wanted = None if needs is None else with_learned(needs(schema))
            summaries = {
                need: SUMMARIES[need.summary].from_state(state)
                for need, state in fields.summaries
                if wanted is None or need in wanted or need.summary in joint.JOINT  # one may answer for another
            }
        except (msgspec.ValidationError, KeyError, ValueError) as error:
            raise FormatError(f"{name} cannot be read: {error}") from error
        if other := [need.summary for need, summary in summaries.items() if not joint.fits(need, summary)]:
            raise FormatError(f"{name} cannot be read: its {other[0]} are not of the columns they are said to be of")
        profile = cls(schema, summaries, fields.n_rows, fields.baseline, fields.name)
        profile.reasons = {(summary, column): why for summary, column, why in fields.reasons}
        return profile

    def to_bytes(self) -> bytes:
        """The profile as a file's content."""
        return codec.encode("profile", self.body())

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "this", needs: Needs | None = None) -> Profile:
        """Read `to_bytes`, or what `needs` names of it. Raises `FormatError`."""
        return cls.from_body(codec.decode("profile", data, name), name, needs)

    def write(self, path: str | Path) -> None:
        """Write the profile to a file, whole or not at all."""
        codec.write_file(path, self.to_bytes())

    @classmethod
    def read(cls, path: str | Path) -> Profile:
        """Read a profile from a file. Raises `FormatError`."""
        return cls.from_bytes(codec.read_file(path), str(path))

    def __repr__(self) -> str:
        return f"{self._headline()}\n{self.to_polars()!r}"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self._headline())}</p>{self.to_polars()._repr_html_()}"

    def _headline(self) -> str:
        against = f" against baseline {self.baseline_id}" if self.baseline_id else ""
        return f"Profile of {self.n_rows:,} rows, {len(self.columns)} columns{against}"


NAME_AT_MOST = 120
SKETCHED = "sketched"  # among reasons: a column's cells were counted from a sketch


class _Body(msgspec.Struct):
    schema: dict[str, Any]
    n_rows: int
    baseline: str | None
    name: str
    summaries: list[tuple[Need, dict[str, Any]]]
    reasons: list[tuple[str, str, str]] = []


def unanchored(rows: frame.Rows, schema: Schema | None, needs: Needs | None) -> Profile:
    """An empty profile for rows without a baseline, with the schema completed from what they look like."""
    traits = rows.traits()
    if schema is not None and (absent := [column for column in schema.kinds if column not in traits]):
        raise SchemaError(
            f"the schema has kinds for columns that are not there: {', '.join(map(repr, absent[:10]))}; "
            f"the columns are {', '.join(map(repr, list(traits)[:20]))}"
        )
    known = complete(schema, traits)
    rows.set_aside(known)
    if known.task == "classification" and rows.repeatable:
        first = next(iter(rows.batches()))
        labels = {
            label
            for column in (known.target, known.prediction)
            if column and column in first.columns
            for label in frame.class_labels(first, column)
        }
        known = complete(schema, traits, in_order(labels))
    wanted = default_needs(known, anchored=False) if needs is None else tuple(needs(known))
    made = {need: SUMMARIES[need.summary]() for need in wanted if not _anchored(need)}
    return Profile(known, made, name=rows.name)


def _anchored(need: Need) -> bool:
    """Whether a need can only be answered against a baseline."""
    return need.view in LEARNED or need.summary in ("bins", "categories", "embedding", "vocabulary", *joint.CUT)


def _anchored_on_itself(profile: Profile, needs: list[Need], rows: frame.Rows) -> Profile:
    """An empty profile that counts in cells cut from the very rows it is to be of: a pass of its own over them."""
    schema = profile.schema
    seen = {need: SUMMARIES[need.summary]() for of in needs for need in joint.sketched(of, schema)}
    sketch = Profile(schema, seen)
    for batch in rows.batches():
        sketch.add(batch)
    made = {need: joint.cut(need, schema, sketch.get) for need in needs}
    return Profile(schema, {**profile.summaries, **made}, name=profile.name)


def _fits(need: Need, schema: Schema, *before: Mapping[str, Kind]) -> bool:
    """Whether a summary suits the kinds agreed on (a column of nulls may have been taken for another kind)."""
    if len(need.columns) != 1 or need.summary in {"counts", "distinct", "topk", *ROWWISE}:
        return True
    kind = schema.kinds.get(need.columns[0])
    if all(kinds.get(need.columns[0], kind) is kind for kinds in before):
        return True
    return kind is not None and need in default_needs(schema.replace(kinds={need.columns[0]: kind}), anchored=True)


def _merged_schema(a: Profile, b: Profile) -> Schema:
    if a.schema == b.schema:
        return a.schema
    if a.schema.roles != b.schema.roles or a.schema.task != b.schema.task:
        raise MergeError(
            f"profiles whose columns have different roles do not merge: {a.schema.roles} and {b.schema.roles}; "
            "profile both with one schema"
        )
    kinds = dict(a.schema.kinds)
    for column, kind in b.schema.kinds.items():
        mine = kinds.get(column, kind)
        if mine is not kind:
            if not _empty(a, column) and not _empty(b, column):
                raise MergeError(
                    f"column {column!r} is {mine} on one side and {kind} on the other; profile both with one schema"
                )
            kind = kind if _empty(a, column) else mine
        kinds[column] = kind
    classes = in_order({*a.schema.classes, *b.schema.classes})
    return a.schema.replace(kinds=dict(sorted(kinds.items())), classes=classes)


def _empty(profile: Profile, column: str) -> bool:
    counts: Counts | None = profile.get("counts", column)
    return counts is not None and counts.n_present == 0
