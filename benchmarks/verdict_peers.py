"""Evidently's own verdict, run for real on rows that our rules were written anew for.

`python -m benchmarks.verdict_peers PYTHON` asks an interpreter that has evidently installed; without it, why it is
skipped is printed. Each data set is 20 normal columns; nothing changed in half of them, all have shifted in the others.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.verdict_rules import EVIDENTLY_SHARE, FAMILY, evidently

SEED, WINDOWS, ROWS, REFERENCE = 20_241, 12, 1_000, 20_000
SHIFT = 0.12
ASKED = """
import json, sys
import numpy as np, pandas as pd
from evidently import Dataset, DataDefinition, Report
from evidently.presets import DataDriftPreset
found = []
with np.load(sys.argv[1]) as held:
    names = [f"x{i}" for i in range(held["before"].shape[1])]
    definition = DataDefinition(numerical_columns=names)
    made = lambda rows: Dataset.from_pandas(pd.DataFrame(rows, columns=names), data_definition=definition)
    before = made(held["before"])
    for now in held["now"]:
        told = Report([DataDriftPreset()]).run(made(now), before).dict()
        drifted = [m["value"] for m in told["metrics"] if isinstance(m["value"], dict) and "count" in m["value"]][0]
        found.append([int(drifted["count"]), float(drifted["share"])])
print(json.dumps(found))
"""


def drawn() -> tuple[np.ndarray, np.ndarray]:
    """A reference and windows of it, the second half of which has shifted."""
    rng = np.random.default_rng(SEED)
    before, now = rng.standard_normal((REFERENCE, FAMILY)), rng.standard_normal((WINDOWS, ROWS, FAMILY))
    now[WINDOWS // 2 :] += SHIFT
    return before, now


def asked(python: str) -> list[int] | str:
    """How many columns of each window its own report calls drifted, or why it could not be asked."""
    before, now = drawn()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.npz"
        np.savez(path, before=before, now=now)
        try:
            done = subprocess.run([python, "-c", ASKED, str(path)], capture_output=True, text=True, timeout=300)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{type(error).__name__}: {error}"
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["it failed"])[-1]
    return [count for count, _ in json.loads(done.stdout.strip().splitlines()[-1])]


def anew() -> list[int]:
    """How many columns of each window the rule written anew calls drifted."""
    before, now = drawn()
    return [sum(evidently(before[:, i], rows[:, i], 1.0) for i in range(FAMILY)) for rows in now]


def main() -> int:
    if len(sys.argv) < 2:
        print("skipped: give the path of a Python that has evidently")
        return 0
    theirs, ours = asked(sys.argv[1]), anew()
    if isinstance(theirs, str):
        print(f"skipped: {theirs}")
        return 0
    same = sum(a == b for a, b in zip(theirs, ours, strict=True))
    half = FAMILY * EVIDENTLY_SHARE
    print(f"evidently, run: drifted columns of {FAMILY} by window {theirs}")
    print(f"written anew:                                       {ours}")
    print(f"the same in {same} of {WINDOWS} windows; data sets drifted: {sum(c >= half for c in theirs)}")
    return 0 if same == WINDOWS else 1


if __name__ == "__main__":
    sys.exit(main())
