"""Profiles of Spark frames: each executor counts its partitions, and what is merged and sent are profiles, never rows.

    from barograph.engines import spark

    profile = spark.profile(df, baseline)
    query = spark.watch(stream, baseline, "windows", window=("ts", "1h"))
    windows = spark.read("windows")

Classic sessions and Spark Connect alike.
"""

from __future__ import annotations

from pathlib import Path

from barograph.baseline import Baseline
from barograph.engines.spark_jobs import (
    WINDOWS_AT_MOST,
    By,
    DataFrame,
    Window,
    counted,
    counted_windows,
    empty,
    opened,
    timed,
)
from barograph.engines.spark_store import Store
from barograph.engines.spark_stream import watch, writer
from barograph.needs import Needs
from barograph.profile import NAME_AT_MOST, Profile
from barograph.profile_windows import ProfileWindows
from barograph.schema import Schema
from barograph.segments import SEGMENTS_AT_MOST, Segments


def profile(
    df: DataFrame,
    baseline: Baseline | None = None,
    *,
    schema: Schema | None = None,
    by: By | None = None,
    window: Window | None = None,
    needs: Needs | None = None,
    most: int = SEGMENTS_AT_MOST,
    windows_at_most: int = WINDOWS_AT_MOST,
    name: str | None = None,
) -> Profile | Segments | ProfileWindows:
    """Profile of the rows of a Spark frame: what `Profile.of` gives for them, counted where they are.

    Parameters
    ----------
    baseline, schema, needs, name
        As for `Profile.of`. Without a baseline, one executor looks at the first 10,000 rows for the kinds of columns,
        and at the first 1,048,576 labels for the classes, so that all partitions agree.
    by
        Columns whose values tell segments apart, or conditions by name as in `Schema(segments=...)`: gives `Segments`.
        Of a baseline they are those that it was frozen with.
    window
        The column of times and the length of windows, such as `("ts", "1h")`, cut in UTC as everywhere: gives
        `ProfileWindows`. The length alone where the schema names the timestamp.
    most
        Without a baseline: how many segments have a profile of their own.
    windows_at_most
        Rows that span more windows are an error, for each window is a profile that comes to the driver.

    Raises
    ------
    InputError, SchemaError, ParameterError
        As for `Profile.of` and `Segments.of`; `df` is no Spark frame, or a stream.
    MissingExtraError
        The executors cannot import Barograph.
    """
    rows = opened(df)
    every = None
    if window is not None:
        schema, every = timed(window, baseline, schema)
    template = empty(rows, baseline, schema, by, needs, most)
    if every is not None:
        return ProfileWindows(every, *counted_windows(rows, template, every, windows_at_most))
    template.name = rows.name if name is None else name[:NAME_AT_MOST]
    return counted(rows, template)


def read(store: str | Path) -> ProfileWindows:
    """The windows of a stream that `watch` or `writer` keeps in a folder, also while it runs.

    Raises `FormatError` where the folder has none.
    """
    kept = Store(store)
    return ProfileWindows(kept.every(), *kept.read())


__all__ = ["profile", "read", "watch", "writer"]
