"""Files counted one after the other, so that work that stops loses little: an interrupted one leaves a partial profile
that can be used, and the next one goes on behind the files that are counted.

Beside the output, while it is not complete:

    OUTPUT.partial   what was counted so far: a profile or segments, as any other
    OUTPUT.progress  what whole files gave, and which files these are, with size and time of change
"""

from __future__ import annotations

import hashlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from barograph import codec, frame
from barograph.errors import FormatError, InputError, ParameterError
from barograph.profile import Profile, unanchored
from barograph.schema import Schema
from barograph.segments import Segments, check_columns, of_baseline, unfrozen

WRITE_EVERY = 2.0  # seconds: what is killed loses no more, and the file that it was at


class Interrupted(KeyboardInterrupt):
    """Ctrl-C while files were counted; `counted` is the profile or the segments of the rows until then."""

    def __init__(self, message: str, counted: Profile | Segments) -> None:
        super().__init__(message)
        self.counted = counted


def profile_files(
    source: Any,
    output: str | Path | None = None,
    baseline: Any = None,
    *,
    schema: Schema | None = None,
    segmented: bool = False,
    resume: bool = False,
    progress: bool = True,
) -> Profile | Segments:
    """Profile of files, one after the other, of which nothing is lost when the work is interrupted.

    Memory is that of a batch and of two profiles, however many the files and the rows.

    Parameters
    ----------
    source
        Files, globs and folders, as for `Profile.of`.
    output
        Where the profile is written. Until it is complete, what was counted so far is in `OUTPUT.partial`, a profile as
        any other, and `OUTPUT.progress` says which files that is.
    baseline, schema
        As for `Profile.of`.
    segmented
        Count segments (those of the baseline, or of the schema): gives `Segments`.
    resume
        Go on behind the files that an interrupted call with the same output has counted. A file counts once: one that
        was changed since is refused.
    progress
        Show a progress bar where standard error is a terminal.

    Raises
    ------
    InputError, SchemaError, ParameterError
        As for `Profile.of`; what was counted of the files before a broken one is kept, as when interrupted. A file was
        changed since it was counted; the interrupted call was another one.
    Interrupted
        Ctrl-C: after the batch at hand; it is a `KeyboardInterrupt`.

    >>> import tempfile, polars as pl
    >>> folder = Path(tempfile.mkdtemp())
    >>> for day in (1, 2):
    ...     pl.DataFrame({"delay": range(day, day + 3)}).write_parquet(folder / f"day-{day}.parquet")
    >>> profile_files(folder, folder / "days.profile").n_rows
    6
    """
    rows = frame.open_rows(source)
    if not rows.files:
        raise InputError(f"{rows.name} is no file; Profile.of counts other rows")
    if baseline is not None and schema is not None:
        raise ParameterError("a baseline brings its own schema; leave the schema out, or freeze the baseline with it")
    asked = _asked(baseline, schema, segmented)
    if resume and output is None:
        raise ParameterError("what was interrupted is found by its output; say which")
    begun = _Progress.read(Path(output), asked) if resume and output is not None else None
    work = begun or _Progress(asked, _template(rows, baseline, schema, segmented, progress))
    _settle(rows, work.counted)
    return _Work(rows, work, None if output is None else Path(output)).run(progress)


def _template(
    rows: frame.Rows, baseline: Any, schema: Schema | None, segmented: bool, progress: bool
) -> Profile | Segments:
    if not segmented:
        return unanchored(rows, schema, None) if baseline is None else baseline.empty()
    return unfrozen(rows, schema, None, progress=progress)[0] if baseline is None else of_baseline(baseline).blank()


def _settle(rows: frame.Rows, counted: Profile | Segments) -> None:
    rows.set_aside(counted.schema)
    if isinstance(counted, Segments):
        check_columns(rows, counted.by)


def _asked(baseline: Any, schema: Schema | None, segmented: bool) -> str:
    """What tells one call from another."""
    told = [baseline and baseline.id, msgspec.to_builtins(schema), segmented]
    return hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()


class _File(msgspec.Struct, frozen=True):
    """A file as it was when it was counted."""

    path: str
    size: int
    changed: int

    @classmethod
    def at(cls, path: Path) -> _File:
        found = path.stat()
        return cls(str(path.absolute()), found.st_size, found.st_mtime_ns)


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    asked: str
    files: list[_File]
    counted: bytes


