"""Gini index of recommendations at k."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.ranking.items import Items, OfItems
from barograph.results import Spec


@dataclass(frozen=True)
class PopularityGini(OfItems):
    """How unevenly recommendations are spread over the items: 0 where each is recommended alike, towards 1 where few
    are.

    sum over j of (2 j - n - 1) c_j / (n sum of c), the counts c ascending, over the n items of the reference (without
    one: of the current rows, at any rank), those never recommended among them.

    Range 0 to 1, lower is more even; the reference's when nothing has changed. Exact with at most 10,000 items, else
    `None`; an item counts once a user. A user's rows must lie in one batch: where over 1 % do not, or no rows:
    `None`. `k` is 1, 5, 10, 20, 50 or 100.

    Gini (1912); Fleder & Hosanagar, Blockbuster Culture's Next Rise or Fall (2009).

    >>> from barograph import Report, Schema
    >>> rows = {"u": [1, 1, 2, 2], "i": [7, 8, 7, 9], "s": [0.9, 0.8, 0.9, 0.1], "y": [1, 0, 1, 0]}
    >>> schema = Schema(user_id="u", item_id="i", prediction="s", target="y")
    >>> run = Report([PopularityGini(k=5)]).run(rows, rows, schema=schema)
    >>> round(run.value("popularity_gini"), 4)
    0.1667
    """

    spec: ClassVar[Spec] = Spec(
        name="popularity_gini",
        title="Gini index of recommendations at k",
        group="performance",
        help="Gini index of how often each item is recommended.",
        range=(0.0, 1.0),
        reference="optional",
    )

    def statistic(self, items: Items) -> float | None:
        counts = np.sort(items.shown[items.known]).astype(float)
        total = counts.sum()
        if not total:
            return None
        weights = 2.0 * np.arange(1, counts.size + 1) - counts.size - 1
        return max(float(weights @ counts) / (counts.size * float(total)), 0.0)
