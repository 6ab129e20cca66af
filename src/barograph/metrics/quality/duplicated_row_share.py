"""Share of rows that repeat an earlier one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from barograph.metric import Metric
from barograph.metrics.quality.dataset import repeats_share
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Result, Spec
from barograph.schema import Schema


@dataclass(frozen=True)
class DuplicatedRowShare(Metric):
    """Share of rows that an equal one came before: 1 - different rows / rows, as pandas' `duplicated().mean()`.

    Range 0 to 1, lower is better; with no change the reference's share, for windows of like size. Over all columns, or
    `columns`: then rows without any value in these are left out, and 0 says that they are a key. Missing values equal
    each other; 1, 1.0 and true are one value. Exact (but for hash collisions, 2^-64 a pair) up to 16,384 different
    rows; beyond that read from a sample of the different rows, and `low` and `high` are three standard errors away.
    No rows: `None`.

    Bar-Yossef et al. (2002).

    >>> from barograph import Profile
    >>> metric = DuplicatedRowShare()
    >>> rows = {"a": [1, 1, 2, 1], "b": ["x", "x", "x", "y"]}
    >>> metric.compute(Profile.of(rows, needs=metric.needs), None).values[0].value
    0.25
    """

    columns: tuple[str, ...] = ()

    spec: ClassVar[Spec] = Spec(
        name="duplicated_row_share",
        title="Repeated rows",
        group="quality",
        help="Share of rows that an equal one came before.",
        unit="ratio",
        direction="lower",
        range=(0.0, 1.0),
        reference="optional",
    )

    def __post_init__(self) -> None:
        given: Any = self.columns
        object.__setattr__(self, "columns", (given,) if isinstance(given, str) else tuple(given))

    def needs(self, schema: Schema) -> Iterable[Need]:
        return [Need("repeats", self.columns)]

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        return repeats_share(self, Need("repeats", self.columns), "repeated", current, reference)
