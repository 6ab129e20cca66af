"""Real servers on free loopback ports, started and stopped by the tests."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SOURCE = HERE.parent.parent / "src"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def until(true: Callable[[], Any], seconds: float = 20.0, what: str = "") -> Any:
    """Poll until something is true."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, f"not within {seconds} s: {what or true}"
        time.sleep(0.02)
    return found


class Server:
    def __init__(self, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
        self.port, self.process, self.log, self.recycled = port, process, log, False

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any, str]:
        """One request over a connection of its own, so that any worker may answer.

        A worker that is being replaced resets connections whose request it has not read: those are asked again.
        """
        try:
            return self._ask(method, path, body, headers)
        except (ConnectionResetError, BrokenPipeError):
            if not self.recycled:
                raise
            return self._ask(method, path, body, headers)

    def _ask(self, method: str, path: str, body: Any, headers: dict[str, str] | None) -> tuple[int, Any, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            content = None if body is None else json.dumps(body)
            sent = {"Content-Type": "application/json"} if content else {}
            connection.request(method, path, content, {**sent, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def up(self) -> bool:
        assert self.process.poll() is None, self.log.read_text(encoding="utf-8", errors="replace")
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ask("GET", "/pid")[0] == 200
        return False

    def pids(self, n: int) -> set[int]:
        """Process ids of the workers, once `n` of them have answered."""
        found: set[int] = set()

        def all_there() -> bool:
            with contextlib.suppress(OSError, http.client.HTTPException):
                found.add(int(self.ask("GET", "/pid")[2]))
            return len(found) >= n

        until(all_there, what=f"{n} workers answer")
        return found


@contextlib.contextmanager
def serve(
    tmp: Path, *command: str, python: Sequence[str] = (sys.executable, "-m"), **environment: str
) -> Iterator[Server]:
    """A server; `{port}` in the command is replaced. Its temporary files go to `tmp`."""
    port = free_port()
    left = {k: v for k, v in os.environ.items() if not k.startswith(("PROMETHEUS", "PYTEST", "COV"))}
    path = os.pathsep.join([str(SOURCE), str(HERE)])
    log = tmp / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*python, *(part.format(port=port) for part in command)],
            cwd=tmp, stdout=out, stderr=out, env={**left, "PYTHONPATH": path, "TMPDIR": str(tmp), **environment},
            start_new_session=True,
        )  # fmt: skip
    server = Server(port, process, log)
    try:
        until(server.up, 60, "the server answers")
        yield server
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)
