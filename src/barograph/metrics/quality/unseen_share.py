"""Share of labels the reference never saw."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.quality.readings import PerColumn, Reading, exceedance, share
from barograph.profile import Profile
from barograph.results import Spec
from barograph.schema import Kind
from barograph.summaries import Categories
from barograph.types import Floats


@dataclass(frozen=True)
class UnseenShare(PerColumn):
    """Share of the present values of a categorical column whose label the reference never saw.

    Range 0 to 1, lower is better; 0 under no change where the reference saw every label. Exact (but for hash
    collisions) where the reference has at most 10,000 labels; else an unknown label cannot be told from a rare one:
    `None`, and `low` and `high` are the shares of neither and of both. The note lists up to 5 of the labels. `se` is
    binomial; `p_value` from the labels that the reference saw once (Good 1953). No values, or none in the reference:
    `None`.

    Good, The Population Frequencies of Species (1953).

    >>> from barograph import Baseline, Profile
    >>> base = Baseline.of({"city": ["Ulm", "Bonn"]})
    >>> value = UnseenShare("city").compute(Profile.of({"city": ["Ulm", "Kiel"]}, base), base.profile).values[0]
    >>> value.value, value.note
    (0.5, 'e.g. Kiel')
    """

    column: str | None = None

    summary = "categories"
    kinds = (Kind.CATEGORICAL,)
    without = ("id",)
    spec: ClassVar[Spec] = Spec(
        name="unseen_share",
        title="Values the reference never saw",
        group="quality",
        help="Share of the present values whose label does not occur in the reference.",
        unit="ratio",
        direction="lower",
        range=(0.0, 1.0),
        reference="required",
    )

    def read(self, summary: Categories, profile: Profile, reference: Profile | None, column: str) -> Reading:
        assert reference is not None
        known: Categories | None = reference.get("categories", column)
        if known is None or known.n == 0:
            return Reading(None, note="the reference has no values")
        n, unseen = summary.n, summary.n_unseen
        # labels seen once are as likely as those never seen (Good 1953); of the rare ones all may have been seen once
        once = int((known.counts == 1).sum()) + known.singles
        p_value = max(exceedance(unseen, n, known.n, gaps=once + 1), _clumped(summary, known))
        if not summary.complete:
            note = "the reference has over 10,000 labels: unseen and rare ones cannot be told apart"
            return Reading(None, n, unseen / n, (unseen + summary.n_rare) / n, note=note)
        found = share(unseen, n, note=f"e.g. {', '.join(summary.examples)}" if unseen else "")
        return found._replace(p_value=p_value)

    def left_out(self, windows: list[Profile], column: str, view: str) -> Floats:
        known: list[Categories] = [c for w in windows if (c := w.get("categories", column)) is not None and c.n]
        if len(known) < 2:
            return np.zeros(0)
        counts = np.array([c.counts for c in known])
        alone = counts == counts.sum(axis=0)
        shares: Floats = (counts * alone).sum(axis=1) / [c.n for c in known]
        return shares


def _clumped(current: Categories, reference: Categories) -> float:
    """Chance of as many unseen rows in as few labels: one label that the reference missed brings all its rows at once.

    Any of the labels may have been the missed ones (a union bound); the examples tell how many there are, up to five.
    """
    missed = max(1, len(current.examples))
    labels = len(reference.names) + reference.rare.size + missed
    rows = exceedance(current.n_unseen, current.n, reference.n, gaps=missed)
    return min(1.0, math.comb(labels, missed) * rows)
