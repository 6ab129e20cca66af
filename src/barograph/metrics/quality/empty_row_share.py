"""Share of rows in which every value is null or NaN."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from barograph.metric import Metric
from barograph.metrics.quality.dataset import incomplete_share
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Result, Spec
from barograph.schema import Schema


@dataclass(frozen=True)
class EmptyRowShare(Metric):
    """Share of rows in which every value is null or NaN.

    Range 0 to 1, lower is better; with no change the reference's share. Exact; `se` is binomial. Over the profiled
    columns that the rows have, but for the target, which often comes later; infinite and unreadable values are not
    missing. No rows: `None`.

    >>> from barograph import Profile
    >>> metric = EmptyRowShare()
    >>> rows = {"a": [1, None, None, 4], "b": ["x", "y", None, "z"]}
    >>> metric.compute(Profile.of(rows, needs=metric.needs), None).values[0].value
    0.25
    """

    spec: ClassVar[Spec] = Spec(
        name="empty_row_share",
        title="Empty rows",
        group="quality",
        help="Share of rows in which every value is null or NaN.",
        unit="ratio",
        direction="lower",
        range=(0.0, 1.0),
        reference="optional",
    )

    def needs(self, schema: Schema) -> Iterable[Need]:
        return [Need("incomplete")]

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        return incomplete_share(self, "n_empty", current, reference)
