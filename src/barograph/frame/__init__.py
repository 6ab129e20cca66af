"""The only door to dataframes and files: rows in, numpy arrays with a meaning out. polars stays inside.

rows, files, text, bar     `Rows`, what is read and how, and how far
sources, foreign, csv      opening files, pandas, pyarrow, dicts, streams
columns, aligned, windows  a batch -> `Numbers`, `Labels`, `Classified`, ... and its windows of time
side_by_side               a batch -> columns row by row, for what they do together
segments                   a batch -> the rows of each key
expressions, conditions    conditions on rows: a checked text -> how many rows hold it
"""

from __future__ import annotations

from typing import TypeAlias

import polars as pl

from barograph.frame.aligned import classified, codes, percentage_errors, ranked, regressed, scored, unclassed, weights
from barograph.frame.bar import bar
from barograph.frame.columns import (
    beyond,
    class_labels,
    clip_label,
    family,
    keys_of,
    labels,
    number_keys,
    numbers,
    words,
)
from barograph.frame.conditions import judged
from barograph.frame.expressions import expression
from barograph.frame.records import records
from barograph.frame.rows import BATCH_ROWS, Rows
from barograph.frame.segments import count_keys, frequent_keys, partition, selections
from barograph.frame.side_by_side import row_class, row_labels, row_numbers, row_times, row_truth, row_view
from barograph.frame.sources import open_rows
from barograph.frame.tables import to_pandas, to_polars
from barograph.frame.text import read_as_missing, type_counts
from barograph.frame.vectors import dimension_of, norms, vectors
from barograph.frame.weighted import weighted_labels, weighted_numbers
from barograph.frame.wholes import incomplete_rows, row_cells, row_keys
from barograph.frame.windows import duration, row_windows, window_bounds, window_of, windows
from barograph.frame.words import character_range

Batch: TypeAlias = pl.DataFrame

__all__ = [
    "BATCH_ROWS",
    "Batch",
    "Rows",
    "bar",
    "beyond",
    "character_range",
    "class_labels",
    "classified",
    "clip_label",
    "codes",
    "count_keys",
    "dimension_of",
    "duration",
    "expression",
    "family",
    "frequent_keys",
    "incomplete_rows",
    "judged",
    "keys_of",
    "labels",
    "norms",
    "number_keys",
    "numbers",
    "open_rows",
    "partition",
    "percentage_errors",
    "ranked",
    "read_as_missing",
    "records",
    "regressed",
    "row_cells",
    "row_class",
    "row_keys",
    "row_labels",
    "row_numbers",
    "row_times",
    "row_truth",
    "row_view",
    "row_windows",
    "scored",
    "selections",
    "to_pandas",
    "to_polars",
    "type_counts",
    "unclassed",
    "vectors",
    "weighted_labels",
    "weighted_numbers",
    "weights",
    "window_bounds",
    "window_of",
    "windows",
    "words",
]
