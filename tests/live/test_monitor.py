from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import decimal
import enum
import logging
import shutil
import threading
import time
import uuid
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from services import BASELINE, HOUR, NOON, Clock, booked, finished, monitor, rows, state, total, until, worker

from barograph import Baseline, Profile, Schema
from barograph.errors import FormatError, ParameterError
from barograph.live import Monitor, MonitorStats


def one(made: Monitor) -> Profile:
    """The only window, after a flush."""
    made.flush()
    (start,) = made.spool.windows()
    found = made.spool.read(start)
    assert found is not None
    return found


# --- what is counted is what was logged ------------------------------------------------------------------------------


def test_logged_rows_are_one_profile(tmp_path: Path) -> None:
    made, given = monitor(tmp_path), rows(3000)
    for row in given:
        made.log(row)
    assert state(one(made)) == state(
        Profile.of([row | {"at": dt.datetime.fromtimestamp(NOON, dt.UTC)} for row in given], BASELINE)
    )
    assert made.stats().rows_profiled == made.stats().rows_logged == 3000
    made.close()


def test_roles_go_to_their_columns(tmp_path: Path) -> None:
    made = monitor(tmp_path)
    made.log({"age": 30}, score=0.8, target=True, prediction="no column for it", id=7, segment="none either")
    made.log({"age": 30}, score={True: 0.3, "false": 0.7}, target="false")
    found = one(made)
    assert found.get("moments", "score").maximum == 0.8
    assert found.get("moments", "score").minimum == 0.3
    assert found.get("confusion", "label", "score").weights.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert found.get("moments", "at").minimum == NOON
    made.close()


def test_scores_by_class_ids_and_segments(tmp_path: Path) -> None:
    given = {
        "x": [1.0, 2.0, 3.0], "said": ["a", "b", "c"], "is": ["a", "b", "b"], "key": ["k1", "k2", "k3"],
        "pa": [0.1, 0.2, 0.3], "pb": [0.1, 0.2, 0.3], "pc": [0.1, 0.2, 0.3], "shop": ["s", "t", "s"], "land": ["d"] * 3,
    }  # fmt: skip
    scores = {"a": "pa", "b": "pb", "c": "pc"}
    schema = Schema(prediction="said", target="is", id="key", score=scores, segments=("shop", "land"))
    with Monitor(Baseline.of(given, schema=schema), spool=tmp_path, clock=Clock(), handle_sigterm=False) as made:
        made.log({"x": 1}, prediction="a", score={"a": 0.5, "c": 0.1}, id="k9", segment={"land": "f"})
        made.log({"x": 1}, prediction="b", score=np.array([0.2, 0.3, 0.5]), id=uuid.uuid4(), segment="s")
        made.log({"x": 1}, score=0.5)  # of which class?
        made.log({"x": 1}, score=[0.5])
    found = one(made)
    assert (made.stats().rows_profiled, made.stats().rows_bad) == (2, 2)
    assert [found.get("counts", c).n_null for c in ("pa", "pb", "pc", "key", "shop", "land", "said")] == [
        0,
        1,
        0,
        0,
        1,
        1,
        0,
    ]


def test_a_feature_that_some_rows_lack_is_null_there_and_one_that_all_lack_is_missing(tmp_path: Path) -> None:
    made = monitor(tmp_path)
    for i in range(6000):  # more than one chunk, and the city comes in the last only
        made.log({"age": i % 80} if i < 5000 else {"age": i % 80, "city": "Ulm"})
    found = one(made)
    assert (found.get("counts", "city").n_rows, found.get("counts", "city").n_null) == (6000, 5000)
    assert found.seen.seen["city"] == {"string": 6000}
    assert "income" not in found.seen.seen
    made.close()


class Colour(enum.Enum):
    RED = "Ulm"


class Word(str):
    def __str__(self) -> str:
        raise RuntimeError("do not print me")


