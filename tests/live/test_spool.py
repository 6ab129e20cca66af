from __future__ import annotations

import errno
import logging
import os
import socket
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from services import BASELINE, HOUR, NOON, rows, state, until

from barograph import Baseline, Profile
from barograph.live import accounts
from barograph.live import spool as spool_module
from barograph.live.accounts import COUNTED, Account, MonitorStats, born
from barograph.live.spool import Spool, levelled


def spool(folder: Path, **settings: Any) -> Spool:
    return Spool(folder, **({"window": "1h", "lateness": "5m"} | settings))


def profile(n: int = 3, seed: int = 0) -> Profile:
    return Profile.of(rows(n, seed), BASELINE, name="")


def test_nothing_is_made_before_something_is_written(tmp_path: Path) -> None:
    made = spool(tmp_path / "deep" / "er")
    assert (made.windows(), made.read(NOON), made.signature(NOON), made.finished(NOON)) == ([], None, (), [])
    assert made.accounting() == MonitorStats()
    assert not (tmp_path / "deep").exists()


def test_shards_of_workers_merge(tmp_path: Path) -> None:
    parts = [profile(n, n) for n in (5, 6, 7)]
    for part in parts:
        spool(tmp_path).write(NOON, 1, part)
    whole = spool(tmp_path).read(NOON)
    assert state(whole) == state(Profile.of(rows(5, 5) + rows(6, 6) + rows(7, 7), BASELINE))


def test_a_shard_replaces_the_last_of_its_worker(tmp_path: Path) -> None:
    made = spool(tmp_path)
    for n in (5, 9):
        made.write(NOON, 1, profile(n))
    found = made.read(NOON)
    assert found is not None
    assert found.n_rows == 9


def test_a_folder_that_cannot_be_read_is_not_an_empty_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = spool(tmp_path)
    made.write(NOON, 1, profile())

    def locked(folder: Path) -> list[str]:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "listdir", locked)
    for read in (made.windows, made.finished, made.accounting, made.retain, lambda: made.read(NOON)):
        with pytest.raises(PermissionError):
            read()


def test_windows_before_1970_and_of_fractions(tmp_path: Path) -> None:
    made = spool(tmp_path, window="100ms")
    for start in (-3600.0, 0.0, 0.1):
        made.write(start, 1, profile())
    assert made.windows() == [-3600.0, 0.0, 0.1]
    assert all(made.read(start) for start in made.windows())


def test_the_signature_changes_with_the_shards(tmp_path: Path) -> None:
    made, other = spool(tmp_path), spool(tmp_path)
    seen = [made.signature(NOON)]
    for writer, n in ((made, 3), (made, 4), (other, 1)):
        writer.write(NOON, 1, profile(n))
        seen.append(made.signature(NOON))
    assert len(set(seen)) == 4
    assert made.signature(NOON) == seen[-1]


def test_a_spool_knows_its_windows_from_its_folder(tmp_path: Path) -> None:
    spool(tmp_path, window="1mo", lateness="1d").write(0.0, 1, profile())
    found = Spool(tmp_path)
    assert (found.length.text, found.lateness, found.end(0.0)) == ("1mo", 86_400.0, 31 * 86_400.0)


