"""Share of one sort of absent values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from barograph.errors import ParameterError
from barograph.metrics.quality.readings import PerColumn, Reading, share
from barograph.profile import Profile
from barograph.results import Spec
from barograph.summaries import Counts

SORTS = {
    "null": ("n_null",),
    "nan": ("n_nan",),
    "pos_inf": ("n_pos_inf",),
    "neg_inf": ("n_neg_inf",),
    "infinite": ("n_pos_inf", "n_neg_inf"),
    "invalid": ("n_invalid",),
}


@dataclass(frozen=True)
class AbsentShare(PerColumn):
    """Share of rows whose value is absent in one way: `null`, `nan`, `pos_inf`, `neg_inf`, `infinite` (both) or
    `invalid` (not readable as what the schema promises, e.g. "abc" in a numeric column).

    Range 0 to 1, lower is better; with no change the reference's share. Exact; `se` is binomial. One sort a metric, so
    that a time series keeps its labels however the data change; null and NaN together are `missing_share`.
    No rows or no such column: `None`. An unknown sort raises `ParameterError`.

    >>> from barograph import Profile
    >>> p = Profile.of({"age": [31.0, None, float("inf"), 40.0]})
    >>> AbsentShare("age", "infinite").compute(p, None).values[0].value
    0.25
    """

    column: str | None = None
    sort: Literal["null", "nan", "pos_inf", "neg_inf", "infinite", "invalid"] = "invalid"

    spec: ClassVar[Spec] = Spec(
        name="absent_share",
        title="Absent values of one sort",
        group="quality",
        help="Share of rows whose value is unreadable, or of the sort given: null, nan, pos_inf, neg_inf, infinite.",
        unit="ratio",
        direction="lower",
        range=(0.0, 1.0),
        reference="optional",
    )

    def __post_init__(self) -> None:
        if self.sort not in SORTS:
            raise ParameterError(f"there is no sort {self.sort!r} of absent values; the sorts are {', '.join(SORTS)}")

    def read(self, summary: Counts, profile: Profile, reference: Profile | None, column: str) -> Reading:
        return share(sum(getattr(summary, name) for name in SORTS[self.sort]), summary.n_rows)
