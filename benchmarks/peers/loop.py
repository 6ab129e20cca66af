"""A process that does one piece of work as often as it is told, and says how long it took and what memory it added.

Runs in the interpreters of other tools too, so it needs the standard library alone.
"""

import json
import sys
import time
from pathlib import Path


def _status(name):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    raise KeyError(name)


def serve(works):
    """`works` by name; the first argument says which, the rest are given to it. It gives the function that is timed."""
    work = works[sys.argv[1]](*sys.argv[2:])
    print("ready", flush=True)
    for _ in sys.stdin:
        Path("/proc/self/clear_refs").write_text("5")  # the peak is that of this round
        before = _status("VmRSS")
        began = time.perf_counter()
        told = work()
        seconds = time.perf_counter() - began
        peak = _status("VmHWM")
        said = told if isinstance(told, dict) else {}
        print(json.dumps({"seconds": seconds, "added_mb": peak - before, "peak_mb": peak, **said}), flush=True)
