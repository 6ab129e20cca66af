"""A connection to a database: which columns a table has, and what a statement gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from barograph.errors import InputError, MissingExtraError, SchemaError

try:
    import sqlglot
    from sqlglot import exp
except ImportError as error:  # pragma: no cover
    raise MissingExtraError("barograph.engines.sql needs sqlglot: pip install 'barograph[sql]'") from error

from barograph.engines.sql.types import Type, type_of

DIALECTS = {"duckdb": "duckdb", "_duckdb": "duckdb", "psycopg": "postgres", "psycopg2": "postgres"}
IDLE = 0  # what psycopg says of a connection without a transaction (libpq's PQTRANS_IDLE)
SNAPSHOT = " ISOLATION LEVEL REPEATABLE READ READ ONLY"


class Database:
    """A DB-API connection of DuckDB or psycopg, or an engine or a connection of SQLAlchemy over one."""

    def __init__(self, connection: Any) -> None:
        self._opened = connection.raw_connection() if hasattr(connection, "raw_connection") else None
        self.connection = self._plain(self._opened or connection)
        module = type(self.connection).__module__.partition(".")[0]
        if module not in DIALECTS:
            raise InputError(
                f"a {type(connection).__name__} of {module!r} is no connection that is known; give one of duckdb or "
                "psycopg, or an engine of SQLAlchemy over these"
            )
        self.dialect = DIALECTS[module]
        self._began = False

    @staticmethod
    def _plain(connection: Any) -> Any:
        if type(connection).__module__.partition(".")[0] != "sqlalchemy":
            return connection
        # what an engine lends has it at hand, a connection has it inside
        return getattr(connection, "driver_connection", None) or connection.connection.driver_connection

    def __enter__(self) -> Self:
        """All statements of one table see the same rows: a snapshot, unless a transaction is open already."""
        if self.dialect == "duckdb":
            # outside a transaction each statement has one of its own; a second BEGIN would end the one that is open
            first, second = (self._run("SELECT txid_current()")[0] for _ in range(2))
            if first != second:
                self._says("BEGIN TRANSACTION")
        elif int(self.connection.info.transaction_status) == IDLE:
            self._says(("BEGIN" if self.connection.autocommit else "SET TRANSACTION") + SNAPSHOT)
        return self

    def __exit__(self, *_: object) -> None:
        if self._began and self.dialect == "postgres" and not self.connection.autocommit:
            self.connection.rollback()
        elif self._began:
            self._says("ROLLBACK")
        if self._opened is not None:  # what was lent goes back; a connection that was given stays open
            self._opened.close()

    def _says(self, text: str) -> None:
        """Begin or end a transaction."""
        cursor = self.connection if self.dialect == "duckdb" else self.connection.cursor()
        cursor.execute(text)
        self._began = text != "ROLLBACK"

    def rows(self, statement: exp.Expression) -> list[Sequence[Any]]:
        """What a statement gives."""
        return self._run(statement.sql(self.dialect, identify=True))[0]

    def source(self, table: str) -> exp.Expression:
        """A table by its name, or a SELECT, as what can be selected from. Raises `InputError` for anything else."""
        words = table.split(None, 1)
        if words and words[0].lower() in ("select", "with"):
            try:
                parsed = sqlglot.parse(table, read=self.dialect)
            except sqlglot.errors.ParseError as error:
                raise InputError(f"this query cannot be read: {str(error).splitlines()[0]}") from error
            if len(parsed) != 1 or not isinstance(parsed[0], exp.Query):
                raise InputError("give one SELECT, or the name of a table")
            return parsed[0].subquery("rows")
        parts = table.split(".")
        if not 1 <= len(parts) <= 3 or not all(parts):
            raise InputError(f"{table!r} is no name of a table; write table or schema.table, or a SELECT")
        names = [exp.to_identifier(part.strip('"'), quoted=True) for part in parts]
        return exp.Table(**dict(zip(("this", "db", "catalog"), reversed(names), strict=False)))

    def columns(self, source: exp.Expression) -> dict[str, tuple[str, Type | None]]:
        """The columns of a source, with the name of their type and what it is here.

        Raises `InputError` where the database refuses, `SchemaError` for two columns of one name.
        """
        found = self._run(exp.select("*").from_(source.copy()).limit(0).sql(self.dialect, identify=True))[1]
        names = [column[0] for column in found]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise SchemaError(f"two columns are called {', '.join(map(repr, twice))}; rename one in a SELECT")
        told = [str(column[1]) if self.dialect == "duckdb" else _told(column) for column in found]
        return {name: (kind, type_of(kind)) for name, kind in zip(names, told, strict=True)}

    def _run(self, text: str) -> tuple[list[Sequence[Any]], Any]:
        # a cursor of DuckDB is a connection of its own, which knows no temporary tables, frames, open transactions
        cursor = self.connection if self.dialect == "duckdb" else self.connection.cursor()
        try:
            cursor.execute(text)
            return cursor.fetchall(), cursor.description
        except Exception as error:
            if type(error).__module__.partition(".")[0] not in DIALECTS:
                raise
            raise InputError(f"the database says: {str(error).strip().splitlines()[0]}") from error
        finally:
            if cursor is not self.connection:
                cursor.close()


def _told(column: Any) -> str:
    """The name of a type, of a column's description by psycopg."""
    shown = getattr(column, "type_display", None)
    return str(shown if shown is not None else _POSTGRES.get(column[1], column[1]))


_POSTGRES = {  # psycopg2 knows numbers only (pg_type)
    16: "bool", 20: "int8", 21: "int2", 23: "int4", 25: "text", 700: "float4", 701: "float8", 1042: "bpchar",
    1043: "varchar", 1082: "date", 1114: "timestamp", 1184: "timestamptz", 1700: "numeric",
}  # fmt: skip

__all__ = ["Database"]