def test_values_of_every_sort(tmp_path: Path) -> None:
    made = monitor(tmp_path)
    ages: list[Any] = [
        40, 40.0, np.float32(40), np.int8(40), np.array(40), decimal.Decimal(40), "40", True, np.bool_(1),
        None, np.nan, np.inf, -np.inf, 10**400, -(10**400), 10**5000, 2**63, "old", [1], {}, object(),
        pl.Series([1]), 1j,
    ]  # fmt: skip
    cities: list[Any] = [
        "Ulm", Colour.RED, Word("Ulm"), np.str_("Ulm"), b"Ulm", "\ud800", "", "x" * 10**6, 10**5000, 10**400, 1.5,
        np.nan, None, [1], object(), dt.date(2024, 1, 1), np.datetime64("2024-01-01"), "\x00", "🚄",
    ]  # fmt: skip
    for age in ages:
        made.log({"age": age})
    for city in cities:
        made.log({"age": 40, "city": city})
    found = one(made)
    assert made.stats().rows_profiled == len(ages) + len(cities) == found.n_rows
    counts = found.get("counts", "age")
    assert (counts.n_null, counts.n_nan, counts.n_pos_inf, counts.n_neg_inf) == (1, 1, 3, 2)
    assert counts.n_invalid == 6  # "old", [1], {}, object(), Series, complex
    assert counts.n_present == 10 + len(cities)
    labels = dict(found.get("topk", "city").items())
    assert labels["Ulm"] == 5
    assert found.to_bytes()
    made.close()


def test_huge_numbers_are_infinite(tmp_path: Path) -> None:
    made = monitor(tmp_path)
    for age in (40, 10**400, -(10**400), 2**70):
        made.log({"age": age})
    counts = one(made).get("counts", "age")
    assert (counts.n_pos_inf, counts.n_neg_inf, counts.n_present) == (1, 1, 2)
    made.close()


def test_names_of_every_sort_are_bounded(tmp_path: Path) -> None:
    made = monitor(tmp_path)
    made.log({1: 1, None: 2, "\ud800": 3, "x" * 10**5: 4, "": 5, ("a",): 6, "age": 40, "<b>": 1, 'a"\n{}': 2})
    for i in range(3000):
        made.log({"age": 40, f"new{i}": i})
    found = one(made)
    assert made.stats().rows_profiled == 3001
    assert len(found.seen.seen) < 1010
    assert max(map(len, found.seen.seen)) <= 256
    assert Profile.from_bytes(found.to_bytes()).n_rows == 3001
    made.close()


@dataclasses.dataclass
class Plain:
    age: int
    city: str


@dataclasses.dataclass(slots=True, frozen=True)
class Slotted:
    age: int
    city: str


class Pair(NamedTuple):
    age: int
    city: str


def test_rows_of_every_sort(tmp_path: Path) -> None:
    import msgspec
    import pydantic

    class Request(pydantic.BaseModel):
        model_config = {"extra": "allow"}
        age: int

    struct = msgspec.defstruct("struct", [("age", int), ("city", str)])
    given = [
        {"age": 40, "city": "Ulm"}, MappingProxyType({"age": 40, "city": "Ulm"}), Plain(40, "Ulm"), Slotted(40, "Ulm"),
        Request(age=40, city="Ulm"), struct(age=40, city="Ulm"), Pair(40, "Ulm"),
    ]  # fmt: skip
    made = monitor(tmp_path)
    for row in given:
        made.log(row)
    found = one(made)
    assert found.get("topk", "age").items() == [(40.0, len(given))]
    assert found.get("topk", "city").items() == [("Ulm", len(given))]
    made.close()


def test_a_row_may_change_after_it_was_logged(tmp_path: Path) -> None:
    made, row = monitor(tmp_path), {"age": 40}
    made.log(row, score=0.5)
    row["age"] = 50
    array = np.array([40.0])
    made.log_batch({"age": array})
    array[0] = 50.0
    assert one(made).get("topk", "age").items() == [(40.0, 2)]
    assert row == {"age": 50}
    made.close()


class Bomb(dict[str, Any]):
    def __iter__(self) -> Any:
        raise RuntimeError("\x1b[31mno")

    keys = __iter__


def test_bad_rows_cost_themselves_only_and_are_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    made = monitor(tmp_path)
    bad: list[Any] = [None, 5, "row", [1], Bomb(age=1), object(), {f"c{i}": 1 for i in range(30_000)}]
    with caplog.at_level(logging.WARNING, "barograph.live"):
        for row in bad:
            for _ in range(10):
                made.log(row)
                made.log({"age": 40})
        made.log(
            {"age": 40}, score=0.5, target="neither"
        )  # two classes, and this is a third: refused by the profile itself
        made.flush()
    assert made.stats().rows_bad == 10 * len(bad) + 1
    assert made.stats().rows_profiled == 10 * len(bad) == total(made)
    assert len(caplog.records) == 1
    made.close()


