"""Whole pages, from the logged row to `/metrics`: hostile input, broken disks, clocks set back, what retires."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import held
import numpy as np
import pytest
from fastapi import FastAPI
from held import Held
from prometheus import accepted
from services import HOUR, NOON, Clock

from barograph import Baseline, Schema
from barograph.live import Monitor, cell_collector, instrument, service
from barograph.live.collector import MonitorCollector, _errors
from barograph.live.exposition import render
from barograph.live.families import CLASSES_AT_MOST, exported
from barograph.metrics import performance
from barograph.results import Result, Run, Side, Value

sys.path.insert(0, str(Path(__file__).parent))
from apps import ask, fastapi_app
from exposed import Series, series, total, value

OPEN = "application/openmetrics-text; version=1.0.0; charset=utf-8"


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_http", [])
    monkeypatch.setattr(service, "_predictions", {})
    _errors.cache_clear()


def text(app: Any, accept: str = "") -> str:
    status, _, body = ask(app, "GET", "/metrics", headers=[("accept", accept)])
    assert status == 200
    return body.decode()


def check_no_sum_went_down(before: Series, after: Series) -> None:
    for (name, labels), n in before.items():
        if name.startswith(("barograph_", "pred")) and name.endswith(("_total", "_count", "_sum", "_bucket")):
            assert after[name, labels] >= n, (name, labels)


# --- hostile input ---------------------------------------------------------------------------------------------------

NAMES = [
    'a"b', "back\\slash", "line\nbreak", "</script><script>alert(1)</script>", '{le="1"} 7\n# TYPE x counter',
    "n" * 1_000_000, "n" * 999_999 + "m", "", "le", "model", "naïve ☃", "\x00\x1b[31m", "\u2028\u202e",
]  # fmt: skip
VALUES: list[Any] = [
    0.5, None, float("nan"), float("inf"), -float("inf"), 10**400, -(10**400), 5e-324, 1.7e308, "text", b"\xff", True,
    object(), [1], {"a": 1}, "v" * 1_000_000, "\ud800", "line\nbreak", '"', "\\",
]  # fmt: skip


def labels(n: int, seed: int) -> list[str]:
    """Of `n` rows nearly each another one."""
    return [f'</script>"\\\n{seed}-{i}' for i in np.random.default_rng(seed).integers(0, 20 * n, n)]


def test_hostile_names_and_values(tmp_path: Path) -> None:
    """Names of a megabyte, 10,000 labels, numbers beyond all bounds: the page stays small and every parser reads it."""
    rng = np.random.default_rng(0)
    reference: dict[str, Any] = {name: rng.normal(size=10_000) for name in NAMES}
    reference |= {"label": labels(10_000, 0), "few": rng.choice(['"', "\n", "\\"], 10_000), "p": rng.random(10_000)}
    reference["late"] = [p > 0.5 for p in reference["p"]]
    baseline = Baseline.of(reference, schema=Schema(target="late", score="p"))
    given = [*NAMES, "few", "new\n" + "c" * 10_000]
    settings: Any = {"model": 'm"\n\\' + "m" * 1_000_000, "version": "</script>\n", "spool": tmp_path}
    with Monitor(baseline, handle_sigterm=False, **settings) as monitor:
        app = instrument(fastapi_app(), monitor, exemplars=True, collectors=[cell_collector(monitor)])
        for i in range(100):
            row = {name: VALUES[(i + n) % len(VALUES)] for n, name in enumerate(given)}
            hostile = VALUES[i % len(VALUES)]
            monitor.log(row, score=hostile, target=hostile if i < 20 else True, id=hostile, segment=hostile)
        monitor.log_batch({"label": labels(10_000, 1), "few": labels(10_000, 2), "": [np.nan] * 10_000})
        monitor.flush()
        assert ask(app, "GET", '/"\n\\{}</script>')[0] == 404
        pages = {accept: text(app, accept) for accept in ("", OPEN)}
        stats = monitor.stats()
    accepted(pages[""])
    for accept, page in pages.items():
        found = series(page, openmetrics=bool(accept))
        assert len(found) < 2_000 and len(page) < 1_000_000
        assert all(len(v) <= 100 and v.isprintable() for n, own in found if n.startswith("baro") for _, v in own)
        columns = {dict(own)["column"] for n, own in found if n == "barograph_psi"}
        assert {*NAMES, "label", "few"} & columns >= {'a"b', "back\\slash", "", "le", "model", "naïve ☃", "few"}
        assert len(columns) >= len(NAMES) + 2  # clipped ones are still told apart
        cells = [own for n, own in found if n == "barograph_column_labels_total" and ("column", "label") in own]
        assert 2 <= len(cells) <= 24
        assert total(found, "barograph_internal_errors_total") == 0
        assert total(found, "barograph_evaluation_errors_total") == 0
        finite = value(found, "prediction_value_sum", model_version="</script>\n")
        assert finite is not None and np.isfinite(finite)
        assert (total(found, "barograph_rows_logged_total"), stats.rows_logged) == (10_100, 10_100)


def test_everything_of_a_hundred_features_is_less_than_2000_series(tmp_path: Path) -> None:
    baseline = held.baseline(100)
    with Monitor(baseline, spool=tmp_path, handle_sigterm=False, clock=Clock()) as monitor:
        app = instrument(fastapi_app(), monitor)
        monitor.log_batch(held.rows(1_000, features=100, shifted=3))
        monitor.flush()
        for path in ("/users/1", "/items/1", "/nothing", "/api/r/x/1"):
            ask(app, "GET", path)
        ask(app, "POST", "/predict", {"distance": 1})
        found = series(text(app))
        assert 1_000 < len(found) < 2_000
        assert total(found, "barograph_labels_left_out") == 0


def test_no_created_series(tmp_path: Path) -> None:
    with Monitor(held.baseline(), spool=tmp_path, handle_sigterm=False) as monitor:
        app = instrument(fastapi_app(), monitor, collectors=[cell_collector(monitor)])
        ask(app, "POST", "/predict", {"distance": 1})
        for accept in ("", OPEN):
            names = {name for name, _ in series(text(app, accept), openmetrics=bool(accept))}
            assert "predictions_total" in names
            assert not [n for n in names if n.endswith("_created") and not n.startswith(("python_", "process_"))]


def test_what_became_of_every_row_is_on_the_page(tmp_path: Path) -> None:
    settings: Any = {"spool": tmp_path, "flush_every": 1e6, "handle_sigterm": False, "clock": Clock()}
    with Monitor(held.baseline(), buffer_rows=100, **settings) as monitor:
        at = np.array([NOON, NOON - 5 * HOUR, np.nan])
        for stamp in at:
            monitor.log({"f002": 0.5}, timestamp=stamp)
        monitor.log("no row")
        monitor._drain.run()
        with monitor._drain.work:  # nobody takes rows out: more come than can be counted
            for _ in range(300):
                monitor.log({"f002": 0.5})
        monitor.flush()
        found = series(render([MonitorCollector(monitor)])[0].decode())
        parts = {
            p: total(found, f"barograph_rows_{p}_total") for p in ("profiled", "sampled_out", "late", "bad", "lost")
        }
        assert (parts["late"], parts["bad"], parts["lost"]) == (1, 2, 0) and parts["sampled_out"] > 150
        assert sum(parts.values()) == total(found, "barograph_rows_logged_total") == 304
        kept = total(found, "barograph_sampling_ratio")
        assert kept == pytest.approx(1 - parts["sampled_out"] / 304)
        assert total(found, "barograph_window_rows") == parts["profiled"]


# --- disks -----------------------------------------------------------------------------------------------------------


class Disk(NamedTuple):
    folder: Path
    fail: Callable[[], None]
    mend: Callable[[], None]


@pytest.fixture(params=["full", "read-only"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    """A small file system of its own; where none can be mounted, a folder that may not be written."""
    folder = tmp_path / "disk"
    folder.mkdir()
    full = request.param == "full"
    command = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(folder)]
    mounted = False
    with contextlib.suppress(OSError):
        mounted = subprocess.run(command, capture_output=True).returncode == 0
    if not mounted and (full or os.getuid() == 0):
        pytest.skip("no file system can be mounted here, and root may write everywhere")
    ballast = folder / "ballast"

    def fail() -> None:
        if full:
            with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
                while file.write(bytes(4096)):
                    pass
        elif mounted:
            # laid over itself: a file that a process holds open for writing keeps the mount below from changing
            subprocess.run(["mount", "--bind", str(folder), str(folder)], check=True)
            subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
        else:
            change(0o500)

    def mend() -> None:
        if full:
            ballast.unlink()
        elif mounted:
            subprocess.run(["umount", str(folder)], check=True)
        else:
            change(0o700)

    def change(mode: int) -> None:
        for path in (folder, *(p for p in folder.rglob("*") if p.is_dir())):
            path.chmod(mode)

    try:
        yield Disk(folder, fail, mend)
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_fails_costs_no_prediction_and_is_seen(disk: Disk, caplog: pytest.LogCaptureFixture) -> None:
    import served

    app = FastAPI()
    monitor = Monitor(served.baseline(), spool=disk.folder, flush_every=1e6, handle_sigterm=False)

    @app.post("/predict")
    def predict(row: dict[str, float]) -> float:
        monitor.log(row, score=0.5)
        return 0.5

    instrument(app, monitor)

    def serve(n: int) -> Series:
        for i in range(n):
            assert ask(app, "POST", "/predict", served.flight(i))[0] == 200
        monitor.flush()
        return series(text(app))

    def counts(found: Series) -> list[float]:
        names = ("rows_logged_total", "rows_profiled_total", "buffer_rows", "rows_lost_total", "flushes_total")
        return [total(found, f"barograph_{name}") for name in names]

    with caplog.at_level(logging.WARNING, "barograph.live"), monitor:
        before = serve(3)
        assert counts(before) == [3, 3, 0, 0, 1]
        disk.fail()
        broken = serve(5)
        assert counts(broken) == [8, 3, 5, 0, 1]
        assert total(broken, "barograph_flush_errors_total") >= 1
        assert total(broken, "barograph_window_rows") == 3  # what is known is still said
        stamp = "barograph_last_flush_timestamp_seconds"
        assert total(broken, stamp) == total(before, stamp) > 0
        assert total(broken, "predictions_total", status="ok") == 8
        disk.mend()
        mended = serve(1)
        assert counts(mended) == [9, 9, 0, 0, 2]
        assert total(mended, "barograph_window_rows") == 9
        check_no_sum_went_down(before, broken)
        check_no_sum_went_down(broken, mended)
    assert [("cannot be written" in r.message, "again" in r.message) for r in caplog.records] == [
        (True, False), (False, True),
    ]  # fmt: skip


# --- time ------------------------------------------------------------------------------------------------------------


def test_a_clock_set_back_takes_no_sum_back(tmp_path: Path) -> None:
    clock, pages = Clock(), []
    settings: Any = {"spool": tmp_path, "flush_every": 1e6, "handle_sigterm": False, "clock": clock}
    with Monitor(held.baseline(), **settings) as monitor:
        collectors = [MonitorCollector(monitor, clock=clock), cell_collector(monitor)]
        for at in (NOON, NOON + HOUR, NOON + 2 * HOUR, NOON + 60.0, NOON - 30 * HOUR, NOON + 3.5 * HOUR):
            clock.now = at
            monitor.log_batch(held.rows(200, seed=int(at) % 97))
            monitor.flush()
            pages.append(series(render(collectors)[0].decode()))
            for before, after in pairwise(pages[-2:]):
                check_no_sum_went_down(before, after)
        assert total(pages[-1], "barograph_rows_profiled_total") == 1200
        assert total(pages[-1], "barograph_rows_late_total") == 0  # rows stamped here are never late
        assert total(pages[-1], "barograph_evaluation_errors_total") == 0
        starts = [value(pages[-1], "barograph_window_start_timestamp_seconds", model="model", model_version="1",
                        window=window) for window in ("last", "running")]  # fmt: skip
        assert starts == [NOON + 2 * HOUR, NOON + 3 * HOUR]


# --- what goes -------------------------------------------------------------------------------------------------------


def columns_of(found: Series, window: str) -> set[str]:
    return {dict(own).get("column", "") for n, own in found if n.startswith("barograph_") and ("window", window) in own}


def test_features_and_windows_that_are_no_longer_shown_leave_nothing() -> None:
    """Gauges of prometheus_client would keep their last value for ever."""
    spool = Held()
    made = MonitorCollector(spool, held.baseline(), features_at_most=1)
    moved = held.rows(1_000, seed=3)
    for shown in ("f002", "f003", "f005"):
        spool.put(HOUR, held.Profile.of(moved | {shown: np.asarray(moved[shown]) + 2.0}, held.baseline()))
        found = series(render([made])[0].decode())
        assert {c for c in columns_of(found, "running") if c.startswith("f")} == {shown}
        assert total(found, "barograph_labels_left_out", window="running") == 5
    spool.now = 2 * HOUR
    found = series(render([made])[0].decode())
    assert "f005" in columns_of(found, "last") and not columns_of(found, "running")
    del spool.profiles[HOUR]
    assert not columns_of(series(render([made])[0].decode()), "last")


def test_a_retired_version_leaves_nothing(tmp_path: Path) -> None:
    pages = []
    for version in ("1", "2"):
        with Monitor(held.baseline(), version=version, spool=tmp_path, handle_sigterm=False) as monitor:
            monitor.log_batch(held.rows(100))
            monitor.flush()
            pages.append(series(render([MonitorCollector(monitor)])[0].decode()))
    for version, found in zip(("1", "2"), pages, strict=True):
        versions = {dict(own).get("model_version") for name, own in found if name.startswith("barograph_window_rows")}
        assert versions == {version}
        assert total(found, "barograph_rows_logged_total") == 100


def test_classes_without_room_are_counted() -> None:
    values = [Value(0.5, {"class": f"c{i:02}"}) for i in range(CLASSES_AT_MOST + 7)]
    made = exported(Run("many", Side("now", 1), [Result(performance.RocAuc().spec, {}, values)], []), {})
    shown = {s.labels["class"] for s in made.series if "class" in s.labels}
    assert (len(shown), made.left_out) == (CLASSES_AT_MOST, 7)
