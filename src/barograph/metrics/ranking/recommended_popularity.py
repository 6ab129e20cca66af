"""Popularity of recommendations at k."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.ranking.items import Items, OfItems
from barograph.results import Spec


@dataclass(frozen=True)
class RecommendedPopularity(OfItems):
    """ARP@k: how popular the recommended items were in the reference, in the mean over all recommendations.

    sum over items of shown times relevant rows in the reference / sum of shown. Items that the reference has not have
    0.

    Range 0 to infinity, in rows of the reference; higher is more of the popular. The reference's own when nothing has
    changed. No relevant rows in the reference: `None`. Exact with at most 10,000 items, else `None`; an item counts
    once a user. A user's rows must lie in one batch: where over 1 % do not, or no rows: `None`. `k` is 1, 5, 10, 20,
    50 or 100.

    Yin et al., Challenging the Long Tail Recommendation (2012).

    >>> from barograph import Report, Schema
    >>> rows = {"u": [1, 1, 2, 2], "i": [7, 8, 7, 9], "s": [0.9, 0.8, 0.9, 0.1], "y": [1, 0, 1, 0]}
    >>> schema = Schema(user_id="u", item_id="i", prediction="s", target="y")
    >>> run = Report([RecommendedPopularity(k=5)]).run(rows, rows, schema=schema)
    >>> run.value("recommended_popularity")
    1.0
    """

    popular = True
    spec: ClassVar[Spec] = Spec(
        name="recommended_popularity",
        title="Popularity of recommendations at k",
        group="performance",
        help="Mean number of relevant reference rows of the recommended items.",
        range=(0.0, None),
        reference="required",
    )

    def statistic(self, items: Items) -> float | None:
        return float(items.shown @ items.relevant) / float(items.shown.sum())
