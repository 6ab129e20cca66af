"""The benchmarks run, and say what they must; how long things take decides nothing here."""

import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks import __main__ as bench
from benchmarks.cases import CASES
from benchmarks.rows import Row, at_least, at_most
from benchmarks.timing import LackingPeerError, Worker, alternate, installed, ratio


@pytest.mark.parametrize("case", ["profile", "merging", "size", "drift", "starting", "large"])
def test_cases_run_on_small_data(case: str) -> None:
    rows = CASES[case].run(quick=True)
    assert rows
    assert all(row.measured for row in rows)
    assert all(row.target for row in rows if row.met is not None)


def test_rows_say_whether_a_target_is_met() -> None:
    assert at_most("a", 1.0, 1.0).met
    assert not at_most("a", 1.01, 1.0).met
    assert at_least("a", 40, 40).met
    assert not at_least("a", 39.9, 40).met
    assert at_least("a", 39.9, 40, "b").cells() == ["a", "39.9 x", "b", "at least 40.0 x", "**missed**"]


def test_the_page_keeps_what_is_not_measured(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{bench.BEGIN}\nold\n{bench.END}\nafter\n")
    bench.write(bench.table("Something", "size", [Row("what", "1 KB")]), page)
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("\nafter\n") and "old" not in text
    assert "| what | 1 KB |  |  |  |" in text and "cores of" in text


def test_rounds_alternate_and_what_a_worker_says_is_kept() -> None:
    loop = Path(bench.__file__).parent / "peers"
    code = (
        f"import sys; sys.path.insert(0, {str(loop)!r}); import loop; loop.serve({{'w': lambda: lambda: {{'n': 1}}}})"
    )
    one, other = (Worker(name, [sys.executable, "-c", code, "w"]) for name in ("one", "other"))
    alternate(one, other, rounds=3, few={"other": 2})
    assert len(one.rounds) == 3 and len(other.rounds) == 2 and one.median("n") == 1
    assert ratio(one, other) > 0
    assert one.process is not None and one.process.returncode is not None, "it was stopped"


def test_work_that_fails_says_why() -> None:
    worker = Worker("broken", [sys.executable, "-c", "raise ValueError('no such thing')"])
    with pytest.raises(RuntimeError, match="no such thing"):
        alternate(worker, rounds=1)


def test_a_peer_that_cannot_be_installed_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("benchmarks.timing.PLACES", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(LackingPeerError, match="uv is not there"):
        installed("whylogs")


def test_it_says_which_cases_there_are() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "nothing"], capture_output=True, text=True, cwd=bench.ROOT
    )
    assert done.returncode == 2 and "profile" in done.stderr
