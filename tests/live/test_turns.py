"""How counting shares the interpreter with requests."""

import sys
import threading
import time

import pytest

from barograph.live import turns
from barograph.live.interpreter import SWITCH_SECONDS
from barograph.live.turns import Turns


@pytest.fixture
def usual():
    before = sys.getswitchinterval()
    yield before
    assert sys.getswitchinterval() == pytest.approx(before)


def test_the_interval_is_the_usual_one_while_a_thread_rests(usual, monkeypatch):
    seen = []
    monkeypatch.setattr(turns.time, "sleep", lambda seconds: seen.append((seconds, sys.getswitchinterval())))
    shared = Turns()
    with shared.work():
        until = time.perf_counter() + 2 * turns.WORK_AT_LEAST
        while time.perf_counter() < until:
            pass
        shared.rest()
        assert sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS, rel=0.05)
    ((rested, interval),) = seen
    assert turns.REST * turns.WORK_AT_LEAST <= rested <= turns.REST_AT_MOST
    assert interval == pytest.approx(usual)


def test_the_interval_is_the_usual_one_after_a_failure(usual):
    with pytest.raises(ZeroDivisionError), Turns().work():
        _ = 1 / 0


def test_a_thread_that_did_not_enter_does_not_rest(monkeypatch):
    monkeypatch.setattr(turns.time, "sleep", lambda seconds: pytest.fail("rested"))
    shared = Turns()
    worker = threading.Thread(target=lambda: shared.work().__enter__())
    worker.start()
    worker.join()
    shared.rest()
    shared._turn.close()
