"""What verdicts find, beside the rules of others: real rows, one column of twenty, the same data for every rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from barograph import Baseline, Profile
from barograph.calibration import noise
from barograph.discoveries import combined
from barograph.metrics.drift import PSI, AndersonDarling, MissingDrift
from barograph.presets import MISSING_AT_LEAST, PSI_AT_LEAST
from barograph.types import Floats
from benchmarks import verdict_rules as rules
from benchmarks.false_alarms import ALPHA, discovery

EVIDENCE, DRIFT = "ours: evidence", "ours: drift that matters"
NO_SHIFT, LABEL_SHIFT = "nothing", "one label of ten + 3 points"
MEANS = {f"mean + {by} sigma": by for by in (0.05, 0.1, 0.2)}
Change = Callable[[Floats, np.random.Generator], Floats]
Counts = dict[str, int]


def _few(rows: Floats, rng: np.random.Generator, share: float, changed: Floats) -> Floats:
    return np.where(rng.random(rows.size) < share, changed, rows)


# of rows of a normal column, 5 % of which are missing
SHIFTS: dict[str, Change] = {
    NO_SHIFT: lambda x, _: x,
    **{name: lambda x, _, by=by: x + by for name, by in MEANS.items()},  # type: ignore[misc]
    "scale x 1.1": lambda x, _: x * 1.1,
    "scale x 1.25": lambda x, _: x * 1.25,
    "tail: 2 % of rows x 5": lambda x, rng: _few(x, rng, 0.02, x * 5),
    "subgroup: 3 % of rows + 2 sigma": lambda x, rng: _few(x, rng, 0.03, x + 2),
    "missing + 3 points": lambda x, rng: _few(x, rng, 0.03, np.full(x.size, np.nan)),
    "missing + 8 points": lambda x, rng: _few(x, rng, 0.085, np.full(x.size, np.nan)),
}


@dataclass(frozen=True)
class Ours:
    """p-values of a column and whether each goes with a value that matters."""

    p: tuple[float, ...]
    matters: tuple[bool, ...]

    def found(self, level: float) -> dict[str, bool]:
        both = zip(self.p, self.matters, strict=True)
        return {EVIDENCE: min(self.p) <= level, DRIFT: any(p <= level and matters for p, matters in both)}


def ours(before: Floats, now: Floats) -> Ours:
    """What the checks of `data_drift` find in one numeric column, as `barograph.run` judges them."""
    baseline = Baseline.of({"x": before})
    current = Profile.of({"x": now}, baseline)
    fine, coarse, rows = (m.cells(current, baseline.profile, "x", "value") for m in (AndersonDarling(), PSI(), ABSENT))
    assert not isinstance(fine, str)
    assert not isinstance(coarse, str)
    assert not isinstance(rows, str)
    value, beside = PSI().observed(coarse), AndersonDarling().p_value(fine)
    assert beside is not None
    absent, share = noise(ABSENT, rows), ABSENT.observed(rows)
    p = combined((noise(PSI(), coarse).p_value(value), beside)), absent.p_value(share)
    return Ours(p, (value > PSI_AT_LEAST, share > MISSING_AT_LEAST))


ABSENT = MissingDrift()


def column(n: int, rng: np.random.Generator, change: Change = SHIFTS[NO_SHIFT]) -> Floats:
    """Rows of a normal column, 5 % of them missing, changed or not."""
    return change(np.where(rng.random(n) < 0.05, np.nan, rng.standard_normal(n)), rng)


def numeric(change: Change, n: int, m: int, rng: np.random.Generator) -> dict[str, bool]:
    """One reference and one window, and what each rule says of them."""
    before, now = column(m, rng), column(n, rng, change)
    level = ALPHA / (2 * rules.FAMILY)  # what a family grants the only one of its columns that changed
    known, held = before[np.isfinite(before)], now[np.isfinite(now)]
    return {**ours(before, now).found(level), **rules.alarms(known, held)}


def labelled(n: int, m: int, rng: np.random.Generator) -> dict[str, bool]:
    """Ten labels, one of which has three points more than before."""
    q = np.where(np.arange(10) == 0, 0.13, 0.87 / 9)
    names = np.array([f"v{i}" for i in range(10)])
    before, now = rng.integers(0, 10, m), rng.choice(10, n, p=q)
    baseline = Baseline.of({"x": names[before]})
    cells = PSI().cells(Profile.of({"x": names[now]}, baseline), baseline.profile, "x", "value")
    assert not isinstance(cells, str)
    value = PSI().observed(cells)
    found = Ours((noise(PSI(), cells).p_value(value),), (value > PSI_AT_LEAST,)).found(ALPHA / rules.FAMILY)
    theirs, mine = (np.bincount(rows, minlength=10).astype(float) for rows in (before, now))
    whole = theirs / m
    parts = [np.bincount(rows, minlength=10) / rows.size for rows in rules.chunks(before, n)]
    distance = rules.jensen_shannon(whole, mine / n)
    found[rules.EVIDENTLY] = rules.evidently_labels(theirs, mine)
    found[rules.NANNYML_JS] = rules.beyond_chunks(distance, [rules.jensen_shannon(whole, part) for part in parts])
    return found


def power(n: int, m: int, repeats: int, seed: int, names: tuple[str, ...] = ()) -> dict[str, Counts]:
    """How often each rule alarms, of so many repeats, by the change."""
    found: dict[str, Counts] = {}
    for i, name in enumerate((*SHIFTS, LABEL_SHIFT)):
        if names and name not in names:
            continue
        rng, counted = np.random.default_rng([seed, i]), dict[str, int]()
        for _ in range(repeats):
            said = labelled(n, m, rng) if name == LABEL_SHIFT else numeric(SHIFTS[name], n, m, rng)
            for rule, alarmed in said.items():
                counted[rule] = counted.get(rule, 0) + int(alarmed)
        found[name] = counted
    return found


def tables(n: int, m: int, windows: int, seed: int) -> Counts:
    """How often each rule alarms of a window of 20 columns in which nothing changed; one reference for ten windows.

    A rule of a single column alarms where any column does; Evidently's verdict on a data set is that half of them do.
    """
    rng = np.random.default_rng(seed)
    counted: Counts = {}
    before: list[Floats] = []
    for window in range(windows):
        if window % 10 == 0:
            before = [column(m, rng) for _ in range(rules.FAMILY)]
        now = [column(n, rng) for _ in range(rules.FAMILY)]
        judged = [ours(*both) for both in zip(before, now, strict=True)]
        level = discovery([p for one in judged for p in one.p])
        said = [one.found(level if level is not None else 0.0) for one in judged]
        finite = [(a[np.isfinite(a)], b[np.isfinite(b)]) for a, b in zip(before, now, strict=True)]
        others = [rules.alarms(*both) for both in finite]
        alarmed = {rule: any(one[rule] for one in side) for side in (said, others) for rule in side[0]}
        drifted = sum(one[rules.EVIDENTLY] for one in others)
        alarmed[rules.EVIDENTLY_HALF] = drifted >= rules.EVIDENTLY_SHARE * rules.FAMILY
        for rule, found in alarmed.items():
            counted[rule] = counted.get(rule, 0) + int(found)
    return counted
