"""What executors do: rows of a partition -> profiles as bytes, and many of these -> one.

A partition gives rows of `PARTIAL`: the slot that it is merged in, the window of time ("" where none was asked for),
and the bytes of a profile or of segments. Reading and counting overlap: while one chunk is counted on a thread of its
own (numpy and polars let go of the interpreter), the next is read from Spark.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import msgspec
import polars as pl
import pyarrow as pa
from pyspark import TaskContext

from barograph import codec, frame
from barograph.errors import ParameterError
from barograph.profile import Profile
from barograph.segments import Segments

Counted = Profile | Segments
T = TypeVar("T")

PARTIAL = "slot long, start string, at long, n_timeless long, profile binary"
TOLD = "told binary"
_PARTIAL = pa.schema(
    {"slot": pa.int64(), "start": pa.string(), "at": pa.int64(), "n_timeless": pa.int64(), "profile": pa.binary()}
)
SLOTS = 64  # so many profiles come to the driver at most
CHUNK_ROWS = 1 << 19
CHUNK_BYTES = 1 << 26
OPEN_AT_MOST = 256  # profiles that a partition holds in memory while it counts windows


def read(data: bytes) -> Counted:
    """A profile or segments from their bytes."""
    return Segments.from_bytes(data) if codec.kind_of(data) == "segments" else Profile.from_bytes(data)


def count(template: bytes, names: Sequence[str], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The profile or segments of a partition; nothing where it has no rows."""
    made = read(template)
    _overlapped(made.add, _chunks(batches, names))
    if made.n_rows:
        yield _partial(0, data=made.to_bytes())


def count_windows(
    template: bytes, names: Sequence[str], timestamp: str, every: str, most: int, batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """The profiles of a partition's windows; of a window that was closed early, to bound memory, several."""
    blank = read(template)
    size = 1 + len(blank.keys) if isinstance(blank, Segments) else 1
    under_way: dict[str, Counted] = {}
    seen: set[str] = set()
    n_timeless, given = 0, itertools.count()
    for batch in _chunks(batches, names):
        for start, _, part in frame.windows(batch, timestamp, every):
            if not start:
                n_timeless += part.height
                continue
            seen.add(start)
            made = under_way.pop(start, None) or blank.blank()  # the one touched last stands last
            made.add(part)
            under_way[start] = made
        if len(seen) > most:
            raise ParameterError(too_many(every, most))
        excess = len(under_way) - max(1, OPEN_AT_MOST // size)
        for start in list(under_way)[: max(0, excess)]:
            yield _partial(next(given), start, under_way.pop(start).to_bytes())
    for start in list(under_way):
        yield _partial(next(given), start, under_way.pop(start).to_bytes())
    if n_timeless:
        yield _partial(next(given), n_timeless=n_timeless)


def too_many(every: str, most: int) -> str:
    """What is said of rows that span more windows than are wanted."""
    return (
        f"the rows span more than {most:,} windows of {every}; ask for longer windows, for fewer rows, or for more "
        "with windows_at_most"
    )


def merge(within: Sequence[str], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """One row of `PARTIAL` for the rows that are alike in some columns, which come next to each other."""
    at = [_PARTIAL.names.index(name) for name in within]
    rows = (row for batch in batches for row in zip(*(c.to_pylist() for c in batch.columns), strict=True))
    for _, alike in itertools.groupby(rows, key=lambda row: [row[i] for i in at]):
        slot, start, order, n_timeless, data = next(alike)
        whole: Counted | None = None  # a profile that is alone stays the bytes that it is
        for *_, n, more in list(alike):
            n_timeless += n
            if more is not None and data is not None:
                whole = merged([more], whole or read(data))
            data = data or more
        yield _batch([(slot, start, order, n_timeless, data if whole is None else whole.to_bytes())])


def merged(parts: Iterable[bytes], before: Counted | None = None) -> Counted | None:
    """The profile of all that was counted; nothing of nothing."""
    whole: Any = before
    for data in parts:
        part = read(data)
        whole = part if whole is None else whole.merge(part)
    return whole  # type: ignore[no-any-return]


def traits(names: Sequence[str], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What a sample says of each column, as `Rows.traits` does."""
    for chunk in _chunks(batches, names):
        yield _told(frame.open_rows(chunk).traits())


def classes(names: Sequence[str], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The class labels of each column. Raises `InputError` where there are too many."""
    for chunk in _chunks(batches, names):
        yield _told({name: frame.class_labels(chunk, name) for name in names})


def keys(by: Sequence[str], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """How many rows of a partition have each combination of labels, by their hashes."""
    counted = None
    for chunk in _chunks(batches, by):
        counted = frame.count_keys(chunk, by, counted)
    if counted is None:
        return
    hashed = [pl.col(c).reinterpret(signed=True) if c[0] == "k" else pl.col(c) for c in counted.columns]
    yield from counted.select(hashed).to_arrow(compat_level=pl.CompatLevel.oldest()).to_batches()


def keys_schema(by: Sequence[str]) -> str:
    """What `keys` gives: the hash and the text of each label, and the number of rows."""
    names = [f"{prefix}{at} {kind}" for prefix, kind in (("k", "long"), ("t", "string")) for at in range(len(by))]
    return ", ".join([*names, "n long"])


def _told(what: Any) -> pa.RecordBatch:
    return pa.record_batch([pa.array([msgspec.msgpack.encode(what)], pa.binary())], names=["told"])


def _partial(given: int, start: str = "", data: bytes | None = None, n_timeless: int = 0) -> pa.RecordBatch:
    context = TaskContext.get()
    partition = context.partitionId() if context else 0
    return _batch([(partition % SLOTS, start, (partition << 32) + given, n_timeless, data)])


def _batch(rows: list[tuple[int, str, int, int, bytes | None]]) -> pa.RecordBatch:
    columns = zip(*rows, strict=True)
    return pa.record_batch([pa.array(c, f.type) for c, f in zip(columns, _PARTIAL, strict=True)], schema=_PARTIAL)


def _chunks(batches: Iterable[pa.RecordBatch], names: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Batches of Spark, some thousand rows each, as frames of a size that is worth a sort."""
    waiting: list[pa.RecordBatch] = []
    n_rows = n_bytes = 0
    for batch in batches:
        if not batch.num_rows:
            continue
        waiting.append(batch)
        n_rows, n_bytes = n_rows + batch.num_rows, n_bytes + batch.nbytes
        if n_rows >= CHUNK_ROWS or n_bytes >= CHUNK_BYTES:
            yield _frame(waiting, names)
            waiting, n_rows, n_bytes = [], 0, 0
    if waiting:
        yield _frame(waiting, names)


def _frame(batches: list[pa.RecordBatch], names: Sequence[str]) -> pl.DataFrame:
    """As polars, whose zones of time are only those with a name: instants are the same in UTC."""
    table = pa.Table.from_batches(batches).rename_columns(list(names))
    for at, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type) and field.type.tz is not None:
            utc = table.column(at).cast(pa.timestamp(field.type.unit, "UTC"))
            table = table.set_column(at, pa.field(field.name, utc.type), utc)
    found = pl.from_arrow(table, rechunk=True)
    assert isinstance(found, pl.DataFrame)
    return found


def _overlapped(work: Callable[[T], None], given: Iterable[T]) -> None:
    """Work on each of what is given, in order, while the next is got."""
    with ThreadPoolExecutor(1) as pool:
        pending: Future[None] | None = None
        for one in given:
            if pending is not None:
                pending.result()
            pending = pool.submit(work, one)
        if pending is not None:
            pending.result()
