"""Whoever is told of alerts: a webhook for Alertmanager inside this process, and what has been told."""

from __future__ import annotations

import http.server
import json
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

FIRING, RESOLVED = "firing", "resolved"
BYTES_AT_MOST = 1 << 24


@dataclass(frozen=True)
class Alert:
    """One alert: what it is called, and what it is about."""

    labels: dict[str, str]
    summary: str = ""

    @property
    def name(self) -> str:
        return self.labels.get("alertname", "")

    @property
    def severity(self) -> str:
        return self.labels.get("severity", "")

    @property
    def model(self) -> str:
        return self.labels.get("model", "")

    @property
    def said(self) -> str:
        """What it says in a line, without whose it is."""
        return self.summary.removeprefix(f"{self.model} {self.labels.get('model_version', '')}: ")


@dataclass(frozen=True)
class News:
    """What changed for alerts of one name and model, in one message."""

    at: float  # by `time.perf_counter`
    month: str  # that was replayed when it came
    status: str
    alerts: tuple[Alert, ...]

    @property
    def first(self) -> Alert:
        """Name, severity and model are those of all."""
        return self.alerts[0]


class Last(NamedTuple):
    """What was told of an alert at last, and in which month."""

    status: str
    month: str
    alert: Alert


@dataclass
class Told:
    """All that was told, in order. Alertmanager repeats what still stands of a group: only what changed is news."""

    address: str = ""
    month: str = ""
    news: list[News] = field(default_factory=list)
    muted: dict[str, Alert] = field(default_factory=dict)  # by fingerprint, as is
    last: dict[str, Last] = field(default_factory=dict)
    _unread: queue.SimpleQueue[News] = field(default_factory=queue.SimpleQueue)

    def take(self, message: Any) -> None:
        """Take in a message of Alertmanager; raises where it is none."""
        changed, at, month = [], time.perf_counter(), self.month
        for one in message["alerts"]:
            key, status = str(one["fingerprint"]), str(one["status"])
            alert = Alert(one["labels"], one["annotations"].get("summary", ""))
            if key not in self.last or self.last[key].status != status:
                changed.append((status, alert))
                self.last[key] = Last(status, month, alert)
        by_name = sorted(changed, key=_group)
        for (status, *_), group in groupby(by_name, _group):
            found = News(at, month, status, tuple(alert for _, alert in group))
            self.news.append(found)
            self._unread.put(found)

    def unread(self) -> Iterator[News]:
        """What came since the last time."""
        while not self._unread.empty():
            yield self._unread.get()

    def wait(self, seconds: float) -> list[News]:
        """What comes next, if in time. Never without an end: a signal that another thread takes wakes nobody."""
        with suppress(queue.Empty):
            return [self._unread.get(timeout=seconds)]
        return []

    def knows(self, fingerprint: str) -> bool:
        """Whether it was told that an alert fires."""
        return fingerprint in self.last and self.last[fingerprint].status == FIRING


def _group(change: tuple[str, Alert]) -> tuple[str, str, str, str]:
    status, alert = change
    return status, alert.name, alert.severity, alert.model


@contextmanager
def hearing() -> Iterator[Told]:
    """A receiver of notifications on a free port of loopback."""
    told = Told()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            try:
                n = min(int(self.headers["Content-Length"]), BYTES_AT_MOST)
                told.take(json.loads(self.rfile.read(n)))
            except (ValueError, KeyError, TypeError, AttributeError):  # others of this machine may post, too
                self.send_error(400)
                return
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """The screen belongs to the table."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    told.address = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
