"""Number of rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from barograph.metric import Metric
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Result, Spec, Value
from barograph.schema import Schema


@dataclass(frozen=True)
class RowCount(Metric):
    """How many rows there are. Exact.

    Range 0 to infinity, neither better; under no change as many as windows like it have. The one metric that says 0 of
    no rows: that nothing came is what it is for.

    >>> from barograph import Profile
    >>> RowCount().compute(Profile.of({"age": [31, None]}), None).values[0].value
    2.0
    """

    spec: ClassVar[Spec] = Spec(
        name="row_count",
        title="Rows",
        group="quality",
        help="How many rows there are.",
        unit="rows",
        range=(0.0, None),
        reference="optional",
    )

    def needs(self, schema: Schema) -> Iterable[Need]:
        return ()

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        then = float(reference.n_rows) if reference else None
        return self.result([Value(float(current.n_rows), n=current.n_rows, reference=then)])
