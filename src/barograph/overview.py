"""One column's summaries as one row of plain values."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from barograph.schema import Kind, Schema

QUANTILES = {"q01": 0.01, "q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95, "q99": 0.99}
TOP = 5


def iso(seconds: float) -> str:
    """A time given in seconds since 1970, as ISO 8601 in UTC.

    >>> iso(0.0), iso(-1e30)
    ('1970-01-01T00:00:00+00:00', '-1e+30 s')
    """
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except OverflowError:  # beyond the years 1 to 9999
        return f"{seconds:g} s"
    return moment.isoformat()


def named_apart(values: list[float], *, time: bool, digits: int = 5) -> list[str]:
    """Different values by different names: numbers in so many digits, or as many more as keep them apart.

    >>> named_apart([0.5, 123456.0], time=False), named_apart([1e9, 1e9 + 1], time=False)
    (['0.5', '1.2346e+05'], ['1000000000', '1000000001'])
    """
    if time:
        return [iso(value) for value in values]
    named = ([f"{value:.{n}g}" for value in values] for n in range(digits, 18))  # 17 tell any two apart
    return next(names for names in named if len(set(names)) == len(set(values)))


def overview(schema: Schema, column: str, get: Callable[..., Any]) -> dict[str, Any]:
    """One row: what `get(summary, column, view=...)` knows of a column; `None` where it has no meaning."""
    kind = schema.kinds[column]
    row: dict[str, Any] = {"column": column, "kind": kind.value, "role": schema.roles.get(column, "feature")}
    counts, distinct = get("counts", column), get("distinct", column)
    for sort in ("n_rows", "n_null", "n_nan", "n_pos_inf", "n_neg_inf", "n_invalid"):
        row[sort] = getattr(counts, sort, None)
    present = counts.n_present if counts else math.inf
    row["n_distinct"] = min(distinct.estimate, present) if distinct else None
    bounds = distinct.bounds if distinct else (None, None)
    row["n_distinct_low"], row["n_distinct_high"] = (b if b is None else min(b, present) for b in bounds)
    view = "length" if kind is Kind.TEXT else "value"
    moments = get("moments", column, view=view) if kind.ordered else None
    quantiles = get("quantiles", column, view=view) if kind.ordered else None
    for name, reading in (("mean", "mean"), ("std", "std"), ("min", "minimum"), ("max", "maximum")):
        row[name] = getattr(moments, reading, None)
    got = quantiles.quantiles(np.array(list(QUANTILES.values()))) if quantiles else None
    row |= dict.fromkeys(QUANTILES) if got is None else dict(zip(QUANTILES, got.tolist(), strict=True))
    lengths = get("moments", column, view="length")
    for name, reading in (("length_min", "minimum"), ("length_mean", "mean"), ("length_max", "maximum")):
        row[name] = getattr(lengths, reading, None)
    dated = moments if kind is Kind.DATETIME and moments and moments.n else None
    row["first"] = dated and iso(dated.low)
    row["last"] = dated and iso(dated.high)
    top = get("topk", column)
    row["top"] = ", ".join(f"{_shown(v, kind)} ({n:,})" for v, n in top.items(TOP)) if top else None
    return row


def _shown(value: float | str, kind: Kind) -> str:
    if isinstance(value, str):
        return value
    return iso(value) if kind is Kind.DATETIME else f"{value:.10g}"
