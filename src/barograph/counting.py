"""Counting a batch into the summaries of a profile, column beside column on threads where the rows are many.

numpy and polars let go of the interpreter while they count. The threads live as long as one batch: nothing is started
on import, nothing is left behind that a forked worker would wait for. Each summary is filled by one thread alone, from
the same data in the same order, so a profile has the same bytes whatever the number of threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any, TypeAlias

import msgspec

from barograph import frame, joint, rowwise
from barograph.errors import ParameterError
from barograph.needs import ROWWISE, Need
from barograph.schema import Schema
from barograph.summaries import Summary
from barograph.views import Extract

VARIABLE = "BAROGRAPH_THREADS"
ROWS_AT_LEAST = 1 << 15  # of fewer, handing a column over takes as long as counting it

Source: TypeAlias = tuple[Need, list[Summary]]
"""What is taken from a batch, and the summaries that it is fed to."""


def threads() -> int:
    """How many threads count: `BAROGRAPH_THREADS`, else as many as this process may use cores.

    Raises `ParameterError` where the variable is no number from 1 on.
    """
    said = os.environ.get(VARIABLE, "").strip()
    if not said:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not said.isdecimal() or not int(said):
        raise ParameterError(f"{VARIABLE} is {said!r}; set it to the number of threads that count, 1 or more")
    return int(said)


def side_by_side(tasks: Sequence[Callable[[], None]], n_rows: int) -> None:
    """Run tasks that share nothing, on threads where the rows are many.

    What the first of them in order raises is raised, as if they had run one after the other; those that have not begun
    by then do not.
    """
    n = min(threads(), len(tasks)) if n_rows >= ROWS_AT_LEAST else 1
    if n < 2:
        for task in tasks:
            task()
        return
    pool = ThreadPoolExecutor(n, thread_name_prefix="barograph-count")
    try:
        for future in [pool.submit(copy_context().run, task) for task in tasks]:
            future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def by_source(summaries: Mapping[Need, Summary]) -> list[list[Source]]:
    """Summaries that read the same data together, so that it is taken from the batch once; those of a column in turn.

    Each of the lists can be counted without the others.
    """
    groups: dict[Need, list[Summary]] = {}
    for need, summary in summaries.items():
        alone = len(need.columns) == 1 and need.summary not in joint.JOINT and need.summary not in ROWWISE
        source = msgspec.structs.replace(need, summary="") if alone else need
        groups.setdefault(source, []).append(summary)
    apart: dict[object, list[Source]] = {}
    for source, fed in groups.items():
        apart.setdefault(source if source.summary else source.columns, []).append((source, fed))
    return list(apart.values())


def count(batch: frame.Batch, schema: Schema, sources: Iterable[list[Source]], take: Extract) -> None:
    """Feed a batch to the summaries."""
    present = set(batch.columns)
    tasks = [partial(_count, batch, schema, present, together, take) for together in sources]
    side_by_side(tasks, batch.height)


def _count(batch: frame.Batch, schema: Schema, present: set[str], sources: Iterable[Source], take: Extract) -> None:
    for source, summaries in sources:
        if source.columns and source.summary not in joint.JOINT and not present.issuperset(source.columns):
            continue
        data = _taken(batch, schema, present, source, summaries[0], take)
        for summary in summaries:
            summary.update(data)


def _taken(batch: frame.Batch, schema: Schema, present: set[str], source: Need, first: Summary, take: Extract) -> Any:
    if source.summary in ROWWISE:
        return rowwise.taken(batch, schema, source)
    if not source.columns:
        return {column: (frame.family(batch, column).value, batch.height) for column in batch.columns}
    if source.summary in joint.JOINT:
        return joint.taken(batch, schema, source, first)
    if source.view == "rows":
        told = [c for c in (schema.id, schema.timestamp) if c in present and c in schema.kinds]
        return frame.records(batch, schema.kinds, source.columns, [c for c in told if c not in source.columns])
    if len(source.columns) == 1:
        return take(source.columns[0], source.view)
    return joint.outcomes(batch, schema, source)


__all__ = ["by_source", "count", "side_by_side", "threads"]
