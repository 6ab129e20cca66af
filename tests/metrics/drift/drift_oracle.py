"""What the drift tests share: one value by the public path, and cells counted from raw rows in plain Python."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from barograph import Baseline, Profile
from barograph.metric import Metric
from barograph.results import Value

Pairs = tuple[np.ndarray, np.ndarray]


def frame(values: Any) -> pd.DataFrame:
    return pd.DataFrame({"x": values})


def values(metric: Metric, reference: Any, current: Any) -> list[Value]:
    """What a metric says of current rows against reference rows."""
    base = Baseline.of(reference)
    return metric.compute(Profile.of(current, base), base.profile).values


def value(metric: Metric, reference: Any, current: Any) -> Value:
    """The only value a metric says of one column."""
    (only,) = values(metric, frame(reference), frame(current))
    return only


def number(metric: Metric, reference: Any, current: Any) -> float:
    found = value(metric, reference, current).value
    assert found is not None
    return found


def tabled(reference: list[Any], current: list[Any], cell: Callable[[Any], Any]) -> Pairs:
    """Counts of either side in the cells that occur."""
    theirs, ours = Counter(map(cell, reference)), Counter(map(cell, current))
    cells = sorted({*theirs, *ours}, key=str)
    return np.array([theirs[c] for c in cells], float), np.array([ours[c] for c in cells], float)


def value_cells(reference: list[float], current: list[float]) -> Pairs:
    """A cell for each value of the reference, one for each gap between neighbours, one beyond either end."""
    known = sorted(set(reference))
    return tabled(reference, current, lambda v: ("at", v) if v in known else ("gap", bisect_left(known, v)))


def label_cells(reference: list[str], current: list[str], most: int = 256) -> Pairs:
    """A cell for each label of either side (at most 256 on each)."""
    assert max(len(set(reference)), len(set(current))) <= most
    return tabled(reference, current, lambda v: v)


def joined_cells(reference: Any, current: Any, bins: int = 10) -> Pairs:
    """A continuous column: the baseline's fine cells, joined whenever the next tenth of the reference is reached."""
    edges = Baseline.of(frame(reference)).profile.get("bins", "x").edges.tolist()
    fine = Counter(bisect_left(edges, v) for v in reference)
    group, before, group_of = -1, 0, {}
    starts = [len(reference) * j / bins for j in range(bins)]
    for cell in range(len(edges) + 1):
        if starts and before >= starts[0]:
            group += 1
            while starts and before >= starts[0]:
                starts.pop(0)
        group_of[cell] = group
        before += fine[cell]
    return tabled(list(reference), list(current), lambda v: group_of[bisect_left(edges, v)])


def alarms(metric: Metric, law: Callable[[np.random.Generator, int], Any], m: int, n: int, level: float = 0.05) -> int:
    """How many of `TIMES` pairs of sides of one law, m rows of reference and n current, have p-values up to `level`."""
    rng = np.random.default_rng(m + n)
    reference, current = ({f"x{i}": law(rng, rows) for i in range(TIMES)} for rows in (m, n))
    found = values(metric, reference, current)
    assert len(found) == TIMES
    assert all(one.p_value is not None for one in found)
    return sum(one.p_value <= level for one in found if one.p_value is not None)


TIMES = 250
