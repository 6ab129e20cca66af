"""NDCG at k."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.ranking.at_k import AtK
from barograph.results import Spec


@dataclass(frozen=True)
class NDCG(AtK):
    """NDCG@k: discounted gain of a user's first k recommendations over that of the best order, in the mean over
    users.

    Per user: DCG / ideal DCG, with DCG = sum over i <= k of gain_i / log2(i + 1). The gain is the target itself,
    graded or 0 and 1; what is not above 0 gains nothing. The ideal order is of all rows of the user.

    Range 0 to 1, higher is better; unchanged when nothing has changed. Users without a relevant item are left out, or
    count 0 with `no_relevant="zero"`. Equal scores are ordered by a hash of the item. Exact up to rounding; `se` from
    the spread over users; `k` at most 100. A user's rows must lie in one batch: where over 1 % do not, no rows, or no
    target at all: `None`.

    Järvelin & Kekäläinen, Cumulated Gain-Based Evaluation of IR Techniques (2002).

    >>> from barograph import Report, Schema
    >>> rows = {"u": [1] * 4, "i": [7, 8, 9, 5], "s": [0.9, 0.8, 0.7, 0.1], "y": [1, 0, 1, 0]}
    >>> schema = Schema(user_id="u", item_id="i", prediction="s", target="y")
    >>> round(Report([NDCG(k=4)]).run(rows, schema=schema).value("ndcg_at_k"), 4)
    0.9197
    """

    measure = "ndcg"
    spec: ClassVar[Spec] = Spec(
        name="ndcg_at_k",
        title="NDCG at k",
        group="performance",
        help="Mean over users of the discounted gain of the first k, relative to the best order.",
        direction="higher",
        range=(0.0, 1.0),
        reference="optional",
    )
