"""Settings that all threads share are as they were when the work that changed them is done."""

import gc
import sys
import threading

import pytest

from barograph.live.interpreter import SWITCH_SECONDS, prompt, uncollected


@pytest.fixture
def usual():
    before = sys.getswitchinterval()
    yield before
    assert sys.getswitchinterval() == pytest.approx(before)


def test_the_interval_is_short_while_any_thread_counts(usual):
    entered, leave = threading.Event(), threading.Event()

    def count():
        with prompt:
            entered.set()
            leave.wait(10)

    other = threading.Thread(target=count)
    with prompt:
        other.start()
        assert entered.wait(10)
    assert sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS, rel=0.05)
    leave.set()
    other.join()


def test_an_interval_that_is_shorter_already_stays(usual):
    sys.setswitchinterval(0.0001)
    try:
        with prompt:
            assert sys.getswitchinterval() == pytest.approx(0.0001, rel=0.05)
        assert sys.getswitchinterval() == pytest.approx(0.0001, rel=0.05)
    finally:
        sys.setswitchinterval(usual)


def test_garbage_is_not_looked_for_until_the_last_has_left() -> None:
    assert gc.isenabled()
    with uncollected:
        with pytest.raises(ZeroDivisionError), uncollected:
            _ = 1 / 0
        assert not gc.isenabled()
    assert gc.isenabled()


def test_whoever_never_collects_is_left_alone() -> None:
    gc.disable()
    try:
        with uncollected:
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
