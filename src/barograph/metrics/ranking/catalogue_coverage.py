"""Catalogue coverage at k."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.ranking.items import Items, OfItems
from barograph.results import Spec


@dataclass(frozen=True)
class CatalogueCoverage(OfItems):
    """Share of the items of the reference that some user got among their first k recommendations.

    |recommended items that the reference has| / |items of the reference|; without a reference, of the current rows,
    at any rank.

    Range 0 to 1; no direction is better in itself; the reference's when nothing has changed, with as many users: it
    grows with them. Exact with at most 10,000 items, else `None`; an item counts once a user. A user's rows must lie
    in one batch: where over 1 % do not, or no rows: `None`. `k` is 1, 5, 10, 20, 50 or 100.

    Ge, Delgado-Battenfeld & Jannach, Beyond Accuracy (2010).

    >>> from barograph import Report, Schema
    >>> rows = {"u": [1, 1, 2, 2], "i": [7, 8, 7, 9], "s": [0.9, 0.8, 0.9, 0.1], "y": [1, 0, 1, 0]}
    >>> schema = Schema(user_id="u", item_id="i", prediction="s", target="y")
    >>> run = Report([CatalogueCoverage(k=1)]).run(rows, rows, schema=schema)
    >>> run.value("catalogue_coverage")
    0.3333333333333333
    """

    spec: ClassVar[Spec] = Spec(
        name="catalogue_coverage",
        title="Catalogue coverage at k",
        group="performance",
        help="Share of the catalogue that somebody was recommended.",
        range=(0.0, 1.0),
        reference="optional",
    )

    def statistic(self, items: Items) -> float | None:
        return float((items.shown[items.known] > 0).mean())