class _Progress:
    """What whole files gave, and which they are."""

    def __init__(self, asked: str, counted: Profile | Segments, files: list[_File] | None = None) -> None:
        self.asked, self.counted = asked, counted
        self.files = {file.path: file for file in files or []}

    @classmethod
    def read(cls, output: Path, asked: str) -> _Progress | None:
        path = _beside(output, "progress")
        if not path.exists():
            return None
        try:
            body = msgspec.convert(codec.decode("progress", codec.read_file(path), str(path)), _Body)
        except msgspec.ValidationError as error:
            raise FormatError(f"{path} cannot be read: {error}") from error
        if body.asked != asked:
            raise ParameterError(
                f"{output} was begun with another baseline, schema or segments; ask for the same, or begin anew "
                "without resuming"
            )
        of = Segments if codec.kind_of(body.counted) == "segments" else Profile
        return cls(asked, of.from_bytes(body.counted, str(path)), body.files)

    def write(self, output: Path) -> None:
        body = _Body(self.asked, list(self.files.values()), self.counted.to_bytes())
        codec.write_file(_beside(output, "progress"), codec.encode("progress", msgspec.to_builtins(body)))

    def has(self, file: _File) -> bool:
        """Whether a file is counted. Raises `InputError` where it was another one then."""
        before = self.files.get(file.path)
        if before is not None and before != file:
            raise InputError(
                f"{file.path} was changed since it was counted; begin anew without resuming, for its rows are counted"
            )
        return before is not None


class _Work:
    """The files of a call, counted in turn."""

    def __init__(self, rows: frame.Rows, done: _Progress, output: Path | None) -> None:
        self.rows, self.done, self.output = rows, done, output
        self.under_way: Profile | Segments = done.counted.blank()
        self.written = float("-inf")

    def run(self, progress: bool) -> Profile | Segments:
        files = [_File.at(path) for path in self.rows.files]
        left = [at for at, file in enumerate(files) if not self.done.has(file)]
        with frame.bar(self.rows.name, self.rows.n_rows, shown=progress) as bar, _interruptible() as interrupted:
            bar.advance(self.done.counted.n_rows)
            for at in left:
                bar.at(f"{self.rows.files[at].name}, {at + 1} of {len(files)}")
                try:
                    for batch in self.rows.of_file(at):
                        self.under_way.add(batch)
                        bar.advance(batch.height)
                        if interrupted():
                            raise Interrupted(self._kept(self._so_far()), self._named(self._so_far()))
                except InputError as error:
                    kept = self._kept(self.done.counted)
                    raise InputError(f"{error}; {kept}" if kept else str(error)) from error
                self._finish(files[at])
        return self._complete()

    def _finish(self, file: _File) -> None:
        self.done.counted = self._so_far()
        self.done.files[file.path] = file
        self.under_way = self.under_way.blank()
        if self.output is not None and time.monotonic() - self.written > WRITE_EVERY:
            self.done.write(self.output)
            self.written = time.monotonic()

    def _so_far(self) -> Profile | Segments:
        before: Any = self.done.counted  # both are profiles, or both segments
        both: Profile | Segments = before.merge(self.under_way)
        return both

    def _named(self, counted: Profile | Segments) -> Profile | Segments:
        counted.name = f"{len(self.done.files)} of {len(self.rows.files)} files, interrupted"
        return counted

    def _kept(self, counted: Profile | Segments) -> str:
        """Write what was counted, and say where it is."""
        n = f"{counted.n_rows:,} rows of {len(self.done.files)} whole files"
        if self.output is None:
            return f"{n} were counted; with an output they would be kept"
        if not counted.n_rows:
            return ""
        partial = _beside(self.output, "partial")
        self._named(counted).write(partial)
        self.done.write(self.output)
        return f"what was counted is in {partial}: {n}; resume to go on behind these files"

    def _complete(self) -> Profile | Segments:
        counted = self.done.counted
        if not counted.n_rows:
            for batch in self.rows.batches():  # one without rows: what it would have held is known
                counted.add(batch)
        counted.name = self.rows.name
        (counted.whole if isinstance(counted, Segments) else counted).skip(self.rows.skipped)
        if self.output is not None:
            counted.write(self.output)
            for what in ("partial", "progress"):
                _beside(self.output, what).unlink(missing_ok=True)
        return counted


def _beside(output: Path, what: str) -> Path:
    return output.with_name(f"{output.name}.{what}")


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Ctrl-C is noted, and waits for a batch to be counted whole; a second one does not."""
    noted = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield noted.is_set  # signals come to the main thread alone
        return
    before = signal.getsignal(signal.SIGINT)

    def note(*_: object) -> None:
        noted.set()
        signal.signal(signal.SIGINT, before)

    if not callable(before):  # switched off, as for programs that a shell runs in the background
        yield noted.is_set
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield noted.is_set
    finally:
        signal.signal(signal.SIGINT, before)


__all__ = ["Interrupted", "profile_files"]
