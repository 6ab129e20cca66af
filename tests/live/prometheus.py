"""A real Prometheus for tests: Debian's, on a free loopback port, with storage that goes when the test does."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.core import Metric


def binary(name: str) -> str:
    """Path of a program; skips the test where it is missing, except in CI, where it must be there."""
    found = shutil.which(name)
    if found is None:
        reason = f"{name} is not there (apt-get install prometheus)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def promtool(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run promtool, `text` on its standard input."""
    return subprocess.run([binary("promtool"), *arguments], input=text, capture_output=True, text=True, timeout=60)


def accepted(text: str) -> None:
    """Assert that `promtool check metrics` has nothing to say about a page."""
    done = promtool("check", "metrics", text=text)
    assert done.returncode == 0, done.stdout + done.stderr


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def prometheus(folder: Path, *, targets: Iterable[str] = (), rules: str = "") -> Iterator[str]:
    """Run Prometheus on the storage `folder/tsdb`; gives its address."""
    program, port = binary("prometheus"), free_port()
    (folder / "rules.yml").write_text(rules or "groups: []\n")
    listed = json.dumps(list(targets))
    (folder / "prometheus.yml").write_text(
        "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\nrule_files: [rules.yml]\n"
        f"scrape_configs: [{{job_name: models, static_configs: [{{targets: {listed}}}]}}]\n"
    )
    log = (folder / "prometheus.log").open("w")
    server = subprocess.Popen(
        [
            program, f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{port}", "--storage.tsdb.retention.time=10y", "--log.level=warn",
        ],
        stdout=log, stderr=log,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        until(lambda: server.poll() is not None or _ready(address), "Prometheus is ready")
        assert server.poll() is None, (folder / "prometheus.log").read_text()
        yield address
    finally:
        server.terminate()
        server.wait(10)
        log.close()


def _ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/-/ready", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def until(condition: Any, what: str, seconds: float = 20) -> Any:
    """Poll until a condition holds, and give what it gave."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.05)
    return found


def query(address: str, expression: str, at: float | None = None, by: str = "column") -> dict[str, float]:
    """An instant query: values by one label."""
    asked = {"query": expression} | ({} if at is None else {"time": str(at)})
    request = urllib.request.Request(f"{address}/api/v1/query", urllib.parse.urlencode(asked).encode())
    with urllib.request.urlopen(request, timeout=10) as answer:
        found = json.load(answer)
    result = found["data"]["result"]
    values = {one["metric"].get(by, "") + one["metric"].get("view", ""): float(one["value"][1]) for one in result}
    assert len(values) == len(result), result
    return values


def history(pages: Iterable[tuple[float, dict[str, str], Iterable[Metric]]]) -> str:
    """Scrapes (time, target's labels, families) as OpenMetrics text, for backfilling."""
    types: dict[str, str] = {}
    found: dict[str, dict[tuple[str, str], list[str]]] = {}
    for at, target, families in pages:
        for family in families:
            types[family.name] = family.type
            for sample in family.samples:
                labels = ",".join(f"{k}={json.dumps(v)}" for k, v in {**sample.labels, **target}.items())
                lines = found.setdefault(family.name, {}).setdefault((sample.name, labels), [])
                lines.append(f"{sample.name}{{{labels}}} {float(sample.value)} {at:.0f}")
    out = []
    for name, series in found.items():
        out.append(f"# TYPE {name} {types[name]}")
        out += [line for lines in series.values() for line in lines]
    return "\n".join([*out, "# EOF", ""])
