"""Files recognised by their content: rows, profiles, segments, baselines, saved reports."""

from __future__ import annotations

from functools import reduce
from pathlib import Path

import msgspec

from barograph.baseline import Baseline
from barograph.codec import kind_of, read_file
from barograph.errors import FormatError, InputError
from barograph.foreign import MAGIC, WhylogsProfile
from barograph.profile import Profile
from barograph.profile_windows import ProfileWindows
from barograph.results import Run, Timeline
from barograph.segments import Segments


def kind_at(path: str) -> str | None:
    """What of Barograph's a file is, `"whylogs"`, or `None` for anything else, a glob or folder among it."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(16)
    except OSError:
        return None
    if head.startswith(MAGIC):
        return "whylogs"
    if head.startswith(b"BAROGRPH") and kind_of(head) is None:
        raise FormatError(f"{path} is a Barograph file cut off inside its header, or of an unknown kind; make it again")
    return kind_of(head)


def opened(paths: list[str], role: str) -> list[str] | Profile | Segments | Baseline | WhylogsProfile | ProfileWindows:
    """What the files are: paths of rows; a profile, segments or windows (several are merged), or whylogs'; a baseline.

    Raises `InputError` where they are of several kinds, or of a kind that `role` cannot be.
    """
    kinds = {path: kind_at(path) for path in paths}
    found = set(kinds.values())
    if len(found) > 1:
        listed = ", ".join(f"{path} ({kind or 'rows'})" for path, kind in kinds.items())
        raise InputError(f"the {role} is files of several kinds: {listed}; give rows, or profiles, or one baseline")
    kind = found.pop()
    if kind in ("profile", "segments"):
        return merged(paths)
    if kind == "whylogs":
        first, *others = map(WhylogsProfile.read, paths)
        return sum(others, first)
    if kind is None:
        return paths
    if kind == "windows":
        return reduce(ProfileWindows.merge, map(ProfileWindows.read, paths))
    if role == "current":
        raise InputError(f"{paths[0]} holds a baseline where rows or a profile are needed; it can be the --reference")
    if len(paths) > 1:
        raise InputError(f"the {role} is {len(paths)} baselines; give one")
    return Baseline.read(paths[0])


def merged(paths: list[str]) -> Profile | Segments:
    """The profiles, or the segments, of several files as one."""
    if any(kind_at(path) == "segments" for path in paths):
        segments = [Segments.read(path) for path in paths]
        return reduce(Segments.merge, segments)
    return reduce(Profile.merge, (Profile.read(path) for path in paths))


def saved_report(path: str) -> Run | Timeline | None:
    """A report that was saved as JSON; `None` for what is no JSON.

    Raises `FormatError` for JSON that is no report.
    """
    data = read_file(path)
    try:
        body = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    try:
        if isinstance(body, dict) and "windows" in body:
            return msgspec.convert(body, Timeline)
        return msgspec.convert(body, Run)
    except msgspec.ValidationError as error:
        raise FormatError(f"{path} is JSON, but no report that Barograph saved: {error}") from error
