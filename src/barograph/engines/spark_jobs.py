"""The jobs: what is settled on the driver before rows are counted, and how what was counted comes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from barograph import frame, joint
from barograph.baseline import Baseline
from barograph.errors import InputError, MissingExtraError, ParameterError, SchemaError
from barograph.needs import Need, Needs, of_reference
from barograph.profile import Profile, unanchored
from barograph.schema import Family, Schema
from barograph.segments import (
    Key,
    Segments,
    by_text,
    check_columns,
    condition_keys,
    of_baseline,
    told_by,
)
from barograph.summaries import SUMMARIES, Columns

try:
    import pyarrow
    from pyspark.sql import DataFrame as DataFrame
    from pyspark.sql import functions as F  # noqa: N812
except ImportError as error:  # pragma: no cover
    raise MissingExtraError("barograph.engines.spark needs PySpark 4: pip install 'barograph[spark]'") from error

from barograph.engines.spark_count import PARTIAL, Counted, keys_schema, merged, read, too_many
from barograph.engines.spark_rows import SparkRows, collected
from barograph.engines.spark_task import on_executors

By = Sequence[str] | dict[str, str]
Window = str | tuple[str, str]
WINDOWS_AT_MOST = 1000


def timed(window: Window, baseline: Baseline | None, schema: Schema | None) -> tuple[Schema | None, str]:
    """The schema with the timestamp that windows are cut by, and their length.

    Raises `SchemaError` where there is no timestamp, or another one.
    """
    column, every = (None, window) if isinstance(window, str) else window
    known = baseline.schema if baseline is not None else schema or Schema()
    frame.window_bounds("2024-01-01", "2024-01-01", every)  # it is a length
    if known.timestamp is None and (column is None or baseline is not None):
        raise SchemaError("windows of time need to know when a row happened: give Schema(timestamp=...)")
    if None not in (column, known.timestamp) and column != known.timestamp:
        raise SchemaError(f"windows are cut by {column!r}, and the schema's timestamp is {known.timestamp!r}; say one")
    return (schema if baseline is not None else known.replace(timestamp=known.timestamp or column)), every


def opened(df: object) -> SparkRows:
    """The rows of a Spark frame. Raises `InputError` for anything else."""
    if not isinstance(df, DataFrame):
        raise InputError(f"a {type(df).__name__} is no Spark DataFrame; for other frames there is Profile.of")
    if df.isStreaming:
        raise InputError("this is a stream, which has no end; count its batches with watch(...) or writer(...)")
    return SparkRows.over(df)


def empty(
    rows: SparkRows, baseline: Baseline | None, schema: Schema | None, by: By | None, needs: Needs | None, most: int
) -> Counted:
    """What each partition begins with: a profile or segments of no rows, with schema and cells complete."""
    if baseline is None:
        return _unanchored(rows, schema or Schema(), by, needs, most)
    if schema is not None:
        raise ParameterError("a baseline brings its own schema; leave the schema out, or freeze the baseline with it")
    if by is None:
        rows.set_aside(baseline.schema)
        return baseline.empty(needs)
    frozen = of_baseline(baseline)
    asked = told_by(Schema(segments=by))  # type: ignore[arg-type]
    if asked != frozen.by:
        raise ParameterError(
            f"segments by {by_text(asked)} are asked for, and the baseline was frozen with those by "
            f"{by_text(frozen.by)}; freeze it with the segments that are wanted"
        )
    check_columns(rows, frozen.by)
    rows.set_aside(baseline.schema)
    return frozen.blank(needs)


def _unanchored(rows: SparkRows, schema: Schema, by: By | None, needs: Needs | None, most: int) -> Counted:
    schema = schema.replace(segments=by) if by is not None else schema
    segments = told_by(schema) if by is not None else ()
    if isinstance(most, bool) or not isinstance(most, int) or not 1 <= most <= 1000:
        raise ParameterError(f"{most!r} segments cannot be kept; give 1 to 1000")
    if by is not None:
        check_columns(rows, segments)
    rows.outcomes = tuple(c for c in dict.fromkeys((schema.target, schema.prediction)) if c in rows.columns)
    whole = unanchored(rows, schema, needs)
    if by is None:
        asked = needs(whole.schema) if needs else ()
        cut = [need for need in asked if need.summary in joint.CUT and not of_reference(need)]
        return _cut_by_itself(rows, whole, cut) if cut else whole
    if isinstance(segments, dict):
        return Segments(whole, condition_keys(segments), most=most)
    return Segments(whole, _frequent(rows, segments, most), most=most)


def _cut_by_itself(rows: SparkRows, profile: Profile, needs: list[Need]) -> Profile:
    """An empty profile that counts in cells cut from the very rows it is to be of: a job of its own over them."""
    seen = {need: SUMMARIES[need.summary]() for of in needs for need in joint.sketched(of, profile.schema)}
    sketch = counted(rows, Profile(profile.schema, seen))
    assert isinstance(sketch, Profile)
    made = {need: joint.cut(need, profile.schema, sketch.get) for need in needs}
    return Profile(profile.schema, {**profile.summaries, **made}, name=profile.name)


def _frequent(rows: SparkRows, by: Sequence[str], most: int) -> list[Key]:
    """The most frequent combinations of labels: counted on the executors, and only the winners come here."""
    hashes, texts = ([f"{prefix}{at}" for at in range(len(by))] for prefix in "kt")
    told = rows.mapped(keys_schema(by), by, "keys", tuple(by)).groupBy(*hashes)
    summed = told.agg(*(F.min(t).alias(t) for t in texts), F.sum("n").alias("n"))
    first = summed.orderBy(F.desc("n"), *(F.asc_nulls_last(t) for t in texts)).limit(most)
    found = pl.from_arrow(collected(first))
    assert isinstance(found, pl.DataFrame)
    return frame.frequent_keys(found.with_columns(pl.col(h).reinterpret(signed=False) for h in hashes), by, most)


def counted(rows: SparkRows, template: Counted) -> Counted:
    """The template with all rows counted in."""
    partials = rows.mapped(PARTIAL, rows.columns, "count", template.to_bytes(), rows.columns)
    few = collected(in_a_tree(partials, "slot"))
    made = merged(data for _, data in sorted(zip(*_columns(few, "slot", "profile"), strict=True)))
    if made is None:
        made = template
        made.add(rows.empty())
    settle(made)
    whole = made.whole if isinstance(made, Segments) else made
    whole.skip(rows.skipped)
    return made


def counted_windows(rows: SparkRows, template: Counted, every: str, most: int) -> tuple[dict[str, Counted], int]:
    """The windows of all rows by their start, in order, and the number of rows without a time."""
    given = (template.to_bytes(), rows.columns, template.schema.timestamp, every, most)
    partials = rows.mapped(PARTIAL, rows.columns, "count_windows", *given)
    near = in_a_tree(partials, "slot", "start")  # a window that all partitions have is not the work of one task
    few = collected(in_a_tree(near, "start").limit(most + 2))
    found = {start: read(data) for start, data in zip(*_columns(few, "start", "profile"), strict=True) if start}
    if len(found) > most:
        raise ParameterError(too_many(every, most))
    for start, made in found.items():
        settle(made)
        whole = made.whole if isinstance(made, Segments) else made
        whole.name = " to ".join(frame.window_bounds(start, start, every)[0])
    return dict(sorted(found.items())), sum(few["n_timeless"].to_pylist())


def _columns(table: pyarrow.Table, *names: str) -> list[list[Any]]:
    return [table[name].to_pylist() for name in names]


def in_a_tree(partials: DataFrame, *within: str) -> DataFrame:
    """Partials merged on the executors until there is one for all that are alike; in an order, whatever came first."""
    near = partials.repartition(*within).sortWithinPartitions(*within, "slot", "at")
    return near.mapInArrow(on_executors("merge", within), PARTIAL)


def settle(made: Counted) -> None:
    """Rows of a chunk that had nothing but nulls in a column were of a type that Spark knows from other chunks."""
    for profile in (made.whole, *made.parts.values()) if isinstance(made, Segments) else (made,):
        columns: Columns | None = profile.get("columns")
        for families in columns.seen.values() if columns is not None else ():
            known = [family for family in families if family != Family.UNKNOWN.value]
            if known and Family.UNKNOWN.value in families:
                families[known[0]] += families.pop(Family.UNKNOWN.value)
