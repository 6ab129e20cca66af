"""Real programs for the tests: Prometheus and Alertmanager on a folder, and whoever is notified."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent.parent / "live"))

from prometheus import binary, free_port, until

__all__ = ["Hook", "alertmanager", "ask", "binary", "free_port", "hook", "prometheus", "until"]


def ask(address: str, body: Any = None) -> Any:
    """What an API answers; None where nothing does."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            text = answer.read().decode()
    except (OSError, urllib.error.HTTPError):
        return None
    return json.loads(text) if text.startswith(("{", "[")) else text or "OK"


@contextmanager
def program(folder: Path, name: str, address: str, *arguments: str) -> Iterator[str]:
    """A server until the block ends; it is there when it says that it is ready."""
    log = (folder / f"{name}.log").open("w")
    server = subprocess.Popen([binary(name), *arguments], cwd=folder, stdout=log, stderr=log)
    try:
        until(lambda: server.poll() is not None or ask(f"{address}/-/ready"), f"{name} is ready")
        assert server.poll() is None, (folder / f"{name}.log").read_text()
        yield address
    finally:
        server.terminate()
        server.wait(10)
        log.close()


@contextmanager
def prometheus(folder: Path, port: int) -> Iterator[str]:
    """Prometheus on `folder/prometheus.yml`."""
    with program(
        folder, "prometheus", f"http://127.0.0.1:{port}", "--config.file=prometheus.yml", "--storage.tsdb.path=tsdb",
        f"--web.listen-address=127.0.0.1:{port}", "--rules.alert.resend-delay=1s", "--log.level=warn",
    ) as address:  # fmt: skip
        yield address


@contextmanager
def alertmanager(folder: Path, port: int) -> Iterator[str]:
    """Alertmanager on `folder/alertmanager.yml`, without a port for gossip."""
    with program(
        folder, "prometheus-alertmanager", f"http://127.0.0.1:{port}", "--config.file=alertmanager.yml",
        "--storage.path=notified", f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=",
    ) as address:  # fmt: skip
        yield address


class Hook:
    """What a webhook was sent: each alert with the status of its time."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.address = ""

    def alerts(self, status: str | None = None, **labels: str) -> list[Any]:
        found = [alert for message in list(self.messages) for alert in message["alerts"]]
        wanted = labels.items()
        return [a for a in found if wanted <= a["labels"].items() and status in (None, a["status"])]


@contextmanager
def hook() -> Iterator[Hook]:
    """A receiver of notifications on a free port."""
    made = Hook()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.messages.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    made.address = f"http://127.0.0.1:{server.server_address[1]}/"
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
