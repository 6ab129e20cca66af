"""A folder that people edit: nothing of theirs is lost, and nothing changes without being said."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from barograph.errors import InputError
from barograph.stack.folder import (
    MANIFEST,
    Fate,
    Manifest,
    plan,
    read_manifest,
    secret,
    secret_faults,
    write,
)
from barograph.stack.text import File

ONE = {"a.yml": File("one\n"), "sub/b.json": File("{}\n"), "run.sh": File("#!/bin/sh\n", 0o755)}
TWO = {**ONE, "a.yml": File("two\n")}


def run(folder: Path, files: dict[str, File]) -> dict[str, Fate]:
    """One run of init: what became of each file."""
    before = read_manifest(folder)
    changes = plan(folder, files, before)
    write(folder, files, changes, Manifest("files"), before)
    return {change.path: change.fate for change in changes}


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_written_once_and_then_left(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "stack"
    assert set(run(folder, ONE).values()) == {Fate.NEW}
    before, times = tree(folder), {p: p.stat().st_mtime_ns for p in folder.rglob("*.yml")}
    assert set(run(folder, ONE).values()) == {Fate.SAME}
    assert tree(folder) == before
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("*.yml")} == times


def test_what_nobody_edited_is_updated(tmp_path: Path) -> None:
    run(tmp_path, ONE)
    assert run(tmp_path, TWO) == {"a.yml": Fate.UPDATED, "sub/b.json": Fate.SAME, "run.sh": Fate.SAME}
    assert (tmp_path / "a.yml").read_text() == "two\n"


def test_edits_are_kept(tmp_path: Path) -> None:
    run(tmp_path, ONE)
    (tmp_path / "a.yml").write_text("mine\n")
    assert run(tmp_path, ONE)["a.yml"] is Fate.KEPT
    assert not (tmp_path / "a.yml.new").exists()
    assert run(tmp_path, TWO)["a.yml"] is Fate.BESIDE
    assert ((tmp_path / "a.yml").read_text(), (tmp_path / "a.yml.new").read_text()) == ("mine\n", "two\n")
    assert run(tmp_path, TWO)["a.yml"] is Fate.KEPT  # offered already
    assert (tmp_path / "a.yml.new").exists()
    three = {**TWO, "a.yml": File("three\n")}
    assert run(tmp_path, three)["a.yml"] is Fate.BESIDE
    assert (tmp_path / "a.yml.new").read_text() == "three\n"


def test_what_was_merged_is_ours_again(tmp_path: Path) -> None:
    run(tmp_path, ONE)
    (tmp_path / "a.yml").write_text("mine\n")
    run(tmp_path, TWO)
    (tmp_path / "a.yml").write_text("two\n")  # copied rather than moved
    assert run(tmp_path, TWO)["a.yml"] is Fate.SAME
    assert not (tmp_path / "a.yml.new").exists()
    assert run(tmp_path, ONE)["a.yml"] is Fate.UPDATED


def test_edits_of_the_offered_version_are_kept_too(tmp_path: Path) -> None:
    run(tmp_path, ONE)
    (tmp_path / "a.yml").write_text("mine\n")
    run(tmp_path, TWO)
    (tmp_path / "a.yml.new").write_text("half merged\n")
    before = tree(tmp_path)
    with pytest.raises(InputError, match=r"a\.yml\.new holds edits; merge it into a\.yml or remove it"):
        run(tmp_path, {**ONE, "a.yml": File("three\n")})
    assert tree(tmp_path) == before
    (tmp_path / "a.yml").write_text("two\n")
    run(tmp_path, TWO)
    assert (tmp_path / "a.yml.new").read_text() == "half merged\n"


def test_files_that_were_there_before_are_edits(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("of another project\n")
    assert run(tmp_path, ONE)["a.yml"] is Fate.BESIDE
    assert (tmp_path / "a.yml").read_text() == "of another project\n"


def test_bytes_that_are_no_text_are_edits(tmp_path: Path) -> None:
    run(tmp_path, ONE)
    (tmp_path / "a.yml").write_bytes(b"\xff\x00")
    assert run(tmp_path, TWO)["a.yml"] is Fate.BESIDE
    assert (tmp_path / "a.yml").read_bytes() == b"\xff\x00"


def test_a_removed_file_is_written_again_and_said(tmp_path: Path) -> None:
    run(tmp_path, ONE)
    (tmp_path / "a.yml").unlink()
    assert run(tmp_path, ONE)["a.yml"] is Fate.AGAIN
    assert (tmp_path / "a.yml").read_text() == "one\n"


def test_what_is_no_longer_generated(tmp_path: Path) -> None:
    run(tmp_path, {**ONE, "old.yml": File("old\n"), "older.yml": File("older\n")})
    (tmp_path / "older.yml").write_text("mine\n")
    found = run(tmp_path, ONE)
    assert (found["old.yml"], found["older.yml"]) == (Fate.REMOVED, Fate.ORPHAN)
    assert not (tmp_path / "old.yml").exists()
    assert (tmp_path / "older.yml").read_text() == "mine\n"
    assert set(run(tmp_path, ONE)) == set(ONE)


def test_an_interrupted_run_is_no_edit(tmp_path: Path) -> None:
    run(tmp_path, ONE)
    (tmp_path / "a.yml").write_text("two\n")  # written by a run that did not come to its manifest
    assert run(tmp_path, TWO)["a.yml"] is Fate.SAME
    assert run(tmp_path, ONE)["a.yml"] is Fate.UPDATED


def test_a_diff_is_one_that_patch_understands(tmp_path: Path) -> None:
    run(tmp_path, ONE)
    (tmp_path / "a.yml").write_text("mine, without an end of line")
    before = tree(tmp_path)
    change = plan(tmp_path, TWO, read_manifest(tmp_path))[0]
    assert change.diff.splitlines() == [
        "--- a/a.yml", "+++ b/a.yml", "@@ -1 +1 @@", "-mine, without an end of line",
        "\\ No newline at end of file", "+two",
    ]  # fmt: skip
    assert plan(tmp_path / "x", ONE, None)[0].diff.splitlines()[:2] == ["--- /dev/null", "+++ b/a.yml"]
    assert tree(tmp_path) == before


def test_secrets_are_written_once_for_their_owner_only(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        assert run(tmp_path, {".env": File("A=first\n", 0o600, once=True)}) == {".env": Fate.NEW}
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert run(tmp_path, {".env": File("A=second\n", 0o600, once=True)}) == {".env": Fate.SAME}
    assert (tmp_path / ".env").read_text() == "A=first\n"
    assert ".env" not in json.loads((tmp_path / MANIFEST).read_bytes())["files"]
    assert "second" not in plan(tmp_path / "new", {".env": File("A=second\n", 0o600, once=True)}, None)[0].diff


def test_containers_can_read_whatever_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o077)
    try:
        run(tmp_path / "stack", ONE)
    finally:
        os.umask(old)
    modes = {name: stat.S_IMODE((tmp_path / "stack" / name).stat().st_mode) for name in ("a.yml", "sub", "run.sh")}
    assert modes == {"a.yml": 0o644, "sub": 0o755, "run.sh": 0o755}


def test_secrets_that_are_missing_or_open(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    assert secret_faults(tmp_path, ".env", "A") == []
    env.write_text("# A=no\n A = 'x=y' \nB=2\n")
    env.chmod(0o644)
    assert secret(env, "A") == "x=y"
    assert [fault.partition(";")[0] for fault in secret_faults(tmp_path, ".env", "A")] == [
        f"{env} can be read by others"
    ]
    env.write_text("B=2\n")
    env.chmod(0o600)
    assert [fault.partition(";")[0] for fault in secret_faults(tmp_path, ".env", "A")] == [f"{env} has no A"]
    env.write_bytes(b"\xff")
    with pytest.raises(InputError, match="cannot be read"):
        secret(env, "A")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "damaged"),
        ('{"files": {}}', "damaged"),
        ('{"format": "files", "files": {"../../etc/passwd": ""}}', "outside its folder"),
        ('{"format": "files", "files": {"/etc/passwd": ""}}', "outside its folder"),
    ],
)
def test_broken_manifests_change_nothing(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(InputError, match=message):
        read_manifest(tmp_path)


def test_places_that_do_not_go(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is a file; give a folder"):
        read_manifest(tmp_path / "file")
    (tmp_path / "a.yml").mkdir()
    with pytest.raises(InputError, match="is a folder where a file belongs"):
        plan(tmp_path, ONE, None)