@pytest.mark.parametrize("way", ["log", "log_batch"])
def test_targets_of_no_class_cost_themselves_only_and_no_time(tmp_path: Path, way: str) -> None:
    """A score is about two classes: a third label is no truth for it. Each was once looked for by halving."""
    rows = [{"p": i / 200, "late": "maybe" if i % 4 == 0 else i % 3 == 0} for i in range(200)]
    reference = {"p": [i / 200 for i in range(200)], "late": [i % 3 == 0 for i in range(200)]}
    baseline = Baseline.of(reference, schema=Schema(target="late", score="p"))
    with Monitor(baseline, spool=tmp_path, handle_sigterm=False) as made:
        n_profiles, profile = 0, made._drain._profile

        def counted(*args: Any) -> Profile:
            nonlocal n_profiles
            n_profiles += 1
            return profile(*args)

        made._drain._profile = counted  # type: ignore[method-assign]
        if way == "log":
            for row in rows:
                made.log(row)
        else:
            made.log_batch({"p": [row["p"] for row in rows], "late": [str(row["late"]) for row in rows]})
        made.flush()
        assert (made.stats().rows_bad, made.stats().rows_profiled) == (50, 150)
        assert n_profiles <= 4


def test_frames_of_every_sort(tmp_path: Path) -> None:
    import pandas as pd

    made, given = monitor(tmp_path), rows(50)
    made.log_batch(pl.DataFrame(given).with_columns(at=pl.lit("2020-01-01"), new=1, odd=pl.Series([[1]] * 50)))
    for frame in (
        given,
        pl.DataFrame(given),
        pd.DataFrame(given),
        pl.DataFrame(given).lazy(),
        pl.DataFrame(given).to_dict(),
    ):
        made.log_batch(frame)
    made.log_batch([{"age": 1}, "no row"])
    made.log_batch(5)
    made.log_batch(pl.DataFrame())
    made.flush()
    assert made.stats() == MonitorStats(303, 301, 0, 0, 2, flushes=1, last_flush=made.stats().last_flush)
    old, now = (made.spool.read(start) for start in made.spool.windows())
    assert old is not None
    assert now is not None
    assert (old.n_rows, now.n_rows) == (50, 251)
    assert old.seen.seen["new"] == {"number": 50}
    assert old.seen.seen["odd"] == {"unsupported": 50}
    made.close()


# --- every row is accounted for --------------------------------------------------------------------------------------


