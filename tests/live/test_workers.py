"""Real servers with several workers: any answers any scrape with the same truth, and death takes nothing back."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from barograph.live import workers

sys.path.insert(0, str(Path(__file__).parent))
from exposed import Series, series, total, value
from servers import Server, serve, until

UVICORN = ("uvicorn", "served:app", "--port", "{port}", "--log-level", "warning")
GUNICORN = (
    "gunicorn",
    "served:app",
    "-b",
    "127.0.0.1:{port}",
    "-k",
    "uvicorn.workers.UvicornWorker",
    "--no-control-socket",
)
FLIGHT = {"distance": 500.0, "hour": 8}


def scrape(server: Server) -> Series:
    status, _, text = server.ask("GET", "/metrics")
    assert status == 200, text
    return series(text)


def predict(server: Server, n: int) -> None:
    for i in range(n):
        assert server.ask("POST", "/predict", {**FLIGHT, "distance": 20.0 * (i % 100)})[0] == 200


def check_exact(server: Server, n: int) -> None:
    """Every one of 8 scrapes, by whichever worker, says n."""
    for _ in range(8):
        found = scrape(server)
        assert value(found, "predictions_total", model_version="7", status="ok") == n
        assert value(found, "prediction_latency_seconds_count", model_version="7") == n
        assert value(found, "prediction_value_count", model_version="7") == n
        assert value(found, "http_requests_total", route="/predict", method="POST", status="2xx") == n
        assert value(found, "http_requests_in_progress", route="/predict", method="POST") == 0
        assert not [labels for _, labels in found if any(k == "pid" for k, _ in labels)]
        assert not [name for name, _ in found if name.endswith("_created") and not name.startswith("python_")]


def check_profiled(server: Server, n: int) -> None:
    """All workers' rows reach the windows that drift is computed on, once."""
    until(lambda: total(scrape(server), "barograph_rows_profiled_total") == n, what=f"{n} rows are profiled")
    assert total(scrape(server), "barograph_rows_logged_total") == n


@pytest.mark.parametrize("count", [1, 2, 4])
def test_the_counter_is_n_on_each_of_8_scrapes(tmp_path: Path, count: int) -> None:
    with serve(tmp_path, *UVICORN, "--workers", str(count)) as server:
        assert len(server.pids(count)) == count
        predict(server, 40)
        check_exact(server, 40)
        check_profiled(server, 40)


def test_kill_9_mid_traffic_takes_nothing_back(tmp_path: Path) -> None:
    with serve(tmp_path, *UVICORN, "--workers", "2") as server:
        victim, other = server.pids(2)
        predict(server, 10)
        stop, answered = threading.Event(), Counter[str]()

        def traffic() -> None:
            while not stop.is_set():
                with contextlib.suppress(OSError, http.client.HTTPException):
                    status, *_ = server.ask("POST", "/predict", FLIGHT)
                    answered[str(status)] += 1

        threads = [threading.Thread(target=traffic) for _ in range(3)]
        for thread in threads:
            thread.start()
        seen: list[Series] = []

        def more(n: int) -> None:
            for _ in range(n):
                with contextlib.suppress(OSError, http.client.HTTPException):
                    seen.append(scrape(server))

        more(5)
        until(lambda: answered["200"] > 20, what="traffic flows")
        os.kill(victim, signal.SIGKILL)
        more(20)
        stop.set()
        for thread in threads:
            thread.join(20)
        until(lambda: len(server.pids(2) - {victim}) == 2, what="the server replaced the worker")
        more(3)
        for before, after in pairwise(seen):
            for (name, labels), n in before.items():
                if name.endswith(("_total", "_count", "_sum", "_bucket")) and not name.startswith("barograph_"):
                    assert after.get((name, labels), -1.0) >= n, (name, labels)
        assert answered.keys() == {"200"}
        # each answer was counted before it went out; what was counted and not answered is at most one for each thread
        counted = value(seen[-1], "predictions_total", model_version="7", status="ok")
        assert counted is not None and 0 <= counted - 10 - answered["200"] <= len(threads)
        # nothing stale of the dead
        until(lambda: total(scrape(server), "http_requests_in_progress") == 0, what="nobody is in progress")
        assert not list(tmp_path.glob(f"barograph-workers-*/gauge_live*_{victim}.db"))
        assert list(tmp_path.glob(f"barograph-workers-*/counter_{victim}.db"))
        assert other in server.pids(2)


