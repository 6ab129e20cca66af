"""Paths, globs and folders of files -> `Rows`. Columnar formats here; text formats in `csv` and `jsonl`."""

from __future__ import annotations

import difflib
import glob
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from barograph.errors import InputError
from barograph.frame.csv import csv_rows
from barograph.frame.jsonl import jsonl_rows
from barograph.frame.rows import SAMPLE_ROWS, Rows, batch_rows, file_rows, first_line, streamed, unified

FORMATS = {
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv",
    ".parquet": "parquet", ".pq": "parquet", ".parq": "parquet",
    ".arrow": "ipc", ".ipc": "ipc", ".feather": "ipc", ".arrows": "ipc",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json-lines": "jsonl", ".jsonlines": "jsonl",
}  # fmt: skip
COMPRESSED = (".gz", ".zst")
_KNOWN = f"{', '.join(FORMATS)}, and CSV and JSON Lines also with .gz or .zst"


def open_files(sources: Sequence[str | Path]) -> Rows:
    """Rows of files of one format: CSV, TSV, Parquet, Arrow IPC (Feather 2) or JSON Lines.

    Each of `sources` is a file, a glob (`**` goes into folders) or a folder (read with its subfolders; names beginning
    with `.` or `_` are passed over). Files are read one after the other, in the order of their names. A column that
    some file lacks is null there; integers and floats become floats; other unlike types become text if they can.

    Memory: Parquet, Arrow files, plain and compressed CSV and JSON Lines are streamed, one batch at a time. An Arrow
    *stream* file, and JSON Lines whose types cannot be told from the first 10,000 lines, are read whole.

    Raises `InputError` for what is missing, empty, broken, of unknown or of several formats.
    """
    if not sources:
        raise InputError("an empty list of paths; give at least one file")
    paths = [path for source in sources for path in _expanded(source)]
    kinds = {file_format(path) for path in paths}
    if len(kinds) > 1:
        raise InputError(f"these are files of several formats: {', '.join(sorted(kinds))}; open one format at a time")
    for path in paths:
        if path.stat().st_size == 0:
            raise InputError(f"{path} is empty (0 bytes)")
    name = paths[0].name if len(paths) == 1 else f"{paths[0].name} and {len(paths) - 1} more"
    kind = kinds.pop()
    if kind in ("csv", "tsv"):
        return csv_rows(paths, name, tabs=kind == "tsv")
    return jsonl_rows(paths, name) if kind == "jsonl" else _columnar_rows(paths, name, kind)


def file_format(path: Path) -> str:
    """Format of a file by its extension. Raises `InputError` naming those there are."""
    suffixes = [s.lower() for s in path.suffixes]
    packed = bool(suffixes) and suffixes[-1] in COMPRESSED
    suffix = suffixes[-2] if packed and len(suffixes) > 1 else (suffixes[-1] if suffixes else "")
    kind = FORMATS.get(suffix, "")
    if kind in ("parquet", "ipc") and packed:
        raise InputError(f"{path} is a compressed {kind} file; unpack it first ({kind} compresses inside the file)")
    if not kind:
        hint = "; JSON must have one object per line (.jsonl)" if suffix == ".json" else ""
        raise InputError(f"{path} has an unknown extension {suffix!r}; known are {_KNOWN}{hint}")
    return kind


def _expanded(source: str | Path) -> list[Path]:
    path = Path(source).expanduser()
    if path.is_file():
        return [path]
    if path.is_dir():
        return _in_folder(path)
    if glob.has_magic(str(path)):
        found = sorted(Path(p) for p in glob.glob(str(path), recursive=True))  # noqa: PTH207 - absolute globs too
        files = [p for p in found if p.is_file()]
        if files:
            return files
        raise InputError(f"no file matches {str(source)!r} (looked in {Path.cwd()})")
    raise InputError(_missing(path))


def _in_folder(folder: Path) -> list[Path]:
    files = sorted(
        p for p in folder.rglob("*") if p.is_file() and not any(part[0] in "._" for part in p.relative_to(folder).parts)
    )
    known = [p for p in files if _is_known(p)]
    if not known:
        there = ", ".join(p.name for p in files[:5]) or "no files"
        raise InputError(f"folder {folder} has no file of a known format (it has {there}); known are {_KNOWN}")
    return known


def _is_known(path: Path) -> bool:
    try:
        file_format(path)
    except InputError:
        return False
    return True


def _missing(path: Path) -> str:
    if "://" in str(path) or str(path).startswith(("s3:/", "gs:/", "az:/", "http:/", "https:/")):
        return f"{path} is not a local path; pass a polars LazyFrame, for example polars.scan_parquet(url)"
    folder = path.parent
    while not folder.is_dir():
        folder = folder.parent
    there = sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))
    near = difflib.get_close_matches(path.name, there, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}" if near else f"it has {', '.join(there[:8]) or 'nothing'}"
    base = "" if path.is_absolute() else f" from the working directory {Path.cwd()}"
    return f"there is no file {str(path)!r}{base}; looked in {folder}: {hint}"


def _scan(path: Path, kind: str) -> pl.LazyFrame:
    if kind == "parquet":
        return pl.scan_parquet(path, glob=False, hive_partitioning=False)
    with path.open("rb") as file:
        whole = file.read(6) == b"ARROW1"
    return pl.scan_ipc(path, glob=False, hive_partitioning=False) if whole else pl.read_ipc_stream(path).lazy()


def _columnar_rows(paths: list[Path], name: str, kind: str) -> Rows:
    scans, schemas, n_rows = [], [], 0
    for path in paths:
        try:
            scan = _scan(path, kind)
            schemas.append(dict(scan.collect_schema()))
            n_rows += int(scan.select(pl.len()).collect().item())
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            raise InputError(
                f"{path} is no readable {kind} file (truncated, or of another format): {first_line(error)}"
            ) from error
        scans.append(scan)
    schema = unified(schemas, [p.name for p in paths])

    def part(at: int, columns: tuple[str, ...]) -> pl.LazyFrame:
        own = schemas[at]
        return scans[at].select(
            [pl.col(c) if own[c] == schema[c] else pl.col(c).cast(schema[c]) for c in columns if c in own]
        )

    def read(at: int) -> Iterator[pl.DataFrame]:
        return streamed(part(at, rows.columns), batch_rows(schema.values()), str(paths[at]))

    def sample() -> pl.DataFrame:
        parts, left = [], SAMPLE_ROWS
        for at, path in enumerate(paths):
            try:
                parts.append(part(at, rows.columns).head(left).collect())
            except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
                raise InputError(f"{path} cannot be read: {first_line(error)}") from error
            left -= parts[-1].height
            if left <= 0:
                break
        return pl.concat(parts, how="diagonal_relaxed")

    rows = file_rows(name, schema, paths, read, sample, n_rows=n_rows)
    return rows


__all__ = ["COMPRESSED", "FORMATS", "file_format", "open_files"]
