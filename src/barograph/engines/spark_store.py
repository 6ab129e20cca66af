"""Where a stream's windows are kept: each batch is counted once, whatever is killed and repeated.

    stream.json      the length of windows, the query whose batches these are
    template         what a batch begins with: a profile or segments of no rows
    batches/         one file for each batch under its number: windows of profiles, not yet compacted
    windows/         one file for each window of the batches that are compacted
    compacted.json   the last of these batches, and which files of `windows/` count

Every file comes whole or not at all (written beside its place, then moved). A batch that has its file, or is not
younger than the last compacted one, has been counted. Compaction writes windows under new names, then moves
`compacted.json` into place, which is the moment at which its batches count as compacted; what is left over before or
after that moment is ignored, and removed by the next one.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from barograph import codec
from barograph.engines.spark_count import Counted, read
from barograph.errors import FormatError, ParameterError

T = TypeVar("T")

_FORMAT = 1
_TRIES = 20


class _Stream(msgspec.Struct, forbid_unknown_fields=True):
    every: str
    query: str
    format: int = _FORMAT


class _Compacted(msgspec.Struct, forbid_unknown_fields=True):
    last: int = -1
    n_timeless: int = 0
    windows: dict[str, str] = {}


class Store:
    """A folder with the windows of one stream."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    @property
    def template(self) -> Counted | None:
        """What a batch begins with; `None` before the first one."""
        path = self.folder / "template"
        return read(codec.read_file(path)) if path.exists() else None

    def begin(self, template: Counted, every: str, query: str) -> None:
        """Settle what the batches are counted in, once."""
        codec.write_file(self.folder / "stream.json", msgspec.json.encode(_Stream(every, query)))
        codec.write_file(self.folder / "template", template.to_bytes())  # last: without it, all is settled again

    def every(self) -> str:
        """The length of windows. Raises `FormatError` where the folder holds no stream."""
        return self._stream().every

    def check(self, every: str, query: str) -> None:
        """Raises `ParameterError` where the folder has the windows of another length or query."""
        held = self._stream()
        if held.every != every:
            raise ParameterError(f"{self.folder} has windows of {held.every}, not of {every}; give another folder")
        if query and held.query and held.query != query:
            raise ParameterError(
                f"{self.folder} has the batches of query {held.query}, and this is query {query}, whose batches have "
                "the same numbers: its checkpoint was lost or is another one; give another folder"
            )

    def _stream(self) -> _Stream:
        return _decoded(self.folder / "stream.json", _Stream)

    def has(self, batch: int) -> bool:
        """Whether a batch has been counted."""
        return batch <= self._compacted().last or self._file(batch).exists()

    def add(self, batch: int, windows: Mapping[str, Counted], n_timeless: int) -> None:
        """Keep what a batch counted, unless it is kept already."""
        if self.has(batch):
            return
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as file:
            file.writestr("n_timeless", str(n_timeless))
            for start, made in windows.items():
                file.writestr(start, made.to_bytes())
        codec.write_file(self._file(batch), packed.getvalue())

    def _file(self, batch: int) -> Path:
        return self.folder / "batches" / f"{batch:012d}.zip"

    def _compacted(self) -> _Compacted:
        path = self.folder / "compacted.json"
        return _decoded(path, _Compacted) if path.exists() else _Compacted()

    def _waiting(self, after: int) -> list[tuple[int, Path]]:
        """Files of batches that are not compacted, by number."""
        found = ((int(path.stem), path) for path in (self.folder / "batches").glob("[0-9]*.zip"))
        return sorted((number, path) for number, path in found if number > after)

    def n_waiting(self) -> int:
        """How many batches have files of their own."""
        return len(self._waiting(self._compacted().last))

    def compact(self) -> None:
        """Merge the files of batches into those of windows. Only one process may write to a folder."""
        done = self._compacted()
        waiting = self._waiting(done.last)
        if waiting:
            parts, n_timeless = _merged(path for _, path in waiting)
            last = waiting[-1][0]
            known = dict(done.windows)
            for start, made in parts.items():
                if start in known:
                    made = self._window(known[start]).merge(made)  # type: ignore[arg-type]
                known[start] = f"{start.replace(':', '')}.{last}"
                codec.write_file(self.folder / "windows" / known[start], made.to_bytes())
            done = _Compacted(last, done.n_timeless + n_timeless, dict(sorted(known.items())))
            codec.write_file(self.folder / "compacted.json", msgspec.json.encode(done))
        kept = set(done.windows.values())
        for path in (self.folder / "windows").glob("[!.]*"):
            if path.name not in kept:
                path.unlink()
        for path in (self.folder / "batches").glob("[0-9]*.zip"):
            if int(path.stem) <= done.last:
                path.unlink()

    def forget(self, before: str) -> None:
        """Drop the windows that begin before a time (ISO 8601, as in the windows' own starts)."""
        self.compact()
        done = self._compacted()
        kept = {start: name for start, name in done.windows.items() if start >= before}
        codec.write_file(
            self.folder / "compacted.json", msgspec.json.encode(_Compacted(done.last, done.n_timeless, kept))
        )
        self.compact()

    def read(self) -> tuple[dict[str, Counted], int]:
        """All windows by their start, in order, and the number of rows without a time."""
        self._stream()
        for tried in range(_TRIES):
            try:
                return self._read()
            except (FileNotFoundError, FormatError):  # compacted meanwhile: what was listed is elsewhere now
                if tried == _TRIES - 1:
                    raise
        raise AssertionError

    def _read(self) -> tuple[dict[str, Counted], int]:
        done = self._compacted()
        parts, n_timeless = _merged(path for _, path in self._waiting(done.last))
        found: dict[str, Counted] = {}
        for start in sorted({*done.windows, *parts}):
            made = self._window(done.windows[start]) if start in done.windows else None
            part = parts.get(start)
            found[start] = made.merge(part) if made and part else made or part  # type: ignore[arg-type, assignment]
        if self._compacted().last != done.last:
            raise FileNotFoundError(f"{self.folder} is being compacted over and over; read it again")
        return found, done.n_timeless + n_timeless

    def _window(self, name: str) -> Counted:
        return read(codec.read_file(self.folder / "windows" / name))


def _merged(paths: Iterable[Path]) -> tuple[dict[str, Counted], int]:
    found: dict[str, Counted] = {}
    n_timeless = 0
    for path in paths:
        try:
            with zipfile.ZipFile(path) as file:
                n_timeless += int(file.read("n_timeless"))
                parts = {start: read(file.read(start)) for start in file.namelist()[1:]}
        except (zipfile.BadZipFile, KeyError, ValueError) as error:
            raise FormatError(f"{path} cannot be read: {error}") from error
        for start, part in parts.items():
            found[start] = found[start].merge(part) if start in found else part  # type: ignore[arg-type]
    return found, n_timeless


def _decoded(path: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError as error:
        raise FormatError(f"{path.parent} holds no windows of a stream: there is no {path.name}") from error
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise FormatError(f"{path} cannot be read: {error}") from error
