"""Personalisation at k."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.ranking.items import Items, OfItems
from barograph.results import Spec


@dataclass(frozen=True)
class Personalisation(OfItems):
    """How different the lists of two users are: 1 less the share of their first k that they have in common, over all
    pairs.

    1 - sum over items of c (c - 1) / (k u (u - 1)), c users of u who got the item. Every pair is in it, none is
    drawn.

    Range 0 (all get the same) to 1 (nobody shares an item); lists shorter than k count as different in what they
    lack. The reference's when nothing has changed. Fewer than two users: `None`. Exact with at most 10,000 items,
    else `None`; an item counts once a user. A user's rows must lie in one batch: where over 1 % do not, or no rows:
    `None`. `k` is 1, 5, 10, 20, 50 or 100.

    Zhou et al. (2010), as Hamming distance.

    >>> from barograph import Report, Schema
    >>> rows = {"u": [1, 1, 2, 2], "i": [7, 8, 7, 9], "s": [0.9, 0.8, 0.9, 0.1], "y": [1, 0, 1, 0]}
    >>> schema = Schema(user_id="u", item_id="i", prediction="s", target="y")
    >>> run = Report([Personalisation(k=1)]).run(rows, rows, schema=schema)
    >>> run.value("personalisation")
    0.0
    """

    spec: ClassVar[Spec] = Spec(
        name="personalisation",
        title="Personalisation at k",
        group="performance",
        help="Mean share of their first k that two users do not have in common.",
        range=(0.0, 1.0),
        reference="optional",
    )

    def statistic(self, items: Items) -> float | None:
        if items.n_users < 2:
            return None
        common = float((items.shown.astype(float) * (items.shown - 1)).sum())
        return 1.0 - common / (self.k * items.n_users * (items.n_users - 1.0))
