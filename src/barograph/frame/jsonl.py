"""JSON Lines -> `Rows`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from barograph.errors import InputError
from barograph.frame.csv import Widen, resuming
from barograph.frame.rows import SAMPLE_ROWS, Rows, batch_rows, file_rows, first_line, unified
from barograph.frame.text import family_of, instants
from barograph.schema import Family

_BATCH = 1 << 18


@dataclass
class _JsonLines:
    paths: list[Path]
    schemas: list[dict[str, pl.DataType]] = field(default_factory=list)
    schema: dict[str, pl.DataType] = field(default_factory=dict)
    times: set[str] = field(default_factory=set)
    whole: bool = False

    def infer(self, *, whole: bool) -> None:
        self.whole, self.schemas = whole, []
        for path in self.paths:
            try:
                scan = pl.scan_ndjson(path, infer_schema_length=None if whole else SAMPLE_ROWS)
                self.schemas.append(dict(scan.collect_schema()))
            except (pl.exceptions.PolarsError, OSError) as error:
                raise InputError(_broken(path, error)) from error
        self.schema = unified(self.schemas, [p.name for p in self.paths])
        self.times = set() if whole else self._times()

    def _times(self) -> set[str]:
        """Text columns of which every sampled value is a time in ISO 8601."""
        sample = self.sample()
        texts = [s.drop_nulls() for s in sample if s.dtype == pl.String]
        likely = [t for t in texts if len(t) and not instants(t[:100]).null_count()]
        return {t.name for t in likely if not instants(t).null_count()}

    def scan(self, at: int) -> pl.LazyFrame:
        own = self.schemas[at]
        scan = pl.scan_ndjson(self.paths[at], schema=own)
        readable = [c for c in own if family_of(self.schema[c]) is not Family.UNSUPPORTED]
        return scan.select([pl.col(c).cast(self.schema[c]) for c in readable])

    def typed(self, batch: pl.DataFrame) -> pl.DataFrame:
        out = []
        for series in batch:
            found = instants(series) if series.name in self.times else series
            if found.null_count() > series.null_count():
                raise Widen(series.name)
            out.append(found)
        return pl.DataFrame({s.name: s for s in out})

    def open_at(self, at: int, skip: int) -> Iterator[pl.DataFrame]:
        scan = self.scan(at).slice(skip) if skip else self.scan(at)
        n = min(_BATCH, batch_rows(self.schema.values()))
        for batch in scan.collect_batches(chunk_size=n, maintain_order=True, lazy=True):
            yield self.typed(batch)

    def sample(self) -> pl.DataFrame:
        parts, left = [], SAMPLE_ROWS
        for at, path in enumerate(self.paths):
            try:
                parts.append(self.typed(self.scan(at).head(left).collect()))
            except (pl.exceptions.PolarsError, OSError) as error:
                raise InputError(_broken(path, error)) from error
            left -= parts[-1].height
            if left <= 0:
                break
        return pl.concat(parts, how="diagonal_relaxed")


def _broken(path: Path, error: Exception) -> str:
    return f"{path} cannot be read as JSON Lines (one object per line): {first_line(error)}"


def jsonl_rows(paths: list[Path], name: str) -> Rows:
    """`Rows` of JSON Lines files, plain, .gz or .zst, streamed.

    Types are told from the first 10,000 lines; where a later line does not fit, from all lines (the file is then held
    in memory). Text that is a time in ISO 8601 throughout the sample is read as times. Keys that a line lacks are null;
    keys that only later lines have are not seen. Nested values are skipped.

    Raises `InputError` where a line is no JSON object.
    """
    files = _JsonLines(paths)
    files.infer(whole=False)

    def schema() -> dict[str, pl.DataType]:
        return files.schema | dict.fromkeys(files.times, pl.Datetime("us"))

    def widen(at: int, error: Exception) -> None:
        if files.whole:
            raise InputError(_broken(paths[at], error)) from error
        files.infer(whole=True)
        known = {c: t for c, t in schema().items() if c in rows.families and family_of(t) is not Family.UNSUPPORTED}
        rows._schema.update(known)  # noqa: SLF001 - Rows of this package
        rows.families.update({c: family_of(t) for c, t in known.items()})

    def read(at: int) -> Iterator[pl.DataFrame]:
        try:
            yield from resuming(lambda skip: files.open_at(at, skip), lambda error: widen(at, error))
        except (pl.exceptions.PolarsError, OSError) as error:
            raise InputError(_broken(paths[at], error)) from error

    rows = file_rows(name, schema(), paths, read, files.sample)
    return rows


__all__ = ["jsonl_rows"]
