"""Shares that were counted, and how well they are known."""

from __future__ import annotations

from dataclasses import dataclass


def interval(found: int, of: int) -> tuple[float, float]:
    """Clopper and Pearson's (1934) 95 % interval of a share."""
    from scipy.stats import beta

    low = float(beta.ppf(0.025, found, of - found + 1)) if found else 0.0
    high = float(beta.ppf(0.975, found + 1, of - found)) if found < of else 1.0
    return low, high


@dataclass(frozen=True)
class Rate:
    """Windows that alarmed, of all: by evidence alone, and by evidence of a size that matters."""

    windows: int
    evidence: int
    drift: int

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, of the evidence."""
        return interval(self.evidence, self.windows)

    @property
    def share(self) -> float:
        return self.evidence / self.windows
