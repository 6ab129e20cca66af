"""The service as a process of its own, and connections to each of its workers."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]
APP = "examples.flights_service.app:app"
HOST = "127.0.0.1"
START_AT_MOST = 60.0
STOP_AT_MOST = 30.0

# the sockets of uvicorn's workers lack TCP_NODELAY: the body of an answer would wait for our acknowledgement of its
# head, which Linux delays by 40 ms unless asked, each time, not to
QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)


def until(true: Callable[[], Any], seconds: float, what: str, each: float = 0.02) -> Any:
    """Poll until something is true, and return it. Raises `TimeoutError`."""
    end = time.monotonic() + seconds
    while not (found := true()):
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds:.0f} s: {what}")
        time.sleep(each)
    return found


class Connection:
    """A connection that is kept open, and so always leads to the same worker."""

    def __init__(self, port: int) -> None:
        self.http = http.client.HTTPConnection(HOST, port, timeout=30)
        self.worker = int(self.get("/health")["worker"])

    def post(self, path: str, body: bytes) -> Any:
        return json.loads(self._ask("POST", path, body, {"Content-Type": "application/json"}))

    def get(self, path: str) -> Any:
        return json.loads(self._ask("GET", path))

    def text(self, path: str) -> str:
        return self._ask("GET", path).decode()

    def _ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
        self.http.request(method, path, body, headers or {})
        if QUICK_ACK is not None:
            self.http.sock.setsockopt(socket.IPPROTO_TCP, QUICK_ACK, 1)
        answer = self.http.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise ConnectionError(f"{method} {path} was answered by {answer.status}: {content[:300].decode()}")
        return content


@dataclass
class Service:
    """A running service, and as many connections to each worker as were asked for."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    connections: list[Connection] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def each_worker(self) -> list[Connection]:
        """One connection to each."""
        return list({connection.worker: connection for connection in self.connections}.values())

    def connect(self, workers: int, each: int) -> Self:
        """Open connections until each worker has enough: whoever is idle accepts one, and nobody can choose."""

        def enough() -> bool:
            if self.process.poll() is not None:
                raise ConnectionError(f"the service has ended: {self.log.read_text(encoding='utf-8')[-2000:]}")
            with suppress(ConnectionRefusedError):  # not up yet
                fresh = Connection(self.port)
                if [c.worker for c in self.connections].count(fresh.worker) < each:
                    self.connections.append(fresh)
                else:
                    fresh.http.close()
            return len(self.connections) >= workers * each

        try:
            until(enough, START_AT_MOST, f"{workers} workers answer; see {self.log}")
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self.log.read_text(encoding='utf-8')[-2000:]}") from None
        return self

    def stop(self) -> None:
        """Ask the server to end and wait until it has, which waits for its workers; whoever cannot wait has it killed.

        The process group is the session that we started, and nobody else's.
        """
        for connection in self.connections:
            connection.http.close()
        try:
            if self.process.poll() is None:
                self.process.terminate()
                self.process.wait(STOP_AT_MOST)
                return
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            self.process.kill()
            self.process.wait()
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # workers whose server is gone


@contextmanager
def serve(folder: Path, workers: int = 2, connections: int = 4) -> Iterator[Service]:
    """The service on a free port, with some connections to each worker; it is stopped when the block is left."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    # a folder of counters that this shell happens to have may hold those of others
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PROMETHEUS_")}
    command = [sys.executable, "-m", "uvicorn", APP, "--host", HOST, "--port", str(port), "--workers", str(workers)]
    options = ["--no-access-log", "--log-level", "warning", "--timeout-keep-alive", "120"]
    log = folder / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [*command, *options],
            cwd=ROOT, env={**inherited, "FLIGHTS_FOLDER": str(folder.resolve())}, stdout=out, stderr=out,
            start_new_session=True,  # so that Ctrl-C reaches us alone, and we stop it
        )  # fmt: skip
    service = Service(process, port, log)
    try:
        yield service.connect(workers, connections)
    finally:
        service.stop()
