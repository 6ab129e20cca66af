"""Share of missing values over all columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from barograph.metric import Metric
from barograph.metrics.quality.dataset import one_number
from barograph.metrics.quality.readings import Reading
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Result, Spec
from barograph.schema import Schema


@dataclass(frozen=True)
class MissingCellShare(Metric):
    """Share of all cells, rows times columns, that are null or NaN.

    Range 0 to 1, lower is better; with no change the reference's share. Exact. Over the profiled columns, but for the
    target, which often comes later; `missing_share` says it column by column. No `se`: cells of one row go missing
    together. No rows: `None`.

    >>> from barograph import Profile
    >>> MissingCellShare().compute(Profile.of({"a": [1, None], "b": ["x", "y"]}), None).values[0].value
    0.25
    """

    spec: ClassVar[Spec] = Spec(
        name="missing_cell_share",
        title="Missing values of all columns",
        group="quality",
        help="Share of all cells that are null or NaN.",
        unit="ratio",
        direction="lower",
        range=(0.0, 1.0),
        reference="optional",
    )

    def needs(self, schema: Schema) -> Iterable[Need]:
        return [Need("counts", (column,)) for column in schema.profiled if column != schema.target]

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        return one_number(self, _share, current, reference)


def _share(profile: Profile) -> Reading:
    columns = (c for c in profile.columns if c != profile.schema.target)
    counts = [found for column in columns if (found := profile.get("counts", column)) is not None]
    cells = sum(found.n_rows for found in counts)
    if cells == 0:
        return Reading(None, note="the rows have none of the columns")
    missing = sum(found.n_missing for found in counts)
    return Reading(missing / cells, profile.n_rows, counted=missing, total=cells)
