"""Baseline: the reference, frozen. Its bins give every later profile the cells to count in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from barograph import codec, frame, joint
from barograph.errors import FormatError, InputError, ParameterError
from barograph.learning import Learning, Outcomes
from barograph.needs import LEARNED, Need, Needs, default_needs, of_reference, with_learned
from barograph.profile import NAME_AT_MOST, Profile, unanchored
from barograph.reference_windows import ReferenceWindows, usual_length
from barograph.schema import Kind, Schema
from barograph.segments import SEGMENTS_AT_MOST, Segments, check_columns, condition_keys, told_by
from barograph.spelling import in_order
from barograph.summaries import SUMMARIES, Bins, Categories, Confusion, Quantiles, Scores, TopK
from barograph.summaries import scores as score_cells
from barograph.types import Floats, Ints, Keys, Labels
from barograph.views import Extract
from barograph.windows import checked_every

BINS = 256
RARE_AT_MOST = 10_000
FREQUENT_AT_LEAST = 30


class Baseline:
    """Schema, bins and profile of the reference, under one hash. Holds no rows.

    A numeric column with at most `bins` distinct values has each of them as a cell of its own, so that KS, PSI and
    chi-square of its counts are exact; any other is cut at `bins` quantiles, with values that fill a bin alone set
    apart. A categorical column has cells for its labels (of more than 256 for the frequent ones, the others share 64
    cells by their hash), and knows which labels it never saw.

    >>> b = Baseline.of({"age": [31, 45, 45, 60]})
    >>> b.profile.n_rows, len(b.id), Profile.of({"age": [45]}, b).baseline_id == b.id
    (4, 16, True)
    """

    def __init__(
        self, profile: Profile, segments: Segments | None = None, windows: ReferenceWindows | None = None
    ) -> None:
        body = {**profile.body(), "baseline": None, "name": ""}  # the same rows under another name are the same
        if segments is not None:
            body["segments"] = segments.parts_body()
        if windows is not None:
            body["windows"] = windows.body()
        self.id = hashlib.sha256(msgspec.msgpack.encode(body)).hexdigest()[:16]
        self.profile = profile
        self.segments = segments
        self.windows = windows
        for made in (profile, *(segments.parts.values() if segments else ())):
            made.baseline_id = self.id
            made.windows = windows  # a segment is taken to vary as all rows do
        for made in windows.parts.values() if windows else ():
            made.baseline_id = self.id

    @classmethod
    def of(
        cls,
        source: object,
        *,
        schema: Schema | None = None,
        bins: int = BINS,
        needs: Needs | None = None,
        every: str | int | None = None,
        name: str | None = None,
        progress: bool = False,
    ) -> Baseline:
        """Freeze a reference: rows as for `Profile.of`, read twice (a one-shot stream is held in memory for it).

        Parameters
        ----------
        schema
            Roles and kinds; what it leaves open is inferred. With `segments`, each of the 50 most frequent segments
            of the reference (or each named condition) is frozen too, for reports by segment.
        bins
            Cells per numeric column, 2 to 4096.
        needs
            What to hold, given the completed schema, where the default (all that the metrics read) is too much.
        every
            The reference also keeps a small profile for each window of its rows: of time (`"1d"`, `"6h"`), for which
            the schema needs a timestamp, or of a number of rows. Reports learn from them how much days differ when
            nothing is wrong. Left out, and where there is a timestamp: the longest of 1h, 6h, 1d and 1w that gives at
            least ten windows. 0: none.
        name
            What reports call the reference; else the file's name.

        Raises
        ------
        InputError, SchemaError
            The rows cannot be read, or there are none; the schema names what is not there.
        ParameterError
            An impossible number of bins; windows that are none, or more than 400 of them.
        """
        if every:
            checked_every(every)
        if not 2 <= bins <= 4096:
            raise ParameterError(f"a baseline of {bins} bins cannot be made; give 2 to 4096")
        rows = frame.open_rows(source).materialise()
        sketch = unanchored(rows, schema, lambda known: _sketched(known, _wanted(known, needs)))
        wanted = _wanted(sketch.schema, needs)
        learning = Learning(sketch.schema, wanted)
        sketch = _seeing(sketch, learning.learn(rows), _sketched(sketch.schema, wanted))
        known = _Known()
        kept = _Taken() if (rows.n_rows or frame.BATCH_ROWS + 1) <= frame.BATCH_ROWS else None
        by, keys = told_by(sketch.schema), None
        check_columns(rows, by)
        for batch in rows.batches(progress=progress):
            take = known.watching(learning.extractor(batch, sketch.n_rows, sketch))
            sketch.add(batch, kept.remembering(take, (sketch.n_rows, batch.height)) if kept else take)
            keys = frame.count_keys(batch, by, keys) if by and not isinstance(by, dict) else None
        if sketch.n_rows == 0:
            raise InputError(f"a baseline needs rows, and {rows.name} has none")
        counted = _anchored(sketch, known, wanted, bins)
        outcomes = Outcomes(counted, wanted, sketch)
        # the summaries of both passes, which the second one goes on filling
        held = {need: s for need, s in {**sketch.summaries, **counted.summaries}.items() if need in wanted}
        held |= outcomes.profile.summaries
        called = rows.name if name is None else name[:NAME_AT_MOST]
        whole = Profile(counted.schema, held, sketch.n_rows, None, called)
        parts = None
        if isinstance(by, dict):
            parts = Segments(whole, condition_keys(by))
        elif keys is not None:
            parts = Segments(whole, frame.frequent_keys(keys, by, SEGMENTS_AT_MOST))
        length = usual_length(sketch) if every is None else every
        windows = ReferenceWindows(whole, length, asked=every is not None) if length else None
        for batch in rows.batches(progress=progress):
            if windows is not None:
                windows.add(batch, counted.n_rows)
            outcomes.add(batch, counted.n_rows)
            take = learning.extractor(batch, counted.n_rows, sketch)
            counted.add(batch, kept.remembering(take, (counted.n_rows, batch.height)) if kept else take)
            if parts is not None:
                parts.add_parts(batch)
        whole.skip(rows.skipped)
        return cls(whole, parts, windows.sealed() if windows is not None else None)

    @property
    def schema(self) -> Schema:
        """The completed schema."""
        return self.profile.schema

    def empty(self, needs: Needs | None = None) -> Profile:
        """A profile of no rows that counts in this baseline's cells."""
        return self.profile.blank(needs)

    def to_bytes(self) -> bytes:
        """The baseline as a file's content."""
        segments = {"segments": self.segments.parts_body()} if self.segments is not None else {}
        windows = {"windows": self.windows.body()} if self.windows is not None else {}
        return codec.encode("baseline", {**self.profile.body(), **segments, **windows})

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "this") -> Baseline:
        """Read `to_bytes`. Raises `FormatError`."""
        body = codec.decode("baseline", data, name)
        profile = Profile.from_body(body, name)
        stated = profile.baseline_id
        frozen, cut = body.get("segments"), body.get("windows")
        segments = Segments.from_parts_body(profile, frozen, name) if frozen is not None else None
        windows = ReferenceWindows.from_body(profile, cut, name) if cut is not None else None
        baseline = cls(profile, segments, windows)
        if stated != baseline.id:
            raise FormatError(f"{name} says it is baseline {stated}, and its content is {baseline.id}")
        return baseline

    def write(self, path: str | Path) -> None:
        """Write the baseline to a file, whole or not at all."""
        codec.write_file(path, self.to_bytes())

    @classmethod
    def read(cls, path: str | Path) -> Baseline:
        """Read a baseline from a file. Raises `FormatError`."""
        return cls.from_bytes(codec.read_file(path), str(path))

    def __repr__(self) -> str:
        return f"Baseline {self.id} of {self.profile.n_rows:,} rows\n{self.profile!r}"

    def _repr_html_(self) -> str:
        return f"<p>Baseline {self.id}</p>{self.profile._repr_html_()}"


