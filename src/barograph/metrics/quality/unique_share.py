"""Share of values that occur once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from barograph.metrics.quality.dataset import repeats_reading
from barograph.metrics.quality.readings import PerColumn, Reading
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Spec
from barograph.schema import Schema
from barograph.summaries import Repeats


@dataclass(frozen=True)
class UniqueShare(PerColumn):
    """Share of the values that are unique, that is occur once; 1 where all are, as in an identity.

    Range 0 to 1, neither better; the reference's under no change, but it falls with the number of rows. Unlike
    `distinct_share`, which counts every different value: of Ulm, Ulm, Bonn one of three values is unique and two are
    distinct. Exact up to 16,384 different values; beyond that read from a sample of these, `low` and `high` three
    standard errors away: 0.1 % of duplicates are seen. Missing values are left out; no values: `None`.

    Bar-Yossef et al. (2002); Cochran (1977).

    >>> from barograph import Profile
    >>> metric = UniqueShare("id")
    >>> metric.compute(Profile.of({"id": [1, 2, 3, 3, None]}, needs=metric.needs), None).values[0].value
    0.5
    """

    column: str | None = None

    summary = "repeats"
    spec: ClassVar[Spec] = Spec(
        name="unique_share",
        title="Values that occur once",
        group="quality",
        help="Share of the values that occur once.",
        unit="ratio",
        range=(0.0, 1.0),
        reference="optional",
    )

    def needs(self, schema: Schema) -> Iterator[Need]:
        for column in self._columns(schema):
            if column in schema.kinds:
                yield from (Need("counts", (column,)), Need("repeats", (column,)))

    def _view(self, kind: Any) -> str:
        return "value"

    def read(self, summary: Repeats, profile: Profile, reference: Profile | None, column: str) -> Reading:
        return repeats_reading(self, summary, "alone")
