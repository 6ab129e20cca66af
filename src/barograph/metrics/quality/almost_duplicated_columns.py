"""Columns that nearly repeat another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.errors import ParameterError
from barograph.metrics.quality.equal_columns import EqualColumns
from barograph.results import Spec


@dataclass(frozen=True)
class AlmostDuplicatedColumns(EqualColumns):
    """How many columns have the same value as one before them in at least `share` (0.95) of the rows.

    Counted among the rows in which either has a value, so that two columns that are mostly missing are not alike for
    that; duplicated columns are included. Otherwise like `duplicated_columns`: range 0 to the number of columns less
    one, lower is better; with no change the reference's count; exact up to collisions of hashes, for the first 100
    columns or those of `columns`; `None` where there are no rows, no values or fewer than two columns. Two columns that
    nearly always have the same one value (nearly all zeros) are alike too: `almost_constant_columns` tells these.

    Raises `ParameterError` for a share that is not above 0.5 and at most 1.

    >>> from barograph import Profile
    >>> metric = AlmostDuplicatedColumns()
    >>> rows = {"a": [*range(100)], "b": [*range(99), None], "c": [0] * 100}
    >>> metric.compute(Profile.of(rows, needs=metric.needs), None).values[0].value
    1.0
    """

    share: float = 0.95
    columns: tuple[str, ...] = ()

    spec: ClassVar[Spec] = Spec(
        name="almost_duplicated_columns",
        title="Almost duplicated columns",
        group="quality",
        help="How many columns have the same value as one before them in nearly every row.",
        unit="columns",
        direction="lower",
        range=(0.0, None),
        reference="optional",
    )

    def __post_init__(self) -> None:
        if not 0.5 < self.share <= 1:
            raise ParameterError(f"share is {self.share!r}; give one above 0.5 and at most 1, such as 0.95")
        super().__post_init__()

    @property
    def at_least(self) -> float:
        return self.share
