import threading

import pytest

from barograph.live.buffer import Buffer


def test_less_than_half_full_every_row_is_kept() -> None:
    buffer = Buffer(100)
    for i in range(50):
        buffer.append((i,))
    assert buffer.take(1000) == [(i,) for i in range(50)]
    assert (len(buffer), buffer.n_sampled_out) == (0, 0)


def test_never_more_than_its_bound_and_what_is_left_out_is_counted() -> None:
    buffer = Buffer(100)
    for i in range(10_000):
        buffer.append((i,))
    assert len(buffer) <= 100
    assert len(buffer) + buffer.n_sampled_out == 10_000


def test_overload_keeps_a_sample_not_the_first_rows() -> None:
    """Drained now and then, as many of the late rows of each round are kept as can be: the chance falls gradually."""
    buffer, kept = Buffer(1000), []
    for i in range(2000):
        buffer.append((i,))
    kept = [i for (i,) in buffer.take(1000)]
    assert kept[:500] == list(range(500))
    assert max(kept) > 1200


def test_the_chance_is_the_one_stated() -> None:
    kept = 0
    for seed in range(2000):
        buffer = Buffer(100, seed)
        buffer._queue.extend([()] * 75)
        buffer.append(())
        kept += len(buffer) - 75
    assert kept / 2000 == pytest.approx(0.5, abs=0.05)


def test_threads_lose_nothing() -> None:
    buffer, taken = Buffer(5_000), 0
    threads = [threading.Thread(target=lambda: [buffer.append(()) for _ in range(10_000)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) or len(buffer):
        taken += len(buffer.take(700))
    assert taken + buffer.n_sampled_out == 80_000


def test_frames_count_by_their_rows() -> None:
    buffer = Buffer(100)
    assert buffer.append_frame("sixty rows", 60)
    assert not buffer.append_frame("too many", 60)
    assert len(buffer) == 60
    assert buffer.take_frame() == "sixty rows"
    assert (len(buffer), buffer.take_frame(), buffer.n_sampled_out) == (0, None, 0)


def test_rows_and_frames_keep_their_order() -> None:
    buffer = Buffer(100)
    buffer.append((1,))
    buffer.append_frame("frame", 10)
    buffer.append((2,))
    assert [buffer.take(9), buffer.take(9), buffer.take_frame(), buffer.take_frame()] == [[(1,)], [], "frame", None]
    assert [buffer.take(9), len(buffer)] == [[(2,)], 0]
