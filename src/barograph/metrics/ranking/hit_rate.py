"""Hit rate at k."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.ranking.at_k import AtK
from barograph.results import Spec


@dataclass(frozen=True)
class HitRate(AtK):
    """Hit rate@k: share of users with at least one relevant item among their first k recommendations.

    Users with a hit, divided by users.

    Range 0 to 1, higher is better; unchanged when nothing has changed. Users without a relevant item are left out, or
    count 0 with `no_relevant="zero"`. Equal scores are ordered by a hash of the item. Exact up to rounding; `se` from
    the spread over users; `k` at most 100. A user's rows must lie in one batch: where over 1 % do not, no rows, or no
    target at all: `None`.

    Deshpande & Karypis, Item-Based Top-N Recommendation Algorithms (2004).

    >>> from barograph import Report, Schema
    >>> rows = {"u": [1] * 4, "i": [7, 8, 9, 5], "s": [0.9, 0.8, 0.7, 0.1], "y": [1, 0, 1, 0]}
    >>> schema = Schema(user_id="u", item_id="i", prediction="s", target="y")
    >>> Report([HitRate(k=4)]).run(rows, schema=schema).value("hit_rate_at_k")
    1.0
    """

    measure = "hit"
    spec: ClassVar[Spec] = Spec(
        name="hit_rate_at_k",
        title="Hit rate at k",
        group="performance",
        help="Share of users with a relevant item among the first k.",
        direction="higher",
        range=(0.0, 1.0),
        reference="optional",
    )
