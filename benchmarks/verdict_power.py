"""What verdicts find, beside the rules of others: real rows, one column, the same data for every rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from barograph import Baseline, Profile
from barograph.calibration import noise
from barograph.discoveries import combined
from barograph.metrics.drift import PSI, AndersonDarling, MissingDrift
from barograph.presets import MISSING_AT_LEAST, PSI_AT_LEAST
from barograph.types import Floats

ALPHA = 0.01
COLUMNS = 20  # the family that a column is one of
CHUNKS = 10
EVIDENTLY_SMALL, EVIDENTLY_P, EVIDENTLY_DISTANCE = 1000, 0.05, 0.1


@dataclass(frozen=True)
class Shift:
    """A change of one column: how rows of either side are drawn."""

    name: str
    draw: Callable[[int, np.random.Generator, bool], Floats]


def _normal(change: Callable[[Floats, np.random.Generator], Floats]) -> Callable[..., Floats]:
    def draw(n: int, rng: np.random.Generator, changed: bool) -> Floats:
        rows = rng.normal(size=n)
        return change(rows, rng) if changed else rows

    return draw


def _few(rows: Floats, rng: np.random.Generator, share: float, change: Callable[[Floats], Floats]) -> Floats:
    picked = rng.random(rows.size) < share
    return np.where(picked, change(rows), rows)


SHIFTS = (
    Shift("nothing", _normal(lambda x, rng: x)),
    *(Shift(f"mean + {by} sigma", _normal(lambda x, rng, by=by: x + by)) for by in (0.05, 0.1, 0.2)),
    *(Shift(f"scale x {by}", _normal(lambda x, rng, by=by: x * by)) for by in (1.1, 1.25)),
    Shift("tail: 2 % of rows x 5", _normal(lambda x, rng: _few(x, rng, 0.02, lambda y: y * 5))),
    Shift("subgroup: 3 % of rows + 2 sigma", _normal(lambda x, rng: _few(x, rng, 0.03, lambda y: y + 2))),
    Shift(
        "missing + 2 points",
        lambda n, rng, c: np.where(rng.random(n) < (0.07 if c else 0.05), np.nan, rng.normal(size=n)),
    ),
)
LABEL_SHIFT = "one label of ten + 3 points"


@dataclass(frozen=True)
class Found:
    """Whether each rule alarmed."""

    rules: dict[str, bool]


def numeric(shift: Shift, n: int, m: int, rng: np.random.Generator) -> Found:
    """One reference and one window, and what each rule says of them."""
    before, now = shift.draw(m, rng, False), shift.draw(n, rng, True)
    baseline = Baseline.of({"x": before})
    current = Profile.of({"x": now}, baseline)
    fine, coarse = (metric.cells(current, baseline.profile, "x", "value") for metric in (AndersonDarling(), PSI()))
    rows = MissingDrift().cells(current, baseline.profile, "x", "value")
    assert not isinstance(fine, str)
    assert not isinstance(coarse, str)
    assert not isinstance(rows, str)
    p_psi, p_ad = noise(PSI(), coarse).p_value(PSI().observed(coarse)), AndersonDarling().p_value(fine)
    assert p_ad is not None
    absent = noise(MissingDrift(), rows)
    tests = COLUMNS if absent.variance <= 0 else 2 * COLUMNS
    p_absent = absent.p_value(MissingDrift().observed(rows))
    both, level = combined((p_psi, p_ad)), ALPHA / tests
    material = (both <= level and PSI().observed(coarse) > PSI_AT_LEAST) or (
        p_absent <= level and MissingDrift().observed(rows) > MISSING_AT_LEAST
    )
    known, held = before[np.isfinite(before)], now[np.isfinite(now)]
    p_ks = float(stats.ks_2samp(known, held, method="asymp").pvalue)
    return Found(
        {
            "evidence": min(both, p_absent) <= level,
            "drift": material,
            "PSI alone": p_psi <= level,
            "Anderson-Darling alone": p_ad <= level,
            "KS, Bonferroni": p_ks <= ALPHA / COLUMNS,
            "KS at 5 %": p_ks < 0.05,
            "Evidently": evidently(known, held, p_ks),
            "NannyML KS": nannyml(known, held, _ks),
            "NannyML JS": nannyml(known, held, _js),
        }
    )


def labelled(n: int, m: int, rng: np.random.Generator) -> Found:
    """Ten labels, one of which has three points more than before."""
    p = np.full(10, 0.1)
    q = np.where(np.arange(10) == 0, 0.13, 0.87 / 9)
    labels = np.array([f"v{i}" for i in range(10)])
    before, now = labels[rng.choice(10, m, p=p)], labels[rng.choice(10, n, p=q)]
    baseline = Baseline.of({"x": before})
    cells = PSI().cells(Profile.of({"x": now}, baseline), baseline.profile, "x", "value")
    assert not isinstance(cells, str)
    value = PSI().observed(cells)
    p_psi = noise(PSI(), cells).p_value(value)
    ours, theirs = cells.current.astype(float), cells.reference.astype(float)
    p_chi = float(stats.chisquare(ours, theirs / theirs.sum() * ours.sum()).pvalue)
    distance = _js_of(theirs / theirs.sum(), ours / ours.sum())
    level = ALPHA / COLUMNS
    parts = [
        np.bincount(c, minlength=10) / c.size for c in np.array_split(np.unique(before, return_inverse=True)[1], CHUNKS)
    ]
    each = np.array([_js_of(theirs / theirs.sum(), part) for part in parts])
    return Found(
        {
            "evidence": p_psi <= level,
            "drift": p_psi <= level and value > PSI_AT_LEAST,
            "PSI alone": p_psi <= level,
            "Evidently": p_chi < EVIDENTLY_P if n <= EVIDENTLY_SMALL else distance >= EVIDENTLY_DISTANCE,
            "NannyML JS": bool(distance > each.mean() + 3 * each.std()),
        }
    )


def evidently(before: Floats, now: Floats, p_ks: float) -> bool:
    """Its published default for a numeric column: KS below 0.05 up to 1,000 rows; beyond, Wasserstein over std >= 0.1."""
    if before.size <= EVIDENTLY_SMALL:
        return p_ks < EVIDENTLY_P
    return bool(stats.wasserstein_distance(before, now) / max(before.std(), 0.001) >= EVIDENTLY_DISTANCE)


def nannyml(before: Floats, now: Floats, distance: Callable[[Floats, Floats], float]) -> bool:
    """Its published default: beyond the mean and 3 standard deviations of the reference's own ten chunks."""
    each = np.array([distance(before, chunk) for chunk in np.array_split(before, CHUNKS)])
    return bool(distance(before, now) > each.mean() + 3 * each.std())