class _Taken:
    """Columns taken from batches of a few rows in all, so that the second pass need not sort again."""

    def __init__(self) -> None:
        self.data: dict[tuple[tuple[int, int], str, str], Any] = {}

    def remembering(self, take: Extract, batch: tuple[int, int]) -> Extract:
        """Takes each column of a batch, told by its first row and its height, only once."""

        def recall(column: str, view: str) -> Any:
            if (batch, column, view) not in self.data:
                self.data[batch, column, view] = take(column, view)
            return self.data[batch, column, view]

        return recall


class _Known:
    """All labels of each nominal column by their hashes, with counts, up to a limit: who is rare, and who is new."""

    def __init__(self) -> None:
        self.seen: dict[str, tuple[Keys, Ints]] = {}
        self.full: set[str] = set()

    def watching(self, take: Extract) -> Extract:
        def watch(column: str, view: str) -> Any:
            data = take(column, view)
            if isinstance(data, Labels) and view == "value" and column not in self.full:
                self._add(column, data)
            return data

        return watch

    def _add(self, column: str, data: Labels) -> None:
        if data.differ_at_least > RARE_AT_MOST:
            self.full.add(column)
            self.seen[column] = np.zeros(0, np.uint64), np.zeros(0, np.int64)
            return
        keys, counts = self.seen.get(column, (data.keys[:0], data.counts[:0]))
        joined, at = np.unique(np.concatenate([keys, data.keys]), return_inverse=True)
        total = np.zeros(joined.size, np.int64)
        np.add.at(total, at, np.concatenate([counts, data.counts]))
        if joined.size > RARE_AT_MOST:
            self.full.add(column)
            joined, total = joined[:0], total[:0]
        self.seen[column] = joined, total

    def others(self, column: str, keys: Keys) -> tuple[Keys, Ints]:
        """Labels other than `keys`, with their counts."""
        seen, counts = self.seen.get(column, (keys[:0], np.zeros(0, np.int64)))
        other = ~np.isin(seen, keys)
        return seen[other], counts[other]


