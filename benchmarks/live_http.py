"""What watching costs a request: `python -m benchmarks.live_http`. Needs wrk and prometheus-fastapi-instrumentator.

One uvicorn process for each variant, all up at once on the first core; `wrk` on the second sends to one after another,
in random order, from 16 connections that are kept open.

- With the core kept full: the server's own CPU time (utime + stime of /proc) per request, and the 99th percentile of
  the latency. Differences and ratios to the bare app are taken within the round, for machines differ and share their
  cores; medians over the rounds are printed. All 16 wait for one another here, so a latency is 16 times the work.
- With pauses between a connection's requests, as a service has that is not overloaded: percentiles of the latency over
  all rounds together.

The app answers with one of its inputs, which no service does: what is measured is all overhead. `--model` has it ask a
scikit-learn pipeline (scaler, logistic regression) for each request, about the least that a model costs.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

VARIANTS = ("bare", "http only", "everything", "everything, workers' files", "instrumentator")
TICK = os.sysconf("SC_CLK_TCK")
FEATURES, CONNECTIONS = 10, 16
PAUSE = (10, 50)  # ms between an answer and the connection's next request: about 500 requests a second


def make_model() -> Callable[[list[float]], float]:
    """The score of a row of features."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x = np.random.default_rng(0).normal(size=(1000, FEATURES))
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(x, x[:, 0] > 0)
    return lambda row: float(model.predict_proba([row])[0, 1])


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

    model = make_model() if os.environ.get("BAROGRAPH_MODEL") else None

    async def predict(body):  # type: ignore[no-untyped-def]
        score = body.f0 / 1000 if model is None else model([getattr(body, name) for name in fields])
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
        quiet = ["--log-level", "warning", "--no-access-log"]
        self.process = subprocess.Popen([*pinned(0), *command, *quiet], env=environment)
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                break
            time.sleep(0.05)

    def cpu(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def load(self, seconds: int, script: Path) -> tuple[float, Counter[int]]:
        """Server CPU in microseconds per request, and how many requests took how many microseconds."""
        url = f"http://127.0.0.1:{self.port}/predict"
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), url]
        start = self.cpu()
        out = subprocess.run([*pinned(1), *command], capture_output=True, text=True, check=True).stdout
        used = self.cpu() - start
        assert "Non-2xx" not in out, out
        took: Counter[int] = Counter()
        for micros, n in re.findall(r"^took (\d+) (\d+)$", out, re.MULTILINE):
            took[int(micros)] += int(n)
        assert took, out
        return used / took.total() * 1e6, took


def percentile(took: Counter[int], share: float) -> float:
    """Milliseconds within which that share of the requests was answered."""
    micros = sorted(took)
    before = itertools.accumulate(took[m] for m in micros)
    return next(m for m, n in zip(micros, before, strict=True) if n >= share * took.total()) / 1e3


def script(folder: Path, name: str, more: str = "") -> Path:
    """What wrk sends, and prints at its end."""
    body = json.dumps({f"f{i}": 10.5 * i for i in range(FEATURES)})
    path = folder / f"{name}.lua"
    path.write_text(
        f"wrk.method='POST'\nwrk.body='{body}'\nwrk.headers['Content-Type']='application/json'\n{more}\n"
        "function done(summary, latency, requests)\n"
        "  for i = 1, #latency do local took, n = latency(i); print('took ' .. took .. ' ' .. n) end\n"
        "end\n"
    )
    return path


def pinned(core: int) -> list[str]:
    """The start of a command that runs on one core, where there are several."""
    return ["taskset", "-c", str(core)] if (os.cpu_count() or 1) > core and shutil.which("taskset") else []


@contextlib.contextmanager
def servers() -> Iterator[tuple[list[Server], Path]]:
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # as barograph.live.workers chooses
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        up = [Server(variant, Path(folder)) for variant in VARIANTS]
        try:
            yield up, Path(folder)
        finally:
            for server in up:
                server.process.terminate()
                server.process.wait(20)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--model", action="store_true", help="ask a scikit-learn pipeline for each request")
    options = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is not installed: apt-get install wrk")
    if options.model:
        os.environ["BAROGRAPH_MODEL"] = "1"  # the servers inherit it
    cpu: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    p99: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    paced: dict[str, Counter[int]] = {variant: Counter() for variant in VARIANTS}
    with servers() as (up, folder):
        full = script(folder, "full")
        pauses = script(folder, "paced", f"function delay() return math.random({PAUSE[0]}, {PAUSE[1]}) end")
        for server in up:
            server.load(2, full)  # warm up
        for _ in range(options.rounds):
            for server in random.sample(up, len(up)):
                used, took = server.load(options.seconds, full)
                cpu[server.variant].append(used)
                p99[server.variant].append(percentile(took, 0.99))
            # short turns, so that a noisy minute of the machine meets all of them
            for _ in range(options.seconds):
                for server in random.sample(up, len(up)):
                    paced[server.variant] += server.load(2, pauses)[1]
    asked = "a scikit-learn model" if options.model else "no model"
    print(f"{options.rounds} rounds of {options.seconds} s, {FEATURES} features and {asked}, the core kept full\n")
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
    n = statistics.median(took.total() for took in paced.values())
    print(f"\nwith pauses, {n / options.rounds / options.seconds / 2:.0f} requests a second; {n:,.0f} of each, in ms\n")
    print(f"{'':<28}" + "".join(f"{f'p{share:g}':>9}{'ratio':>7}" for share in (50, 90, 99, 99.9)))
    for variant in VARIANTS:
        print(f"{variant:<28}" + "".join(
            f"{percentile(paced[variant], share / 100):>9.2f}"
            f"{percentile(paced[variant], share / 100) / percentile(paced['bare'], share / 100):>7.2f}"
            for share in (50, 90, 99, 99.9)
        ))  # fmt: skip


if __name__ == "__main__":
    main()
