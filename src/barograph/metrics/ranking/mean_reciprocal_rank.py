"""Mean reciprocal rank at k."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.ranking.at_k import AtK
from barograph.results import Spec


@dataclass(frozen=True)
class MeanReciprocalRank(AtK):
    """MRR@k: one over the rank of a user's first relevant item, 0 beyond k, in the mean over users.

    Per user: 1 / rank of the first relevant item where that is at most k, else 0.

    Range 0 to 1, higher is better; unchanged when nothing has changed. Users without a relevant item are left out, or
    count 0 with `no_relevant="zero"`. Equal scores are ordered by a hash of the item. Exact up to rounding; `se` from
    the spread over users; `k` at most 100. A user's rows must lie in one batch: where over 1 % do not, no rows, or no
    target at all: `None`.

    Voorhees, The TREC-8 Question Answering Track Report (1999).

    >>> from barograph import Report, Schema
    >>> rows = {"u": [1] * 4, "i": [7, 8, 9, 5], "s": [0.9, 0.8, 0.7, 0.1], "y": [1, 0, 1, 0]}
    >>> schema = Schema(user_id="u", item_id="i", prediction="s", target="y")
    >>> Report([MeanReciprocalRank(k=4)]).run(rows, schema=schema).value("mrr_at_k")
    1.0
    """

    measure = "rr"
    spec: ClassVar[Spec] = Spec(
        name="mrr_at_k",
        title="Mean reciprocal rank at k",
        group="performance",
        help="Mean over users of 1 / rank of the first relevant item, 0 beyond k.",
        direction="higher",
        range=(0.0, 1.0),
        reference="optional",
    )
