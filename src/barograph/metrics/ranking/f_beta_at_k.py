"""F-beta at k."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.errors import ParameterError
from barograph.metrics.ranking.at_k import AtK
from barograph.results import Spec
from barograph.summaries.ranking import BETAS


@dataclass(frozen=True)
class FBetaAtK(AtK):
    """F-beta@k: weighted harmonic mean of a user's precision and recall at k, in the mean over users.

    Per user: (1 + b²) P R / (b² P + R) = (1 + b²) hits / (b² relevant + k); b = 0.5 weighs precision higher, 1 both
    alike, 2 recall. It is the mean of the users' F, not the F of the means.

    Range 0 to 1, higher is better; unchanged when nothing has changed. Users without a relevant item are left out, or
    count 0 with `no_relevant="zero"`. Equal scores are ordered by a hash of the item. Exact up to rounding; `se` from
    the spread over users; `k` at most 100, `beta` 0.5, 1 or 2. A user's rows must lie in one batch: where over 1 % do
    not, no rows, or no target at all: `None`.

    van Rijsbergen, Information Retrieval (1979), chapter 7.

    >>> from barograph import Report, Schema
    >>> rows = {"u": [1] * 4, "i": [7, 8, 9, 5], "s": [0.9, 0.8, 0.7, 0.1], "y": [1, 0, 1, 0]}
    >>> schema = Schema(user_id="u", item_id="i", prediction="s", target="y")
    >>> round(Report([FBetaAtK(k=4)]).run(rows, schema=schema).value("f_beta_at_k"), 4)
    0.6667
    """

    beta: float = 1.0

    spec: ClassVar[Spec] = Spec(
        name="f_beta_at_k",
        title="F-beta at k",
        group="performance",
        help="Mean over users of the weighted harmonic mean of precision and recall at k.",
        direction="higher",
        range=(0.0, 1.0),
        reference="optional",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.beta not in BETAS:
            raise ParameterError(f"F of beta {self.beta!r} is not kept; give one of {', '.join(map(str, BETAS))}")

    @property
    def named(self) -> str:
        return f"f{self.beta:g}"