@settings(max_examples=12)
@given(data=st.data())
def test_every_row_is_accounted_for(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Threads, bad rows, late rows, rows left out, frames and flushes in any order."""
    clock = Clock(NOON + 100 * HOUR)
    made = monitor(tmp_path_factory.mktemp("spool"), clock, buffer_rows=data.draw(st.sampled_from([2, 40, 400])))
    kinds = st.sampled_from(["row", "bad", "late", "time", "frame", "flush", "none"])
    plans = data.draw(st.lists(st.lists(st.tuples(kinds, st.integers(1, 60)), max_size=8), min_size=1, max_size=8))

    unbalanced: list[MonitorStats] = []

    def run(plan: list[tuple[str, int]]) -> None:
        for kind, n in plan:
            if kind == "frame":
                made.log_batch({"age": list(range(n)), "at": [dt.date(2020, 1, 1)] * n})
            for _ in range(n if kind not in ("frame", "flush") else 0):
                stamp = {"late": NOON - HOUR, "time": "never", "row": clock.now}.get(kind)
                made.log(None if kind == "bad" else {"age": 1}, timestamp=stamp)
            if kind == "flush":
                made.flush()
            stats = made.stats()
            unbalanced.extend([stats] if booked(stats) != stats.rows_logged else [])

    threads = [threading.Thread(target=run, args=(plan,)) for plan in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    logged = sum(n for plan in plans for kind, n in plan if kind != "flush")
    for _ in range(2):
        stats = made.stats()
        assert (stats.rows_logged, booked(stats)) == (logged, logged)
        made.flush()
    assert not unbalanced
    assert (made.stats().buffer_rows, made.stats().rows_profiled) == (0, total(made))
    made.close()
    assert made.spool.accounting().rows_logged == logged


def test_eight_threads_lose_no_row(tmp_path: Path) -> None:
    made, given = monitor(tmp_path, flush_every=0.3), rows(500)
    stop = threading.Event()
    seen: list[MonitorStats] = []

    def log() -> None:
        for _ in range(5):
            for row in given:
                made.log(row, score=0.5)

    def watch() -> None:
        while not stop.is_set():
            seen.append(made.stats())

    watcher, threads = threading.Thread(target=watch), [threading.Thread(target=log) for _ in range(8)]
    for thread in [watcher, *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    watcher.join()
    made.close()
    assert all(booked(stats) == stats.rows_logged for stats in seen)
    assert sorted(seen, key=lambda s: s.rows_logged) == seen
    assert made.stats().rows_profiled == 20_000 == total(made)


def test_overload_is_bounded_and_its_rate_exported(tmp_path: Path) -> None:
    made = monitor(tmp_path, buffer_rows=1000)
    with made._drain.work:  # the thread can take nothing
        for row in rows(5000):
            made.log(row)
        stats = made.stats()
    assert stats.buffer_rows <= 1000
    assert stats.rows_sampled_out == 5000 - stats.buffer_rows
    assert stats.sampling_rate == pytest.approx(stats.buffer_rows / 5000)
    made.flush()
    assert made.spool.accounting().sampling_rate == pytest.approx(stats.sampling_rate)
    made.log({"age": 1})
    made.flush()
    assert made.spool.accounting().sampling_rate == 1.0
    made.close()


def test_a_large_batch_waits_in_a_thread_and_is_sampled_in_an_event_loop(tmp_path: Path) -> None:
    made = monitor(tmp_path, buffer_rows=100)
    frame = pl.DataFrame(rows(1000))
    made.log_batch(frame)
    assert made.stats().rows_sampled_out == 0

    async def log() -> None:
        made.log_batch(frame)

    asyncio.run(log())
    made.flush()
    assert (made.stats().rows_profiled, made.stats().rows_sampled_out) == (1100, 900)
    made.close()


def test_logging_does_not_block_an_event_loop(tmp_path: Path) -> None:
    """Even while the monitor's thread is in the middle of its work."""
    made, given = monitor(tmp_path), rows(100)

    async def log() -> None:
        for row in given:
            made.log(row)
            await asyncio.sleep(0)

    async def main() -> None:
        await asyncio.wait_for(asyncio.gather(*(log() for _ in range(50))), timeout=10)

    holding, release = threading.Event(), threading.Event()

    def hold() -> None:
        with made._drain.work:
            holding.set()
            release.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    holding.wait()
    asyncio.run(main())
    assert made.stats().buffer_rows == 5000
    release.set()
    thread.join()
    made.close()
    assert total(made) == 5000


# --- time ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stamp",
    [
        NOON, np.float64(NOON), dt.datetime.fromtimestamp(NOON, dt.UTC), np.datetime64(int(NOON), "s"),
        dt.datetime.fromtimestamp(NOON, dt.UTC).replace(tzinfo=None),
        dt.datetime.fromtimestamp(NOON, dt.UTC).isoformat(),
        dt.datetime.fromtimestamp(NOON, dt.timezone(dt.timedelta(hours=5))),
    ],
)  # fmt: skip
def test_timestamps(tmp_path: Path, stamp: Any) -> None:
    made = monitor(tmp_path, Clock(NOON + 50 * HOUR))
    made.log({"age": 40}, timestamp=stamp)
    made.log({"age": 40, "at": stamp})
    found = one(made)
    assert made.spool.windows() == [NOON]
    assert (found.n_rows, found.get("moments", "at").minimum) == (2, NOON)
    made.close()


@pytest.mark.parametrize("stamp", ["soon", "", np.nan, np.inf, 1e300, NOON * 1000, True, [1], object(), NOON + HOUR])
def test_a_time_that_is_none_makes_a_bad_row(tmp_path: Path, stamp: Any) -> None:
    made = monitor(tmp_path)
    made.log({"age": 40}, timestamp=stamp)
    made.log({"age": 40})
    assert one(made).n_rows == 1
    assert made.stats().rows_bad == 1
    made.close()


def test_late_rows_go_to_their_own_window_or_are_counted(tmp_path: Path) -> None:
    clock = Clock(NOON + 2 * HOUR)
    made = monitor(tmp_path, clock)
    for stamp in (NOON, NOON + HOUR + 299, NOON + 1, NOON + HOUR + 300, NOON + 2):
        made.log({"age": 40}, timestamp=stamp)
        made.flush()
    found = {start: made.spool.read(start) for start in made.spool.windows()}
    assert {start: p.n_rows for start, p in found.items() if p} == {NOON: 2, NOON + HOUR: 2}
    assert made.stats().rows_late == 1
    assert made.spool.finished(clock.now) == [NOON]
    made.close()


