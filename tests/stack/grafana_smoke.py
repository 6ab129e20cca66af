"""`make grafana-smoke`: the generated stack as users run it, with Docker; the tests cannot start Grafana or containers.

    services     a monitored service under traffic, and one where outcomes arrive, on free ports of this machine
    stack        `barograph stack init` into a temporary folder, `docker compose up --wait` (images, volumes, health)
    checks       `barograph stack check` until all is well: targets, rules, alerts on their way, every dashboard by its
                 uid, every query of every panel through Grafana's API, with the password that init made
    end          everything is removed, volumes too

`--files` runs the same on the programs of this machine, without Grafana: what can be tried where there is no Docker.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stacks import free_port, free_ports, until

from barograph import Baseline, Schema

PROJECT = "barograph-smoke"
CITIES = ["Bonn", "Kiel", "Ulm"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", action="store_true", help="run.sh instead of docker compose")
    parser.add_argument("--wait", type=float, default=420.0, metavar="SECONDS", help="until all must be well")
    parser.add_argument("--serve", choices=["predictions", "outcomes"], help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve, given.port)
        return 0
    if not given.files and (shutil.which("docker") is None or not _docker("version")):
        print("docker compose is needed, and its daemon: this smoke test starts Grafana in a container")
        return 2
    with tempfile.TemporaryDirectory(prefix="barograph-smoke-") as temporary, services() as targets:
        folder, ports = Path(temporary) / "stack", free_ports()
        flags = [flag for name, number in ports.items() for flag in ("--port", f"{name}={number}")]
        kind = ["--format", "files" if given.files else "compose"]
        baseline = Path(temporary) / "smoke.baseline"
        reference().write(baseline)
        flags += [flag for port in targets for flag in ("--target", f"localhost:{port}")]
        made = ["init", str(folder), "--baseline", str(baseline), *kind, *flags]
        if _barograph(*made):
            return 1
        with script(folder) if given.files else containers(folder):
            return _barograph("check", "--dir", str(folder), "--wait", f"{given.wait:g}")


def _barograph(*arguments: str) -> int:
    print("$ barograph stack", *arguments, flush=True)
    return subprocess.run([sys.executable, "-m", "barograph", "stack", *arguments]).returncode


def _docker(*arguments: str, folder: Path | None = None) -> bool:
    command = ["docker", "compose", "--project-name", PROJECT, *arguments]
    return subprocess.run(command, cwd=folder, stdout=None if folder else subprocess.DEVNULL).returncode == 0


@contextmanager
def containers(folder: Path) -> Iterator[None]:
    """The stack in containers, all of them healthy."""
    try:
        if not _docker("up", "--detach", "--wait", "--wait-timeout", "180", folder=folder):
            _docker("logs", "--tail", "50", folder=folder)
            raise SystemExit("the containers did not become healthy; their last lines are above")
        yield
    finally:
        _docker("down", "--volumes", folder=folder)


@contextmanager
def script(folder: Path) -> Iterator[None]:
    """The stack by run.sh."""
    running = subprocess.Popen([folder / "run.sh"])
    try:
        yield
    finally:
        running.terminate()
        running.wait(20)


def reference() -> Baseline:
    """What the service's rows are compared with."""
    rows = [row(random.Random(seed), 0.0) for seed in range(2_000)]
    columns = {name: [one[name] for one in rows] for name in rows[0]}
    return Baseline.of(columns, schema=Schema(score="score", prediction="late", target="was_late", id="id"))


def row(chance: random.Random, shift: float) -> dict[str, object]:
    """One flight, and what became of it."""
    score = min(max(chance.gauss(0.4 + shift / 4, 0.2), 0.0), 1.0)
    return {
        "distance": chance.gauss(900 + 400 * shift, 200), "hour": chance.randrange(5, 23),
        "city": chance.choice([*CITIES, "Oslo"] if shift and chance.random() < 0.2 else CITIES), "score": score,
        "late": int(score > 0.5), "was_late": int(chance.random() < score), "id": f"{chance.getrandbits(60):x}",
    }  # fmt: skip


@contextmanager
def services() -> Iterator[list[int]]:
    """Two processes: one predicts, and one hears later what became of it; gives their ports."""
    started = []
    try:
        for kind in ("predictions", "outcomes"):
            port = free_port()
            started.append((port, subprocess.Popen([sys.executable, __file__, "--serve", kind, "--port", str(port)])))
        ports = [port for port, _ in started]
        until(lambda: all(map(answers, ports)), "both services answer", 60)
        yield ports
    finally:
        for _, process in started:
            process.terminate()
            process.wait(20)


def answers(port: int) -> bool:
    with suppress(OSError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).close()
        return True
    return False


def serve(kind: str, port: int) -> None:
    """One monitored service that asks itself all the time."""
    import uvicorn
    from fastapi import FastAPI, HTTPException

    from barograph.live import Monitor, instrument
    from barograph.live.cells import cell_collector

    monitor = Monitor(reference(), window="1m", lateness="5s", flush_every=1.0, model="smoke")
    app, chance = FastAPI(), random.Random(7)

    @app.post("/predict")
    def predict() -> str:
        if chance.random() < 0.01:
            raise HTTPException(500 if chance.random() < 0.5 else 422)
        one = row(chance, 0.8)
        said = {"prediction": one.pop("late"), "score": one.pop("score"), "id": one.pop("id")}
        outcome = one.pop("was_late")
        monitor.log(one, **said, target=outcome if kind == "outcomes" else None)
        return "done"

    instrument(app, monitor, exemplars=True, collectors=[cell_collector(monitor)])
    threading.Thread(target=_ask, args=(f"http://127.0.0.1:{port}/predict",), daemon=True).start()
    # containers come from another interface than loopback
    uvicorn.run(app, host="0.0.0.0", port=port, log_level="error")


def _ask(address: str) -> None:
    while True:
        with suppress(OSError):
            urllib.request.urlopen(urllib.request.Request(address, b""), timeout=10).close()
        time.sleep(0.02)


if __name__ == "__main__":
    sys.exit(main())
