"""Aggregate diversity at k."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.ranking.items import Items, OfItems
from barograph.results import Spec


@dataclass(frozen=True)
class AggregateDiversity(OfItems):
    """How many items recommendations are spread over: their entropy, over that of all items recommended alike.

    -sum of s log2 s / log2 n, s the item's share of all recommendations, over the n items of both sides. The
    diversity inside a list needs the items' features, which a profile does not have.

    Range 0 (one item) to 1 (all alike), higher is more diverse; the reference's when nothing has changed. Fewer than
    two items: `None`. Exact with at most 10,000 items, else `None`; an item counts once a user. A user's rows must
    lie in one batch: where over 1 % do not, or no rows: `None`. `k` is 1, 5, 10, 20, 50 or 100.

    Shannon (1948); Adomavicius & Kwon, Improving Aggregate Recommendation Diversity (2012).

    >>> from barograph import Report, Schema
    >>> rows = {"u": [1, 1, 2, 2], "i": [7, 8, 7, 9], "s": [0.9, 0.8, 0.9, 0.1], "y": [1, 0, 1, 0]}
    >>> schema = Schema(user_id="u", item_id="i", prediction="s", target="y")
    >>> run = Report([AggregateDiversity(k=5)]).run(rows, rows, schema=schema)
    >>> round(run.value("aggregate_diversity"), 4)
    0.9464
    """

    spec: ClassVar[Spec] = Spec(
        name="aggregate_diversity",
        title="Aggregate diversity at k",
        group="performance",
        help="Entropy of the recommended items, relative to all items alike.",
        range=(0.0, 1.0),
        reference="optional",
    )

    def statistic(self, items: Items) -> float | None:
        shown = items.shown[items.shown > 0] / items.shown.sum()
        if items.shown.size < 2:
            return None
        return abs(float(shown @ np.log2(shown))) / float(np.log2(items.shown.size))
