"""`Rows`: rows from anywhere, read batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from barograph.errors import InputError
from barograph.frame.bar import bar
from barograph.frame.text import family_of, label_text
from barograph.schema import Family, Schema, Traits

BATCH_ROWS = 1 << 20
SAMPLE_ROWS = 10_000

_BATCH_CELLS = 1 << 26  # of wide frames fewer rows make a batch, so that a batch stays below about half a gigabyte


_VECTOR_CELLS = 1024  # of a list, whose length the schema does not tell


def batch_rows(types: Iterable[pl.DataType]) -> int:
    """Rows of a batch of columns of these types: at most `BATCH_ROWS`, fewer for wide rows."""
    return max(1, min(BATCH_ROWS, _BATCH_CELLS // max(1, sum(map(_cells, types)))))


def _cells(dtype: pl.DataType) -> int:
    if family_of(dtype) is not Family.VECTOR:
        return 1
    return dtype.size if isinstance(dtype, pl.Array) else _VECTOR_CELLS


@dataclass
class Rows:
    """Rows from a frame, a file or a stream, with what is known before reading them.

    Attributes
    ----------
    name
        For display: file name, number of files, or the kind of frame.
    columns
        Columns that can be read, in order.
    families
        Family of each of `columns` by its storage type; `UNKNOWN` where the type is null.
    skipped
        Columns that cannot be read (structs, lists of other things than numbers, objects, complex numbers), with their
        type as text.
    n_rows
        Number of rows where it is known without reading everything.
    repeatable
        False for a one-shot stream: `batches` then works once.
    files
        Where rows come from files: these, in the order in which they are read.
    """

    name: str
    columns: tuple[str, ...]
    families: dict[str, Family]
    skipped: dict[str, str]
    n_rows: int | None
    repeatable: bool
    _read: Callable[[], Iterable[pl.DataFrame]] = field(repr=False)
    _sample: Callable[[], pl.DataFrame] = field(repr=False)
    _schema: dict[str, pl.DataType] = field(repr=False)
    files: tuple[Path, ...] = ()
    _read_file: Callable[[int], Iterable[pl.DataFrame]] | None = field(default=None, repr=False)
    _started: bool = field(default=False, repr=False)

    def batches(self, progress: bool = False) -> Iterator[pl.DataFrame]:
        """Batches of at most `BATCH_ROWS` rows with exactly `columns`; one without rows where there are none.

        Batches of rows that hold vectors are smaller. Columns that a later part of the source lacks are null there.
        With `progress`, a bar is drawn on stderr if that is a terminal.

        Raises `InputError` where the source turns out to be unreadable, or a one-shot stream is read again.
        """
        if self._started and not self.repeatable:
            raise InputError(
                f"{self.name} is a one-shot stream and has been read already; call materialise() before reading twice"
            )
        self._started = True
        return self._all(progress)

    def of_file(self, at: int) -> Iterator[pl.DataFrame]:
        """Batches of one of `files`, as `batches` gives them; none where it has no rows."""
        assert self._read_file is not None, "these rows are not of files"
        return self._sliced(self._read_file(at))

    def _all(self, progress: bool) -> Iterator[pl.DataFrame]:
        given = False
        with bar(self.name, self.n_rows, shown=progress) as shown:
            for part in self._sliced(self._read()):
                given = True
                yield part
                shown.advance(part.height)
        if not given:
            yield pl.DataFrame(schema=self._schema)

    def _sliced(self, frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        vectors = [self._schema[c] for c in self.columns if self.families[c] is Family.VECTOR]
        n = batch_rows(vectors) if vectors else BATCH_ROWS
        for frame in frames:
            for part in self._fitted(frame).iter_slices(n):
                if part.height:
                    yield part

    def _fitted(self, frame: pl.DataFrame) -> pl.DataFrame:
        if tuple(frame.columns) == self.columns:
            return frame
        lacking = [c for c in self.columns if c not in frame.columns]
        nulls = [pl.lit(None, dtype=self._schema[c]).alias(c) for c in lacking]
        return frame.with_columns(nulls).select(self.columns)

    def traits(self) -> dict[str, Traits]:
        """What a sample of at most 10,000 rows says of every column, skipped ones included.

        The sample is evenly spaced over a frame in memory, and the first rows of a file or stream (which stay unread).
        """
        sample = self._sample()
        found = sample_traits(self._fitted(sample) if sample.width else pl.DataFrame(schema=self._schema))
        return found | dict.fromkeys(self.skipped, Traits(Family.UNSUPPORTED))

    def set_aside(self, schema: Schema) -> None:
        """Skip vectors that a completed schema has no kind for, such as lists of ever another length."""
        aside = [c for c, f in self.families.items() if f is Family.VECTOR and c not in {*schema.kinds, *schema.ignore}]
        self.columns = tuple(c for c in self.columns if c not in aside)
        for column in aside:
            del self.families[column]
            self.skipped[column] = str(self._schema[column])
        if not self.columns:
            listed = ", ".join(f"{c!r} ({t})" for c, t in list(self.skipped.items())[:10])
            raise InputError(f"{self.name} has no column that can be read: {listed}; declare lists as embeddings")

    def materialise(self) -> Rows:
        """These rows if they can be read again, else a copy of them in memory (the stream is read)."""
        if self.repeatable:
            return self
        parts = list(self.batches())
        try:
            whole = pl.concat(parts, how="diagonal_relaxed")
        except pl.exceptions.PolarsError as error:
            raise InputError(f"{self.name}: its parts do not fit together: {first_line(error)}") from error
        return rows_in_memory(whole, self.name, self.skipped)


def first_line(error: Exception) -> str:
    """The first line of a message: polars adds paragraphs of advice on its own API."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def split_schema(schema: dict[str, pl.DataType], name: str) -> tuple[dict[str, pl.DataType], dict[str, str]]:
    """Columns that can be read, and those that cannot with their type as text.

    Raises `InputError` where none can.
    """
    readable = {c: t for c, t in schema.items() if family_of(t) is not Family.UNSUPPORTED}
    skipped = {c: str(t) for c, t in schema.items() if c not in readable}
    if not schema:
        raise InputError(f"{name} has no columns; at least one is needed")
    if not readable:
        listed = ", ".join(f"{c!r} ({t})" for c, t in list(skipped.items())[:10])
        raise InputError(f"{name} has no column that can be read: {listed}; unnest them into plain values")
    return readable, skipped


