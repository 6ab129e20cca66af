"""Files of other tools, read by our own code: whylogs profiles.

protobuf             the wire format
kll, hll, frequent   the sketches of Apache DataSketches
v1, v0               the two formats of whylogs; columns: what they say of one
whylogs, summaries   `WhylogsProfile`, and what of it our summaries can hold
"""

from __future__ import annotations

from pathlib import Path

from barograph import codec
from barograph.baseline import Baseline
from barograph.foreign.v1 import MAGIC
from barograph.foreign.whylogs import WhylogsProfile
from barograph.profile import Profile


def read(path: str | Path) -> Profile | Baseline | WhylogsProfile:
    """Open a file with a profile: one of ours, a baseline of ours, or a profile of whylogs (version 1 or 0).

    What it is, its first bytes tell, not its name. Nothing is executed, and nothing is used before it adds up.

    Raises `FormatError` for anything else, and for what is truncated, damaged or too large.
    """
    data = codec.read_file(path)
    kind = codec.kind_of(data)
    if kind == "profile":
        return Profile.from_bytes(data, str(path))
    return Baseline.from_bytes(data, str(path)) if kind == "baseline" else WhylogsProfile.from_bytes(data, str(path))


__all__ = ["MAGIC", "WhylogsProfile", "read"]
