"""The files of profiles, baselines and segments: versioned, checksummed, bounded, and without pickle.

    8 bytes   magic "BAROGRPH"
    1 byte    what it is: 1 profile, 2 baseline, 3 segments, 4 state of a stream, 5 progress over files, 6 windows
    2 bytes   version of the format, little-endian
    8 bytes   length of the compressed body
    8 bytes   length of the body
    32 bytes  SHA-256 of the compressed body
    ...       the body: MessagePack, compressed by zlib

Nothing of a body is used before length and checksum are right, and never more is unpacked than the header says.
"""

from __future__ import annotations

import hashlib
import os
import struct
import tempfile
import zlib
from pathlib import Path
from typing import Any

import msgspec

from barograph.errors import FormatError

VERSION = 1
KINDS = {"profile": 1, "baseline": 2, "segments": 3, "stream": 4, "progress": 5, "windows": 6}
BODY_AT_MOST = 1 << 28
_MANY = ("segments", "windows")
_MAGIC = b"BAROGRPH"
_HEADER = struct.Struct("<8sBHQQ32s")


def encode(kind: str, body: Any) -> bytes:
    """Bytes of a profile, baseline or segments; the same body gives the same bytes."""
    raw = msgspec.msgpack.encode(body)
    packed = zlib.compress(raw, 6)
    header = _HEADER.pack(_MAGIC, KINDS[kind], VERSION, len(packed), len(raw), hashlib.sha256(packed).digest())
    return header + packed


def decode(kind: str, data: bytes, name: str = "this") -> Any:
    """The body back.

    Raises `FormatError` for what is foreign, truncated, damaged, newer than this version, or too large.
    """
    if len(data) < len(_MAGIC) or not data.startswith(_MAGIC):
        raise FormatError(f"{name} is no Barograph file: it does not start with {_MAGIC.decode()}")
    if len(data) < _HEADER.size:
        raise FormatError(f"{name} is cut off inside its header: {len(data)} bytes; make it again or copy it again")
    _, number, version, n_packed, n_raw, checksum = _HEADER.unpack_from(data)
    if version > VERSION:
        raise FormatError(f"{name} has format {version}, and this Barograph reads up to {VERSION}; upgrade Barograph")
    if number != KINDS[kind]:
        held = next((k for k, v in KINDS.items() if v == number), f"kind {number}")
        asked = f"{kind} are" if kind in _MANY else f"a {kind} is"
        raise FormatError(f"{name} holds {'' if held in _MANY else 'a '}{held} where {asked} needed")
    if n_raw > BODY_AT_MOST or n_packed > BODY_AT_MOST:
        raise FormatError(f"{name} says it holds {max(n_raw, n_packed):,} bytes; at most {BODY_AT_MOST:,} are read")
    packed = data[_HEADER.size :]
    if len(packed) != n_packed:
        raise FormatError(f"{name} is cut off or padded: {len(packed):,} bytes where {n_packed:,} belong")
    if hashlib.sha256(packed).digest() != checksum:
        raise FormatError(f"{name} is damaged: its checksum does not fit its content")
    return _unpack(packed, n_raw, name)


def _unpack(packed: bytes, n_raw: int, name: str) -> Any:
    try:
        stream = zlib.decompressobj()
        raw = stream.decompress(packed, n_raw + 1)
        if len(raw) != n_raw or not stream.eof:
            raise FormatError(f"{name} is damaged: it does not unpack to the {n_raw:,} bytes it promises")
        return msgspec.msgpack.decode(raw)
    except (zlib.error, msgspec.DecodeError) as error:
        raise FormatError(f"{name} is damaged: {error}") from error


def kind_of(data: bytes) -> str | None:
    """`"profile"`, `"baseline"`, `"segments"` or `"stream"` by a file's first bytes; `None` for anything else."""
    if not data.startswith(_MAGIC) or len(data) < len(_MAGIC) + 1:
        return None
    return next((kind for kind, number in KINDS.items() if number == data[len(_MAGIC)]), None)


def read_file(path: str | Path) -> bytes:
    """A file's bytes, at most as many as a profile can have.

    Raises `FormatError` where there is no such file, or it is too large.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > BODY_AT_MOST + _HEADER.size:
            raise FormatError(f"{path} has {size:,} bytes, too many for a profile or baseline")
        return path.read_bytes()
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error.strerror or error}") from error


def write_file(path: str | Path, data: bytes) -> None:
    """Write a file whole or not at all: beside its place first, then moved there."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        mask = os.umask(0)
        os.umask(mask)
        Path(beside).chmod(0o666 & ~mask)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
