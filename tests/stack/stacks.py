"""What the tests of generated stacks share: a baseline, folders, real servers on them, and a service to scrape."""

from __future__ import annotations

import http.server
import shutil
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from barograph import Baseline
from barograph.stack import folder as folders
from barograph.stack.contents import files
from barograph.stack.settings import Settings

sys.path.append(str(Path(__file__).parent.parent / "live"))

from prometheus import binary, free_port, until

__all__ = ["BASELINE", "Handler", "binary", "folder_of", "free_port", "free_ports", "running", "served", "until"]

RNG = np.random.default_rng(3)
BASELINE = Baseline.of({
    "age": RNG.normal(40, 9, 500), "city": RNG.choice(["Ulm", "Köln", "{{ $x }}"], 500), "é\"': #{": RNG.random(500),
})  # fmt: skip


def folder_of(path: Path, **settings: Any) -> Path:
    """A folder as init writes it."""
    said = Settings(**settings)
    made = files(said)
    folders.write(path, made, folders.plan(path, made, None), folders.Manifest(said.format), None)
    return path


def free_ports() -> dict[str, int]:
    found: set[int] = set()
    while len(found) < 3:
        found.add(free_port())
    return dict(zip(("prometheus", "alertmanager", "grafana"), found, strict=True))


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with what the server holds for a path: status and text."""

    def do_GET(self) -> None:
        status, text = self.server.pages.get(self.path.partition("?")[0], (404, "{}"))  # type: ignore[attr-defined]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def served(pages: dict[str, tuple[int, str]], handler: type[Handler] = Handler) -> Iterator[str]:
    """A real HTTP server on a free port; gives its host:port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.pages = pages  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def running(folder: Path, ports: dict[str, int], *programs: str) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Prometheus and Alertmanager on a folder's files, as run.sh starts them but each on its own handle."""
    commands = {
        "prometheus": [
            "prometheus", f"--config.file={folder}/prometheus/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb",
            f"--web.listen-address=127.0.0.1:{ports['prometheus']}", "--log.level=warn", "--web.enable-lifecycle",
            "--rules.alert.resend-delay=1s",
        ],
        "alertmanager": [
            "prometheus-alertmanager", f"--config.file={folder}/alertmanager/alertmanager.yml",
            f"--storage.path={folder}/silences", f"--web.listen-address=127.0.0.1:{ports['alertmanager']}",
            "--cluster.listen-address=", "--log.level=warn",
        ],
    }  # fmt: skip
    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name in programs or tuple(commands):
            command = [binary(commands[name][0]), *commands[name][1:]]
            log = folder / f"{name}.log"
            with log.open("wb") as file:
                started[name] = subprocess.Popen(command, stdout=file, stderr=file)
        for name, process in started.items():
            until(lambda: process.poll() is not None or ready(ports[name]), f"{name} is ready")  # noqa: B023
            assert process.poll() is None, (folder / f"{name}.log").read_text()
        yield started
    finally:
        for process in started.values():
            process.terminate()
            process.wait(10)


def ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def has(program: str) -> bool:
    return shutil.which(program) is not None
