"""Records by nature: how much of a new window lies beyond anything that windows of the reference ever held.

A share of rows beyond all that is known (out of range, a label never seen) is nothing unusual where days differ: of so
many cold days one is the coldest, with all its rows. Each window of the reference is held against all others, and the
mean share that is beyond them is what a new window has beyond the reference. A single day can hardly be told from a
record by that, however many of its rows are beyond, but by how far they are.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from barograph.metrics.quality.readings import PerColumn
from barograph.profile import Profile
from barograph.reference_windows import ReferenceWindows
from barograph.results import Value
from barograph.variation import windows_covered

ALIKE = 3  # neighbouring windows that count as one: records come together
BISECTIONS = 40


class Records(NamedTuple):
    """Law of a share beyond the reference, the mean over `n_windows` windows of shares whose mean is `expected`.

    `p_alone` is the p-value of independent rows, which is the least there can be, `p_far` that of how far the values
    are beyond.
    """

    expected: float
    n_windows: float
    p_alone: float
    p_far: float = 1.0

    @property
    def variance(self) -> float:
        """Positive: windows can be beyond."""
        return self.expected**2

    def p_value(self, value: float) -> float:
        """The probability of at least this share."""
        return max(self.p_alone, min(1.0, 2 * min(self._of_share(value), self.p_far)))

    def threshold(self, alpha: float) -> float:
        """The share exceeded with probability `alpha`; any share where the values are too far beyond already."""
        if 2 * self.p_far <= alpha:
            return 0.0
        low, high = self.expected, 1.0
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            low, high = (middle, high) if 2 * self._of_share(middle) > alpha else (low, middle)
        return high

    def _of_share(self, share: float) -> float:
        """Markov's bound of one window, Chernoff's of many (1952)."""
        if share <= self.expected:
            return 1.0
        rest = (1 - share) * math.log((1 - share) / (1 - self.expected)) if share < 1 else 0.0
        return min(self.expected / share, math.exp(-self.n_windows * (share * math.log(share / self.expected) + rest)))


def records(metric: PerColumn, value: Value, current: Profile, reference: Profile) -> Records | None:
    """The law of a share beyond the reference, where windows of the reference are beyond each other."""
    windows: ReferenceWindows | None = reference.windows
    if windows is None or value.p_value is None:
        return None
    column, view = value.labels["column"], value.labels.get("view", "value")
    if (metric, column, view) not in windows.known:
        shares = [metric.left_out(parts, column, view) for _, parts in windows.groups(1)]
        windows.known[metric, column, view] = np.concatenate(shares)
    found = windows.known[metric, column, view]
    if not found.size or found.max() <= 0:
        return None
    # the window at hand may be as far beyond as the farthest was
    expected = min(float(found.sum() + found.max()) / (found.size + 1), 0.5)
    n_windows = max(1.0, windows_covered(windows, current) / ALIKE)
    return Records(expected, n_windows, value.p_value, metric.p_far(current, reference, column, view, found.size))
