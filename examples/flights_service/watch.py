"""Prometheus and Alertmanager on the generated stack, with its waits shortened: a month of flights takes seconds."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from examples.flights_service.hearing import Alert, Told, hearing
from examples.flights_service.server import HOST, until

from barograph.stack import folder as folders
from barograph.stack.alertmanager import config
from barograph.stack.alerts import rules
from barograph.stack.contents import files
from barograph.stack.settings import JOB, Settings
from barograph.stack.text import File, as_yaml

PROGRAMS = {"prometheus": ("prometheus",), "alertmanager": ("prometheus-alertmanager", "alertmanager")}
PACE = 450  # times shorter: what should wait a quarter of an hour waits two seconds
INTERVAL = 1  # seconds between two scrapes
# what changed is seen by a scrape and an evaluation; then alerts wait, or stay, for two seconds, and notifications one
SETTLED_AFTER = 2 * INTERVAL + 2 + 1
AT_MOST, STOP_AT_MOST = 30.0, 10.0
EACH = 0.2
RESULTS = "barograph-results"
OURS = "MADE-BY-MAKE-LIVE.txt"
_QUICK = "Some waits are shorter than `barograph stack init` writes them, because a month of flights takes seconds."


def programs() -> dict[str, str | None]:
    """Where the two programs are."""
    found = {name: next(filter(None, map(shutil.which, called)), None) for name, called in PROGRAMS.items()}
    # they are started in folders of their own, where a path that is relative to this one leads nowhere
    return {name: None if path is None else str(Path(path).absolute()) for name, path in found.items()}


@dataclass
class Watch:
    """A running Prometheus and Alertmanager, and who is told."""

    folder: Path
    ports: dict[str, int]
    told: Told
    processes: dict[str, subprocess.Popen[bytes]]

    def url(self, name: str) -> str:
        return f"http://{HOST}:{self.ports[name]}"

    def ask(self, name: str, path: str) -> Any:
        """What an API answers; `None` where it does not, yet. Raises `ConnectionError` where its program has ended."""
        if self.processes[name].poll() is not None:
            log = log_of(self.folder, name).read_text(encoding="utf-8", errors="replace")
            raise ConnectionError(f"{name} has ended: {log[-2000:]}")
        connection = http.client.HTTPConnection(HOST, self.ports[name], timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        if answer.status != 200:
            return None
        return json.loads(text) if text.startswith((b"{", b"[")) else text.decode()

    def scraped(self) -> bool:
        """Whether the service was scraped."""
        found = self.ask("prometheus", f"/api/v1/query?query=up%7Bjob%3D%22{JOB}%22%7D")
        return bool(found) and [one["value"][1] for one in found["data"]["result"]] == ["1"]

    def evaluated(self) -> float:
        """When the rules were evaluated, all of them."""
        answer = self.ask("prometheus", "/api/v1/rules?type=alert")
        groups = answer["data"]["groups"] if answer else []
        return min((datetime.fromisoformat(group["lastEvaluation"]).timestamp() for group in groups), default=0.0)

    def alerts(self, *, muted: bool) -> dict[str, Alert]:
        """Alerts that Alertmanager tells of, or those that others make redundant, by fingerprint."""
        wanted = f"active={not muted}&inhibited={muted}&silenced=false&unprocessed=false".lower()
        found = self.ask("alertmanager", f"/api/v2/alerts?{wanted}") or []
        made = {one["fingerprint"]: Alert(one["labels"], one["annotations"].get("summary", "")) for one in found}
        return {key: alert for key, alert in made.items() if alert.name != "Watchdog"}

    def settle(self, meanwhile: Callable[[], None]) -> None:
        """Wait until alerts on what the service shows now have had their time, and were told of."""
        due = time.time() + SETTLED_AFTER

        def settled() -> bool:
            meanwhile()
            if time.time() < due:
                return False
            return self.evaluated() > due and all(map(self.told.knows, self.alerts(muted=False)))

        until(settled, AT_MOST, f"alerts are told of; see {self.folder}/*.log", EACH)
        meanwhile()
        self.told.muted |= self.alerts(muted=True)


def generate(folder: Path, target: str, ports: dict[str, int], webhook: str) -> Path:
    """The stack as `barograph stack init` writes it, but for what must be faster; replaces that of the last run.

    Raises `FileExistsError` where the folder is somebody else's.
    """
    stack = folder / "stack"
    if stack.exists():
        if not (stack / OURS).is_file():
            raise FileExistsError(f"{stack} was made by somebody else; move it away, or give another --folder")
        shutil.rmtree(stack)
    settings = Settings(format="files", targets=(target,), ports=ports, interval=INTERVAL)
    told = config(webhook=webhook, secrets="secrets", group_wait="200ms", group_interval="1s")
    made = files(settings) | {
        "prometheus/rules/barograph.yml": File(as_yaml(quick_rules(), _QUICK)),
        "alertmanager/alertmanager.yml": File(as_yaml(told, _QUICK)),
        OURS: File("make live replaces this folder each time.\n"),
    }
    manifest = folders.Manifest(settings.format, list(settings.targets), ports=ports)
    folders.write(stack, made, folders.plan(stack, made, None), manifest, None)
    return stack


def quick_rules() -> dict[str, Any]:
    """The rules, of which those on what is found wait less.

    Those on the service and the monitor read minutes and hours of real time, and keep their waits: in two seconds a
    monitor that has just started seems to be down.
    """
    usual, quick = rules(), rules(pace=1 / PACE)
    pairs = zip(usual["groups"], quick["groups"], strict=True)
    return {"groups": [shorter if shorter["name"] == RESULTS else group for group, shorter in pairs]}


@contextmanager
def watching(port: int, folder: Path, found: dict[str, str]) -> Iterator[Watch]:
    """The stack, scraping the service on a port; both are stopped when the block is left.

    Raises `OSError` where they cannot be started.
    """
    with hearing() as told, ExitStack() as started:
        ports = free_ports("prometheus", "alertmanager", "grafana")
        stack = generate(folder, f"{HOST}:{port}", ports, told.address)
        watch = Watch(folder, ports, told, {})
        started.callback(stop, watch.processes)

        def start(name: str, cwd: Path, *arguments: str) -> None:
            (stack / "data" / name).mkdir(parents=True)
            with log_of(folder, name).open("wb") as log:
                watch.processes[name] = subprocess.Popen(  # noqa: S603 - found on the PATH by its name
                    [found[name], *arguments, f"--web.listen-address={HOST}:{ports[name]}", "--log.level=warn"],
                    cwd=cwd, stdout=log, stderr=log,
                    start_new_session=True,  # so that Ctrl-C reaches us alone, and we stop it
                )  # fmt: skip

        # as run.sh does, but that alerts are sent again soon: one that nobody was there to take would wait a minute
        start(
            "prometheus", stack, "--config.file=prometheus/prometheus.yml", "--storage.tsdb.path=data/prometheus",
            "--enable-feature=exemplar-storage", "--rules.alert.resend-delay=1s",
        )  # fmt: skip
        start(
            "alertmanager", stack / "alertmanager", "--config.file=alertmanager.yml",
            "--storage.path=../data/alertmanager", "--data.retention=192h", "--cluster.listen-address=",
        )  # fmt: skip
        # the first scrape comes after five seconds
        until(watch.scraped, AT_MOST, f"Prometheus scrapes the service; see {log_of(folder, 'prometheus')}", EACH)
        arrives = "/api/v2/alerts?filter=alertname%3D%22Watchdog%22"
        until(
            lambda: watch.ask("alertmanager", arrives), AT_MOST,
            f"alerts reach Alertmanager; see {log_of(folder, 'alertmanager')}", EACH,
        )  # fmt: skip
        yield watch


def stop(processes: dict[str, subprocess.Popen[bytes]]) -> None:
    """End what was started here; what cannot be waited for is killed."""
    for process in processes.values():
        process.terminate()
    for process in processes.values():
        try:
            process.wait(STOP_AT_MOST)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            process.kill()
            process.wait()


def log_of(folder: Path, name: str) -> Path:
    return folder / f"{name}.log"


def free_ports(*names: str) -> dict[str, int]:
    """A free port for each, all different."""
    with ExitStack() as probes:
        sockets = [probes.enter_context(socket.socket()) for _ in names]
        for probe in sockets:
            probe.bind((HOST, 0))
        return {name: probe.getsockname()[1] for name, probe in zip(names, sockets, strict=True)}
