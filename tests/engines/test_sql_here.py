"""What a connection of DuckDB sees is counted, and its own functions count as Python does."""

from __future__ import annotations

import math

import duckdb
import numpy as np
import polars as pl
import pytest

from barograph import Baseline, Profile
from barograph.engines import sql

BASE = Baseline.of({"x": [1.0, 2.0, 3.0] * 10, "c": ["a", "b", "c"] * 10})


@pytest.fixture
def db() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def test_temporary_tables_and_registered_frames_are_found(db: duckdb.DuckDBPyConnection) -> None:
    db.execute("CREATE TEMP TABLE soon_gone AS SELECT 1.0::DOUBLE AS x, 'a' AS c")
    assert sql.profile(db, "soon_gone", BASE).n_rows == 1
    given = pl.DataFrame({"x": [1.0, 2.0], "c": ["a", "z"]}).to_arrow()
    db.register("given", given)
    assert sql.profile(db, "given", BASE).get("categories", "c").n_unseen == 1


def test_an_open_transaction_sees_its_own_rows(db: duckdb.DuckDBPyConnection) -> None:
    db.execute("CREATE TABLE t AS SELECT 1.0::DOUBLE AS x, 'a' AS c")
    db.execute("BEGIN")
    db.execute("INSERT INTO t VALUES (2.0, 'b')")
    assert sql.profile(db, "t", BASE).n_rows == 2
    db.execute("ROLLBACK")
    assert sql.profile(db, "t", BASE).n_rows == 1


@pytest.mark.parametrize("query", ["SELECT * FROM t;", "SELECT * FROM t -- all of them", "WITH u AS (FROM t) FROM u"])
def test_queries_as_people_write_them(db: duckdb.DuckDBPyConnection, query: str) -> None:
    db.execute("CREATE TABLE t AS SELECT 1.0::DOUBLE AS x, 'a' AS c")
    assert sql.profile(db, query, BASE).n_rows == 1


@pytest.mark.parametrize("seed", range(5))
def test_cells_where_values_lie_on_edges_and_beside_them(db: duckdb.DuckDBPyConnection, seed: int) -> None:
    rng = np.random.default_rng(seed)
    base = Baseline.of({"x": rng.normal(size=5000) * 10.0 ** rng.integers(-320, 300)})
    edges = base.empty().get("bins", "x").edges
    beside = [edges, np.nextafter(edges, np.inf), np.nextafter(edges, -np.inf)]
    odd = np.array([0.0, -0.0, 5e-324, -5e-324, math.nan, math.inf, -math.inf, 1.7976931348623157e308])
    rows = pl.DataFrame({"x": np.concatenate([*beside, odd])})
    db.register("given", rows.to_arrow())
    found, whole = sql.profile(db, "given", base), Profile.of(rows, base)
    for summary in ("bins", "counts"):
        assert found.get(summary, "x").to_state() == whole.get(summary, "x").to_state()


def test_an_open_transaction_stays_open(db: duckdb.DuckDBPyConnection) -> None:
    db.execute("CREATE TABLE t AS SELECT 1.0::DOUBLE AS x, 'a' AS c")
    db.execute("BEGIN")
    sql.profile(db, "t", BASE)
    with pytest.raises(duckdb.TransactionException, match="within a transaction"):
        db.execute("BEGIN")
    db.execute("ROLLBACK")
    sql.profile(db, "t", BASE)
    db.execute("BEGIN")


def test_enumerations_are_labels(db: duckdb.DuckDBPyConnection) -> None:
    db.execute("""CREATE TYPE mood AS ENUM ('a', 'b', 'it''s (odd)
')""")
    db.execute("CREATE TABLE t AS SELECT 1.0::DOUBLE AS x, unnest(['a', 'a', 'b'])::mood AS c")
    assert sql.profile(db, "t", BASE).get("categories", "c").counts.sum() == 3
    assert sql.profile(db, "SELECT 1.0 AS x, uuid() AS c", BASE).get("categories", "c").n_unseen == 1
