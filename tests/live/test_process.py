"""A monitor's process: its end by SIGTERM, `kill -9` or in order, its forks, several of them at once."""

from __future__ import annotations

import datetime as dt
import os
import signal
from pathlib import Path

import pytest
from services import BASELINE, NOON, booked, finished, monitor, rows, state, total, until, worker

from barograph import Profile

TRAFFIC = """
import sys, time
from services import *
made = monitor(sys.argv[1], flush_every=float(sys.argv[3]))
given = rows(700, int(sys.argv[2]))
for row in given: made.log(row)
"""


def test_three_workers_are_one_profile(tmp_path: Path) -> None:
    workers = [worker(TRAFFIC + "made.close()", tmp_path, seed, 1e6) for seed in range(3)]
    for process in workers:
        finished(process)
    made = monitor(tmp_path)
    given = [row for seed in range(3) for row in rows(700, seed)]
    (start,) = made.spool.windows()
    at = {"at": dt.datetime.fromtimestamp(NOON, dt.UTC)}
    whole = Profile.of([row | at for row in given], BASELINE)
    assert state(made.spool.read(start)) == state(whole)
    assert made.spool.accounting().rows_profiled == 2100


def test_a_killed_worker_costs_at_most_what_it_had_not_flushed(tmp_path: Path) -> None:
    code = TRAFFIC + "made.flush(); print('flushed', flush=True)\nwhile True: made.log(given[0]); time.sleep(0.0005)"
    process = worker(code, tmp_path, 0, 1e6)
    assert process.stdout is not None
    assert process.stdout.readline() == "flushed\n"
    made = monitor(tmp_path)
    held = until(lambda: made.spool.accounting().buffer_rows)
    process.kill()
    process.communicate()
    stats = made.spool.accounting()
    assert (total(made), stats.rows_profiled, stats.buffer_rows) == (700, 700, 0)
    assert stats.rows_lost >= held
    assert stats.rows_logged == booked(stats)


def test_a_killed_worker_loses_no_row_silently(tmp_path: Path) -> None:
    """Also what it was given since it last wrote anything: rows, frames, and what could not be read."""
    code = TRAFFIC + (
        "made.flush()\nfor row in given[:137]: made.log(row)\n"
        "made.log(3), made.log_batch(pl.DataFrame(given[:10]))\n"
        "print('done', flush=True)\ntime.sleep(60)"
    )
    process = worker("import polars as pl\n" + code, tmp_path, 0, 1e6)
    assert process.stdout is not None
    assert process.stdout.readline() == "done\n"
    process.kill()
    process.communicate()
    stats = monitor(tmp_path).spool.accounting()
    assert (stats.rows_logged, stats.rows_profiled) == (700 + 137 + 1 + 10, 700)
    assert stats.rows_lost + stats.rows_bad == 137 + 1 + 10
    assert stats.rows_logged == booked(stats)


def test_sigterm_flushes_and_the_process_ends_as_it_would_have(tmp_path: Path) -> None:
    setup = TRAFFIC.replace("flush_every", "handle_sigterm=True, flush_every")
    process = worker(setup + "print('ready', flush=True)\ntime.sleep(60)", tmp_path, 0, 1e6)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.terminate()
    finished(process, -signal.SIGTERM)
    assert total(monitor(tmp_path)) == 700


def test_sigterm_in_the_middle_of_a_flush(tmp_path: Path) -> None:
    setup = TRAFFIC.replace("flush_every", "handle_sigterm=True, flush_every")
    interrupt = """
import os, signal
write = made.spool.write
def interrupted(*args):
    made.spool.write = write
    os.kill(os.getpid(), signal.SIGTERM)
    write(*args)
made.spool.write = interrupted
made.flush()
"""
    finished(worker(setup + interrupt, tmp_path, 0, 1e6), 128 + signal.SIGTERM)
    assert total(monitor(tmp_path)) == 700


def test_a_handler_that_was_there_is_called_and_put_back(tmp_path: Path) -> None:
    calls: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, at: calls.append(number))
    try:
        ours = signal.getsignal(signal.SIGTERM)
        made = monitor(tmp_path, handle_sigterm=True)
        made.log({"age": 1})
        os.kill(os.getpid(), signal.SIGTERM)
        assert (calls, total(made)) == ([signal.SIGTERM], 1)
        made.log({"age": 1})  # answered while shutting down: flushed at the next round
        until(lambda: total(made) == 2)
        made.close()
        assert signal.getsignal(signal.SIGTERM) is ours
    finally:
        signal.signal(signal.SIGTERM, before)


def test_the_end_of_the_interpreter_flushes(tmp_path: Path) -> None:
    finished(worker(TRAFFIC, tmp_path, 0, 1e6))
    assert total(monitor(tmp_path)) == 700


PRELOADED = """
import os, sys, time
from barograph.live import Monitor, monitor
made = Monitor(sys.argv[1], spool=sys.argv[2], flush_every=1e6)
row = {"age": 40, "city": "Ulm", "member": True}
for _ in range(700): made.log(row)
def serve():
    for _ in range(100): made.log(row, score=0.5)
    assert made.stats().rows_logged == 100
"""


@pytest.fixture
def preloaded(tmp_path: Path) -> tuple[Path, Path]:
    BASELINE.write(tmp_path / "baseline")
    return tmp_path / "baseline", tmp_path / "spool"


def test_forked_workers_count_for_themselves(preloaded: tuple[Path, Path]) -> None:
    """As under gunicorn --preload: made and used before the fork; the child has no thread and no free locks."""
    code = """
made._drain.work.acquire()  # as if the thread were in the middle of it
children = []
for _ in range(2):
    pid = os.fork()
    if not pid:
        serve()
        made.close()
        os._exit(0)
    children.append(pid)
made._drain.work.release()
assert [os.waitpid(pid, 0)[1] for pid in children] == [0, 0]
made.close()
"""
    finished(worker(PRELOADED + code, *preloaded))
    made = monitor(preloaded[1])
    assert (total(made), made.spool.accounting().rows_profiled) == (900, 900)


def test_children_of_multiprocessing_flush_at_their_end(preloaded: tuple[Path, Path]) -> None:
    code = """
import multiprocessing
child = multiprocessing.get_context("fork").Process(target=serve)
child.start(); child.join()
assert child.exitcode == 0
"""
    finished(worker(PRELOADED + code, *preloaded))
    assert total(monitor(preloaded[1])) == 800


def test_a_child_in_which_polars_hangs_predicts_on_and_ends(preloaded: tuple[Path, Path]) -> None:
    """polars has threads, and they do not survive a fork: nothing can be counted then, but all can be logged."""
    code = """
monitor.STUCK_AFTER = 0.5
pid = os.fork()
if not pid:
    made._drain._profile = lambda *args: time.sleep(1e6)  # what polars does once it was used before the fork
    serve()
    made.close()
    os._exit(0)
assert os.waitpid(pid, 0)[1] == 0
made.close()
"""
    process = worker(PRELOADED + code, *preloaded)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert err.count("polars was used before it was forked") == 1
    stats = monitor(preloaded[1]).spool.accounting()
    assert (stats.rows_logged, stats.rows_profiled, stats.rows_lost) == (800, 700, 100)


def test_a_temporary_spool_is_gone_with_its_process() -> None:
    code = "from services import *\nmade = monitor(None)\nmade.log({'age': 1}); print(made.spool.folder)"
    assert not Path(finished(worker(code)).strip()).parent.exists()
