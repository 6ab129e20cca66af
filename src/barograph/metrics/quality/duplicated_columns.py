"""Columns that repeat another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.quality.equal_columns import EqualColumns
from barograph.results import Spec


@dataclass(frozen=True)
class DuplicatedColumns(EqualColumns):
    """How many columns equal one before them, row by row, as pandas' `frame.T.duplicated().sum()`.

    Range 0 to the number of columns less one, lower is better; with no change the reference's count. Three equal
    columns count as two, for two could be dropped; the table names each and the first (by name) that it equals. A
    missing value equals a missing value, but a column without any value equals none: `empty_columns` has it. 1, 1.0
    and true are one value, so that how a column is stored changes nothing. Over all columns but prediction and scores
    (a model that is right repeats the target), or those of `columns`. No rows, no value or fewer than two columns:
    `None`.

    Exact, but for collisions of 64-bit hashes, and mergeable: the rows in which two columns agree are counted for
    every pair of the first 100 columns; the note says what is left out, and `columns=(...)` names others. About 0.6 s
    for 100,000 rows of 100 columns, and 80 KB; only where this metric is asked for.

    >>> from barograph import Profile
    >>> metric = DuplicatedColumns()
    >>> rows = {"a": [1, 2, None], "b": [1.0, 2.0, None], "c": [1, 2, 3]}
    >>> metric.compute(Profile.of(rows, needs=metric.needs), None).values[0].value
    1.0
    """

    columns: tuple[str, ...] = ()

    spec: ClassVar[Spec] = Spec(
        name="duplicated_columns",
        title="Duplicated columns",
        group="quality",
        help="How many columns equal one before them in every row.",
        unit="columns",
        direction="lower",
        range=(0.0, None),
        reference="optional",
    )
