"""Profiles of tables, counted by their database: what leaves it are counts, never rows.

from barograph.engines import sql

profile = sql.profile(connection, "flights", baseline)
"""

from __future__ import annotations

import warnings
from typing import Any

from barograph.baseline import Baseline
from barograph.engines.sql.database import Database
from barograph.engines.sql.table import Table
from barograph.errors import InputError, ParameterError
from barograph.profile import NAME_AT_MOST, Profile, SkippedColumnsWarning

LABELS_AT_MOST = 100_000


def profile(
    connection: Any, table: str, baseline: Baseline, *, most: int = LABELS_AT_MOST, name: str | None = None
) -> Profile:
    """Profile of the rows of a table, in the bins of a baseline, counted where they are.

    Bins, categories, missing values, confusion and scores are those of `Profile.of` on the same rows, to the last bit;
    means and variances to rounding. Quantiles and the number of different numbers are not counted (a database keeps no
    sketches that merge); results that need them say so.

    Parameters
    ----------
    connection
        Of DuckDB or PostgreSQL (psycopg), or an engine of SQLAlchemy over one. It is read from, and nothing else.
    table
        A table (`flights`, `schema.flights`), or a `SELECT`, such as of one day.
    baseline
        Frozen from any sample of the reference: its bins become the statement.
    most
        A column of labels or texts with more different values than that is counted only for what is missing.
    name
        What reports call these rows; else the table's name.

    Raises
    ------
    InputError
        The connection is of no known kind; no such table; the database refuses.
    SchemaError
        A column is stored as what its kind cannot be counted from.

    >>> import duckdb
    >>> db = duckdb.connect()
    >>> _ = db.execute("CREATE TABLE may AS SELECT i % 7 AS delay, 'Ulm' AS city FROM range(700) AS r(i)")
    >>> base = Baseline.of({"delay": [float(i % 5) for i in range(500)], "city": ["Ulm", "Bonn"] * 250})
    >>> found = profile(db, "may", base)
    >>> found.n_rows, found.get("categories", "city").counts.tolist()
    (700, [0, 700])
    """
    if not isinstance(baseline, Baseline):
        raise InputError(f"a {type(baseline).__name__} is no Baseline; freeze one with Baseline.of(rows)")
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise ParameterError(f"at most {most!r} labels cannot be counted; give a positive number")
    with Database(connection) as database:
        rows = Table(database, table, baseline, most)
        asked = [need for need in baseline.empty().summaries if rows.answers(need)]
        made = baseline.empty(lambda _: asked)
        left_out = rows.count(made)
    made.name = (name or (table if len(table.split()) == 1 else "a query"))[:NAME_AT_MOST]
    if left_out:
        warnings.warn(f"not counted: {'; '.join(left_out)}", SkippedColumnsWarning, stacklevel=2)
    return made


__all__ = ["profile"]