def test_a_clock_set_back_loses_nothing(tmp_path: Path) -> None:
    clock = Clock(NOON + 5 * HOUR)
    made = monitor(tmp_path, clock)
    for back in (0, 1, 5, 3, 1000, 0):
        clock.now = NOON + 5 * HOUR - back * HOUR
        made.log({"age": 40})
        made.log({"age": 40}, timestamp=clock.now)
        made.flush()
    assert (made.stats().rows_profiled, total(made)) == (12, 12)
    assert len(made.spool.windows()) == 5
    made.close()


def test_a_broken_clock_costs_no_prediction(tmp_path: Path) -> None:
    clock = Clock()
    made = monitor(tmp_path, clock)
    clock.now = None  # type: ignore[assignment]
    made.log({"age": 1})
    made.flush()
    clock.now = NOON
    made.log({"age": 1})
    made.flush()
    assert (made.stats().rows_bad, made.stats().rows_profiled) == (1, 1)
    made.close()


def test_many_windows_at_once_stay_bounded_in_memory(tmp_path: Path) -> None:
    made = monitor(tmp_path, Clock(NOON + 200 * HOUR), lateness="400h", keep=100)
    for hour in np.random.default_rng(0).permutation(np.repeat(np.arange(80), 2)):
        made.log({"age": 40}, timestamp=NOON + hour * HOUR)
    made.flush()
    assert len(made._drain.windows.open) <= 32
    assert (total(made), len(made.spool.windows())) == (160, 80)
    made.close()


# --- the thread, the end and the settings ----------------------------------------------------------------------------


def test_the_thread_counts_and_writes_by_itself(tmp_path: Path) -> None:
    made = monitor(tmp_path, time.time, flush_every=0.05)
    made.log({"age": 40})
    until(lambda: total(made) == 1)
    until(lambda: made.spool.accounting().rows_profiled == 1)
    made.close()
    assert not [t for t in threading.enumerate() if t is made._thread]


def test_steady_traffic_does_not_put_off_a_flush(tmp_path: Path) -> None:
    """Rows that come while others are counted wait for the next round."""
    made = monitor(tmp_path)
    made.part_listeners.append(lambda part: [made.log({"age": 1}) for _ in range(part.n_rows + 1)])
    for _ in range(5):
        made.log({"age": 1})
    made.flush()
    assert (made.stats().flushes, made.stats().rows_profiled, made.stats().buffer_rows) == (1, 5, 6)
    made.part_listeners.clear()
    made.close()


def test_rows_after_close_are_counted_as_bad(tmp_path: Path) -> None:
    made = monitor(tmp_path)
    made.log({"age": 1})
    for _ in range(2):
        made.close()
    made.log({"age": 1})
    made.log_batch({"age": [1, 2]})
    assert (made.stats().rows_bad, made.stats().rows_profiled) == (3, 1)


def test_a_forgotten_monitor_goes(tmp_path: Path) -> None:
    import gc
    import weakref

    made = monitor(tmp_path)
    made.log({"age": 1})
    ref, thread = weakref.ref(made), made._thread
    del made
    gc.collect()
    until(lambda: ref() is None)
    assert thread is not None
    thread.join(5)
    assert not thread.is_alive()


@pytest.mark.parametrize("main", ["go()", "t = threading.Thread(target=go); t.start(); t.join()"])
def test_a_forgotten_monitors_rows_are_counted(tmp_path: Path, main: str) -> None:
    code = """
import sys, threading
from services import *
def go():
    made = monitor(sys.argv[1], flush_every=1e6)
    for row in rows(100): made.log(row)
"""
    finished(worker(code + main, tmp_path))
    made = monitor(tmp_path)
    assert (total(made), made.spool.accounting().rows_logged, made.spool.accounting().rows_lost) == (100, 100, 0)


def test_listeners_hear_every_row_and_harm_none(tmp_path: Path) -> None:
    made, heard, counted = monitor(tmp_path), [], []
    made.listener = lambda *said: heard.append(said)

    def fail(part: Profile) -> None:
        counted.append(part.n_rows)
        raise RuntimeError

    made.part_listeners.append(fail)
    made.log({"age": 1}, prediction=1, score=0.5, id="k")
    made.flush()
    assert (heard, counted, made.stats().rows_profiled) == ([(1, 0.5, "k")], [1], 1)
    made.close()


