"""Databases for the tests: DuckDB in this process, and a PostgreSQL of our own that is stopped afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

DUCKDB = {
    pl.Int8: "TINYINT", pl.Int16: "SMALLINT", pl.Int32: "INTEGER", pl.Int64: "BIGINT", pl.Float32: "FLOAT",
    pl.Float64: "DOUBLE", pl.Boolean: "BOOLEAN", pl.String: "VARCHAR", pl.Date: "DATE",
}  # fmt: skip
POSTGRES = DUCKDB | {
    pl.Int8: "SMALLINT", pl.Float32: "REAL", pl.Float64: "DOUBLE PRECISION", pl.String: 'TEXT COLLATE "en-x-icu"',
}  # fmt: skip


def postgres_programs() -> Path | None:
    """Where Debian keeps `initdb` and `postgres`."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@contextmanager
def postgres() -> Iterator[Any]:
    """A connection to a new server that listens on a socket in a folder of its own, and nowhere else."""
    import psycopg

    programs = postgres_programs()
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="barograph-pg-"))
    who = pwd.getpwnam("postgres") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    os.chown(folder, who.pw_uid, who.pw_gid)
    as_whom: dict[str, Any] = {"user": who.pw_uid, "group": who.pw_gid} if os.getuid() == 0 else {}
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "cwd": folder, **as_whom}
    data = str(folder / "data")
    try:
        made = [str(programs / "initdb"), "-D", data, "-A", "trust", "-U", "tests", "-E", "UTF8", "--locale", "C"]
        subprocess.run([*made, "--no-sync"], check=True, **quiet)
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        control = [str(programs / "pg_ctl"), "-D", data, "-w", "-o", options, "-l", str(folder / "log")]
        subprocess.run([*control, "start"], check=True, **quiet)
        try:
            with psycopg.connect(host=str(folder), user="tests", dbname="postgres", autocommit=True) as connection:
                yield connection
        finally:
            subprocess.run([str(programs / "pg_ctl"), "-D", data, "-m", "immediate", "stop"], check=True, **quiet)
    finally:
        shutil.rmtree(folder)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def load(connection: Any, table: str, rows: pl.DataFrame) -> None:
    """Make a table of a frame."""
    known = DUCKDB if isinstance(connection, duckdb.DuckDBPyConnection) else POSTGRES
    columns = ", ".join(f"{quoted(name)} {_type(dtype, known)}" for name, dtype in rows.schema.items())
    connection.execute(f"DROP TABLE IF EXISTS {quoted(table)}")
    connection.execute(f"CREATE TABLE {quoted(table)} ({columns})")
    if known is DUCKDB:
        connection.register("given", rows.to_arrow())
        connection.execute(f"INSERT INTO {quoted(table)} SELECT * FROM given")
        connection.unregister("given")
        return
    with connection.cursor() as cursor, cursor.copy(f"COPY {quoted(table)} FROM STDIN") as copy:
        for row in rows.iter_rows():
            copy.write_row(row)


def _type(dtype: pl.DataType, known: dict[Any, str]) -> str:
    if isinstance(dtype, pl.Datetime):
        return "TIMESTAMP WITH TIME ZONE" if dtype.time_zone else "TIMESTAMP"
    if isinstance(dtype, pl.Decimal):
        return f"DECIMAL({dtype.precision}, {dtype.scale})"
    return known[type(dtype)]
