"""Files of profiles and baselines that are damaged, foreign, or in the wrong place: each is said, none is used."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import polars as pl
import pytest

from barograph import Baseline, Profile, Report
from barograph.errors import FormatError, MergeError
from cli_runs import refused, rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("files")
    pl.DataFrame(rows(1, n=600)).write_csv(made / "good.csv")
    pl.DataFrame(rows(1, n=600)).write_parquet(made / "good.parquet")
    baseline = Baseline.of(rows(1, n=600))
    baseline.write(made / "a.baseline")
    Profile.of(rows(2, n=600), baseline).write(made / "a.profile")
    return made


def _made(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


HEADER = struct.Struct("<8sBHQQ32s")


def _packed(kind: int, version: int, raw: bytes, n_raw: int | None = None, checksum: bytes | None = None) -> bytes:
    packed = zlib.compress(raw)
    checksum = checksum or hashlib.sha256(packed).digest()
    return HEADER.pack(b"BAROGRPH", kind, version, len(packed), len(raw) if n_raw is None else n_raw, checksum) + packed


BODY = msgspec.msgpack.encode({})
BROKEN: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut in the middle": (lambda d: d[: len(d) // 2], "is cut off or padded"),
    "cut in the header": (lambda d: d[:30], "is cut off inside its header"),
    "cut in the magic number": (lambda d: d[:8], "cut off inside its header"),
    "padded": (lambda d: d + b"x", "is cut off or padded"),
    "newer": (lambda d: _packed(1, 99, BODY), "has format 99, and this Barograph reads up to 1; upgrade"),
    "of unknown kind": (lambda d: _packed(7, 1, BODY), "of an unknown kind"),
    "huge": (lambda d: _packed(1, 1, BODY, n_raw=1 << 62), "says it holds 4,611,686,018,427,387,904 bytes; at most"),
    "a bomb": (lambda d: _packed(1, 1, bytes(1 << 20), n_raw=10), "does not unpack to the 10 bytes it promises"),
    "of a wrong checksum": (lambda d: d[:-1] + bytes([d[-1] ^ 1]), "its checksum does not fit its content"),
    "of a foreign body": (lambda d: _packed(1, 1, BODY), "broken.profile cannot be read: Object missing"),
    "of no MessagePack": (lambda d: _packed(1, 1, b"\xc1"), "is damaged"),
}


@pytest.mark.parametrize("how", list(BROKEN))
def test_broken_profile(folder: Path, how: str) -> None:
    break_it, message = BROKEN[how]
    path = _made(folder / "broken.profile", break_it((folder / "a.profile").read_bytes()))
    for command in (["show", path], ["check", "--current", path, "--reference", folder / "a.baseline"]):
        assert message in refused(*command)
    with pytest.raises(FormatError):
        Profile.read(path)


def test_foreign_profile(folder: Path) -> None:
    path = _made(folder / "foreign.profile", b"\x80\x04K\x01.")  # a pickle
    assert "is no Barograph file" in refused("merge", path, "-o", folder / "x")
    assert "is no profile, segments, baseline or saved JSON report" in refused("show", path)
    assert "unknown extension '.profile'" in refused("check", "--current", path)


def test_baseline_where_a_profile_is_needed(folder: Path) -> None:
    said = refused("check", "--current", folder / "a.baseline")
    assert "a.baseline holds a baseline where rows or a profile are needed" in said
    assert "holds a baseline where a profile is needed" in refused("merge", folder / "a.baseline", "-o", folder / "x")
    said = refused("profile", folder / "good.csv", "--baseline", folder / "a.profile")
    assert "a.profile holds a profile where a baseline is needed" in said


def test_baselines_and_profiles_in_the_wrong_place(folder: Path) -> None:
    good, frozen, profile = folder / "good.csv", folder / "a.baseline", folder / "a.profile"
    assert "is 2 baselines" in refused("check", "--current", good, "--reference", frozen, "--reference", frozen)
    assert "need a baseline" in refused("check", "--current", good, "--reference", profile)
    assert "freeze the reference" in refused("check", "--current", profile, "--reference", good)
    assert "a timeline needs rows" in refused("timeline", "--current", profile, "--reference", frozen, "--every", 10)


def test_profile_against_another_baseline(folder: Path) -> None:
    other = Baseline.of(rows(9, n=600))
    other.write(folder / "b.baseline")
    mine = Profile.read(folder / "a.profile").baseline_id
    said = refused("check", "--current", folder / "a.profile", "--reference", folder / "b.baseline")
    assert str(mine) in said
    assert other.id in said
    with pytest.raises(MergeError, match="made against no baseline, the reference is of baseline"):
        Report().run(Profile.of(rows(1, n=600)), other)
    Profile.of(rows(1, n=600), other).write(folder / "b.profile")
    said = refused("merge", folder / "a.profile", folder / "b.profile", "-o", folder / "x")
    assert str(mine) in said
    assert other.id in said
