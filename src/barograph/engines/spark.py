"""Profiles of Spark frames: each executor counts its partitions, and what is merged and sent are profiles, never rows.

    from barograph.engines import spark
    profile = spark.profile(df, baseline)

Classic sessions and Spark Connect alike: only `mapInArrow` and `applyInArrow` are used.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from barograph import frame, joint
from barograph.baseline import Baseline
from barograph.errors import InputError, MissingExtraError, ParameterError
from barograph.needs import Need, Needs, of_reference
from barograph.profile import NAME_AT_MOST, Profile, unanchored
from barograph.schema import Family, Schema
from barograph.segments import (
    SEGMENTS_AT_MOST,
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
    import pyarrow  # noqa: F401
    from pyspark.sql import DataFrame
    from pyspark.sql import functions as F  # noqa: N812
except ImportError as error:  # pragma: no cover
    raise MissingExtraError("barograph.engines.spark needs PySpark 4: pip install 'barograph[spark]'") from error

from barograph.engines.spark_count import PARTIAL, Counted, keys_schema, merged
from barograph.engines.spark_rows import SparkRows, collected
from barograph.engines.spark_task import on_executors

By = Sequence[str] | dict[str, str]
WINDOWS_AT_MOST = 1000


def profile(
    df: DataFrame,
    baseline: Baseline | None = None,
    *,
    schema: Schema | None = None,
    by: By | None = None,
    needs: Needs | None = None,
    most: int = SEGMENTS_AT_MOST,
    name: str | None = None,
) -> Profile | Segments:
    """Profile of the rows of a Spark frame: what `Profile.of` gives for them, counted where they are.

    Parameters
    ----------
    baseline, schema, needs, name
        As for `Profile.of`. Without a baseline, one executor looks at the first 10,000 rows for the kinds of columns,
        and at the first 1,048,576 labels for the classes, so that all partitions agree.
    by
        Columns whose values tell segments apart, or conditions by name as in `Schema(segments=...)`: gives `Segments`.
        Of a baseline they are those that it was frozen with.
    most
        Without a baseline: how many segments have a profile of their own.

    Raises
    ------
    InputError, SchemaError, ParameterError
        As for `Profile.of` and `Segments.of`; `df` is no Spark frame, or a stream.
    MissingExtraError
        The executors cannot import Barograph.
    """
    rows = opened(df)
    template = empty(rows, baseline, schema, by, needs, most)
    template.name = rows.name if name is None else name[:NAME_AT_MOST]
    return counted(rows, template)


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
    few = collected(in_a_tree(partials))
    made = merged(data for _, data in sorted(zip(few["slot"].to_pylist(), few["profile"].to_pylist(), strict=True)))
    if made is None:
        made = template
        made.add(rows.empty())
    settle(made)
    whole = made.whole if isinstance(made, Segments) else made
    whole.skip(rows.skipped)
    return made


def in_a_tree(partials: DataFrame, *by: str) -> DataFrame:
    """Partials merged on the executors until there is one for each slot (and window), whatever came first."""
    near = partials.repartition("slot", *by).sortWithinPartitions("slot", "start", "at")
    return near.mapInArrow(on_executors("merge"), PARTIAL)


def settle(made: Counted) -> None:
    """Rows of a chunk that had nothing but nulls in a column were of a type that Spark knows from other chunks."""
    for profile in (made.whole, *made.parts.values()) if isinstance(made, Segments) else (made,):
        columns: Columns | None = profile.get("columns")
        for families in columns.seen.values() if columns is not None else ():
            known = [family for family in families if family != Family.UNKNOWN.value]
            if known and Family.UNKNOWN.value in families:
                families[known[0]] += families.pop(Family.UNKNOWN.value)