def _ks(before: Floats, now: Floats) -> float:
    order, rows = np.sort(before), np.sort(now)
    f = np.searchsorted(order, rows, side="right") / order.size
    g = np.arange(1, rows.size + 1) / rows.size
    return float(np.maximum(np.abs(f - g), np.abs(f - g + 1 / rows.size)).max())


def _js(before: Floats, now: Floats) -> float:
    edges = np.histogram_bin_edges(before, bins="doane")
    edges[0], edges[-1] = -np.inf, np.inf
    p, q = (np.histogram(rows, edges)[0] / rows.size for rows in (before, now))
    return _js_of(p, q)


def _js_of(p: Floats, q: Floats) -> float:
    middle = (p + q) / 2
    parts = [np.sum(a[a > 0] * np.log2(a[a > 0] / middle[a > 0])) for a in (p, q)]
    return float(np.sqrt(max(0.0, sum(parts) / 2)))


def power(n: int, m: int, repeats: int, seed: int) -> dict[str, dict[str, int]]:
    """How often each rule alarms, of so many repeats, by the change."""
    rng = np.random.default_rng(seed)
    drawn: dict[str, Callable[[], Found]] = {s.name: (lambda s=s: numeric(s, n, m, rng)) for s in SHIFTS}
    drawn[LABEL_SHIFT] = lambda: labelled(n, m, rng)
    found: dict[str, dict[str, int]] = {}
    for name, draw in drawn.items():
        counted: dict[str, int] = {}
        for _ in range(repeats):
            for rule, alarmed in draw().rules.items():
                counted[rule] = counted.get(rule, 0) + int(alarmed)
        found[name] = counted
    return found
