"""A spool in memory, and a baseline with many columns."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from typing import Any

import numpy as np

from barograph import Baseline, Profile, Schema
from barograph.live.accounts import MonitorStats
from barograph.needs import Needs

HOUR = 3600.0


class Held:
    """What a `MonitorCollector` reads, kept in memory; `now` decides what is finished."""

    def __init__(self) -> None:
        self.profiles: dict[float, Any] = {}
        self.versions: dict[float, int] = {}
        self.reads = 0
        self.now = HOUR

    def put(self, start: float, profile: Any) -> None:
        self.profiles[start] = profile
        self.versions[start] = self.versions.get(start, 0) + 1

    def windows(self) -> list[float]:
        return sorted(self.profiles)

    def finished(self, now: float | None = None) -> list[float]:
        return [start for start in self.windows() if start + HOUR <= self.now]

    def end(self, start: float) -> float:
        return start + HOUR

    def accounting(self) -> MonitorStats:
        return MonitorStats(rows_logged=7, rows_profiled=5, rows_late=2, last_flush=1000.5)

    def read(self, start: float, needs: Needs | None = None) -> Profile | None:
        self.reads += 1
        if isinstance(self.profiles[start], Exception):
            raise self.profiles[start]
        found: Profile | None = self.profiles[start]
        return found

    def signature(self, start: float) -> Hashable:
        return self.versions[start]


def rows(n: int, *, features: int = 6, shifted: int = 0, seed: int = 0) -> dict[str, Any]:
    """Numeric features, of which the last `shifted` have moved by two sigma, categories, a score and its target."""
    rng = np.random.default_rng(seed)
    names = [f"f{i:03}" for i in range(features)]
    table: dict[str, Any] = {
        name: rng.normal(2.0 * (i >= features - shifted), 1, n) for i, name in enumerate(names) if i % 5 != 1
    }
    table |= {name: rng.choice(list("abcdefgh"), n) for i, name in enumerate(names) if i % 5 == 1}
    table["score"] = rng.random(n)
    table["late"] = (rng.random(n) < table["score"]).astype(int)
    return table


SCHEMA = Schema(target="late", score="score", task="classification", positive=1)


@lru_cache
def baseline(features: int = 6) -> Baseline:
    """The reference of `rows`."""
    return Baseline.of(rows(4_000, features=features, seed=1), schema=SCHEMA)


def profile(n: int = 1_000, *, features: int = 6, shifted: int = 0, seed: int = 2) -> Profile:
    """A window's profile."""
    return Profile.of(rows(n, features=features, shifted=shifted, seed=seed), baseline(features))
