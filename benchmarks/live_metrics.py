"""`/metrics` of a model with 100 features: series and time of a scrape. `python -m benchmarks.live_metrics`."""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from prometheus_client import CollectorRegistry, generate_latest

from barograph import Baseline
from barograph.live.cells import CellCollector, cell_collector
from barograph.live.collector import MonitorCollector
from barograph.live.monitor import Monitor

FEATURES, ROUNDS = 100, 30


def rows(n: int, shift: float = 0.0) -> dict[str, object]:
    rng = np.random.default_rng(n)
    made: dict[str, object] = {f"number_{i}": rng.normal(shift * (i < 5), 1, n) for i in range(80)}
    return made | {f"label_{i}": rng.choice(list("abcdefgh"), n) for i in range(20)}


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def scrape(collector: MonitorCollector | CellCollector) -> bytes:
    registry = CollectorRegistry()
    registry.register(collector)
    return generate_latest(registry)


def main() -> None:
    now = [time.time() - 7200]
    baseline = Baseline.of(rows(20_000))
    with (
        tempfile.TemporaryDirectory() as folder,
        Monitor(baseline, spool=Path(folder), clock=lambda: now[0]) as monitor,
    ):
        cells = cell_collector(monitor)
        for shift in (0.0, 0.5):
            monitor.log_batch(rows(5_000, shift))
            monitor.flush()
            now[0] += 7200
        now[0] -= 7200
        collector = MonitorCollector(monitor)
        print(f"first scrape, both windows evaluated   {timed(lambda: scrape(collector)):8.1f} ms")
        text = scrape(collector).decode()
        series = sum(not line.startswith("#") for line in text.splitlines())
        unchanged = sorted(timed(lambda: scrape(collector)) for _ in range(ROUNDS))
        print(f"unchanged, {series:,} series              {unchanged[ROUNDS // 2]:8.1f} ms  (limit 50)")
        changed = []
        for _ in range(8):
            monitor.log_batch(rows(500))
            monitor.flush()
            changed.append(timed(lambda: scrape(collector)))
        said = f"{sorted(changed)[4]:8.1f} ms, up to {max(changed):.1f}"
        print(f"running window changed                 {said}: noise is drawn anew for a quarter more rows")
        text = scrape(cells).decode()
        series = sum(not line.startswith("#") for line in text.splitlines())
        counted = sorted(timed(lambda: scrape(cells)) for _ in range(ROUNDS))
        print(f"counters for PromQL, {series:,} series    {counted[ROUNDS // 2]:8.1f} ms")
    sys.exit(unchanged[ROUNDS // 2] > 50)


if __name__ == "__main__":
    main()