def test_versions_and_baselines_do_not_mix(tmp_path: Path) -> None:
    folders = {monitor(tmp_path, version=v, model=m).spool.folder for v in ("1", "2") for m in ("a", "../../b")}
    assert len(folders) == 4
    assert {folder.parent for folder in folders} == {tmp_path}


def test_a_baseline_from_its_file(tmp_path: Path) -> None:
    BASELINE.write(tmp_path / "b.baseline")
    with Monitor(tmp_path / "b.baseline", handle_sigterm=False) as made:
        made.log({"age": 1})
    assert made.baseline.id == BASELINE.id
    assert total(made) == 1
    with pytest.raises(FormatError):
        Monitor(tmp_path / "none")
    with pytest.raises(ParameterError, match="give a Baseline"):
        Monitor({"age": [1]})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"window": "soon"},
        {"window": 60},
        {"lateness": ""},
        {"flush_every": 0},
        {"flush_every": np.nan},
        {"buffer_rows": 1},
        {"keep": 0},
    ],
)
def test_impossible_settings(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(ParameterError):
        monitor(tmp_path, **wrong)


# --- a broken disk ---------------------------------------------------------------------------------------------------


def test_a_spool_that_cannot_be_written_is_counted_and_recovers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What stands in the folder's place is a file: that stops root too, as a read-only file system does."""
    made = monitor(tmp_path / "spool")
    (tmp_path / "spool").write_text("in the way")
    with caplog.at_level(logging.WARNING, "barograph.live"):
        for _ in range(5):
            made.log({"age": 40})
            made.flush()
        stats = made.stats()
        assert (stats.rows_profiled, stats.buffer_rows, stats.flushes, stats.last_flush) == (0, 5, 0, 0.0)
        assert stats.flush_errors >= 5
        assert len(caplog.records) == 1
        (tmp_path / "spool").unlink()
        made.flush()
    assert (made.stats().rows_profiled, made.stats().buffer_rows, total(made)) == (5, 0, 5)
    assert "again" in caplog.records[-1].getMessage()
    made.close()


def test_a_removed_spool_is_made_again(tmp_path: Path) -> None:
    made = monitor(tmp_path / "spool")
    for n in (1, 2):
        made.log({"age": 40})
        made.flush()
        assert total(made) == n
        shutil.rmtree(tmp_path / "spool")
    made.log({"age": 40})
    assert one(made).n_rows == 3
    made.close()


def test_memory_is_bounded_while_the_disk_stays_broken(tmp_path: Path) -> None:
    clock = Clock()
    made = monitor(tmp_path / "spool", clock)
    (tmp_path / "spool").write_text("in the way")
    for hour in range(40):
        clock.now = NOON + hour * HOUR
        made.log({"age": 40})
        made.flush()
    stats = made.stats()
    assert len(made._drain.windows.open) == 32
    assert (stats.rows_logged, stats.rows_lost, stats.buffer_rows) == (40, 8, 32)
    (tmp_path / "spool").unlink()
    made.close()
    assert (made.stats().rows_profiled, total(made)) == (32, 32)


def test_a_full_disk(tmp_path: Path) -> None:
    code = """
import resource, sys
from services import *
made = monitor(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))
for row in rows(100): made.log(row)
made.flush(); made.flush()
full = made.stats()
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
made.close()
print(full.buffer_rows, full.flush_errors >= 2, made.stats().rows_profiled)
"""
    process = worker(code, tmp_path)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out.split()) == (0, ["100", "True", "100"]), err
    assert err.count("cannot be written") == 1


def test_memory_stays_flat(tmp_path: Path) -> None:
    """A quick version of `python -m benchmarks.live`."""
    code = """
import sys
from services import *
def resident():
    with open("/proc/self/statm") as file: return int(file.read().split()[1]) * 4096 / 1e6
made, given = monitor(sys.argv[1], buffer_rows=5000), rows(5000)
def log(times):
    for _ in range(times):
        for row in given: made.log(row, score=0.5)
        made.flush()
log(10)
before = resident()
log(30)
print(resident() - before)
"""
    assert float(finished(worker(code, tmp_path))) < 8.0
