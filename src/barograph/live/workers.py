"""One folder for all worker processes of a service, so that any of them can answer a scrape with the same truth.

prometheus_client shares counters between processes through files in `PROMETHEUS_MULTIPROC_DIR`, which must be set
before it is imported. `prepare` (run by `import barograph.live`) sets it where this process is a worker of
`uvicorn --workers` or gunicorn: to a fresh folder named after the server's process, which all its workers share and no
later server reuses; in /dev/shm where there is one. It stays for a last look until another server starts. A folder that
the user set is taken as it is. A single process needs none: it counts in memory.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from barograph.errors import ParameterError

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_PREFIX = "barograph-workers-"
ROOM = 1 << 25


def prepare() -> None:
    """Set the folder where this process is one of several; later calls change nothing."""
    if VARIABLE not in os.environ and "prometheus_client" not in sys.modules and (server := server_process()):
        os.environ[VARIABLE] = str(_make(server, _memory()))
    if folder := os.environ.get(VARIABLE):
        Path(folder).mkdir(parents=True, exist_ok=True)


def folder() -> Path | None:
    """The workers' folder; `None` where this process counts for itself.

    Raises `ParameterError` where this process is a worker and prometheus_client was imported too early to know it.
    """
    prepare()
    from prometheus_client import values

    if getattr(values.ValueClass, "_multiprocess", False):
        return Path(os.environ[VARIABLE])
    if server_process():
        raise ParameterError(
            "this is one of several workers, and prometheus_client was imported before it could be told so: each "
            "would count for itself. Import barograph.live before prometheus_client, or start the server with "
            f"{VARIABLE} set to an empty folder"
        )
    return None


def shared() -> Path | None:
    """The folder that the environment names for several processes, whether prometheus_client counts there or not."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


def spool() -> Path | None:
    """A temporary spool for all workers of this server; `None` for a process that serves alone."""
    server = server_process()
    return _make(server, Path(tempfile.gettempdir())) / "spool" if server else None


def server_process() -> int | None:
    """Process id of the server whose worker this is; `None` for a process that serves alone."""
    if multiprocessing.current_process().name != "MainProcess":  # uvicorn; true while a spawned child still imports
        return os.getppid()
    arbiter = sys.modules.get("gunicorn.arbiter")
    frame: FrameType | None = sys._getframe() if arbiter else None  # noqa: SLF001 - gunicorn says nowhere else who it is
    while frame is not None:
        caller = frame.f_locals.get("self")
        if arbiter is not None and isinstance(caller, arbiter.Arbiter):
            return (
                getattr(caller, "pid", None) or os.getpid()
            )  # with preload_app the master itself imports, before it knows its own id
        frame = frame.f_back
    return None


def _memory() -> Path:
    """A place in memory where there is one: on a disk, each write to a mapped file may wait for its write-back.

    Measured: the 99th percentile of a request twice as long on ext4. A `TMPDIR` that is set is taken at its word.
    """
    shared = Path("/dev/shm")  # noqa: S108 - the folder below is ours alone
    with contextlib.suppress(OSError):
        roomy = shutil.disk_usage(shared).free >= ROOM
        if "TMPDIR" not in os.environ and roomy and os.access(shared, os.W_OK | os.X_OK):
            return shared
    return Path(tempfile.gettempdir())


def _make(server: int, place: Path) -> Path:
    """The folder of this server, safe from other users; those of servers that are gone are removed."""
    mine = f"{_PREFIX}{os.getuid() if hasattr(os, 'getuid') else 0}-{socket.gethostname()}-"
    path = place / f"{mine}{server}-{_started(server)}"
    for other in place.glob(f"{mine}*"):
        pid, _, start = other.name.removeprefix(mine).partition("-")
        if pid.isdigit() and not (alive(int(pid)) and str(_started(int(pid))) == start):
            shutil.rmtree(other, ignore_errors=True)
    path.mkdir(mode=0o700, exist_ok=True)
    if path.is_symlink() or (hasattr(os, "getuid") and path.stat().st_uid != os.getuid()):
        raise ParameterError(f"{path} belongs to somebody else; set {VARIABLE} to a folder of your own")
    return path


def alive(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _stat(pid).startswith("Z")  # killed, and its parent has not noticed yet


def _stat(pid: int) -> str:
    """The fields of /proc/<pid>/stat after the name, state first; empty where there is no /proc."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2]
    return ""


def _started(pid: int) -> int:
    """Clock ticks after boot at which a process started: a process id comes again, both together do not."""
    fields = _stat(pid).split()
    return int(fields[19]) if len(fields) > 19 else 0


def dead_files(path: Path) -> Iterator[Path]:
    """Files of workers that are gone."""
    for file in path.glob("*.db"):
        pid = file.stem.rpartition("_")[2]
        if pid.isdigit() and not alive(int(pid)):
            yield file


def forget(path: Path, pid: int) -> None:
    """Remove what a process with this id left of gauges that only living processes have."""
    for file in path.glob(f"gauge_live*_{pid}.db"):
        file.unlink(missing_ok=True)
