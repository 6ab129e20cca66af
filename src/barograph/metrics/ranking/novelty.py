"""Novelty at k."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.metrics.ranking.items import Items, OfItems
from barograph.results import Spec


@dataclass(frozen=True)
class Novelty(OfItems):
    """How little known the recommended items were in the reference, in bits, in the mean over all recommendations.

    mean of -log2(relevant rows of the item in the reference / users of the reference); an item without any is taken
    to have one.

    Range 0 to infinity, higher is more novel; the reference's own when nothing has changed. No relevant rows in the
    reference: `None`. Exact with at most 10,000 items, else `None`; an item counts once a user. A user's rows must
    lie in one batch: where over 1 % do not, or no rows: `None`. `k` is 1, 5, 10, 20, 50 or 100.

    Zhou et al., Solving the Apparent Diversity-Accuracy Dilemma (2010).

    >>> from barograph import Report, Schema
    >>> rows = {"u": [1, 1, 2, 2], "i": [7, 8, 7, 9], "s": [0.9, 0.8, 0.9, 0.1], "y": [1, 0, 1, 0]}
    >>> schema = Schema(user_id="u", item_id="i", prediction="s", target="y")
    >>> run = Report([Novelty(k=5)]).run(rows, rows, schema=schema)
    >>> run.value("novelty")
    0.5
    """

    popular = True
    spec: ClassVar[Spec] = Spec(
        name="novelty",
        title="Novelty at k",
        group="performance",
        help="Mean self-information of the recommended items in the reference.",
        range=(0.0, None),
        reference="required",
    )

    def statistic(self, items: Items) -> float | None:
        share = np.clip(np.maximum(items.relevant, 1) / items.n_before, None, 1.0)
        return abs(float(items.shown @ -np.log2(share))) / float(items.shown.sum())
