"""Work done in processes of their own, in alternating rounds: medians, the ratios of each round, and memory."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
PEERS = Path(__file__).parent / "peers"
PLACES = ROOT / ".bench"  # the virtual environments of the peers, and data
WANTED = {
    "evidently": ("evidently==0.7.23", "pandas<3.1", "pyarrow"),
    "whylogs": ("whylogs==1.6.4", "numpy<2", "pandas<3", "pyarrow<20", "setuptools<81"),
}


class LackingPeerError(Exception):
    """A peer could not be installed; the message says why."""


@dataclass
class Worker:
    """A process that does one piece of work each time it is asked."""

    name: str
    command: Sequence[str]
    env: dict[str, str] = field(default_factory=dict)
    rounds: list[dict[str, float]] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | self.env
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
        )
        self._read()

    def round(self, *, kept: bool = True) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        said = json.loads(self._read())
        if kept:
            self.rounds.append(said)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()

    def _read(self) -> str:
        assert self.process is not None
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith(("ready", "{")):  # peers print this and that
                return line
        _, said = self.process.communicate()
        raise RuntimeError(f"{self.name} failed:\n{said[-2000:]}")

    def median(self, of: str = "seconds") -> float:
        return statistics.median(one[of] for one in self.rounds)

    def most(self, of: str = "added_mb") -> float:
        return max(one[of] for one in self.rounds)


def ours(task: str, *paths: Path, name: str = "", threads: int = 0) -> Worker:
    """Work of Barograph, or a limit beside it."""
    env = {"PYTHONPATH": str(ROOT / "src")} | ({"BAROGRAPH_THREADS": str(threads)} if threads else {})
    return Worker(name or task, [sys.executable, str(PEERS / "ours.py"), task, *map(str, paths)], env)


def peer(tool: str, task: str, *paths: Path) -> Worker:
    """Work of another tool, in the environment that is made for it. Raises `LackingPeerError`."""
    return Worker(tool, [str(installed(tool)), str(PEERS / f"{tool}_peer.py"), task, *map(str, paths)])


def installed(tool: str) -> Path:
    """The interpreter that has a tool; made where it is not there yet. Raises `LackingPeerError`."""
    folder = PLACES / tool
    python = folder / "bin" / "python"
    if (folder / "complete").exists():
        return python
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if uv is None:
        raise LackingPeerError("uv is not there to install it with")
    print(f"Installing {', '.join(WANTED[tool])} ...", file=sys.stderr, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    for command in (
        [uv, "venv", "--quiet", "--python", sys.executable, str(folder)],
        [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), *WANTED[tool]],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise LackingPeerError(f"it could not be installed: {done.stderr.strip().splitlines()[-1]}")
    (folder / "complete").touch()
    return python


def alternate(*workers: Worker, rounds: int, few: dict[str, int] | None = None) -> None:
    """Have each do its work in turn, after a round that is not timed; `few` do fewer rounds, and warm up in none."""
    few = few or {}
    try:
        for worker in workers:
            worker.start()
        for at in range(rounds + 1):
            for worker in workers:
                n = few.get(worker.name)
                if n is None:
                    worker.round(kept=at > 0)
                elif at < n:
                    worker.round()
    finally:
        for worker in workers:
            worker.stop()


def ratio(a: Worker, b: Worker) -> float:
    """Median of the ratios of each round, `a` over `b`."""
    if len(a.rounds) != len(b.rounds):
        return a.median() / b.median()
    return statistics.median(x["seconds"] / y["seconds"] for x, y in zip(a.rounds, b.rounds, strict=True))


def spread(worker: Worker) -> str:
    """Median and the range of all rounds."""
    times = [one["seconds"] for one in worker.rounds]
    if len(times) == 1:
        return _unit(times[0])
    return f"{_unit(worker.median())} ({_unit(min(times))} to {_unit(max(times))})"


def _unit(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.2f} s" if seconds < 100 else f"{seconds:.0f} s"
    return f"{seconds * 1e3:.0f} ms" if seconds >= 0.01 else f"{seconds * 1e3:.2f} ms"