def test_what_a_dead_worker_was_doing_is_not_in_progress(tmp_path: Path) -> None:
    with serve(tmp_path, *UVICORN, "--workers", "2") as server:
        pids = server.pids(2)

        def hang() -> None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                server.ask("GET", "/hang/15")

        threads = [threading.Thread(target=hang, daemon=True) for _ in range(4)]
        for thread in threads:
            thread.start()
        labels = {"route": "/hang/{seconds}", "method": "GET"}
        until(lambda: value(scrape(server), "http_requests_in_progress", **labels) == 4, what="4 requests hang")
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        until(lambda: not any(map(workers.alive, pids)), what="both are dead")
        until(server.up, what="new workers")
        until(lambda: not value(scrape(server), "http_requests_in_progress", **labels), what="nothing hangs")


def test_gunicorn(tmp_path: Path) -> None:
    with serve(tmp_path, *GUNICORN, "-w", "2") as server:
        server.pids(2)
        predict(server, 20)
        check_exact(server, 20)
        check_profiled(server, 20)


def test_gunicorn_that_loads_the_app_before_it_forks(tmp_path: Path) -> None:
    with serve(tmp_path, *GUNICORN, "-w", "2", "--preload") as server:
        server.pids(2)
        predict(server, 20)
        check_exact(server, 20)
        check_profiled(server, 20)


def test_a_folder_that_the_user_set(tmp_path: Path) -> None:
    mine = tmp_path / "mine" / "deeper"
    with serve(tmp_path, *UVICORN, "--workers", "2", PROMETHEUS_MULTIPROC_DIR=str(mine)) as server:
        server.pids(2)
        predict(server, 5)
        check_exact(server, 5)
        assert list(mine.glob("counter_*.db"))


def test_imported_too_late(tmp_path: Path) -> None:
    """Where prometheus_client came first in a worker, each would count for itself: that is said, with what to do."""
    (tmp_path / "late.py").write_text("import prometheus_client\nfrom served import app\n")
    code = (
        "import multiprocessing as m, importlib\n"
        "if __name__ == '__main__':\n"
        "    p = m.get_context('spawn').Process(target=importlib.import_module, args=('late',))\n"
        "    p.start(); p.join(); raise SystemExit(p.exitcode)\n"
    )
    (tmp_path / "start.py").write_text(code)
    from servers import HERE, SOURCE

    path = os.pathsep.join([str(SOURCE), str(HERE), str(tmp_path)])
    run = subprocess.run(
        [sys.executable, "start.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60,
        env={**os.environ, "PYTHONPATH": path, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert run.returncode == 1
    assert "PROMETHEUS_MULTIPROC_DIR set to an empty folder" in run.stderr


def test_folders_of_servers_that_are_gone_are_removed(tmp_path: Path) -> None:
    made = workers._make(os.getpid(), tmp_path)
    start = made.name.rpartition("-")[2]
    gone = tmp_path / made.name.replace(f"{os.getpid()}-{start}", f"{os.getpid()}-1")  # the same id, another process
    gone.mkdir()
    (gone / "counter_1.db").touch()
    assert workers._make(os.getpid(), tmp_path) == made
    assert made.exists() and not gone.exists()
    assert made.stat().st_mode & 0o77 == 0


def test_files_are_in_memory_where_that_is_and_has_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    assert workers._memory() == tmp_path
    monkeypatch.delenv("TMPDIR")
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(workers, "ROOM", 1 << 62)
    assert workers._memory() == Path(tempfile.gettempdir())
    if os.access("/dev/shm", os.W_OK):
        monkeypatch.setattr(workers, "ROOM", 0)
        assert workers._memory() == Path("/dev/shm")
