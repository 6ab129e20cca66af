"""Columns on threads: the same bytes, the same errors, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial

import numpy as np
import polars as pl
import pytest

from barograph import Baseline, Profile, Schema
from barograph.counting import ROWS_AT_LEAST, side_by_side, threads
from barograph.errors import ParameterError

N = 70_000


def rows(seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    there = pl.Series(rng.random(N) < 0.9)
    table = pl.DataFrame(
        {
            "x": rng.normal(size=N),
            "price": rng.lognormal(sigma=2, size=N),
            "n": rng.integers(0, 300, N),
            "id": [f"row {i}" for i in range(N)],
            "city": np.array(["Ulm", "Bonn", "Köln"])[rng.integers(0, 3, N)],
            "street": np.array([f"s{i}" for i in range(2_000)])[rng.integers(0, 2_000, N)],
            "note": np.array(["all well", "late again", "it broke"])[rng.integers(0, 3, N)],
            "at": np.datetime64("2026-01-01", "us") + rng.integers(0, 10**12, N).astype("timedelta64[us]"),
            "y": rng.random(N) < 0.3,
            "p": rng.random(N),
        }
    )
    return table.with_columns(pl.when(there).then(pl.col("x", "city", "n")))


SCHEMA = Schema(target="y", score="p", timestamp="at", id="id", kinds={"note": "text"})


def made(monkeypatch: pytest.MonkeyPatch, n: int) -> tuple[bytes, bytes, bytes]:
    monkeypatch.setenv("BAROGRAPH_THREADS", str(n))
    baseline = Baseline.of(rows(0), schema=SCHEMA)
    return baseline.to_bytes(), Profile.of(rows(1), baseline).to_bytes(), Profile.of(rows(1), schema=SCHEMA).to_bytes()


def test_the_bytes_are_the_same_whatever_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    one = made(monkeypatch, 1)
    assert made(monkeypatch, 1) == one
    assert made(monkeypatch, 2) == one
    assert made(monkeypatch, 7) == one


def test_how_many_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BAROGRAPH_THREADS", raising=False)
    assert threads() == len(os.sched_getaffinity(0))
    for said in ("", " "):
        monkeypatch.setenv("BAROGRAPH_THREADS", said)
        assert threads() == len(os.sched_getaffinity(0))
    monkeypatch.setenv("BAROGRAPH_THREADS", "3")
    assert threads() == 3
    for said in ("0", "-1", "two", "1.5"):
        monkeypatch.setenv("BAROGRAPH_THREADS", said)
        with pytest.raises(ParameterError, match=f"BAROGRAPH_THREADS is '{said}'; set it to the number of threads"):
            threads()


class Seen:
    """Which threads ran tasks, and how many did at once."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.at_once = self.most = 0
        self.lock = threading.Lock()

    def task(self) -> None:
        with self.lock:
            self.names.append(threading.current_thread().name)
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        np.sort(np.random.default_rng(0).random(20_000))
        with self.lock:
            self.at_once -= 1


def test_no_more_columns_at_once_than_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """That bounds the memory: what is made of a column is let go before its thread takes the next."""
    monkeypatch.setenv("BAROGRAPH_THREADS", "3")
    seen = Seen()
    side_by_side([seen.task] * 60, ROWS_AT_LEAST)
    assert len(seen.names) == 60
    assert seen.most <= 3
    assert not [t for t in threading.enumerate() if t.name.startswith("barograph-count")]


@pytest.mark.parametrize(("n", "n_rows"), [(4, ROWS_AT_LEAST - 1), (1, ROWS_AT_LEAST)])
def test_small_batches_stay_on_their_thread(n: int, n_rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAROGRAPH_THREADS", str(n))
    seen = Seen()
    side_by_side([seen.task] * 5, n_rows)
    assert set(seen.names) == {threading.current_thread().name}


@pytest.mark.parametrize("n", [1, 4])
def test_the_first_error_in_order_is_raised(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAROGRAPH_THREADS", str(n))
    later = threading.Event()

    def fail(name: str) -> None:
        if name == "first" and n > 1:
            later.wait(10)
        later.set()
        raise ValueError(name)

    tasks: list[Callable[[], None]] = [partial(fail, "first"), partial(fail, "second")]
    with pytest.raises(ValueError, match="first"):
        side_by_side(tasks, ROWS_AT_LEAST)
    assert not [t for t in threading.enumerate() if t.name.startswith("barograph-count")]


def test_settings_of_the_caller_hold_on_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """numpy keeps what to do about an overflow beside each thread."""
    monkeypatch.setenv("BAROGRAPH_THREADS", "2")
    with np.errstate(over="raise"), pytest.raises(FloatingPointError):
        side_by_side([lambda: print(np.float64(1e308) * np.float64(10))] * 2, ROWS_AT_LEAST)


FORKED = """
import os, threading
import numpy as np
from barograph.counting import side_by_side
from barograph.types import Absent
from barograph.unsorted import unsorted
columns = np.random.default_rng(0).normal(size=(8, 70_000))
def count():
    found = [None] * len(columns)
    def one(i):
        found[i] = unsorted(columns[i], Absent()).ranked(np.arange(0, 70_000, 100)).tolist()
    side_by_side([lambda i=i: one(i) for i in range(len(columns))], 70_000)
    return found
before, over = count(), threading.Event()
def on():
    while not over.is_set():
        count()
beside = threading.Thread(target=on)
beside.start()
codes = []
for _ in range(5):
    child = os.fork()
    if child == 0:
        os._exit(0 if count() == before else 3)
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
over.set()
beside.join()
print(codes)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_worker_counts_on() -> None:
    """gunicorn forks its workers, also while the parent counts: no pool that is gone is waited for.

    (polars has a pool of its own, which does not outlive a fork: what needs it is not asked of a child here.)
    """
    env = {**os.environ, "BAROGRAPH_THREADS": "2", "PYTHONWARNINGS": "ignore"}
    out = subprocess.run(
        [sys.executable, "-c", FORKED], capture_output=True, text=True, timeout=60, env=env, check=True
    )
    assert out.stdout.strip() == "[0, 0, 0, 0, 0]", out.stderr


INTERRUPTED = """
import threading
from barograph.counting import side_by_side
over, ran = threading.Event(), []
def task():
    ran.append(1)
    if len(ran) == 20:
        print("begun", flush=True)
    over.wait(0.02)
try:
    side_by_side([task] * 1_000, 1 << 20)
except KeyboardInterrupt:
    print("interrupted", len(ran) < 1_000, threading.active_count(), flush=True)
"""


def test_ctrl_c_ends_the_count() -> None:
    env = {**os.environ, "BAROGRAPH_THREADS": "2"}
    process = subprocess.Popen([sys.executable, "-c", INTERRUPTED], stdout=subprocess.PIPE, text=True, env=env)
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert out == "interrupted True 1\n"
