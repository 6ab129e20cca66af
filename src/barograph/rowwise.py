"""What summaries of rows as they are stored are fed: what they lack, repeat, hold of a condition, are made of."""

from __future__ import annotations

from typing import Any

from barograph import frame
from barograph.needs import Need, kept_examples
from barograph.schema import Schema


def taken(batch: frame.Batch, schema: Schema, need: Need) -> Any:
    """Whole rows, read as the need says."""
    if need.summary == "incomplete":
        return frame.incomplete_rows(batch, (c for c in schema.profiled if c != schema.target), schema.kinds)
    if need.summary == "repeats":
        columns = need.columns or (schema.features if need.label else schema.profiled)
        return frame.row_keys(batch, columns, schema.kinds, need.label, present=bool(need.columns))
    if need.summary == "types":
        return frame.type_counts(batch, *need.columns)
    return frame.judged(batch, need.label, schema.kinds, kept_examples(need))
