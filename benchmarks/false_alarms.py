"""How often verdicts alarm when nothing has changed, per window of so many rows and columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from barograph import no_drift
from barograph.calibration import noise
from barograph.discoveries import any_discovery, combined
from barograph.metrics.drift import PSI, AndersonDarling, MissingDrift
from barograph.metrics.drift.cells import Cells, Comparison
from barograph.presets import MISSING_AT_LEAST, PSI_AT_LEAST
from barograph.types import Floats
from benchmarks.shares import Rate
from benchmarks.verdict_columns import Column, Pairs

ALPHA = 0.01
AT_ONCE = 500


@dataclass(frozen=True)
class Judged:
    """p-value and value of one check."""

    p: float
    value: float
    at_least: float


def judged(pairs: Pairs, i: int) -> list[Judged]:
    """The checks of `data_drift` on one column, as `barograph.run` judges them."""
    coarse, found = pairs.coarse(i), []
    p, value = _calibrated(PSI(), coarse)
    if p is not None:
        if pairs.edges is not None:
            beside = AndersonDarling().p_value(pairs.fine(i))
            assert beside is not None
            p = combined((p, beside))
        found.append(Judged(p, value, no_drift(PSI_AT_LEAST).at_least))
    if (rows := pairs.absent(i)) is not None:
        p, value = _calibrated(MissingDrift(), rows)
        if p is not None:
            found.append(Judged(p, value, no_drift(MISSING_AT_LEAST).at_least))
    return found


def _calibrated(metric: Comparison, cells: Cells) -> tuple[float | None, float]:
    value = metric.observed(cells)
    known = noise(metric, cells)
    p = known.p_value(value)
    return (None if known.variance <= 0 and p == 1.0 else p), value


def suspects(pairs: Pairs) -> Floats:
    """Ranks of the columns by how far they are from their references, the farthest first: shape `(tests, columns)`."""
    ours, theirs = pairs.current.astype(float), pairs.reference.astype(float)
    orders = []
    if pairs.edges is not None:
        n, m = ours.sum(axis=1), theirs.sum(axis=1)
        size = n * m / (n + m)
        orders.append(AndersonDarling().statistic(ours, theirs, pairs.fine(0)))
        step = max(1, ours.shape[1] // 10)
        starts = np.arange(0, ours.shape[1], step)
        ours, theirs = np.add.reduceat(ours, starts, axis=1), np.add.reduceat(theirs, starts, axis=1)
        orders.append(PSI().statistic(ours, theirs, pairs.fine(0)) * size)
    else:
        orders.append(PSI().statistic(ours, theirs, pairs.fine(0)))
    if pairs.rows is not None:
        orders.append(MissingDrift().statistic(pairs.rows[0].astype(float), pairs.rows[1].astype(float), pairs.fine(0)))
    return np.array(orders)


def columns(column: Column, n: int, m: int, count: int, seed: int, share: float) -> Iterator[tuple[int, list[Judged]]]:
    """The columns that may alarm, by their number: the farthest `share` by each statistic, and on until none does.

    All others have p-values that no finding rests on: their exact size is not needed.
    """
    rng = np.random.default_rng(seed)
    for start in range(0, count, AT_ONCE):
        pairs = column.draw(n, m, min(AT_ONCE, count - start), rng)
        done: set[int] = set()
        for order in suspects(pairs):
            least = max(1, round(share * order.size))
            for position, i in enumerate(np.argsort(-order, kind="stable").tolist()):
                if i in done:
                    continue
                done.add(i)
                found = judged(pairs, i)
                yield start + i, found
                if position >= least and min((j.p for j in found), default=1.0) > share / 3:
                    break


def false_alarms(column: Column, n: int, m: int, k: int, windows: int, seed: int) -> Rate:
    """How many windows of `k` independent columns, of `n` rows each against a reference of `m`, alarm."""
    share = min(0.03, 0.08 / k)
    tests = 2 if getattr(column, "nulls", 0) else 1
    evident, drifted = set(), set()
    found: dict[int, list[Judged]] = {}
    for i, checks in columns(column, n, m, windows * k, seed, share):
        found.setdefault(i // k, []).extend(checks)
    for window, checks in found.items():
        p_values = [check.p for check in checks]
        family = [*p_values, *[1.0] * (tests * k - len(p_values))]
        level = discovery(family)
        if level is None:
            continue
        evident.add(window)
        if any(check.p <= level and check.value > check.at_least for check in checks):
            drifted.add(window)
    return Rate(windows, len(evident), len(drifted))


def discovery(p_values: list[float]) -> float | None:
    """The level of a window's p-values, where anything is found: as `barograph.run.evaluate` has it."""
    from barograph.discoveries import discovery_level

    together = any_discovery(p_values)
    return discovery_level(p_values, ALPHA) if together is not None and together <= ALPHA else None
