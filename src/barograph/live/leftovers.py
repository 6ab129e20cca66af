"""What dead workers leave in the shared folder: live gauges go, sums are put together in one file of each kind.

prometheus_client keeps the files of every process that ever counted, for no sum may go down. Where workers are recycled
(gunicorn's `max_requests`) that is a file more to read at each scrape, for ever. Scrapes read under a shared lock, and
one that finds many such files while nobody else reads merges them first. A kill in the midst of it counts nothing
twice: a note says what was being done, and the next scrape ends it.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from barograph.live import workers

AT_LEAST = 16
KINDS = ("counter", "histogram", "summary")
_LOCK, _NOTE = ".barograph.lock", ".barograph.merging"


@contextlib.contextmanager
def reading(folder: Path) -> Iterator[None]:
    """The folder as nobody changes it, with nothing stale in it."""
    try:
        import fcntl
    except ImportError:  # pragma: no cover - Windows, which has no forking servers
        yield
        return
    with (folder / _LOCK).open("a") as lock:
        with contextlib.suppress(BlockingIOError):  # somebody reads: not now
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            tidy(folder)
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def tidy(folder: Path) -> None:
    """Remove live gauges of the dead, and merge their sums where there are many files."""
    resume(folder)
    dead = list(workers.dead_files(folder))
    for file in dead:
        if file.name.startswith("gauge_live"):
            file.unlink(missing_ok=True)
    for kind in KINDS:
        files = sorted(file for file in dead if file.name.startswith(f"{kind}_"))
        if len(files) >= AT_LEAST:
            merge(folder, kind, files)


def merge(folder: Path, kind: str, files: list[Path]) -> None:
    """Put files of a kind into the one of all the dead, or do nothing."""
    from prometheus_client import mmap_dict, multiprocess

    whole, new = folder / f"{kind}_gone.db", folder / f".{kind}_gone.new"
    new.unlink(missing_ok=True)
    reader: Any = multiprocess.MultiProcessCollector  # which has no types
    sources = [str(file) for file in [whole, *files] if file.exists()]
    target: Any = mmap_dict.MmapedDict(str(new))  # type: ignore[no-untyped-call]
    for family in reader.merge(sources, accumulate=False):
        for sample in family.samples:
            names, values = list(sample.labels), list(sample.labels.values())
            target.write_value(
                mmap_dict.mmap_key(family.name, sample.name, names, values, family.documentation), sample.value, 0.0
            )
    target.close()
    note = {"new": new.name, "whole": whole.name, "files": [file.name for file in files]}
    beside = folder / f"{_NOTE}.new"
    beside.write_text(json.dumps(note), encoding="utf-8")
    beside.replace(folder / _NOTE)
    new.replace(whole)
    resume(folder)


def resume(folder: Path) -> None:
    """End what a note says was being done: where the new file took its place, its sources go; else it goes."""
    path = folder / _NOTE
    with contextlib.suppress(FileNotFoundError):
        note = json.loads(path.read_text(encoding="utf-8"))
        new = folder / note["new"]
        if new.exists():
            new.unlink()
        else:
            for name in note["files"]:
                (folder / name).unlink(missing_ok=True)
        path.unlink()
