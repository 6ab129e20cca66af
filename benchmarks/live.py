"""What logging costs, by hand: `python -m benchmarks.live [seconds] [rows per second]`.

1. `Monitor.log` of a row of 20 features, on the calling thread, beside copying the dict.
2. Sustained traffic on one core: rows per second reached, CPU of the whole process, growth of its memory after warm-up,
   and the account of every row.
"""

import gc
import os
import sys
import tempfile
import time
import timeit
from pathlib import Path

import numpy as np

from barograph import Baseline
from barograph.live import Monitor

FEATURES = 20
TARGET_US, TARGET_MB = 8.0, 5.0


def rows(n: int) -> list[dict[str, object]]:
    """15 floats, 2 integers, a boolean, labels of 5 and of 5,000 sorts."""
    rng = np.random.default_rng(0)
    columns: dict[str, list[object]] = {f"float_{i}": rng.normal(size=n).tolist() for i in range(15)}
    columns |= {f"int_{i}": rng.integers(0, 1000, n).tolist() for i in range(2)}
    columns["flag"] = (rng.random(n) < 0.3).tolist()
    for distinct in (5, 5000):
        columns[f"label_{distinct}"] = [f"v{i}" for i in rng.integers(0, distinct, n)]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def resident() -> float:
    """Memory of this process in MB."""
    fields = Path("/proc/self/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def cost_of_a_call(baseline: Baseline, given: list[dict[str, object]]) -> None:
    row = given[0]
    with Monitor(baseline, buffer_rows=10_000_000, flush_every=1e6, handle_sigterm=False) as monitor:
        with monitor._drain.work:  # noqa: SLF001 - the calling thread alone
            times = timeit.repeat(lambda: monitor.log(row, prediction=1, score=0.5), number=20_000, repeat=7)
        busy = timeit.repeat(lambda: monitor.log(row, prediction=1, score=0.5), number=20_000, repeat=7)
    copy = min(timeit.repeat(lambda: dict(row), number=20_000, repeat=7)) / 20_000 * 1e6
    for name, found in (("alone", times), ("beside the counting thread", busy)):
        each = sorted(t / 20_000 * 1e6 for t in found)
        print(f"log() of {FEATURES} features, {name:<27} {each[0]:.2f} to {each[-1]:.2f} us  (target {TARGET_US:g})")
    print(f"dict(row) alone {copy:.2f} us")


def sustained(baseline: Baseline, given: list[dict[str, object]], seconds: float, rate: int) -> None:
    folder = tempfile.mkdtemp(prefix="barograph-bench-")
    monitor = Monitor(baseline, spool=folder, flush_every=2.0, handle_sigterm=False)
    log, n, warm = monitor.log, 0, 0.0
    began, cpu = time.perf_counter(), time.process_time()
    while (passed := time.perf_counter() - began) < seconds:
        due = int(passed * rate)
        while n < due:
            log(given[n % len(given)], score=0.5)
            n += 1
        if not warm and passed > min(15.0, seconds / 3):
            gc.collect()
            warm = resident()
        time.sleep(0.002)
    passed, used = time.perf_counter() - began, time.process_time() - cpu
    gc.collect()
    grown = resident() - warm
    monitor.close()
    stats = monitor.stats()
    found = sum(p.n_rows for s in monitor.spool.windows() if (p := monitor.spool.read(s)))
    print(f"\n{n:,} rows in {passed:.1f} s: {n / passed:,.0f} rows/s, CPU {used / passed:.0%} of one core")
    print(f"memory after warm-up {warm:.0f} MB, grown by {grown:+.1f} MB  (target < {TARGET_MB:g})")
    print(f"{stats}\nrows in the spool's windows: {found:,}")
    assert n == stats.rows_logged == found + stats.rows_sampled_out + stats.rows_late + stats.rows_bad


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    rate = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    given = rows(20_000)
    baseline = Baseline.of(given)
    cost_of_a_call(baseline, given)
    sustained(baseline, given, seconds, rate)


if __name__ == "__main__":
    main()
