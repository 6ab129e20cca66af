"""Provisional windows of profiles."""

from __future__ import annotations

from dataclasses import dataclass, field

from barograph.engines.spark_count import Counted


@dataclass
class ProfileWindows:
    """Profiles by the start of their window."""

    every: str
    profiles: dict[str, Counted] = field(default_factory=dict)
    n_timeless: int = 0


def in_windows(every: str, profiles: dict[str, Counted], n_timeless: int) -> ProfileWindows:
    """Windows in order."""
    return ProfileWindows(every, profiles, n_timeless)
