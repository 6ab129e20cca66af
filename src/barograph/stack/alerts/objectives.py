"""What only the user can say: how good is good enough, and how late is late. Everything else has a threshold series."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from barograph.errors import ParameterError
from barograph.live.service import LATENCY_BUCKETS

MINUTE, HOUR, DAY = 60, 3600, 86_400
_DURATION = re.compile(r"(?:\d+(?:d|h|m|s))+\Z")
_PARTS = re.compile(r"(\d+)([dhms])")
_UNITS = {"d": DAY, "h": HOUR, "m": MINUTE, "s": 1}


@dataclass(frozen=True)
class Objectives:
    """Numbers that alerts are held against, where no check of the monitor has one.

    Each is written as a recording rule of its own, so that it can be changed in one place of the generated file too.

    Attributes
    ----------
    availability
        Share of the predictions that must not end in an error; the rest is the error budget (of 30 days).
    latency, fast_enough
        Share `fast_enough` of the predictions must take at most `latency` seconds: one of `LATENCY_BUCKETS`, or of the
        buckets that the service was given.
    traffic
        Predictions a second below which one failure more or less decides: with less, neither latency nor silence are
        judged, and errors from ten within the window on.
    drifted
        Share of the columns that may drift before it is no longer about single features.
    label_delay
        How long labels may take, from the end of a window of predictions to the first labels of it.
    baseline_age
        How old a reference may be.
    left_out
        Share of the rows that may be late, unreadable, lost or sampled out.

    Raises `ParameterError`.

    >>> Objectives(availability=99.9)
    Traceback (most recent call last):
    ...
    barograph.errors.ParameterError: availability is 99.9; it is a share between 0 and 1
    """

    availability: float = 0.999
    latency: float = 0.25
    fast_enough: float = 0.99
    traffic: float = 0.1
    drifted: float = 0.3
    label_delay: str = "3d"
    baseline_age: str = "90d"
    left_out: float = 0.05

    def __post_init__(self) -> None:
        for name in ("availability", "fast_enough", "drifted", "left_out"):
            if not 0 < getattr(self, name) < 1:
                raise ParameterError(f"{name} is {getattr(self, name)!r}; it is a share between 0 and 1")
        for name in ("latency", "traffic"):
            if not (getattr(self, name) > 0 and math.isfinite(getattr(self, name))):
                raise ParameterError(f"{name} is {getattr(self, name)!r}; it is a positive number")
        if not self.latency <= max(LATENCY_BUCKETS):
            most = max(LATENCY_BUCKETS)
            raise ParameterError(f"latency={self.latency:g} is beyond the buckets, which end at {most:g} s")
        for name in ("label_delay", "baseline_age"):
            seconds(getattr(self, name))


def seconds(text: str) -> int:
    """A duration as Prometheus writes it, in seconds. Raises `ParameterError`.

    >>> seconds("1h30m"), duration(5400), duration(0)
    (5400, '1h30m', '0s')
    """
    if not _DURATION.match(text):
        raise ParameterError(f"{text!r} is no length of time; say for example '15m', '6h' or '3d'")
    return sum(int(n) * _UNITS[unit] for n, unit in _PARTS.findall(text))


def duration(whole: float) -> str:
    """Seconds as Prometheus writes them."""
    left, text = round(whole), ""
    for unit, size in _UNITS.items():
        n, left = divmod(left, size)
        text += f"{n}{unit}" if n else ""
    return text or "0s"