def _wanted(schema: Schema, needs: Needs | None) -> dict[Need, None]:
    usual = (*default_needs(schema, anchored=True), *joint.expected_by(schema))
    return with_learned(usual if needs is None else needs(schema))


def _seeing(sketch: Profile, learned: Mapping[Need, Any], needs: Iterable[Need]) -> Profile:
    """The sketch with what was learned, and what is seen through that."""
    if not learned:
        return sketch
    through = {need: SUMMARIES[need.summary]() for need in needs if need.view in LEARNED}
    return Profile(sketch.schema, {**sketch.summaries, **through, **learned}, name=sketch.name)


def _sketched(schema: Schema, wanted: Iterable[Need]) -> list[Need]:
    """What the first pass summarises: all that needs no cells, and what the cells are cut from."""
    needs: list[Need] = []
    for need in wanted:
        if need.summary == "bins":
            needs.append(Need("quantiles", need.columns, need.view))
        elif need.summary == "scores":
            needs += [Need("quantiles", need.columns[1:]), Need("topk", need.columns[1:])]
        elif need.summary in joint.CUT:
            needs += joint.sketched(need, schema)
        else:
            needs.append(need)
        if need.summary in ("bins", "categories") and need.view == "value":
            needs.append(Need("topk", need.columns))
    return [need for need in dict.fromkeys(needs) if need.summary != "categories"]


def _anchored(sketch: Profile, known: _Known, wanted: Iterable[Need], bins: int) -> Profile:
    """An empty profile whose cells are cut from the sketch."""
    schema = sketch.schema
    confusion = next((s for s in sketch.summaries.values() if isinstance(s, Confusion)), None)
    if confusion is not None:
        schema = schema.replace(classes=in_order({*schema.classes, *confusion.classes}))
    made: dict[Need, Any] = {}
    for need in wanted:
        if need.summary == "bins":
            quantiles = sketch.get("quantiles", *need.columns, view=need.view)
            top = sketch.get("topk", *need.columns) if need.view == "value" else None
            made[need] = Bins(edges(quantiles, top, bins))
        elif need.summary == "scores":
            quantiles, top = (sketch.get(name, *need.columns[1:]) for name in ("quantiles", "topk"))
            cuts = [score_cells.grid(schema.threshold), edges(quantiles, top, bins)]
            made[need] = Scores(edges=np.unique(np.concatenate(cuts)))
        elif need.summary == "categories":
            made[need] = _categories(schema.kinds[need.columns[0]], need.columns[0], sketch, known)
        elif need.summary in joint.CUT and not of_reference(need):
            made[need] = joint.cut(need, schema, sketch.get)
    return Profile(schema, made)


def edges(quantiles: Quantiles, top: TopK | None, bins: int) -> Floats:
    """Where to cut a numeric column: around each value where there are at most `bins`, else at quantiles.

    A value alone in its cell has the cuts `nextafter(v, -inf)` and `v`. Frequent values (more than a bin's share)
    get such a cell also among quantiles.
    """
    if quantiles.n == 0:
        return np.zeros(0)
    apart: list[float] = []
    cuts = np.zeros(0)
    if top is not None and top.exact and len(top.keys) <= bins:
        apart = [float(v) for v, _ in top.items()]
    else:
        found = quantiles.quantiles(np.arange(1, bins) / bins)
        assert found is not None
        # the first cell ends just below the smallest value, so that the outer cells hold what is out of range
        ends = np.array([*_just_below(np.array([quantiles.low])), quantiles.high])
        cuts = np.unique(np.concatenate([found, ends]))
        if top is not None:
            apart = [float(v) for v, n in top.items() if n > quantiles.n / bins]
        elif cuts.size < found.size:  # repeated quantiles are frequent values
            values, times = np.unique(found, return_counts=True)
            apart = values[times > 1].tolist()
    alone = np.array(apart)
    both: Floats = np.unique(np.concatenate([cuts, alone, _just_below(alone)]))
    finite: Floats = both[np.isfinite(both)]
    return finite


def _just_below(values: Floats) -> Floats:
    with np.errstate(over="ignore"):  # below the smallest float there is -inf
        return np.nextafter(values, -np.inf)


def _categories(kind: Kind, column: str, sketch: Profile, known: _Known) -> Categories:
    names, keys = ["false", "true"], frame.keys_of(["false", "true"])
    if kind is not Kind.BOOLEAN:
        top = sketch.get("topk", column)
        # of very many labels only the surely frequent ones: what is picked for being seen often by chance is seen
        # less often afterwards
        enough = top.counts >= (0 if top.exact else max(FREQUENT_AT_LEAST, sketch.n_rows / top.capacity))
        names, keys = [n for n, kept in zip(top.names or [], enough, strict=True) if kept], top.keys[enough]
    order = np.argsort(keys)
    others, counts = known.others(column, keys)
    rare = np.unique((others >> np.uint64(32)).astype(np.uint32))
    singles, doubles = (int((counts == times).sum()) for times in (1, 2))
    listed = [names[i] for i in order]
    return Categories(keys[order], listed, rare, column not in known.full, singles, doubles=doubles)
