"""The windows of a stream: each batch counts once, wherever a process was killed; compaction changes no total."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from barograph import Profile
from barograph.engines.spark_store import Store
from barograph.errors import FormatError, ParameterError

HOURS = [f"2024-03-10T0{hour}:00:00+00:00" for hour in range(4)]


def rows(n: int) -> Profile:
    return Profile.of({"x": list(range(n))})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Five batches of 1 to 5 rows; each brings two windows, and one row without a time."""
    made = Store(tmp_path / "store")
    made.begin(rows(0), "1h", "q")
    for batch in range(5):
        made.add(batch, {HOURS[batch % 3]: rows(batch + 1), HOURS[3]: rows(1)}, 1)
    return made


TOTALS = {HOURS[0]: 5, HOURS[1]: 7, HOURS[2]: 3, HOURS[3]: 5}


def totals(store: Store) -> dict[str, int]:
    windows, n_timeless = store.read()
    assert n_timeless == 5
    return {start: made.n_rows for start, made in windows.items()}


def test_windows_are_the_sums_of_batches(store: Store) -> None:
    assert totals(store) == TOTALS and list(totals(store)) == HOURS
    assert store.every() == "1h" and store.has(4) and not store.has(5)


def test_a_batch_that_comes_again_is_not_counted_again(store: Store) -> None:
    store.add(2, {HOURS[2]: rows(3)}, 1)
    store.compact()
    for batch in range(5):
        store.add(batch, {HOURS[0]: rows(99)}, 9)
    assert totals(store) == TOTALS


def test_compaction_bounds_the_files(store: Store) -> None:
    """One file a window, whatever the number of batches; and it does nothing a second time."""
    store.compact()
    assert store.n_waiting() == 0 and totals(store) == TOTALS
    before = sorted(p.name for p in (store.folder / "windows").iterdir())
    assert len(before) == 4
    store.compact()
    assert sorted(p.name for p in (store.folder / "windows").iterdir()) == before
    store.add(5, {HOURS[0]: rows(1)}, 0)
    store.compact()
    assert len([*(store.folder / "windows").iterdir()]) == 4
    assert totals(store) == TOTALS | {HOURS[0]: 6}


@pytest.mark.parametrize("written", [0, 1, 2, 3, 4])
def test_compaction_that_is_killed_changes_nothing(store: Store, written: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """After any of its writes; the next one does it anew."""
    from barograph import codec

    left = [written]
    real = codec.write_file

    def until(path: Any, data: bytes) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        real(path, data)

    with monkeypatch.context() as patched:
        patched.setattr(codec, "write_file", until)
        with pytest.raises(KeyboardInterrupt):
            store.compact()
    assert totals(store) == TOTALS
    store.compact()
    assert totals(store) == TOTALS and store.n_waiting() == 0


def test_killed_before_it_cleaned_up(store: Store, tmp_path: Path) -> None:
    """Files of batches and windows that were left lying are not counted."""
    shutil.copytree(store.folder, tmp_path / "before")
    store.compact()
    store.add(5, {HOURS[0]: rows(1)}, 0)
    shutil.copytree(tmp_path / "before" / "batches", store.folder / "batches", dirs_exist_ok=True)
    shutil.copy(next((store.folder / "windows").iterdir()), store.folder / "windows" / "old.1")
    assert totals(store) == TOTALS | {HOURS[0]: 6}
    store.compact()
    assert totals(store) == TOTALS | {HOURS[0]: 6}
    assert not [*(store.folder / "batches").iterdir()] and len([*(store.folder / "windows").iterdir()]) == 4


def test_old_windows_are_forgotten(store: Store) -> None:
    store.forget(HOURS[2])
    assert totals(store) == {start: n for start, n in TOTALS.items() if start >= HOURS[2]}
    assert len([*(store.folder / "windows").iterdir()]) == 2


def test_what_does_not_belong_is_refused(store: Store, tmp_path: Path) -> None:
    store.check("1h", "q")
    store.check("1h", "")
    with pytest.raises(ParameterError, match="has windows of 1h, not of 1d"):
        store.check("1d", "q")
    with pytest.raises(ParameterError, match="batches of query q, and this is query other"):
        store.check("1h", "other")
    with pytest.raises(FormatError, match="holds no windows"):
        Store(tmp_path / "nothing").read()
    (store.folder / "batches" / "000000000003.zip").write_bytes(b"PK")
    with pytest.raises(FormatError, match=r"000000000003.zip cannot be read"):
        store.read()
    (store.folder / "stream.json").write_text(json.dumps({"every": 1}))
    with pytest.raises(FormatError, match="cannot be read"):
        store.every()
