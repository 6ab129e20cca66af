"""Streams: the windows of each micro-batch are kept under its number, so that a batch that comes again counts once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from barograph.baseline import Baseline
from barograph.engines.spark_jobs import (
    WINDOWS_AT_MOST,
    By,
    DataFrame,
    Window,
    counted_windows,
    empty,
    opened,
    timed,
)
from barograph.engines.spark_store import Store
from barograph.errors import InputError, MergeError, ParameterError
from barograph.needs import Needs
from barograph.schema import Schema
from barograph.segments import SEGMENTS_AT_MOST

if TYPE_CHECKING:
    from pyspark.sql.streaming.query import StreamingQuery

COMPACT_EVERY = 100


def writer(
    store: str | Path,
    baseline: Baseline | None = None,
    *,
    window: Window,
    schema: Schema | None = None,
    by: By | None = None,
    needs: Needs | None = None,
    most: int = SEGMENTS_AT_MOST,
    windows_at_most: int = WINDOWS_AT_MOST,
    compact_every: int = COMPACT_EVERY,
) -> Callable[[DataFrame, int], None]:
    """A function for `foreachBatch` that counts each batch into windows of time, kept in a folder.

    Each batch counts once: it has a file of its own under its number, written whole or not at all before the batch is
    done, and a batch that comes again finds it. So the folder and the query's checkpoint belong together: a query that
    begins anew numbers its batches anew, and is refused (on Spark Connect, where queries cannot be told apart, it would
    be taken for batches that come again).

    Parameters
    ----------
    store
        A folder that the driver can write to (the server, on Spark Connect). `read(store)` gives its windows.
    baseline, window, schema, by, needs, most, windows_at_most
        As for `profile`. Without a baseline, the first batch tells kinds, classes and segments for all.
    compact_every
        After so many batches their files are merged into one file a window.

    Raises
    ------
    ParameterError, SchemaError
        As for `profile`; `compact_every` is no positive number.
    """
    if isinstance(compact_every, bool) or not isinstance(compact_every, int) or compact_every < 1:
        raise ParameterError(f"batches cannot be compacted after every {compact_every!r}; give a positive number")
    schema, every = timed(window, baseline, schema)
    frozen = None if baseline is None else (baseline.id, baseline.to_bytes())
    given = {"baseline": frozen, "schema": schema, "by": by, "needs": needs, "most": most}
    return partial(_count, Path(store), every, windows_at_most, compact_every, given)


def _count(
    folder: Path, every: str, windows_at_most: int, compact_every: int, given: dict[str, Any], df: DataFrame, batch: int
) -> None:
    store = Store(folder)
    rows = opened(df)
    template, query = store.template, _query(df)
    if template is None:
        baseline = given["baseline"] and Baseline.from_bytes(given["baseline"][1])
        template = empty(rows, baseline, given["schema"], given["by"], given["needs"], given["most"])
        store.begin(template, every, query)
    store.check(every, query)
    if given["baseline"] and given["baseline"][0] != template.baseline_id:
        raise MergeError(
            f"{folder} counts against baseline {template.baseline_id}, not {given['baseline'][0]}; give another folder"
        )
    if not store.has(batch):
        rows.set_aside(template.schema)
        store.add(batch, *counted_windows(rows, template, every, windows_at_most))
    if store.n_waiting() >= compact_every:
        store.compact()


def _query(df: DataFrame) -> str:
    """The streaming query whose batch this is; it stays the same when the query is restarted from its checkpoint."""
    context = getattr(df.sparkSession, "_sc", None)
    return (context and context.getLocalProperty("sql.streaming.queryId")) or ""


def watch(
    stream: DataFrame,
    baseline: Baseline | None,
    store: str | Path,
    *,
    window: Window,
    checkpoint: str | Path | None = None,
    trigger: dict[str, Any] | None = None,
    **options: Any,
) -> StreamingQuery:
    """Start a query that counts a stream into windows of time, kept in a folder.

    Parameters
    ----------
    stream
        A streaming frame.
    baseline, store, window, options
        As for `writer`.
    checkpoint
        Where Spark remembers which batches are done; else a folder in `store`, with which it belongs together.
    trigger
        When batches begin, as for `DataStreamWriter.trigger`: `{"processingTime": "1 minute"}`.

    Raises
    ------
    InputError, ParameterError, SchemaError
        `stream` is no stream; as for `writer`.
    """
    if not isinstance(stream, DataFrame) or not stream.isStreaming:
        raise InputError("only a streaming DataFrame (spark.readStream) can be watched; count others with profile(...)")
    write = writer(store, baseline, window=window, **options)
    folder = Path(checkpoint) if checkpoint is not None else Path(store) / "checkpoint"
    begun = stream.writeStream.foreachBatch(write).option("checkpointLocation", folder.absolute().as_uri())
    return (begun.trigger(**trigger) if trigger else begun).start()
