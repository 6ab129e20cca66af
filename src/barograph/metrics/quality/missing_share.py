"""Share of missing values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.quality.readings import PerColumn, Reading, share
from barograph.profile import Profile
from barograph.results import Spec
from barograph.summaries import Counts


@dataclass(frozen=True)
class MissingShare(PerColumn):
    """Share of rows whose value is missing: null or NaN, of all rows that had the column.

    Range 0 to 1, lower is better; with no change the reference's share. Exact; `se` is binomial. Infinite and
    unreadable values are not missing: `absent_share` counts each sort on its own. No rows or no such column: `None`.

    >>> from barograph import Profile
    >>> MissingShare("age").compute(Profile.of({"age": [31.0, None, float("nan"), 40.0]}), None).values[0].value
    0.5
    """

    column: str | None = None

    spec: ClassVar[Spec] = Spec(
        name="missing_share",
        title="Missing values",
        group="quality",
        help="Share of rows whose value is null or NaN.",
        unit="ratio",
        direction="lower",
        range=(0.0, 1.0),
        reference="optional",
        missing=True,
    )

    def read(self, summary: Counts, profile: Profile, reference: Profile | None, column: str) -> Reading:
        return share(summary.n_missing, summary.n_rows)
