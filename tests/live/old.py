"""An interpreter with the oldest FastAPI that is supported, over this one's other packages."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

VERSION = "0.110.0"
RUN = (
    f"import runpy, sys; sys.path.append({sysconfig.get_path('purelib')!r}); "
    "runpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)"
)


def command() -> list[str]:
    """What runs a module: `[*command(), "uvicorn", "served:app"]`. The environment is made once and kept."""
    place = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "barograph-tests"
    folder = place / f"fastapi-{VERSION}-python{sys.version_info.major}.{sys.version_info.minor}"
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run side by side
        if not (folder / "ready").exists():
            try:
                _make(folder)
            except (subprocess.SubprocessError, OSError) as error:
                if os.environ.get("CI"):
                    raise
                pytest.skip(f"FastAPI {VERSION} cannot be installed here: {error}")
    return [str(folder / "bin" / "python"), "-c", RUN]


def _make(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    uv = shutil.which("uv", path=f"{sysconfig.get_path('scripts')}:{os.environ.get('PATH', '')}")
    python = str(folder / "bin" / "python")
    make = [uv, "venv", "-q", "-p", sys.executable] if uv else [sys.executable, "-m", "venv"]
    install = [uv, "pip", "install", "-q", "--python", python] if uv else [python, "-m", "pip", "install", "-q"]
    subprocess.run([*make, str(folder)], check=True, capture_output=True, timeout=60)
    subprocess.run([*install, f"fastapi=={VERSION}"], check=True, capture_output=True, timeout=120)
    (folder / "ready").touch()
