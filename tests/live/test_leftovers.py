"""Files of dead workers: merged without a change of any sum, wherever a kill comes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from barograph.live import exposition, leftovers

sys.path.insert(0, str(Path(__file__).parent))
from test_exposition import DEAD, keep

ALL = 40


def fill(folder: Path) -> None:
    """Counters and histograms of 40 dead workers, and of this one."""
    for pid in [*range(DEAD, DEAD + ALL), os.getpid()]:
        label = (("v", f'ü"{pid % 3}'),)
        keep(folder, "counter", pid, {("a", "a_total", label): 1.5})
        buckets = {("h", "h_bucket", (*label, ("le", le))): n for le, n in (("0.1", 1.0), ("+Inf", 2.0))}
        keep(folder, "histogram", pid, {("h", "h_sum", label): 0.5, **buckets})
        keep(folder, "gauge_livesum", pid, {("g", "g", ()): 1.0})


def sums(folder: Path) -> dict[Any, float]:
    return {(s.name, *sorted(s.labels.items())): s.value for f in exposition.shared(folder) for s in f.samples}


def test_sums_stay_and_files_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path)
    monkeypatch.setattr(leftovers, "AT_LEAST", 1000)
    before = sums(tmp_path)
    assert before["g",] == 1.0 and sum(n for (name, *_), n in before.items() if name == "a_total") == 1.5 * (ALL + 1)
    assert len(list(tmp_path.glob("counter_*.db"))) == ALL + 1
    monkeypatch.undo()
    assert sums(tmp_path) == before
    assert len(list(tmp_path.glob("*.db"))) == 5  # ours of three kinds, and two of all the dead
    fill(tmp_path)  # more die
    assert sum(n for (name, *_), n in sums(tmp_path).items() if name == "a_total") == pytest.approx(1.5 * (2 * ALL + 1))
    assert len(list(tmp_path.glob("*.db"))) == 5


@pytest.mark.parametrize("step", range(6))
def test_a_kill_at_any_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Each change of the folder in turn is the last that the dying worker makes."""
    fill(tmp_path)
    monkeypatch.setattr(leftovers, "AT_LEAST", 1000)
    before = sums(tmp_path)
    monkeypatch.undo()
    left = [step]

    def dying(real: Any) -> Any:
        def change(self: Path, *args: Any, **kwargs: Any) -> Any:
            if left[0] == 0:
                raise KeyboardInterrupt
            left[0] -= 1
            return real(self, *args, **kwargs)

        return change

    for name in ("replace", "unlink", "write_text"):
        monkeypatch.setattr(Path, name, dying(getattr(Path, name)))
    with pytest.raises(KeyboardInterrupt):
        leftovers.merge(tmp_path, "counter", sorted(tmp_path.glob(f"counter_{str(DEAD)[:5]}*.db")))
    monkeypatch.undo()
    assert sums(tmp_path) == before
    assert not list(tmp_path.glob(".*new")) + list(tmp_path.glob("*.merging"))


def test_a_scrape_beside_another_waits_for_nothing(tmp_path: Path) -> None:
    fill(tmp_path)
    with leftovers.reading(tmp_path):
        fill(tmp_path)
        n = len(list(tmp_path.glob("counter_*.db")))
        assert sums(tmp_path)
        assert len(list(tmp_path.glob("counter_*.db"))) == n  # not while somebody reads
