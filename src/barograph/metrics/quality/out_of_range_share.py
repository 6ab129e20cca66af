"""Share of values outside the reference's range."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from barograph.errors import ParameterError
from barograph.metrics.quality.readings import MEASURED, PerColumn, Reading, exceedance, share
from barograph.profile import Profile
from barograph.results import Spec
from barograph.schema import Kind
from barograph.summaries import Bins, Moments
from barograph.types import Floats

SIDES = ("both", "below", "above")


@dataclass(frozen=True)
class OutOfRangeShare(PerColumn):
    """Share of the present values below the reference's minimum or above its maximum (of text: of its length).

    Range 0 to 1, lower is better; with no change about 2 / (m + 1) for a reference of m rows. With `side="below"` or
    `"above"` one end alone. Exact: the ends of the
    baseline's bins are the reference's; against the profile of some other rows a cell may straddle an end, and `low`
    and `high` say so. `se` is binomial, `p_value` the law of exceedances. Infinite values are absent, not out
    of range: see `absent_share`. No values, or none in the reference: `None`. The timestamp is passed over: time goes
    on.

    Other tools: the stability preset of Evidently 0.7.23 asks for exactly 0, which unchanged data fail in 20 of 20
    cases.

    Gumbel & von Schelling (1950) for exceedances.

    >>> from barograph import Baseline, Profile
    >>> base = Baseline.of({"age": [20, 30, 40]})
    >>> now = Profile.of({"age": [19, 20, 40, 41]}, base)
    >>> OutOfRangeShare("age").compute(now, base.profile).values[0].value
    0.5
    """

    column: str | None = None
    side: Literal["both", "below", "above"] = "both"

    summary = "bins"
    beside = ("moments",)
    kinds = (*MEASURED, Kind.DATETIME)
    without = ("id", "timestamp")
    spec: ClassVar[Spec] = Spec(
        name="out_of_range_share",
        title="Values outside the reference's range",
        group="quality",
        help="Share of the present values below the reference's minimum or above its maximum.",
        unit="ratio",
        direction="lower",
        range=(0.0, 1.0),
        reference="required",
    )

    def __post_init__(self) -> None:
        if self.side not in SIDES:
            raise ParameterError(f"side is {self.side!r}; it is one of {', '.join(SIDES)}")

    def read(self, summary: Bins, profile: Profile, reference: Profile | None, column: str) -> Reading:
        assert reference is not None
        view = self._view(reference.schema.kinds[column])
        ours: Moments | None = profile.get("moments", column, view=view)
        theirs: Moments | None = reference.get("moments", column, view=view)
        if ours is None or theirs is None:
            return Reading(None, note=f"the profile holds no moments of column {column!r}")
        if theirs.n == 0:
            return Reading(None, note="the reference has no values")
        under, over = self.side != "above" and ours.low < theirs.low, self.side != "below" and ours.high > theirs.high
        below, maybe_below = _below(summary, theirs.low) if under else (0, 0)
        above, maybe_above = _above(summary, theirs.high) if over else (0, 0)
        surely, most = below + above, min(summary.n, below + above + maybe_below + maybe_above)
        p_value = exceedance(surely, summary.n, theirs.n, gaps=2 if self.side == "both" else 1)
        if surely == most:
            return share(surely, summary.n)._replace(p_value=p_value)
        return share(surely, summary.n, surely / summary.n, most / summary.n)._replace(p_value=p_value)

    def left_out(self, windows: list[Profile], column: str, view: str) -> Floats:
        sides = [(w.get("bins", column, view=view), w.get("moments", column, view=view)) for w in windows]
        known: list[tuple[Bins, Moments]] = [(b, m) for b, m in sides if b and m and b.n and m.n]
        if len(known) < 2:
            return np.zeros(0)
        lows, highs = np.sort([m.low for _, m in known]), np.sort([m.high for _, m in known])
        shares = np.zeros(len(known))
        for at, (bins, ends) in enumerate(known):
            beyond = 0.0
            if self.side != "above" and ends.low == lows[0] < lows[1]:
                surely, perhaps = _below(bins, float(lows[1]))
                beyond += surely + perhaps / 2
            if self.side != "below" and ends.high == highs[-1] > highs[-2]:
                surely, perhaps = _above(bins, float(highs[-2]))
                beyond += surely + perhaps / 2
            shares[at] = beyond / bins.n
        return np.minimum(shares, 1.0)

    def p_far(self, current: Profile, reference: Profile, column: str, view: str, n_windows: int) -> float:
        ours: Moments | None = current.get("moments", column, view=view)
        theirs: Moments | None = reference.get("moments", column, view=view)
        if ours is None or theirs is None or not ours.n or not theirs.n:
            return 1.0
        under = theirs.low - ours.low if self.side != "above" else 0.0
        over = ours.high - theirs.high if self.side != "below" else 0.0
        beyond, width = max(under, over), theirs.high - theirs.low
        if not beyond > 0 or not width > 0:
            return 1.0
        # of windows with exponential tails the farthest of m is at ln m; 1 / (m + 1) are beyond it at all
        return math.exp(-math.log(n_windows + 1) * (1 + beyond / width))


def _below(bins: Bins, end: float) -> tuple[int, int]:
    """How many values surely, and how many more perhaps, are below `end`."""
    at = int(np.searchsorted(bins.edges, end, side="left"))
    sharp = at > 0 and np.nextafter(bins.edges[at - 1], np.inf) >= end
    return int(bins.counts[:at].sum()), 0 if sharp else int(bins.counts[at])


def _above(bins: Bins, end: float) -> tuple[int, int]:
    """How many values surely, and how many more perhaps, are above `end`."""
    at = int(np.searchsorted(bins.edges, end, side="left"))
    sharp = at < bins.edges.size and bins.edges[at] == end
    return int(bins.counts[at + 1 :].sum()), 0 if sharp else int(bins.counts[at])
