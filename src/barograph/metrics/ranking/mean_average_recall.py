"""Mean average recall at k."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.ranking.at_k import AtK
from barograph.results import Spec


@dataclass(frozen=True)
class MeanAverageRecall(AtK):
    """MAR@k: recall at each relevant rank up to k, averaged for each user, in the mean over users.

    Per user: mean of recall@i over the ranks i <= k of relevant items; 0 where there is none. Of R relevant items
    even the best order has (R + 1) / (2 R).

    Range 0 to 1, higher is better; unchanged when nothing has changed. Users without a relevant item are left out, or
    count 0 with `no_relevant="zero"`. Equal scores are ordered by a hash of the item. Exact up to rounding; `se` from
    the spread over users; `k` at most 100. A user's rows must lie in one batch: where over 1 % do not, no rows, or no
    target at all: `None`.

    After Manning, Raghavan & Schütze (2008), chapter 8, with recall in the place of precision.

    >>> from barograph import Report, Schema
    >>> rows = {"u": [1] * 4, "i": [7, 8, 9, 5], "s": [0.9, 0.8, 0.7, 0.1], "y": [1, 0, 1, 0]}
    >>> schema = Schema(user_id="u", item_id="i", prediction="s", target="y")
    >>> Report([MeanAverageRecall(k=4)]).run(rows, schema=schema).value("mar_at_k")
    0.75
    """

    measure = "ar"
    spec: ClassVar[Spec] = Spec(
        name="mar_at_k",
        title="Mean average recall at k",
        group="performance",
        help="Mean over users of the recall at each relevant rank up to k.",
        direction="higher",
        range=(0.0, 1.0),
        reference="optional",
    )
