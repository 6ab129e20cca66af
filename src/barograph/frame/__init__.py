"""The only door to dataframes and files: rows in, numpy arrays with a meaning out. polars stays inside.

rows, files, text          `Rows`, what is read and how
sources, foreign, csv      opening files, pandas, pyarrow, dicts, streams
columns, aligned, windows  a batch -> `Numbers`, `Labels`, `Classified`, ... and its windows of time
expressions, conditions     conditions on rows: a checked text -> how many rows hold it
"""

from __future__ import annotations

from typing import TypeAlias

import polars as pl

from barograph.frame.aligned import classified, regressed, scored, unclassed
from barograph.frame.columns import (
    beyond,
    class_labels,
    clip_label,
    family,
    keys_of,
    labels,
    number_keys,
    numbers,
)
from barograph.frame.conditions import judged
from barograph.frame.expressions import expression
from barograph.frame.rows import BATCH_ROWS, Rows
from barograph.frame.sources import open_rows
from barograph.frame.tables import to_pandas, to_polars
from barograph.frame.wholes import incomplete_rows, row_keys
from barograph.frame.windows import row_windows, window_bounds, windows

Batch: TypeAlias = pl.DataFrame

__all__ = [
    "BATCH_ROWS",
    "Batch",
    "Rows",
    "beyond",
    "class_labels",
    "classified",
    "clip_label",
    "expression",
    "family",
    "incomplete_rows",
    "judged",
    "keys_of",
    "labels",
    "number_keys",
    "numbers",
    "open_rows",
    "regressed",
    "row_keys",
    "row_windows",
    "scored",
    "to_pandas",
    "to_polars",
    "unclassed",
    "window_bounds",
    "windows",
]
