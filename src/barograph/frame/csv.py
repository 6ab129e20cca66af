"""CSV and TSV files -> `Rows`, with types told from the first 10,000 rows and corrected where later rows disagree."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from barograph.errors import InputError
from barograph.frame.rows import SAMPLE_ROWS, Rows, file_rows, first_line
from barograph.frame.text import NA_MARKERS, family_of, instants

BATCH = 1 << 18
_CELLS = 1 << 24
_BROKEN = (pl.exceptions.ComputeError, pl.exceptions.SchemaError, pl.exceptions.InvalidOperationError)
_NATIVE = {"integer": pl.Int64(), "float": pl.Float64()}
_TYPES: dict[str, pl.DataType] = {
    "boolean": pl.Boolean(), "integer": pl.Int64(), "huge": pl.Int128(), "float": pl.Float64(), "date": pl.Date(),
    "time": pl.Datetime("us"), "text": pl.String(), "empty": pl.Null(),
}  # fmt: skip
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


class Widen(Exception):  # noqa: N818 - a signal inside this package, never seen outside
    """A later row does not fit the type that the first rows suggested."""


def resuming(
    open_at: Callable[[int], Iterator[pl.DataFrame]], widen: Callable[[Exception], None]
) -> Iterator[pl.DataFrame]:
    """Batches of `open_at(0)`; where they break, `widen` and go on with `open_at(rows given)`.

    Rows that were given with the narrower type stay given: their labels and numbers are the same in the wider one.
    """
    done = 0
    try:
        for batch in open_at(0):
            done += batch.height
            yield batch
    except (*_BROKEN, Widen) as error:
        widen(error)
    else:
        return
    yield from open_at(done)


@dataclass
class _Guess:
    """What the values of a column seen so far could be."""

    could: set[str] | None = None  # None: no value seen
    marked: bool = False  # markers of absence seen, like NA

    def see(self, text: pl.Series) -> None:
        present = text.drop_nulls()
        if self.could == set() or not len(present):
            return
        if self.could == {"integer", "huge", "float"} and present.cast(pl.Int64, strict=False).null_count() == 0:
            return
        is_marker = present.is_in(NA_MARKERS)
        if is_marker.any():
            self.marked = self.marked or bool((present.filter(is_marker) != "").any())
            present = present.filter(~is_marker)
        if len(present):
            found = _could_be(present)
            self.could = found if self.could is None else self.could & found

    @property
    def kind(self) -> str:
        if self.could is None:
            return "text" if self.marked else "empty"
        return next((k for k in _TYPES if k in self.could), "text")


def _could_be(present: pl.Series) -> set[str]:
    """Kinds that every one of these strings can be read as."""
    for kinds in ({"integer", "huge", "float"}, {"huge", "float"}, {"float"}):
        dtype = _TYPES[next(k for k in _TYPES if k in kinds)]
        if present.cast(dtype, strict=False).null_count() == 0:
            return kinds
    first = present[:100]  # most text is told from its first values
    if first.is_in(list(_TRUTH)).all() and present.is_in(list(_TRUTH)).all():
        return {"boolean"}
    if instants(first).null_count() or instants(present).null_count():
        return set()
    dates = present.str.len_chars().max() == len("2024-01-31")
    return {"date", "time"} if dates else {"time"}


@dataclass
class _Csv:
    """The files, and the kinds of their columns as far as known."""

    paths: list[Path]
    tabs: bool
    headers: list[list[str]] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    native: set[str] = field(default_factory=set)
    whole: bool = False

    def separator(self, path: Path) -> str:
        if self.tabs:
            return "\t"
        line = _first_line(path)
        return max(",;\t|", key=lambda s: line.count(s) if "," not in line else s == ",")

    def scan(self, at: int, *, native: bool = False) -> pl.LazyFrame:
        path = self.paths[at]
        types = {c: _NATIVE[self.kinds[c]] for c in self.headers[at] if c in self.native} if native else {}
        return pl.scan_csv(
            path, separator=self.separator(path), infer_schema=False, schema_overrides=types, glob=False
        )  # fmt: skip

    def read_headers(self) -> None:
        for path in self.paths:
            try:
                first = pl.read_csv(
                    path, separator=self.separator(path), has_header=False, n_rows=1, infer_schema=False, glob=False
                )  # fmt: skip
            except (pl.exceptions.PolarsError, OSError) as error:
                raise InputError(self.diagnosis(path, error)) from error
            names = [("" if v is None else str(v)).removeprefix("\ufeff") for v in first.row(0)]
            twice = sorted({n for n in names if names.count(n) > 1}) if len(set(names)) < len(names) else []
            if twice:
                raise InputError(f"{path} has columns of the same name: {', '.join(map(repr, twice))}; rename them")
            self.headers.append(names)

    def infer(self, *, whole: bool) -> None:
        guesses: dict[str, _Guess] = {}
        self.native = set()
        for at, path in enumerate(self.paths):
            try:
                scan = self.scan(at)
                for part in self._batches(scan) if whole else [scan.head(SAMPLE_ROWS).collect()]:
                    for series in part:
                        guesses.setdefault(series.name, _Guess()).see(series)
            except (pl.exceptions.PolarsError, OSError) as error:
                raise InputError(self.diagnosis(path, error)) from error
        self.kinds = {c: g.kind for c, g in guesses.items()}
        if not whole:
            self.native = {c for c, g in guesses.items() if not g.marked and self.kinds[c] in _NATIVE}
        self.whole = whole

    def _batches(self, scan: pl.LazyFrame) -> Iterator[pl.DataFrame]:
        n = max(1, min(BATCH, _CELLS // max(len(h) for h in self.headers)))
        return iter(scan.collect_batches(chunk_size=n, maintain_order=True, lazy=True))

    def typed(self, batch: pl.DataFrame) -> pl.DataFrame:
        return pl.DataFrame({s.name: s if s.name in self.native else _read_as(s, self.kinds[s.name]) for s in batch})

    def open_at(self, at: int, skip: int) -> Iterator[pl.DataFrame]:
        scan = self.scan(at, native=True)
        for batch in self._batches(scan.slice(skip) if skip else scan):
            yield self.typed(batch)

    def widen(self, at: int, error: Exception) -> None:
        if self.whole:
            raise InputError(self.diagnosis(self.paths[at], error)) from error
        self.infer(whole=True)

    def diagnosis(self, path: Path, error: Exception) -> str:
        return _diagnosis(path, self.separator(path), error)


def _read_as(text: pl.Series, kind: str) -> pl.Series:
    """Strings as their kind; raises `Widen` where one does not fit."""
    if kind == "text":
        return text
    if kind == "empty":
        if text.null_count() < len(text) and (text.drop_nulls() != "").any():
            raise Widen(text.name)
        return text.set(text == "", None).cast(pl.Null)
    text = text.set(text.is_in(NA_MARKERS), None)
    if kind == "boolean":
        found = text.replace_strict(_TRUTH, default=None, return_dtype=pl.Boolean)
    elif kind in ("date", "time"):
        found = instants(text).cast(_TYPES[kind])
    else:
        found = text.cast(_TYPES[kind], strict=False)
    if found.null_count() > text.null_count() or (kind == "date" and _has_clock(text)):
        raise Widen(text.name)
    return found


def _has_clock(text: pl.Series) -> bool:
    longest = text.str.len_chars().max()
    return isinstance(longest, int) and longest > len("2024-01-31")


def csv_rows(paths: list[Path], name: str, *, tabs: bool) -> Rows:
    """`Rows` of CSV files (or TSV), plain, .gz or .zst, streamed.

    Types are told from the first 10,000 rows of each file: true/false; integers; floats; ISO 8601 dates and datetimes
    (offsets turned to UTC); else text. Where a later row does not fit, the types are told anew from all rows, and
    reading goes on. Tokens like "NA", "null" or "-" are null in columns whose other values are all of one such
    type, and text in text columns; "nan" is NaN. An empty field is null, a quoted empty field the
    empty text. A `.csv` without a comma in its header is read with `;`, tab or `|`, whichever is there.

    Raises `InputError` with the line for more fields than the header, and for bytes that are no UTF-8 (a byte
    order mark is passed over).
    """
    files = _Csv(paths, tabs)
    files.read_headers()
    files.infer(whole=False)

    def schema() -> dict[str, pl.DataType]:
        return {c: _TYPES[k] for c, k in files.kinds.items()}

    def widen(at: int, error: Exception) -> None:
        files.widen(at, error)
        rows._schema = schema()  # noqa: SLF001 - Rows of this package
        rows.families.update({c: family_of(t) for c, t in schema().items()})

    def read(at: int) -> Iterator[pl.DataFrame]:
        try:
            yield from resuming(lambda skip: files.open_at(at, skip), lambda error: widen(at, error))
        except (pl.exceptions.PolarsError, OSError) as error:
            raise InputError(files.diagnosis(paths[at], error)) from error

    def sample() -> pl.DataFrame:
        try:
            return first_rows()
        except (pl.exceptions.PolarsError, Widen) as error:  # a row behind the sampled ones is read along: it differs
            widen(0, error)
        try:
            return first_rows()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise InputError(files.diagnosis(paths[0], error)) from error

    def first_rows() -> pl.DataFrame:
        parts, left = [], SAMPLE_ROWS
        for at in range(len(paths)):
            parts.append(files.typed(files.scan(at, native=True).head(left).collect()))
            left -= parts[-1].height
            if left <= 0:
                break
        return pl.concat(parts, how="diagonal_relaxed")

    rows = file_rows(name, schema(), paths, read, sample)
    return rows


def _first_line(path: Path) -> str:
    if path.suffix.lower() == ".zst":
        return ","
    try:
        with gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb") as file:
            return file.readline(1 << 20).decode("utf-8", errors="replace")
    except (OSError, EOFError):
        return ","  # the reader will say what is wrong with the file


def _diagnosis(path: Path, separator: str, error: Exception) -> str:
    """What is wrong with a CSV file, with the line where that can be found."""
    if isinstance(error, pl.exceptions.NoDataError):
        return f"{path} is empty: it has not even a header line"
    if path.suffix.lower() != ".zst":  # the standard library of Python 3.11 cannot unpack zstandard
        try:
            where = _bad_bytes(path) or (_ragged(path, separator) if "more fields" in str(error) else "")
        except (OSError, EOFError, csv.Error) as broken:
            return f"{path} cannot be read to its end: {broken}"
        if where:
            return where
    return f"{path} cannot be read as CSV: {first_line(error)}"


def _lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb") as file:
        yield from file


def _bad_bytes(path: Path) -> str:
    for number, line in enumerate(_lines(path), 1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            return f"{path}, line {number}: these bytes are not UTF-8; convert the file to UTF-8"
    return ""


def _ragged(path: Path, separator: str) -> str:
    reader = csv.reader((line.decode("utf-8") for line in _lines(path)), delimiter=separator)
    n = len(next(reader, []))
    for row in reader:
        if len(row) > n:
            return (
                f"{path}, line {reader.line_num}: {len(row)} fields, and the header has {n}; "
                "quote values that contain the separator"
            )
    return ""


__all__ = ["Widen", "csv_rows", "resuming"]
