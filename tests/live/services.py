"""What the tests of `live` share: a baseline, rows, a clock, and worker processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from barograph import Baseline, Profile, Schema
from barograph.live import Monitor, MonitorStats

HOUR = 3600.0
NOON = 1_750_003_200.0 // HOUR * HOUR
SOURCE = Path(__file__).parent.parent.parent / "src"


def rows(n: int, seed: int = 0) -> list[dict[str, Any]]:
    rng = np.random.default_rng(seed)
    age, city = rng.integers(18, 90, n).tolist(), rng.choice(["Ulm", "Bonn", "Kiel"], n).tolist()
    income, member = rng.normal(3e3, 500.0, n).tolist(), (rng.random(n) < 0.3).tolist()
    return [
        {"age": a, "city": c, "income": i, "member": m} for a, c, i, m in zip(age, city, income, member, strict=True)
    ]


def reference(n: int = 400) -> list[dict[str, Any]]:
    rng = np.random.default_rng(1)
    score = rng.random(n)
    extra = {"score": score, "label": rng.random(n) < score, "at": np.arange(n).astype("M8[s]").astype(object)}
    return [row | {k: v[i] for k, v in extra.items()} for i, row in enumerate(rows(n, 1))]


SCHEMA = Schema(score="score", target="label", timestamp="at")
BASELINE = Baseline.of(reference(), schema=SCHEMA)


class Clock:
    """A clock that only the test moves."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def monitor(folder: Path, clock: Callable[[], float] | None = None, **settings: Any) -> Monitor:
    """A monitor that flushes when told, and leaves the test's signals alone."""
    usual = {"spool": folder, "clock": clock or Clock(), "flush_every": 1e6, "handle_sigterm": False}
    return Monitor(BASELINE, **(usual | settings))


def booked(stats: MonitorStats) -> int:
    """Rows that are accounted for."""
    parts = ("rows_profiled", "rows_sampled_out", "rows_late", "rows_bad", "rows_lost", "buffer_rows")
    return sum(getattr(stats, part) for part in parts)


def state(profile: Profile | None, but: tuple[str, ...] = ("quantiles", "moments")) -> dict[Any, Any]:
    """All that is exact in a profile, by need (sums of floats depend on their order, bounds on how rows came)."""
    assert profile is not None
    exact = {need: s for need, s in profile.summaries.items() if need.summary not in but and not getattr(s, "error", 0)}
    return {need: summary.to_state() for need, summary in exact.items()}


def until(condition: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Poll until a condition holds."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "the condition did not come true"
        time.sleep(0.01)
    return found


def worker(code: str, *arguments: object) -> subprocess.Popen[str]:
    """A process that runs `code` beside the tests' modules."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(SOURCE), str(Path(__file__).parent)])}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finished(process: subprocess.Popen[str], code: int = 0) -> str:
    """What a process printed; it must end with `code`."""
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    return out


def total(made: Monitor) -> int:
    """Rows in all windows of the spool."""
    found = [made.spool.read(start) for start in made.spool.windows()]
    return sum(profile.n_rows for profile in found if profile)
