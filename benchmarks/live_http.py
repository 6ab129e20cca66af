"""What watching costs a request: `python -m benchmarks.live_http` (by hand; needs prometheus-fastapi-instrumentator).

One uvicorn process for each variant, all up at once; each round sends the same requests to each of them, in random
order, and takes the server's own CPU time (utime + stime of /proc) per request. The difference to the bare app is taken
within the round, for machines differ and share their cores; medians over the rounds are printed.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

VARIANTS = ("bare", "http only", "everything", "everything, workers' files", "instrumentator")
TICK = os.sysconf("SC_CLK_TCK")
FEATURES = 10


def make_app(variant: str) -> object:
    """A FastAPI app with a pydantic request of ten numbers and a score, watched as the variant says."""
    from fastapi import FastAPI
    from pydantic import create_model

    fields: dict[str, object] = {f"f{i}": (float, ...) for i in range(FEATURES)}
    row = create_model("Row", **fields)  # type: ignore[call-overload]
    app, monitor = FastAPI(), None
    if variant.startswith("everything"):
        from barograph import Baseline, Schema
        from barograph.live import Monitor

        reference = {f"f{i}": [float(j) for j in range(1000)] for i in range(FEATURES)}
        scores = {"p": [j / 1000 for j in range(1000)], "y": [j % 2 == 0 for j in range(1000)]}
        baseline = Baseline.of({**reference, **scores}, schema=Schema(target="y", score="p"))
        monitor = Monitor(baseline, window="1h", flush_every=10.0)

    async def predict(body):  # type: ignore[no-untyped-def]
        score = body.f0 / 1000
        if monitor is not None:
            monitor.log(body, score=score)
        return {"score": score}

    predict.__annotations__["body"] = row
    app.post("/predict")(predict)
    if variant == "instrumentator":
        from prometheus_fastapi_instrumentator import Instrumentator

        Instrumentator().instrument(app).expose(app)
    elif variant != "bare":
        from barograph.live import instrument

        instrument(app, monitor)
    return app


if os.environ.get("BAROGRAPH_VARIANT"):
    app = make_app(os.environ["BAROGRAPH_VARIANT"])


class Server:
    def __init__(self, variant: str, folder: Path) -> None:
        self.variant = variant
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        environment = {**os.environ, "BAROGRAPH_VARIANT": variant, "TMPDIR": str(folder)}
        environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
        if "files" in variant:
            environment["PROMETHEUS_MULTIPROC_DIR"] = str(folder / "workers")
        command = [sys.executable, "-m", "uvicorn", "benchmarks.live_http:app", "--port", str(self.port)]
        quiet = ["--log-level", "warning", "--no-access-log", "--timeout-keep-alive", "3600"]
        self.process = subprocess.Popen([*command, *quiet], env=environment)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port)
        while True:
            with contextlib.suppress(OSError):
                self.connection.connect()
                break
            time.sleep(0.05)

    def cpu(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def send(self, n: int, body: bytes) -> tuple[float, list[float]]:
        """Server CPU in microseconds per request, and the latencies in ms."""
        latencies, start = [], self.cpu()
        for _ in range(n):
            before = time.perf_counter()
            self.connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
            answer = self.connection.getresponse()
            answer.read()
            latencies.append((time.perf_counter() - before) * 1e3)
            assert answer.status == 200
        return (self.cpu() - start) / n * 1e6, latencies


@contextlib.contextmanager
def servers() -> Iterator[list[Server]]:
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # as barograph.live.workers chooses
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        up = [Server(variant, Path(folder)) for variant in VARIANTS]
        try:
            yield up
        finally:
            for server in up:
                server.connection.close()
                server.process.terminate()
                server.process.wait(20)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--requests", type=int, default=2000)
    options = parser.parse_args()
    body = json.dumps({f"f{i}": 10.5 * i for i in range(FEATURES)}).encode()
    cpu: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    p99: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    with servers() as up:
        for server in up:
            server.send(500, body)  # warm up
        for _ in range(options.rounds):
            for server in random.sample(up, len(up)):
                used, latencies = server.send(options.requests, body)
                cpu[server.variant].append(used)
                p99[server.variant].append(statistics.quantiles(latencies, n=100)[98])
    print(
        f"{options.rounds} rounds of {options.requests:,} POST /predict with {FEATURES} features; server CPU, medians\n"
    )
    print(f"{'':<28}{'us/request':>11}{'over bare':>11}{'[min, max]':>16}{'ratio':>8}{'p99 ms':>8}{'ratio':>8}")
    for variant in VARIANTS:
        over = [a - b for a, b in zip(cpu[variant], cpu["bare"], strict=True)]
        ratio = statistics.median(a / b for a, b in zip(cpu[variant], cpu["bare"], strict=True))
        slow = statistics.median(a / b for a, b in zip(p99[variant], p99["bare"], strict=True))
        span = f"[{min(over):+.0f}, {max(over):+.0f}]"
        print(
            f"{variant:<28}{statistics.median(cpu[variant]):>11.0f}{statistics.median(over):>+11.0f}{span:>16}{ratio:>8.2f}"
            f"{statistics.median(p99[variant]):>8.2f}{slow:>8.2f}"
        )


if __name__ == "__main__":
    main()