def make_rows(
    name: str,
    schema: dict[str, pl.DataType],
    read: Callable[[], Iterable[pl.DataFrame]],
    sample: Callable[[], pl.DataFrame],
    *,
    skipped: dict[str, str] | None = None,
    n_rows: int | None = None,
    repeatable: bool = True,
) -> Rows:
    """`Rows` over a way to read batches and a way to get a sample."""
    readable, unreadable = split_schema({**schema}, name) if schema or not skipped else ({}, {})
    skipped = {**unreadable, **(skipped or {})}
    if not readable:
        listed = ", ".join(f"{c!r} ({t})" for c, t in list(skipped.items())[:10])
        raise InputError(f"{name} has no column that can be read: {listed}; unnest them into plain values")
    families = {c: family_of(t) for c, t in readable.items()}
    return Rows(name, tuple(readable), families, skipped, n_rows, repeatable, read, sample, readable)


def file_rows(
    name: str,
    schema: dict[str, pl.DataType],
    files: Sequence[Path],
    read_file: Callable[[int], Iterable[pl.DataFrame]],
    sample: Callable[[], pl.DataFrame],
    *,
    n_rows: int | None = None,
) -> Rows:
    """`Rows` over files and a way to read one of them."""

    def read() -> Iterator[pl.DataFrame]:
        for at in range(len(files)):
            yield from read_file(at)

    rows = make_rows(name, schema, read, sample, n_rows=n_rows)
    rows.files = tuple(files)
    rows._read_file = read_file  # noqa: SLF001 - Rows of this module
    return rows


