"""What Spark counts is what is counted locally on the same rows, however they are dealt out."""

from __future__ import annotations

import datetime as dt
import decimal
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from spark_killed import stream
from spark_session import assert_same, assert_same_segments, session

from barograph import Baseline, Profile, Schema, Segments, frame
from barograph.errors import FormatError, InputError, MissingExtraError, ParameterError, SchemaError
from barograph.needs import Need
from barograph.profile import SkippedColumnsWarning

FLIGHTS = Path(__file__).parent.parent.parent / "examples" / "flights.parquet"
FEW = ["ts", "late", "hour", "distance", "temp", "carrier", "origin"]
SCHEMA = Schema(target="late", timestamp="ts")

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = ("README.md", "docs/spark.md")

pytestmark = [
    pytest.mark.skipif(
        shutil.which("java") is None, reason="Spark needs Java 17: apt-get install openjdk-17-jre-headless"
    ),
    pytest.mark.xdist_group("spark"),
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    with session() as made:
        yield made


@pytest.fixture(scope="module")
def engine(spark: Any) -> Any:
    from barograph.engines import spark as engine

    return engine


@pytest.fixture(scope="module")
def local() -> pl.DataFrame:
    return pl.read_parquet(FLIGHTS, columns=FEW)


@pytest.fixture(scope="module")
def flights(spark: Any) -> Any:
    return spark.read.parquet(str(FLIGHTS)).select(*FEW)


@pytest.fixture(scope="module")
def baseline(local: pl.DataFrame) -> Baseline:
    return Baseline.of(local.head(40_000), schema=SCHEMA.replace(segments="origin"))


@pytest.fixture(scope="module")
def week(local: pl.DataFrame) -> pl.DataFrame:
    """Eight days of flights, three of them without a time."""
    rows = local.filter(pl.col("ts").dt.date().is_between(dt.date(2013, 3, 8), dt.date(2013, 3, 15)))
    return rows.with_columns(ts=pl.when(pl.int_range(pl.len()).is_in([5, 500, 5000])).then(None).otherwise("ts"))


@pytest.fixture(scope="module")
def days(spark: Any, week: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("week") / "week.parquet"
    week.write_parquet(path)
    return spark.read.parquet(str(path))


WALL = dt.datetime(2024, 3, 10, 1, 30)  # noqa: DTZ001 - hours that New York's clocks skip
HOSTILE: list[dict[str, Any]] = [
    {
        "x": [0.5, None, float("nan"), float("inf"), float("-inf"), -0.0, 1.0, 2.0, 3.0][i % 9],
        "tie": [0.0, 1.0, 2.0][i % 3],
        "n": [None, 2**53 + 1, -5, 7][i % 4],
        "money": [decimal.Decimal("1.50"), decimal.Decimal("-3.25"), None][i % 3],
        "word": ["Ulm", "ULM", "ulm", "Zürich", "東京", "e\u0301", "é", "", None, "null", "a" * 300][i % 11],
        "yes": [True, False, None][i % 3],
        "day": [dt.date(2024, 3, 10), None, dt.date(1969, 12, 31)][i % 3],
        "at": dt.datetime(2024, 3, 9, 22, tzinfo=dt.UTC) + dt.timedelta(minutes=20 * i) if i % 7 else None,
        "wall": WALL + dt.timedelta(minutes=20 * i) if i % 5 else None,
        "took": [dt.timedelta(seconds=90), None][i % 2],
        "raw": [b"abc", b"\xff\x00", None][i % 3],
        "a.b": i % 2,
    }
    for i in range(400)
]
TYPES = (
    "x double, tie float, n long, money decimal(12,2), word string, yes boolean, day date, at timestamp, "
    "wall timestamp_ntz, took interval day to second, raw binary, `a.b` tinyint"
)


@pytest.fixture(scope="module")
def hostile() -> pl.DataFrame:
    types = {"x": pl.Float64, "tie": pl.Float32, "n": pl.Int64, "money": pl.Decimal(12, 2), "a.b": pl.Int8}
    return pl.DataFrame(HOSTILE, schema_overrides=types | {"at": pl.Datetime("us", "UTC")})


def in_spark(spark: Any, rows: list[dict[str, Any]], types: str = TYPES) -> Any:
    return spark.createDataFrame([tuple(row.values()) for row in rows], schema=types)


@pytest.mark.parametrize("parts", [1, 7])
def test_flights_against_a_baseline(
    engine: Any, flights: Any, local: pl.DataFrame, baseline: Baseline, parts: int
) -> None:
    """Any number of partitions gives the same counts."""
    assert_same(engine.profile(flights.repartition(parts), baseline), Profile.of(local, baseline))


def test_flights_without_a_baseline(engine: Any, flights: Any) -> None:
    """Kinds and classes are inferred once, as they are for a file, so that all partitions agree."""
    ours = engine.profile(flights, schema=SCHEMA, name="flights")
    assert ours.name == "flights" and ours.schema.classes == ("0", "1")
    assert_same(ours, Profile.of(pl.scan_parquet(FLIGHTS).select(FEW), schema=SCHEMA))


@pytest.mark.parametrize("parts", [1, 3])
def test_hostile_values_of_every_type(spark: Any, engine: Any, hostile: pl.DataFrame, parts: int) -> None:
    """Nulls, NaN, infinities, edges, case, unicode, decimals, instants of the session's zone: nothing is bent."""
    df = in_spark(spark, HOSTILE).repartition(parts, "n")
    schema = Schema(timestamp="at")
    assert_same(engine.profile(df, schema=schema), Profile.of(hostile, schema=schema))
    frozen = Baseline.of(hostile, schema=schema, every=0)
    assert_same(engine.profile(df, frozen), Profile.of(hostile, frozen))


def test_the_same_partitions_give_the_same_bytes(engine: Any, flights: Any, baseline: Baseline) -> None:
    """Which task ends first leaves no trace."""
    parts = flights.repartition(5, "carrier")
    assert engine.profile(parts, baseline).to_bytes() == engine.profile(parts, baseline).to_bytes()


def test_segments_of_a_baseline(engine: Any, flights: Any, local: pl.DataFrame, baseline: Baseline) -> None:
    ours = engine.profile(flights.repartition(3), baseline, by=["origin"])
    assert_same_segments(ours, Segments.of(local, baseline))
    with pytest.raises(ParameterError, match="frozen with those by origin"):
        engine.profile(flights, baseline, by=["carrier"])


def test_segments_without_a_baseline(engine: Any, flights: Any, local: pl.DataFrame) -> None:
    """The most frequent ones are found on the executors."""
    by = ["carrier", "origin"]
    ours = engine.profile(flights.repartition(3), schema=SCHEMA, by=by, most=6)
    assert_same_segments(ours, Segments.of(local, schema=SCHEMA.replace(segments=by), most=6))


def test_segments_by_condition(engine: Any, flights: Any, local: pl.DataFrame) -> None:
    by = {"far": "distance > 1500", "cold": "temp < 32"}
    ours = engine.profile(flights.repartition(3), by=by)
    assert_same_segments(ours, Segments.of(local, schema=Schema(segments=by)))


def test_cells_cut_from_the_rows_themselves(spark: Any, engine: Any, hostile: pl.DataFrame) -> None:
    """Pairs without a baseline need two passes here too."""

    def pairs(schema: Schema) -> list[Need]:
        return [Need("paircells", ("tie", "yes")), Need("crossmoments", ("a.b", "tie"))]

    ours = engine.profile(in_spark(spark, HOSTILE), needs=pairs)
    theirs = Profile.of(hostile, needs=pairs)
    assert ours.get("paircells", "tie", "yes").to_state() == theirs.get("paircells", "tie", "yes").to_state()


def test_what_holds_no_single_values_is_skipped(spark: Any, engine: Any) -> None:
    """With the warning that there is elsewhere, and without being sent."""
    df = spark.sql("select id as x, map('a', id) as m, struct(id) as s, array(id, id + 1) as v from range(5)")
    with pytest.warns(SkippedColumnsWarning, match=r"'m' \(map<string,bigint>\), 's'"):
        made = engine.profile(df)
    assert made.columns == ("x", "v") and made.seen.seen["m"] == {"unsupported": 5}


def test_no_rows(spark: Any, engine: Any, hostile: pl.DataFrame) -> None:
    df = in_spark(spark, HOSTILE).where("1 = 0")
    frozen = Baseline.of(hostile, every=0)
    assert_same(engine.profile(df, frozen), Profile.of(hostile.clear(), frozen))
    assert engine.profile(df).n_rows == 0


def test_errors_say_what_to_do(spark: Any, engine: Any, flights: Any, baseline: Baseline) -> None:
    with pytest.raises(InputError, match="no Spark DataFrame"):
        engine.profile({"x": [1]})
    with pytest.raises(SchemaError, match="target is 'nope'"):
        engine.profile(flights, schema=Schema(target="nope"))
    with pytest.raises(SchemaError, match="segments cannot be told by column 'nope'"):
        engine.profile(flights, by=["nope"])
    with pytest.raises(ParameterError, match="brings its own schema"):
        engine.profile(flights, baseline, schema=SCHEMA)
    with pytest.raises(InputError, match="same name"):
        engine.profile(flights.select("hour", "hour"))
    with pytest.raises(InputError, match="at most 200 can be classes"):
        engine.profile(flights.selectExpr("cast(hour * 1000 + distance as string) as y"), schema=Schema(target="y"))
    with pytest.raises(InputError, match="is a stream"):
        engine.profile(spark.readStream.format("rate").load())


def test_executors_without_barograph_are_told_so(spark: Any, engine: Any) -> None:
    """What an executor cannot import is said with the way to bring it there."""
    from barograph.engines.spark_rows import collected

    def lacking(batches: Any) -> Any:
        import barograf  # noqa: F401

        yield from batches

    with pytest.raises(MissingExtraError, match=r"cannot import barograf.*PYSPARK_PYTHON"):
        collected(spark.range(1).mapInArrow(lacking, "id long"))


def test_without_pyspark_the_extra_is_named() -> None:
    code = "import sys; sys.modules['pyspark'] = None; import barograph.engines.spark"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "MissingExtraError" in done.stderr and "pip install 'barograph[spark]'" in done.stderr


def by_window(rows: pl.DataFrame, baseline: Baseline, every: str) -> dict[str, Profile]:
    """What is counted locally in each window."""
    found = frame.windows(rows, "ts", every)
    return {start: Profile.of(part, baseline) for start, _, part in found if start}


def assert_same_windows(ours: Any, theirs: dict[str, Profile]) -> None:
    assert list(ours.profiles) == list(theirs)
    for start, made in theirs.items():
        assert_same(ours.profiles[start], made)


@pytest.mark.parametrize("parts", [1, 5])
def test_windows(engine: Any, week: pl.DataFrame, days: Any, baseline: Baseline, parts: int) -> None:
    """Cut in UTC as elsewhere, whatever the session's zone; rows without a time are told."""
    df = days.repartition(parts)
    ours = engine.profile(df, baseline, window=("ts", "6h"))
    assert (ours.every, ours.n_timeless) == ("6h", 3)
    assert_same_windows(ours, by_window(week, baseline, "6h"))


def test_windows_of_segments(engine: Any, week: pl.DataFrame, days: Any, baseline: Baseline) -> None:
    df = days.repartition(3)
    ours = engine.profile(df, baseline, window="1d", by="origin")
    for start, _, part in frame.windows(week, "ts", "1d")[:2]:
        assert_same_segments(ours.profiles[start], Segments.of(part, baseline))


def test_windows_are_closed_early_to_bound_memory(
    engine: Any, week: pl.DataFrame, baseline: Baseline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A partition with more windows than it may hold open gives some of them in parts, which merge."""
    from barograph.engines import spark_count

    monkeypatch.setattr(spark_count, "OPEN_AT_MOST", 3)
    monkeypatch.setattr(spark_count, "CHUNK_ROWS", 500)
    mixed = week.sample(fraction=1, shuffle=True, seed=3).to_arrow().to_batches(max_chunksize=500)
    given = (baseline.empty().to_bytes(), tuple(week.columns), "ts", "6h")
    partials = [*spark_count.count_windows(*given, 100, iter(mixed))]
    rows = sorted((row for batch in partials for row in batch.to_pylist()), key=lambda row: (row["start"], row["at"]))
    assert len(rows) > len({row["start"] for row in rows})
    sorted_rows = spark_count._batch([tuple(row.values()) for row in rows])
    merged = [row for batch in spark_count.merge(["start"], iter([sorted_rows])) for row in batch.to_pylist()]
    made = {row["start"]: Profile.from_bytes(row["profile"]) for row in merged if row["start"]}
    theirs = by_window(week, baseline, "6h")
    assert made.keys() == theirs.keys()
    for start, profile in theirs.items():
        engine_jobs().settle(made[start])
        assert_same(made[start], profile)
    with pytest.raises(ParameterError, match="more than 5 windows of 6h"):
        [*spark_count.count_windows(*given, 5, iter(mixed))]


def engine_jobs() -> Any:
    from barograph.engines import spark_jobs

    return spark_jobs


def test_too_many_windows_are_an_error(engine: Any, flights: Any) -> None:
    """Said by an executor, raised here."""
    with pytest.raises(ParameterError, match="more than 20 windows of 1h"):
        engine.profile(flights.limit(5000), window=("ts", "1h"), windows_at_most=20)


def test_wrong_windows(engine: Any, flights: Any, baseline: Baseline, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no window length"):
        engine.profile(flights, window=("ts", "1 fortnight"))
    with pytest.raises(SchemaError, match="the schema's timestamp is 'ts'"):
        engine.profile(flights, baseline, window=("hour", "1h"))
    with pytest.raises(SchemaError, match="when a row happened"):
        engine.profile(flights, window="1h")
    with pytest.raises(InputError, match="only a streaming"):
        engine.watch(flights, baseline, tmp_path, window="1h")
    with pytest.raises(FormatError, match="holds no windows of a stream"):
        engine.read(tmp_path)


@pytest.fixture
def files(week: pl.DataFrame, tmp_path: Path) -> Path:
    """Six files, each a batch of the stream, of mixed days."""
    (tmp_path / "files").mkdir()
    for at in range(6):
        week.gather_every(6, at).write_parquet(tmp_path / "files" / f"{at}.parquet")
    return tmp_path / "files"


def test_killed_and_restarted_each_batch_counts_once(
    spark: Any, engine: Any, week: pl.DataFrame, days: Any, baseline: Baseline, files: Path, tmp_path: Path
) -> None:
    """kill -9 after the third batch was written and before Spark knew: it comes again, and does not count again."""
    baseline.write(tmp_path / "baseline")
    store = tmp_path / "store"
    script = Path(__file__).parent / "spark_killed.py"
    command = [sys.executable, str(script), str(files), str(tmp_path / "baseline"), str(store), "2"]
    killed = subprocess.run(command, capture_output=True, text=True, start_new_session=True, cwd=script.parent)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    done = {int(path.name) for path in (store / "checkpoint" / "commits").glob("[0-9]*")}
    assert max(done) == 1, "Spark does not know of the third"
    assert sum(p.n_rows for p in engine.read(store).profiles.values()) > 0
    seen: list[int] = []
    write = engine.writer(store, baseline, window=("ts", "1d"), compact_every=2)

    def noted(df: Any, batch: int) -> None:
        seen.append(batch)
        write(df, batch)

    query = stream(spark, str(files)).writeStream.foreachBatch(noted).trigger(availableNow=True)
    query.option("checkpointLocation", str(store / "checkpoint")).start().awaitTermination()
    assert seen == [2, 3, 4, 5]
    made = engine.read(store)
    assert made.n_timeless == 3
    assert_same_windows(made, by_window(week, baseline, "1d"))
    for batch in (0, 3, 5):
        write(days, batch)  # numbers that have been, whatever comes with them
    assert {start: p.n_rows for start, p in engine.read(store).profiles.items()} == {
        start: p.n_rows for start, p in made.profiles.items()
    }


def test_watch(spark: Any, engine: Any, week: pl.DataFrame, files: Path, tmp_path: Path) -> None:
    """Without a baseline the first batch settles the schema; another query is refused."""
    store = tmp_path / "store"
    settings: dict[str, Any] = {"window": ("ts", "1d"), "by": ["origin"], "schema": Schema(target="late")}
    rows = stream(spark, str(files))
    engine.watch(rows, None, store, trigger={"availableNow": True}, **settings).awaitTermination()
    made = engine.read(store)
    assert sum(s.n_rows for s in made.profiles.values()) == week.height - 3
    assert {key for s in made.profiles.values() for key in s.keys} == {("EWR",), ("JFK",), ("LGA",)}
    other = engine.watch(rows, None, store, checkpoint=tmp_path / "anew", trigger={"availableNow": True}, **settings)
    with pytest.raises(Exception, match="its checkpoint was lost or is another one"):
        other.awaitTermination()


def test_spark_connect(week: pl.DataFrame, tmp_path: Path) -> None:
    """A real server in a process of its own."""
    week.drop_nulls("ts").head(3000).write_parquet(tmp_path / "flights.parquet")
    script = Path(__file__).parent / "spark_connected.py"
    command = [sys.executable, str(script), str(tmp_path / "flights.parquet"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=script.parent)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "the same on pyspark.sql.connect.session" in done.stdout


@pytest.mark.parametrize("page", DOCUMENTS)
def test_what_the_documents_show_works(
    spark: Any, local: pl.DataFrame, page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks marked `py` need a session, and are run here."""
    march, july = (local.filter(pl.col("ts").dt.month() == month).head(2000) for month in (3, 7))
    (tmp_path / "arriving").mkdir()
    july.write_parquet(tmp_path / "july.parquet")
    july.write_parquet(tmp_path / "arriving" / "0.parquet")
    frozen = Baseline.of(march, schema=SCHEMA)
    frozen.write(tmp_path / "march.baseline")
    monkeypatch.chdir(tmp_path)
    df = spark.read.parquet(str(tmp_path / "july.parquet"))
    found = re.findall(r"^```py\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.M | re.S)
    assert found
    names: dict[str, Any] = {"df": df, "baseline": frozen}
    for body in found:
        absolute = re.sub(r'parquet\("(.*?)"\)', rf'parquet("{tmp_path}/\1")', body)  # the JVM has its own folder
        exec(compile(absolute, page, "exec"), names)
    assert sum(part.n_rows for part in names["hours"].profiles.values()) == july.height
