"""A folder of generated files that people edit: what they changed is never overwritten.

`.barograph-stack.json` remembers the hash of each file as it was last generated, and what the stack was made with. A
file that still has its hash is replaced; one that has not is left alone, and where the generated version is a new one
it is written beside it as `NAME.new`, for the user to merge.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

import msgspec

from barograph.codec import write_file
from barograph.errors import InputError
from barograph.stack.text import File

MANIFEST = ".barograph-stack.json"


class Fate(StrEnum):
    """What becomes of a file, as it is told to the user."""

    NEW = "new"
    AGAIN = "written again: it was gone"
    UPDATED = "updated"
    SAME = "unchanged"
    KEPT = "left alone: you edited it, and there is nothing new"
    BESIDE = "left alone: you edited it; the new version is beside it as NAME.new"
    REMOVED = "removed: it is no longer part of the stack"
    ORPHAN = "left alone: no longer part of the stack, but you edited it"


WRITTEN = frozenset({Fate.NEW, Fate.AGAIN, Fate.UPDATED})


@dataclass(frozen=True)
class Change:
    """One file's fate, and as a unified diff what is new in the generated version."""

    path: str
    fate: Fate
    diff: str = ""


class Manifest(msgspec.Struct):
    """What a folder was made with, and the hash of every file as it was last generated."""

    format: str
    targets: list[str] = []
    baseline: str | None = None
    ports: dict[str, int] = {}
    bind: str = "127.0.0.1"
    runbooks: str | None = None
    files: dict[str, str] = {}


def read_manifest(folder: Path) -> Manifest | None:
    """What is remembered of a folder; `None` where nothing was generated yet.

    Raises `InputError` where it cannot be read.
    """
    path = folder / MANIFEST
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; give a folder, which may be new")
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise InputError(
            f"{path} is damaged ({error}), so that edits cannot be told from what was generated; remove it, and every "
            "file that differs is taken for edited"
        ) from error
    if wrong := [name for name in found.files if not _inside(name)]:
        raise InputError(f"{path} names files outside its folder, such as {wrong[0]!r}; remove it")
    return found


def _inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and bool(path.parts)


def plan(folder: Path, files: Mapping[str, File], before: Manifest | None) -> list[Change]:
    """What writing the files would do; nothing is written.

    Raises `InputError` where a folder stands in a file's place, or a `NAME.new` of an earlier run was edited.
    """
    known = before.files if before else {}
    changes = [_change(folder, path, file, known.get(path)) for path, file in files.items()]
    for change in changes:
        beside = _beside(folder / change.path)
        if change.fate is Fate.BESIDE and beside.exists() and _digest(beside.read_bytes()) != known.get(change.path):
            raise InputError(f"{beside} holds edits; merge it into {change.path} or remove it, then run init again")
    return [*changes, *_obsolete(folder, files, known)]


def _change(folder: Path, name: str, file: File, known: str | None) -> Change:
    path = folder / name
    if path.is_dir():
        raise InputError(f"{path} is a folder where a file belongs; move it away")
    current = path.read_bytes() if path.exists() else None
    if current is None:
        return Change(name, Fate.AGAIN if known else Fate.NEW, "" if file.once else _diff(name, b"", file.text))
    new = file.text.encode()
    if file.once or current == new:
        return Change(name, Fate.SAME)
    if _digest(current) == known:
        return Change(name, Fate.UPDATED, _diff(name, current, file.text))
    fate = Fate.KEPT if _digest(new) == known else Fate.BESIDE
    return Change(name, fate, _diff(name, current, file.text))


def _obsolete(folder: Path, files: Mapping[str, File], known: Mapping[str, str]) -> Iterator[Change]:
    for name, digest in known.items():
        path = folder / name
        if name not in files and path.is_file():
            yield Change(name, Fate.REMOVED if _digest(path.read_bytes()) == digest else Fate.ORPHAN)


def write(
    folder: Path, files: Mapping[str, File], changes: list[Change], manifest: Manifest, before: Manifest | None
) -> None:
    """Carry out a plan. The manifest comes last: what an interrupted run wrote is recognised by its content."""
    for change in changes:
        path = folder / change.path
        if change.fate is Fate.REMOVED:
            path.unlink()
        elif change.fate in WRITTEN:
            _put(folder, path, files[change.path])
        elif change.fate is Fate.BESIDE:
            _put(folder, _beside(path), files[change.path])
        if before and change.fate in {*WRITTEN, Fate.SAME, Fate.REMOVED}:
            _merged(path, before.files.get(change.path))
    manifest.files = {name: _digest(file.text.encode()) for name, file in files.items() if not file.once}
    write_file(folder / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n")


def _merged(path: Path, offered: str | None) -> None:
    """Remove a NAME.new that has served its purpose, if it is still as it was written."""
    beside = _beside(path)
    if offered and beside.is_file() and _digest(beside.read_bytes()) == offered:
        beside.unlink()


def _put(folder: Path, path: Path, file: File) -> None:
    for parent in reversed(path.relative_to(folder).parents):
        if not (folder / parent).exists():
            (folder / parent).mkdir(parents=True)
            if parent.parts:  # users in containers must get in, whatever the umask
                (folder / parent).chmod(0o755)
    if file.once:
        secret = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, file.mode)
        with os.fdopen(secret, "w", encoding="utf-8") as opened:
            opened.write(file.text)
        return
    write_file(path, file.text.encode())
    path.chmod(file.mode)


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _diff(name: str, current: bytes, new: str) -> str:
    before = current.decode("utf-8", "replace").splitlines(keepends=True)
    after = new.splitlines(keepends=True)
    lines = difflib.unified_diff(before, after, f"a/{name}" if current else "/dev/null", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def secret_faults(folder: Path, name: str, needs: str) -> list[str]:
    """What is wrong with the file of secrets that init never overwrites."""
    path = folder / name
    if not path.exists():
        return []
    found = []
    if stat.S_IMODE(path.stat().st_mode) & 0o077 and os.name == "posix":
        found.append(f"{path} can be read by others; run chmod 600 {path}")
    if not secret(path, needs):
        found.append(f"{path} has no {needs}; add a line {needs}=... with a password of your own")
    return found


def secret(path: Path, name: str) -> str:
    """The value of a variable in an .env file; empty where it is not set.

    Raises `InputError` where the file cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    values = [line.partition("=")[2].strip() for line in lines if line.partition("=")[0].strip() == name]
    return values[-1].strip("'\"") if values else ""
