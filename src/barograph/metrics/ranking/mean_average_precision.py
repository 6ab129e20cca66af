"""Mean average precision at k."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.ranking.at_k import AtK
from barograph.results import Spec


@dataclass(frozen=True)
class MeanAveragePrecision(AtK):
    """MAP@k: average precision of each user's first k recommendations, in the mean over users.

    Per user: sum of precision@i over the ranks i <= k of relevant items, divided by the smaller of k and the user's
    relevant items: 1 where all of these come first.

    Range 0 to 1, higher is better; unchanged when nothing has changed. Users without a relevant item are left out, or
    count 0 with `no_relevant="zero"`. Equal scores are ordered by a hash of the item. Exact up to rounding; `se` from
    the spread over users; `k` at most 100. A user's rows must lie in one batch: where over 1 % do not, no rows, or no
    target at all: `None`.

    Buckley & Voorhees (2000); Manning, Raghavan & Schütze (2008), chapter 8.

    >>> from barograph import Report, Schema
    >>> rows = {"u": [1] * 4, "i": [7, 8, 9, 5], "s": [0.9, 0.8, 0.7, 0.1], "y": [1, 0, 1, 0]}
    >>> schema = Schema(user_id="u", item_id="i", prediction="s", target="y")
    >>> round(Report([MeanAveragePrecision(k=4)]).run(rows, schema=schema).value("map_at_k"), 4)
    0.8333
    """

    measure = "ap"
    spec: ClassVar[Spec] = Spec(
        name="map_at_k",
        title="Mean average precision at k",
        group="performance",
        help="Mean over users of the average precision of their first k recommendations.",
        direction="higher",
        range=(0.0, 1.0),
        reference="optional",
    )
