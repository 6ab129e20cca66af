"""One column of a profile of ours, under whylogs' names."""

from __future__ import annotations

import enum
from typing import Any

import numpy as np

from barograph.foreign.columns import COUNTS, SHOWN, TYPES
from barograph.foreign.frequent import FrequentItem
from barograph.profile import Profile
from barograph.schema import Family, Kind
from barograph.summaries import Counts, Distinct, Moments, Quantiles, TopK, Types
from barograph.types import Floats

_SHARES = np.array(list(SHOWN.values()))


class SummaryType(enum.StrEnum):
    """What a row of a summary is about."""

    COLUMN = "COLUMN"


def readings(profile: Profile, column: str) -> dict[str, Any]:
    """One row: what whylogs would call each number; `None` where there is none."""
    kind = profile.schema.kinds.get(column)
    counts: Counts = profile.get("counts", column) or Counts()
    top: TopK | None = profile.get("topk", column)
    truths = dict(top.items()) if top is not None and kind is Kind.BOOLEAN else {}
    types = typed(profile, column)
    row: dict[str, Any] = {}
    row |= {f"counts/{name}": _count(name, counts, int(truths.get("true", 0))) for name in COUNTS}
    row |= {f"types/{name}": types[name] for name in TYPES}
    row |= _cardinality(profile.get("distinct", column))
    moments: Moments = profile.get("moments", column) or Moments()
    quantiles: Quantiles | None = profile.get("quantiles", column)
    got = None if quantiles is None else quantiles.quantiles(_SHARES)
    if kind is Kind.BOOLEAN:
        moments, got = _of_truths(int(truths.get("false", 0)), int(truths.get("true", 0)))
    row |= _distribution(moments, got)
    whole = types["integral"] > 0 and not types["fractional"] and moments.n > 0
    ends = {"ints/max": moments.largest, "ints/min": moments.smallest}
    row |= {name: int(end) if whole and end is not None else None for name, end in ends.items()}
    fractions = kind is Kind.NUMERIC and not whole and types["fractional"] > 0
    row["frequent_items/frequent_strings"] = None if fractions else _frequent(top, kind)
    for need, held in profile.summaries.items():
        if need.summary == "holds" and column in need.columns:
            row |= {f"condition_count/{need.label}": held.n_true, "condition_count/total": counts.n_rows}
    return {name: row[name] for name in sorted(row)} | {"type": SummaryType.COLUMN}


def typed(profile: Profile, column: str) -> dict[str, int]:
    """How many present values are of which of whylogs' types, by how they were stored.

    Floats are integral where all of them are whole: that is what pandas makes of integers beside a null. A profile that
    did not count types tells them by the family of the column.
    """
    types: Types | None = profile.get("types", column)
    if types is not None:
        whole_too = types.fractional == 0
        counted = {name: getattr(types, name) for name in TYPES}
        counted["integral" if whole_too else "fractional"] += types.whole
        return counted
    seen = profile.seen.seen.get(column, {})
    found = dict.fromkeys(TYPES, 0)
    counts: Counts | None = profile.get("counts", column)
    present = sum(seen.values()) if counts is None else counts.n_rows - counts.n_missing
    families = {family: n for family, n in seen.items() if n and family != Family.UNKNOWN.value}
    quantiles: Quantiles | None = profile.get("quantiles", column)
    whole = quantiles is not None and all(bool((v == np.floor(v)).all()) for v in quantiles.levels)
    names = {
        Family.NUMBER.value: "integral" if whole and quantiles is not None and quantiles.n else "fractional",
        Family.BOOLEAN.value: "boolean",
        Family.STRING.value: "string",
    }
    for at, (family, n) in enumerate(families.items()):
        # nulls are counted by column, not by family: they are taken from the first
        found[names.get(family, "object")] += present - sum(families.values()) + n if at == 0 else n
    return {name: max(n, 0) for name, n in found.items()}


def _count(name: str, counts: Counts, true: int) -> int:
    return {
        "n": counts.n_rows,
        "null": counts.n_missing,
        "nan": counts.n_nan,
        "inf": counts.n_pos_inf + counts.n_neg_inf,
        "true": true,
    }[name]


def _cardinality(distinct: Distinct | None) -> dict[str, Any]:
    if distinct is None:
        return dict.fromkeys(("cardinality/est", "cardinality/lower_1", "cardinality/upper_1"))
    low, high = distinct.within(1)
    estimate = float(distinct.estimate)
    return {"cardinality/est": estimate, "cardinality/lower_1": float(low), "cardinality/upper_1": float(high)}


def _distribution(moments: Moments, got: Floats | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "n": moments.n,
        "mean": moments.mean,
        "stddev": moments.std,
        "min": moments.minimum,
        "max": moments.maximum,
    }
    row |= dict.fromkeys(SHOWN) if got is None else dict(zip(SHOWN, got.tolist(), strict=True))
    return {f"distribution/{name}": value for name, value in row.items()}


def _of_truths(false: int, true: int) -> tuple[Moments, Floats | None]:
    """Booleans are 0 and 1 to whylogs."""
    moments = Moments()
    for n, value in ((false, 0.0), (true, 1.0)):
        moments = moments.merge(Moments(n, value, 0.0, value, value) if n else Moments())
    return moments, (np.floor(_SHARES * moments.n) >= false).astype(float) if moments.n else None


def _frequent(top: TopK | None, kind: Kind | None) -> list[FrequentItem] | None:
    if top is None or kind is Kind.DATETIME:
        return None
    found = []
    for value, count in top.items():
        name = f"{value:.0f}" if isinstance(value, float) else value
        name = name.capitalize() if kind is Kind.BOOLEAN else name
        found.append(FrequentItem(name, count + top.error, count + top.error, count))
    return found
