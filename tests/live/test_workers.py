"""Real servers with several workers: any answers any scrape with the same truth, and death takes nothing back."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from barograph.live import Spool, workers
from barograph.live.families import STATUS_CODES

sys.path.insert(0, str(Path(__file__).parent))
import old
from exposed import Series, series, total, value
from served import flight
from servers import Server, serve, until

UVICORN = ("uvicorn", "served:app", "--port", "{port}", "--log-level", "warning")
GUNICORN = (
    "gunicorn", "served:app", "-b", "127.0.0.1:{port}", "-k", "uvicorn.workers.UvicornWorker", "--no-control-socket",
    "-w", "2",
)  # fmt: skip
SUMS = ("_total", "_count", "_sum", "_bucket")
# each worker evaluates a window by itself, and flushes go on without rows
OWN = ("evaluation_timestamp_seconds", "evaluation_duration_seconds", "flush_timestamp_seconds", "flushes_total")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """Two workers, which tests may kill: the server replaces them."""
    folder = tmp_path_factory.mktemp("pair")
    with serve(folder, *UVICORN, "--workers", "2") as server:
        yield server, folder


def scrape(server: Server) -> Series:
    status, _, text = server.ask("GET", "/metrics")
    assert status == 200, text
    return series(text)


def predict(server: Server, n: int, by: int = 1) -> Counter[int]:
    """At least `n` requests, and until `by` workers have answered some: how many each."""
    answered: Counter[int] = Counter()
    for i in range(50 * n):
        if i >= n and len(answered) >= by:
            break
        status, _, text = server.ask("POST", "/predict", flight(i))
        assert status == 200
        answered[int(json.loads(text)["pid"])] += 1
    assert len(answered) >= by
    return answered


def ok(found: Series) -> float:
    return total(found, "predictions_total", model_version="7", status="ok")


def rise(before: Series, after: Series, name: str, **labels: str) -> float:
    return total(after, name, **labels) - total(before, name, **labels)


def check_exact(server: Server, before: Series, n: int) -> None:
    """Every one of 8 scrapes, by whichever worker, says n more."""
    for _ in range(8):
        found = scrape(server)
        assert ok(found) - ok(before) == n
        assert rise(before, found, "prediction_latency_seconds_count", model_version="7") == n
        assert rise(before, found, "prediction_value_count", model_version="7") == n
        assert rise(before, found, "http_requests_total", route="/predict", method="POST", status="2xx") == n
        assert value(found, "http_requests_in_progress", route="/predict", method="POST") == 0
        assert value(found, "barograph_evaluation_errors_total", model="shadow", model_version="8") == 0
        assert not [labels for _, labels in found if any(k == "pid" for k, _ in labels)]
        assert not [name for name, _ in found if name.endswith("_created") and not name.startswith("python_")]


def check_profiled(server: Server, before: Series, n: int) -> Series:
    """The rows of all workers, of both models, reach the windows that drift is computed on, and the cells, once."""

    def there() -> Series | None:
        found = scrape(server)
        seen = [rise(before, found, "barograph_rows_profiled_total", model=model) for model in ("flights", "shadow")]
        seen.append(rise(before, found, "barograph_column_values_bucket", column="distance", le="+Inf"))
        return found if seen == [n] * 3 else None

    found: Series = until(there, what=f"{n} rows are profiled")
    for model in ("flights", "shadow"):
        assert rise(before, found, "barograph_rows_logged_total", model=model) == n
    return found


def check_no_sum_went_down(seen: list[Series]) -> None:
    for before, after in pairwise(seen):
        for (name, labels), n in before.items():
            if name.endswith(SUMS):
                assert after.get((name, labels), -1.0) >= n, (name, labels)


# --- the same truth from any worker ----------------------------------------------------------------------------------


def test_two_workers_say_n_on_each_of_8_scrapes(pair: tuple[Server, Path]) -> None:
    server, _ = pair
    server.pids(2)
    before = scrape(server)
    n = predict(server, 40, by=2).total()
    check_exact(server, before, n)
    check_profiled(server, before, n)
    pages = [{k: v for k, v in scrape(server).items() if not k[0].endswith(OWN)} for _ in range(8)]
    assert all(page == pages[0] for page in pages)
    assert total(pages[0], "barograph_window_rows", model="shadow") >= 40


def test_four_workers_and_a_folder_that_the_user_set(tmp_path: Path) -> None:
    mine = tmp_path / "mine" / "deeper"
    with serve(tmp_path, *UVICORN, "--workers", "4", PROMETHEUS_MULTIPROC_DIR=str(mine)) as server:
        server.pids(4)
        n = predict(server, 60, by=4).total()
        check_exact(server, {}, n)
        check_profiled(server, {}, n)
        assert len(list(mine.glob("counter_*.db"))) >= 4


def test_one_process(tmp_path: Path) -> None:
    with serve(tmp_path, *UVICORN) as server:
        predict(server, 20)
        check_exact(server, {}, 20)
        check_profiled(server, {}, 20)
        assert not list(tmp_path.glob("barograph-workers-*"))


def test_old_fastapi(tmp_path: Path) -> None:
    with serve(tmp_path, *UVICORN, "--workers", "2", python=old.command()) as server:
        server.pids(2)
        n = predict(server, 20, by=2).total()
        check_exact(server, {}, n)
        check_profiled(server, {}, n)


def test_gunicorn_and_recycled_workers(tmp_path: Path) -> None:
    with serve(tmp_path, *GUNICORN, "--max-requests", "40") as server:
        server.recycled = True
        answered, seen = Counter[int](), [scrape(server)]
        for _ in range(100):
            answered += predict(server, 10)
            seen.append(scrape(server))
            if len(answered) > 3:
                break
        assert len(answered) > 3  # the first two, and those that came for them
        check_exact(server, {}, answered.total())
        seen.append(check_profiled(server, {}, answered.total()))
        check_no_sum_went_down(seen)


def test_drift_in_traffic_shows_within_its_window(pair: tuple[Server, Path]) -> None:
    server, _ = pair
    before, began = scrape(server), time.time()
    predict(server, 200)
    calm = check_profiled(server, before, 200)

    def window(found: Series) -> str:
        """The window that has the traffic; it runs, unless the hour is over just now."""
        starts = {w: value(found, "barograph_window_start_timestamp_seconds", **labels, window=w) for w in WINDOWS}
        return next(w for w in WINDOWS if (start := starts[w]) is not None and start <= began < start + 3600)

    def status(found: Series, column: str) -> float | None:
        asked = {**labels, "window": window(found), "metric": "psi", "column": column}
        return value(found, "barograph_check_status", **asked)

    labels = {"model": "flights", "model_version": "7"}
    assert (status(calm, "distance"), status(calm, "hour")) == (STATUS_CODES["pass"], STATUS_CODES["pass"])
    for _ in range(300):
        assert server.ask("POST", "/predict", {"distance": 1990.0, "hour": 8})[0] == 200

    def drifted() -> bool:
        found = scrape(server)
        return (status(found, "distance"), status(found, "hour")) == (STATUS_CODES["fail"], STATUS_CODES["fail"])

    until(drifted, what="drift is seen")


WINDOWS = ("running", "last")


# --- death -----------------------------------------------------------------------------------------------------------


def test_kill_9_mid_traffic_takes_nothing_back(pair: tuple[Server, Path]) -> None:
    server, folder = pair
    victim, other = sorted(server.pids(2))[:2]
    before = scrape(server)
    stop, answered, numbers = threading.Event(), Counter[int](), itertools.count()

    def traffic() -> None:
        while not stop.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException):
                status, *_ = server.ask("POST", "/predict", flight(next(numbers)))
                answered[status] += 1

    threads = [threading.Thread(target=traffic) for _ in range(3)]
    for thread in threads:
        thread.start()
    seen = [before]

    def more(n: int) -> None:
        for _ in range(n):
            with contextlib.suppress(OSError, http.client.HTTPException):
                seen.append(scrape(server))

    more(5)
    until(lambda: answered[200] > 20, what="traffic flows")
    os.kill(victim, signal.SIGKILL)
    more(20)
    stop.set()
    for thread in threads:
        thread.join(20)
    until(lambda: len(server.pids(2) - {victim}) == 2, what="the server replaced the worker")
    until(lambda: not total(scrape(server), "barograph_buffer_rows"), what="the living wrote their rows")
    more(3)
    check_no_sum_went_down(seen)
    assert answered.keys() == {200}
    # each answer was counted before it went out; what was counted and not answered is at most one for each thread
    counted = ok(seen[-1]) - ok(before)
    assert 0 <= counted - answered[200] <= len(threads)
    # rows are in a window or lost, none twice and none forgotten: logged is what was predicted, but for what was in
    # each thread's hands when the worker died
    rows = {name: total(seen[-1], f"barograph_rows_{name}_total", model="flights") for name in ROWS}
    assert rows["logged"] == rows["profiled"] + rows["lost"] and abs(rows["logged"] - ok(seen[-1])) <= len(threads)
    assert rows["profiled"] == sum(
        total(seen[-1], "barograph_window_rows", model="flights", window=window) for window in WINDOWS
    )
    # nothing stale of the dead
    until(lambda: total(scrape(server), "http_requests_in_progress") == 0, what="nobody is in progress")
    assert not list(folder.glob(f"barograph-workers-*/gauge_live*_{victim}.db"))
    assert list(folder.glob(f"barograph-workers-*/counter_{victim}.db"))
    assert other in server.pids(2)


ROWS = ("logged", "profiled", "lost")


def test_what_a_dead_worker_was_doing_is_not_in_progress(pair: tuple[Server, Path]) -> None:
    server, _ = pair
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
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    until(lambda: not any(map(workers.alive, pids)), what="both are dead")
    until(server.up, what="new workers")
    until(lambda: not value(scrape(server), "http_requests_in_progress", **labels), what="nothing hangs")


def spool(folder: Path) -> Spool:
    (found,) = folder.glob("barograph-workers-*/spool/flights-*")
    return Spool(found)


def end_in_the_midst_of_a_request(server: Server) -> None:
    """SIGTERM while a prediction is made; it is answered all the same."""
    statuses: list[int] = []

    def slow() -> None:
        statuses.append(server.ask("POST", "/slow/predict", flight(1))[0])

    thread = threading.Thread(target=slow)
    thread.start()
    until(lambda: value(scrape(server), "http_requests_in_progress", route="/slow/predict", method="POST") == 1)
    server.process.terminate()
    assert server.process.wait(20) == 0
    thread.join(20)
    assert statuses == [200]


def test_what_a_killed_worker_had_not_flushed_is_reported_and_nothing_else_is_lost(tmp_path: Path) -> None:
    with serve(tmp_path, *UVICORN, "--workers", "2", FLUSH_EVERY="3600") as server:
        server.pids(2)
        answered = predict(server, 30, by=2)
        n, (victim, lost) = answered.total(), answered.most_common(1)[0]

        def rows(name: str) -> float:
            return total(scrape(server), f"barograph_{name}", model="flights")

        until(lambda: rows("rows_logged_total") == n, what="both workers gave account")
        assert (rows("rows_lost_total"), rows("buffer_rows"), rows("rows_profiled_total")) == (0, n, 0)
        os.kill(victim, signal.SIGKILL)
        until(lambda: rows("rows_lost_total") == lost, what="the loss is reported")
        assert rows("buffer_rows") == n - lost
        until(lambda: len(server.pids(2) - {victim}) == 2, what="the server replaced the worker")
        predict(server, 10)
        check_exact(server, {}, n + 10)
        assert rows("rows_lost_total") == lost
        end_in_the_midst_of_a_request(server)
    told = spool(tmp_path).accounting()
    left = n + 11 - lost
    assert (told.rows_logged, told.rows_profiled, told.rows_lost, told.buffer_rows) == (n + 11, left, lost, 0)
    windows = [spool(tmp_path).read(start) for start in spool(tmp_path).windows()]
    assert sum(window.n_rows for window in windows if window) == left


def test_gunicorn_that_loads_the_app_before_it_forks(tmp_path: Path) -> None:
    with serve(tmp_path, *GUNICORN, "--preload", FLUSH_EVERY="3600") as server:
        server.pids(2)
        n = predict(server, 20, by=2).total()
        check_exact(server, {}, n)
        end_in_the_midst_of_a_request(server)
    told = spool(tmp_path).accounting()
    assert (told.rows_logged, told.rows_profiled, told.rows_lost) == (n + 1, n + 1, 0)


# --- folders ----------------------------------------------------------------------------------------------------------


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
