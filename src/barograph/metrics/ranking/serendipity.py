"""Serendipity at k."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.ranking.items import Items, OfItems
from barograph.results import Spec


@dataclass(frozen=True)
class Serendipity(OfItems):
    """Share of recommendations that are relevant and that no list of the most popular items would have given.

    relevant recommendations of items that are not among the k most popular of the reference (by relevant rows; with
    ties, more than k) / all recommendations.

    Range 0 to 1, higher is better; the reference's own when nothing has changed. No target in the rows, or no
    relevant rows in the reference: `None`. Exact with at most 10,000 items, else `None`; an item counts once a user.
    A user's rows must lie in one batch: where over 1 % do not, or no rows: `None`. `k` is 1, 5, 10, 20, 50 or 100.

    Ge, Delgado-Battenfeld & Jannach, Beyond Accuracy (2010); Murakami et al. (2008).

    >>> from barograph import Report, Schema
    >>> rows = {"u": [1, 1, 2, 2], "i": [7, 8, 7, 9], "s": [0.9, 0.8, 0.9, 0.1], "y": [1, 0, 1, 0]}
    >>> schema = Schema(user_id="u", item_id="i", prediction="s", target="y")
    >>> run = Report([Serendipity(k=1)]).run(rows, rows, schema=schema)
    >>> run.value("serendipity")
    0.0
    """

    popular = True
    labelled = True
    spec: ClassVar[Spec] = Spec(
        name="serendipity",
        title="Serendipity at k",
        group="performance",
        help="Share of recommendations that are relevant and not among the most popular.",
        direction="higher",
        range=(0.0, 1.0),
        reference="required",
    )

    def statistic(self, items: Items) -> float | None:
        popular = np.sort(items.relevant)[::-1][: self.k].min(initial=np.iinfo(np.int64).max)
        rare = items.relevant < max(popular, 1)
        return float(items.hits[rare].sum()) / float(items.shown.sum())