def rows_in_memory(frame: pl.DataFrame, name: str = "DataFrame", skipped: dict[str, str] | None = None) -> Rows:
    """`Rows` over a polars frame in memory; nothing is copied."""

    def sample() -> pl.DataFrame:
        step = -(-frame.height // SAMPLE_ROWS)
        return frame.gather_every(step) if step > 1 else frame

    return make_rows(name, dict(frame.schema), lambda: [frame], sample, skipped=skipped, n_rows=frame.height)


def lazy_rows(source: pl.LazyFrame, schema: dict[str, pl.DataType], name: str, n_rows: int | None = None) -> Rows:
    """`Rows` over a lazy frame, streamed batch by batch; only readable columns are asked for."""

    def read() -> Iterator[pl.DataFrame]:
        return streamed(source.select(rows.columns), batch_rows(schema.values()), name)

    def sample() -> pl.DataFrame:
        try:
            return source.select(rows.columns).head(SAMPLE_ROWS).collect()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise InputError(f"{name} cannot be read: {first_line(error)}") from error

    rows = make_rows(name, schema, read, sample, n_rows=n_rows)
    return rows


def streamed(source: pl.LazyFrame, n: int, name: str) -> Iterator[pl.DataFrame]:
    """Batches of a lazy frame, in order."""
    try:
        yield from source.collect_batches(chunk_size=n, maintain_order=True, lazy=True)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(f"{name} cannot be read to its end: {first_line(error)}") from error


def unified(schemas: list[dict[str, pl.DataType]], names: list[str]) -> dict[str, pl.DataType]:
    """One schema for tables whose columns differ: all columns, each of the common supertype.

    Raises `InputError` naming a column whose types have none.
    """
    if all(s == schemas[0] for s in schemas[1:]):
        return schemas[0]
    out: dict[str, pl.DataType] = {}
    seen: dict[str, str] = {}
    for schema, name in zip(schemas, names, strict=True):
        for column, dtype in schema.items():
            if column not in out:
                out[column], seen[column] = dtype, name
            elif out[column] != dtype:
                common = _common(out[column], dtype)
                if common is None:
                    raise InputError(
                        f"column {column!r} is {out[column]} in {seen[column]} and {dtype} in {name}; "
                        "there is no common type, so convert one of them"
                    )
                out[column] = common
    return out


def _common(left: pl.DataType, right: pl.DataType) -> pl.DataType | None:
    families = (family_of(left), family_of(right))
    if Family.UNSUPPORTED in families:
        return left if families[0] is Family.UNSUPPORTED else right
    if families == (Family.VECTOR, Family.VECTOR):
        return pl.List(pl.Float64())
    loose = (pl.Categorical, pl.Enum, pl.Binary)
    left, right = (
        pl.String() if t in loose and family_of(o) is Family.STRING else t for t, o in ((left, right), (right, left))
    )
    try:
        parts = [pl.DataFrame(schema={"x": left}), pl.DataFrame(schema={"x": right})]
        return pl.concat(parts, how="vertical_relaxed").schema["x"]
    except pl.exceptions.PolarsError:
        return None


def sample_traits(sample: pl.DataFrame) -> dict[str, Traits]:
    """Traits of the columns of a small frame; nulls are not counted in."""
    out = {}
    for series in sample:
        family = family_of(series.dtype)
        present = series.drop_nulls()
        if not len(present) and len(series):
            family = Family.UNKNOWN
        text = label_text(present) if family is Family.STRING else present
        if family is Family.STRING:
            mean = float(text.str.len_chars().mean() or 0.0)  # type: ignore[arg-type]
            wordy = float(text.str.contains(" ", literal=True).mean() or 0.0)  # type: ignore[arg-type]
            out[series.name] = Traits(family, len(text), text.n_unique(), mean, wordy)
        elif family is Family.VECTOR:
            out[series.name] = Traits(family, len(present), dimension=_dimension(present))
        else:
            out[series.name] = Traits(family, len(present), present.n_unique(), whole=_whole(present))
    return out


STEADY = 0.9


def _dimension(vectors: pl.Series) -> int:
    """The length that at least 9 of 10 vectors have; 0 where there is none."""
    lengths, counts = np.unique(vectors.cast(pl.List(pl.Float64)).list.len().to_numpy(), return_counts=True)
    return int(lengths[counts.argmax()]) if counts.size and counts.max() >= STEADY * len(vectors) else 0


def _whole(present: pl.Series) -> bool:
    if present.dtype.is_integer() or present.dtype == pl.Boolean:
        return True
    if not (present.dtype.is_float() or present.dtype.is_decimal()):
        return False
    values = present.cast(pl.Float64)
    finite = values.filter(values.is_finite())
    return bool((finite == finite.floor()).all()) and len(finite) > 0


__all__ = [
    "BATCH_ROWS", "SAMPLE_ROWS", "Rows", "batch_rows", "file_rows", "first_line", "lazy_rows", "make_rows",
    "rows_in_memory", "split_schema", "streamed", "unified",
]  # fmt: skip