@pytest.mark.parametrize("damage", [b"", b"BAROGRPH", b"junk"])
def test_damaged_and_foreign_shards_are_left_out_and_logged_once(
    tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    made = spool(tmp_path)
    made.write(NOON, 1, profile())
    name = round(NOON * 1000)
    (tmp_path / f"{name}-ff-1.profile").write_bytes(damage)
    other = Baseline.of({"age": [1, 2, 3]})
    Profile.of({"age": [1]}, other).write(tmp_path / f"{name}-zz-1.profile")
    (tmp_path / "notes.txt").write_text("not ours")
    with caplog.at_level(logging.WARNING, "barograph.live"):
        for _ in range(3):
            found = made.read(NOON)
            assert found is not None
            assert found.n_rows == 3
    assert len(caplog.records) == 2


def test_only_the_newest_windows_are_kept(tmp_path: Path) -> None:
    made = spool(tmp_path, keep=3)
    for hour in range(6):
        made.write(NOON + hour * HOUR, 1, profile())
        spool(tmp_path).write(NOON + hour * HOUR, 1, profile())
    made.retain()
    assert made.windows() == [NOON + hour * HOUR for hour in (3, 4, 5)]


def test_a_failed_write_leaves_the_old_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = spool(tmp_path)
    made.write(NOON, 1, profile(3))

    def full(path: Path, data: bytes) -> int:
        with path.open("wb") as file:
            file.write(data[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(OSError, match="No space"):
            made.write(NOON, 1, profile(9))
    found = made.read(NOON)
    assert found is not None
    assert found.n_rows == 3
    assert not list(tmp_path.glob(".*.tmp"))


# --- finished windows ------------------------------------------------------------------------------------------------


def account(worker: str, mark: float | None = None, at: float = 0.0, **settings: Any) -> Account:
    return Account(worker, watermark=mark, watermark_at=at, **settings)


def test_live_windows_finish_by_the_clock(tmp_path: Path) -> None:
    made = spool(tmp_path)
    made.write(NOON, 1, profile())
    made.write_account(account(made.worker, NOON + 1.0, NOON + 1.0))
    assert made.finished(NOON + HOUR + 299) == []
    assert made.finished(NOON + HOUR + 300) == [NOON]


def test_a_clock_set_back_reopens_a_window_and_loses_nothing(tmp_path: Path) -> None:
    made = spool(tmp_path)
    made.write(NOON, 1, profile())
    late = NOON + HOUR + 600
    made.write_account(account(made.worker, late, late, stats=MonitorStats(3, 3)))
    assert made.finished(late) == [NOON]
    assert (made.finished(NOON), made.windows(), made.accounting(NOON).rows_profiled) == ([], [NOON], 3)
    assert made.finished(late + 1) == [NOON]
    far = account("ff", stats=MonitorStats(2, buffer_rows=2), host="elsewhere", seen=late)
    assert far.alive(NOON)  # what it said is in the future: no reason to call its rows lost


def test_replayed_windows_finish_by_event_time(tmp_path: Path) -> None:
    made, now = spool(tmp_path), NOON + 9999 * HOUR
    for hour in range(3):
        made.write(NOON + hour * HOUR, 1, profile())
    made.write_account(account(made.worker, NOON + 2 * HOUR + 600, now))
    other = spool(tmp_path)
    other.write_account(account(other.worker, NOON, now))
    assert made.finished(now) == [NOON, NOON + HOUR]
    assert made.finished(now + HOUR) == [NOON, NOON + HOUR, NOON + 2 * HOUR]


# --- accounts --------------------------------------------------------------------------------------------------------


def test_accounts_add_up_and_the_dead_lose_what_they_held(tmp_path: Path) -> None:
    living, dead, closed = spool(tmp_path), spool(tmp_path), spool(tmp_path)
    living.write_account(
        account(living.worker, stats=MonitorStats(10, 7, buffer_rows=3, last_flush=5.0), recent=(10, 5))
    )
    dead.write_account(account(dead.worker, stats=MonitorStats(20, 16, buffer_rows=4, last_flush=9.0), born="1"))
    closed.write_account(account(closed.worker, stats=MonitorStats(5, 5), closed=True, recent=(5, 5)))
    found = living.accounting()
    assert (found.rows_logged, found.rows_profiled, found.buffer_rows, found.rows_lost) == (35, 28, 3, 4)
    assert (found.last_flush, found.sampling_rate) == (9.0, 0.5)


def test_a_worker_on_another_host_is_dead_when_it_is_silent(tmp_path: Path) -> None:
    far = account("ff", stats=MonitorStats(2, buffer_rows=2), host="elsewhere", seen=1000.0)
    assert far.alive(1059.0)
    assert far.settled(1059.0).rows_lost == 0
    assert far.settled(1061.0).rows_lost == 2


def test_a_process_is_told_from_a_later_one_of_its_number() -> None:
    pid = os.fork()
    if not pid:
        os._exit(0)
    until(lambda: born(pid) == "gone")  # a zombie
    os.waitpid(pid, 0)
    assert born(pid) == "gone"
    assert born(os.getpid()) not in ("", "gone")
    # and from one of another container under the same host name
    assert accounts.HOST.startswith(socket.gethostname()) and ("pid:[" in accounts.HOST or sys.platform != "linux")
    twin = account("ff", stats=MonitorStats(2, buffer_rows=2), host=f"{socket.gethostname()} pid:[1]", born="1")
    assert twin.settled(twin.seen + 1).rows_lost == 0


def test_the_long_dead_are_summed_up_and_no_count_changes(tmp_path: Path) -> None:
    made = spool(tmp_path)
    made.write_account(account(made.worker, stats=MonitorStats(1, 1)))
    for n in range(5):
        other = spool(tmp_path)
        stats = MonitorStats(10 + n, 10, rows_late=n)
        other.write_account(account(other.worker, stats=stats, born="1", seen=1.0))
    before = made.accounting()
    made.retain()
    assert len(list(tmp_path.glob("*.account.json"))) == 1
    assert made.accounting() == before
    late = spool(tmp_path)
    late.write_account(account(late.worker, stats=MonitorStats(1, 1), born="1", seen=1.0))
    made.retain()
    assert made.accounting().rows_logged == before.rows_logged + 1


def test_read_while_somebody_is_retired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scrape that falls between the reading of the sum and of the accounts must not miss who moved to the sum."""
    made, dead = spool(tmp_path), spool(tmp_path)
    dead.write_account(account(dead.worker, stats=MonitorStats(7, 7), born="1", seen=1.0))
    real, asked = spool_module._names, []

    def names(folder: Path) -> list[str]:
        if not asked:
            asked.append(folder)
            made.retain()
        return real(folder)

    monkeypatch.setattr(spool_module, "_names", names)
    assert Spool(tmp_path).accounting().rows_logged == 7
    assert asked and not list(tmp_path.glob("*.account.json"))


def test_killed_while_retiring_counts_nobody_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = spool(tmp_path)
    dead = spool(tmp_path)
    dead.write_account(account(dead.worker, stats=MonitorStats(7, 7), born="1", seen=1.0))
    with monkeypatch.context() as patch:  # killed before the accounts are deleted
        patch.setattr("barograph.live.spool._remove", lambda path: None)
        made.retain()
    assert made.accounting().rows_logged == 7
    assert (tmp_path / ".retiring").exists()
    os.utime(tmp_path / ".retiring", (1, 1))
    made.retain()
    made.retain()
    assert made.accounting().rows_logged == 7


@pytest.mark.parametrize("shared", [False, True])
def test_what_cannot_be_written_is_told_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: bool
) -> None:
    """Of a broken disk this process hears from itself, the other workers through their folder."""
    if shared:
        monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path / "workers"))
    folder = tmp_path / "spool"
    made, reader = spool(folder), spool(folder)
    made.write_account(account(made.worker, stats=MonitorStats(3, 3, flushes=1)))
    folder.rename(tmp_path / "away")
    folder.write_text("in the way")
    for errors in (1, 2):
        with pytest.raises(OSError):
            made.write_account(account(made.worker, stats=MonitorStats(5, 3, buffer_rows=2, flush_errors=errors)))
    assert (made.accounting().rows_logged, made.accounting().flush_errors) == (5, 2)
    assert reader.accounting().flush_errors == (2 if shared else 0)
    folder.unlink()
    (tmp_path / "away").rename(folder)
    assert reader.accounting().rows_logged == (5 if shared else 3)  # the newer one, not both
    made.write_account(account(made.worker, stats=MonitorStats(5, 5, flushes=2, flush_errors=2)))
    for each in (made, reader, spool(folder)):
        assert (each.accounting().rows_profiled, each.accounting().buffer_rows) == (5, 0)
    assert not list(tmp_path.glob("workers/*.json"))


def test_a_file_that_cannot_be_read_now_is_not_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where open files run out, say: without it sums would go down."""
    made = spool(tmp_path)
    made.write(NOON, 1, profile())
    made.write_account(account(made.worker, stats=MonitorStats(3, 3)))

    def many(path: Path) -> bytes:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", many)
        for read in (made.accounting, lambda: made.read(NOON)):
            with pytest.raises(OSError, match="Too many"):
                read()
    assert made.read(NOON) and made.accounting().rows_profiled == 3


def test_junk_in_an_account_is_no_account(tmp_path: Path) -> None:
    (tmp_path / "ff.account.json").write_bytes(b"{")
    (tmp_path / "retired.json").write_bytes(b"[]")
    (tmp_path / "spool.json").write_bytes(b'{"window": 3}')
    assert Spool(tmp_path).accounting() == MonitorStats()


def test_every_count_is_summed() -> None:
    named = {f for f in MonitorStats.__struct_fields__ if f not in ("sampling_rate", "last_flush")}
    assert set(COUNTED) == named
    assert msgspec.json.decode(msgspec.json.encode(MonitorStats(3)), type=MonitorStats) == MonitorStats(3)


# --- parts that lack columns -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [1, 3, 5])
def test_where_parts_are_cut_changes_nothing(cut: int) -> None:
    """A column that only some parts have is null in the others, as it would be in one frame."""
    given: list[dict[str, Any]] = [{"age": i, "city": "Ulm"} for i in range(3)]
    given += [{"age": i, "member": True, "score": 0.5, "label": True} for i in range(2)]
    given += [{"age": i, "member": None, "city": None} for i in range(2)]
    whole = Profile.of(given, BASELINE)
    parts = Profile.of(given[:cut], BASELINE) + Profile.of(given[cut:], BASELINE)
    assert state(levelled(parts)) == state(whole)
    assert whole.get("counts", "member").n_null == 5


def test_a_relative_folder_stays_where_it_was_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    spool = Spool("here")
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert spool.folder == tmp_path / "here"
