"""Tables counted in DuckDB and in a real PostgreSQL: the counts of Python on the same rows, to the last bit."""

from __future__ import annotations

import datetime as dt
import math
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import psycopg
import pytest
from databases import load, postgres, postgres_programs, quoted

from barograph import Baseline, Profile, Report, Schema
from barograph.engines import sql
from barograph.errors import InputError, MissingExtraError, ParameterError, SchemaError
from barograph.profile import SkippedColumnsWarning

FLIGHTS = Path(__file__).parent.parent.parent / "examples" / "flights.parquet"
EXACT = ("counts", "bins", "categories", "distinct", "topk", "columns", "confusion")
HOSTILE = 'se"lect; DROP TABLE rows --'


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def db(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "duckdb":
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'America/New_York'")
            yield connection
        return
    if postgres_programs() is None:
        assert "CI" not in os.environ, "PostgreSQL is not installed"
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with postgres() as connection:
        connection.execute("SET TimeZone = 'America/New_York'")
        yield connection


def agree(found: Profile, rows: pl.DataFrame, base: Baseline, exact: tuple[str, ...] = EXACT) -> None:
    """Exact where Python counts, near where it sums; and nothing is left out but what is said to be."""
    whole = Profile.of(rows, base)
    assert found.n_rows == whole.n_rows
    for need, summary in whole.summaries.items():
        if need not in found.summaries:
            seen = [side.get("distinct", *need.columns) for side in (base.profile, whole)]
            seldom = need.summary in ("distinct", "topk") and not all(one.exact for one in seen)
            assert need.summary == "quantiles" or seldom, f"{need} is not counted"
            continue
        mine = found.summaries[need]
        if need.summary in EXACT:
            if need.summary not in exact:
                continue
            told, whole_told = ({k: v for k, v in s.to_state().items() if k != "examples"} for s in (mine, summary))
            assert told == whole_told, need  # of labels never seen the first five are kept: another order has others
            continue
        for name, theirs in vars(summary).items():
            ours = getattr(mine, name)
            if theirs is None or isinstance(theirs, int) or name in ("low", "high"):
                assert ours == theirs, (need, name)
            else:
                assert np.allclose(ours, theirs, rtol=1e-9, atol=1e-12 * np.abs(theirs).max()), (need, name)


@pytest.fixture(scope="module")
def flights() -> pl.DataFrame:
    rows = pl.read_parquet(FLIGHTS).gather_every(11)
    chance = np.clip(rows["late"].to_numpy() * 0.3 + np.random.default_rng(7).uniform(0, 0.6, rows.height), 0, 1)
    return rows.with_columns(score=pl.Series(chance), late_pred=pl.Series((chance >= 0.5).astype(np.int8)))


@pytest.mark.parametrize("schema", [
    Schema(target="late", prediction="late_pred", score="score", timestamp="ts"),
    Schema(target="late", score="score", threshold=0.37, timestamp="ts"),
    Schema(target="arr_delay", task="regression", timestamp="ts"),
], ids=["classes", "scores", "numbers"])  # fmt: skip
def test_flights(db: Any, flights: pl.DataFrame, schema: Schema) -> None:
    base = Baseline.of(flights.filter(pl.col("ts").dt.month() == 3), schema=schema)
    load(db, "flights", flights)
    found = sql.profile(db, "flights", base)
    agree(found, flights, base)
    run, theirs = (Report(["data_drift"]).run(profile, base) for profile in (found, Profile.of(flights, base)))
    for ours, other in zip(run.find("psi"), theirs.find("psi"), strict=True):
        assert ours.value == other.value, ours.labels
    july = flights.filter(pl.col("ts").dt.month() == 7)
    part = sql.profile(db, "SELECT * FROM flights WHERE extract(month FROM ts) = 7", base, name="July")
    agree(part, july, base)
    assert part.name == "July"


def test_parts_merge_to_the_whole(db: Any, flights: pl.DataFrame) -> None:
    base = Baseline.of(flights.head(3000), schema=Schema(target="late", prediction="late_pred", timestamp="ts"))
    load(db, "flights", flights)
    tests = ("< 6", ">= 6")
    first, second = (sql.profile(db, f"SELECT * FROM flights WHERE extract(month FROM ts) {t}", base) for t in tests)
    agree(first + second, flights, base, exact=("counts", "bins", "categories", "confusion"))


NUMBERS = [0.0, -0.0, 1.0, -1.0, 1e-308, 5e-324, 1.5, 2.5, 0.1, 0.30000000000000004, 1e15, -1e15, None, math.nan,
           math.inf, -math.inf]  # fmt: skip
TEXTS = ["a", "A", "á", "a\u0301", "ß", "SS", "", " ", "a ", "'; DROP TABLE t; --", '"', "日本", "🦆", "\\", "%", None,
         "x" * 300, "x" * 299 + "y", "null", "NA", "1", "1.0", "tr\nue"]  # fmt: skip


def hostile(n: int, seed: int) -> pl.DataFrame:
    """Values that lie on edges, look alike, or are none."""
    rng = np.random.default_rng(seed)

    def drawn(values: list[Any], dtype: Any) -> pl.Series:
        return pl.Series([values[i] for i in rng.integers(0, len(values), n)], dtype=dtype)

    start = dt.datetime(2024, 3, 10, 1, 59, 59, 999_999)  # noqa: DTZ001 - a clock on a wall
    times = [start + dt.timedelta(hours=int(h), microseconds=int(h) * 7) for h in range(40)]
    times += [*(start.replace(year=year) for year in (1, 1969, 9998)), None]
    return pl.DataFrame(
        {
            "number": drawn(NUMBERS, pl.Float64),
            HOSTILE: pl.Series(np.round(rng.normal(size=n), 2)),
            "single": drawn([0.1, 0.5, None, math.nan, -2.25], pl.Float32),
            "many": pl.Series(rng.normal(size=n)),
            "whole": drawn([0, 1, -1, 2**53, 2**53 + 1, 2**53 + 2, -(2**63), 2**63 - 1, None], pl.Int64),
            "small": drawn([0, 1, 2, None, -128], pl.Int16),
            "money": drawn([Decimal("0.10"), Decimal("-3.30"), Decimal("99999.99"), None], pl.Decimal(9, 2)),
            "truth": drawn([True, False, None], pl.Boolean),
            "text": drawn(TEXTS, pl.String),
            "ünï.cödé": drawn(TEXTS[:5], pl.String),
            "day": drawn([dt.date(2024, 2, 29), dt.date(1969, 12, 31), dt.date(1900, 1, 1), None], pl.Date),
            "moment": drawn(times, pl.Datetime("us")),
            "instant": drawn(times, pl.Datetime("us")).dt.replace_time_zone("UTC"),
            "nothing": pl.Series([None] * n, dtype=pl.Float64),
            "same": pl.Series([3.0] * n),
            "target": drawn(["no", "yes", "YES", None], pl.String),
            "said": drawn(["no", "yes", None, "maybe"], pl.String),
            "chance": drawn([0.0, 1.0, 0.5, 0.25, 1e-300, None, math.nan, 1.5], pl.Float64),
        }
    )


KINDS = {"small": "categorical", "whole": "numeric", "money": "numeric", "nothing": "numeric", "single": "numeric"}
ROLES = Schema(target="target", prediction="said", score={"yes": "chance"}, positive="yes", kinds=KINDS)


@pytest.mark.parametrize("seed", range(4))
def test_hostile_values(db: Any, seed: int) -> None:
    base = Baseline.of(hostile(400, seed), schema=ROLES)
    rows = hostile(700, seed + 100)
    load(db, "Odd table", rows)
    agree(sql.profile(db, "Odd table", base), rows, base)


@pytest.mark.parametrize("kinds", [
    {"small": "numeric", "truth": "categorical", "money": "categorical", "day": "categorical", "number": "categorical"},
    {"text": "text", "whole": "categorical", "single": "categorical"},
], ids=["as numbers", "as labels"])  # fmt: skip
def test_other_kinds(db: Any, kinds: dict[str, str]) -> None:
    schema = Schema(kinds=KINDS | kinds)
    base = Baseline.of(hostile(400, 1), schema=schema)
    rows = hostile(700, 2)
    load(db, "other", rows)
    agree(sql.profile(db, "other", base), rows, base)


def test_rows_columns_and_labels_that_are_new_or_gone(db: Any) -> None:
    base = Baseline.of(hostile(400, 1), schema=ROLES)
    rows = hostile(50, 2).drop("text", "many", "said").with_columns(new=pl.lit(1), small=pl.lit(99, pl.Int16))
    load(db, "changed", rows)
    agree(sql.profile(db, "changed", base), rows, base)
    load(db, "changed", hostile(50, 2).head(0))
    agree(sql.profile(db, "changed", base), hostile(50, 2).head(0), base)


def test_huge_numbers_do_not_overflow(db: Any) -> None:
    values = [1.7e308, -1.7e308, 1.0]
    base = Baseline.of({"x": [float(i) for i in range(100)]})
    rows = pl.DataFrame({"x": values * 20})
    load(db, "huge", rows)
    found, whole = sql.profile(db, "huge", base).get("moments", "x"), Profile.of(rows, base).get("moments", "x")
    assert (found.n, found.low, found.high) == (whole.n, whole.low, whole.high)
    assert found.mean_ == pytest.approx(whole.mean_, abs=1e294)


def test_labels_beyond_the_limit_are_said_not_to_be_counted(db: Any) -> None:
    rows = pl.DataFrame({"key": [f"k{i}" for i in range(50)] + [None], "x": [1.0] * 51})
    base = Baseline.of(rows, schema=Schema(kinds={"key": "categorical"}))
    load(db, "keys", rows)
    with pytest.warns(SkippedColumnsWarning, match="'key', which has more than 40 labels"):
        found = sql.profile(db, "keys", base, most=40)
    assert found.get("counts", "key").to_state() == Profile.of(rows, base).get("counts", "key").to_state()
    assert found.get("categories", "key") is None
    psi = {value.labels["column"]: value for value in Report(["data_drift"]).run(found, base).find("psi")}
    assert psi["key"].value is None
    assert psi["key"].note


def test_identities_are_counted_only_for_what_is_missing(db: Any) -> None:
    rows = pl.DataFrame({"who": [f"k{i}" for i in range(50)] + [None], "x": [1.0] * 51})
    base = Baseline.of(rows, schema=Schema(id="who"))
    load(db, "ids", rows)
    found = sql.profile(db, "ids", base)
    assert found.get("counts", "who").to_state() == Profile.of(rows, base).get("counts", "who").to_state()


def test_columns_that_cannot_be_counted(db: Any) -> None:
    base = Baseline.of({"x": [float(i) for i in range(100)], "c": ["a", "b"] * 50})
    db.execute("DROP TABLE IF EXISTS odd")
    db.execute("CREATE TABLE odd (x VARCHAR, c VARCHAR)")
    with pytest.raises(SchemaError, match=r"column 'x' is numeric in the baseline and .* in the database; cast it"):
        sql.profile(db, "odd", base)
    db.execute("DROP TABLE odd")
    db.execute("CREATE TABLE odd (x INTERVAL, c VARCHAR)")
    with pytest.raises(SchemaError, match=r"column 'x' is of type \w+, which is not counted; cast it in a SELECT"):
        sql.profile(db, "odd", base)
    db.execute("DROP TABLE odd")
    db.execute("CREATE TABLE odd (x DOUBLE PRECISION, c INTERVAL)")
    db.execute("INSERT INTO odd VALUES (1.0, INTERVAL '1 day')")
    with pytest.warns(SkippedColumnsWarning, match="'c' of type"):
        assert sql.profile(db, "odd", base).get("counts", "x").n_present == 1


def test_tables_and_queries_that_are_none(db: Any) -> None:
    base = Baseline.of({"x": [1.0, 2.0]})
    db.execute("DROP TABLE IF EXISTS kept")
    db.execute("CREATE TABLE kept (x DOUBLE PRECISION)")
    for table, said in {
        "nowhere": "the database says: .*nowhere",
        "kept; DROP TABLE kept": "the database says",
        "a.b.c.d": "no name of a table",
        "": "no name of a table",
        "SELECT 1; DROP TABLE kept": "give one SELECT",
        "SELECT FROM WHERE": "cannot be read|the database says",
        "WITH gone AS (DELETE FROM kept RETURNING x) DELETE FROM kept": "give one SELECT",
    }.items():
        with pytest.raises((InputError, SchemaError), match=said):
            sql.profile(db, table, base)
    assert sql.profile(db, "kept", base).n_rows == 0, "it is still there"
    if not isinstance(db, duckdb.DuckDBPyConnection):  # which calls the second one x_1
        with pytest.raises(SchemaError, match="two columns are called 'x'"):
            sql.profile(db, "SELECT x, x FROM kept", base)


def test_what_is_no_connection_and_no_baseline() -> None:
    base = Baseline.of({"x": [1.0, 2.0]})
    with pytest.raises(InputError, match=r"no connection that is known; give one of duckdb or psycopg"):
        sql.profile(object(), "t", base)
    with duckdb.connect() as connection:
        with pytest.raises(InputError, match="no Baseline"):
            sql.profile(connection, "t", None)  # type: ignore[arg-type]
        with pytest.raises(ParameterError, match="positive number"):
            sql.profile(connection, "t", base, most=0)


def test_an_engine_of_sqlalchemy(flights: pl.DataFrame) -> None:
    sqlalchemy = pytest.importorskip("sqlalchemy")
    if postgres_programs() is None:
        assert "CI" not in os.environ, "PostgreSQL is not installed"
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    rows = flights.head(500)
    base = Baseline.of(rows)
    with postgres() as connection:
        load(connection, "flights", rows)
        where = connection.info.host
        reached = {"host": where, "user": "tests", "dbname": "postgres"}
        engine = sqlalchemy.create_engine("postgresql+psycopg://", connect_args=reached)
        agree(sql.profile(engine, "public.flights", base), rows, base)
        assert engine.pool.checkedout() == 0, "what it lent came back"
        with engine.connect() as opened:
            agree(sql.profile(opened, "flights", base), rows, base)
        engine.dispose()


def test_no_row_is_read(flights: pl.DataFrame) -> None:
    """What comes back are cells and labels: far fewer than rows, and never two columns but target and prediction."""

    class Watched:
        def __init__(self, cursor: Any) -> None:
            self.cursor = cursor

        def execute(self, text: str) -> None:
            self.cursor.execute(text)

        def fetchall(self) -> list[Any]:
            rows = self.cursor.fetchall()
            seen.append(len(rows))
            return rows

        def __getattr__(self, name: str) -> Any:
            return getattr(self.cursor, name)

    seen: list[int] = []
    base = Baseline.of(flights.head(3000), schema=Schema(target="late", prediction="late_pred", timestamp="ts"))
    with duckdb.connect() as connection:
        load(connection, "flights", flights)
        made = sql.database.Database(connection)
        made.connection = Watched(connection)
        rows = sql.table.Table(made, "flights", base, 1000)
        profile = base.empty(lambda _: [need for need in base.empty().summaries if rows.answers(need)])
        rows.count(profile)
    assert profile.n_rows == flights.height
    assert max(seen) <= 600


def test_all_statements_see_the_same_rows(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that another connection adds while one counts are in no count, and are there the next time."""
    rows = pl.DataFrame({"x": [1.0, 2.0, 3.0] * 10, "c": ["a", "b", "c"] * 10})
    base = Baseline.of(rows)
    load(db, "growing", rows)
    made = sql.database.Database._run

    def run(self: Any, text: str) -> Any:
        found = made(self, text)
        if "growing" in text:
            other.execute("INSERT INTO growing VALUES (1.0, 'a')")
        return found

    where = {} if isinstance(db, duckdb.DuckDBPyConnection) else {"host": db.info.host, "user": "tests"}
    other = psycopg.connect(**where, dbname="postgres", autocommit=True) if where else db.cursor()
    try:
        monkeypatch.setattr(sql.database.Database, "_run", run)
        agree(sql.profile(db, "growing", base), rows, base)
        monkeypatch.undo()
        assert sql.profile(db, "growing", base).n_rows > rows.height
    finally:
        other.close()


def test_names_are_quoted(db: Any) -> None:
    table = 'Robert"); DROP TABLE students;--'
    base = Baseline.of({HOSTILE: [1.0, 2.0, 3.0]})
    load(db, table, pl.DataFrame({HOSTILE: [1.0, 2.0]}))
    found = sql.profile(db, f"SELECT * FROM {quoted(table)}", base)
    assert found.get("counts", HOSTILE).n_present == 2


def test_without_sqlglot_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib
    import sys

    monkeypatch.setitem(sys.modules, "sqlglot", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'barograph\[sql\]'"):
        importlib.reload(sys.modules["barograph.engines.sql.database"])
