"""The rules of others, written anew from what their documentation says; ours beside them.

Each takes the finite values of a reference and of a window of one numeric column, and says whether it alarms.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from barograph.types import Floats
from benchmarks.false_alarms import ALPHA

FAMILY = 20  # columns of the table that a column is one of
EVIDENTLY_SMALL, EVIDENTLY_P, EVIDENTLY_DISTANCE, EVIDENTLY_SHARE = 1000, 0.05, 0.1, 0.5
SIGMAS = 3.0
KS_BONFERRONI, KS_PLAIN = "KS, Bonferroni over 20 columns", "KS at 5 %"
EVIDENTLY, NANNYML_KS, NANNYML_JS = "Evidently's default", "NannyML, KS", "NannyML, Jensen-Shannon"
EVIDENTLY_HALF = "Evidently's default, half of the columns"
RULES = KS_BONFERRONI, KS_PLAIN, EVIDENTLY, NANNYML_KS, NANNYML_JS


def chunks(before: Floats, rows: int) -> list[Floats]:
    """A reference in chunks of about so many rows, and at least two."""
    return np.array_split(before, max(2, before.size // rows))


def alarms(before: Floats, now: Floats) -> dict[str, bool]:
    """What each rule says of one column."""
    p = float(stats.ks_2samp(before, now, method="asymp").pvalue)
    return {
        KS_BONFERRONI: p <= ALPHA / FAMILY,
        KS_PLAIN: p < 0.05,
        EVIDENTLY: evidently(before, now, p),
        **nannyml(before, now),
    }


def evidently(before: Floats, now: Floats, p_ks: float) -> bool:
    """KS below 0.05 where the reference has up to 1,000 rows; beyond, Wasserstein by the std of at least 0.1."""
    if before.size <= EVIDENTLY_SMALL:
        return p_ks < EVIDENTLY_P
    return bool(stats.wasserstein_distance(before, now) / max(before.std(), 0.001) >= EVIDENTLY_DISTANCE)


def evidently_labels(before: Floats, now: Floats) -> bool:
    """Counts of labels: chi-square below 0.05 up to 1,000 rows; beyond, Jensen-Shannon of at least 0.1."""
    if before.sum() <= EVIDENTLY_SMALL:
        return float(stats.chisquare(now, before / before.sum() * now.sum()).pvalue) < EVIDENTLY_P
    return jensen_shannon(before / before.sum(), now / now.sum()) >= EVIDENTLY_DISTANCE


def nannyml(before: Floats, now: Floats) -> dict[str, bool]:
    """Beyond the mean and 3 standard deviations of the reference's chunks of the window's size, by two distances."""
    edges = np.histogram_bin_edges(before, bins="doane")
    edges[0], edges[-1] = -np.inf, np.inf
    whole, ordered = np.histogram(before, edges)[0] / before.size, np.sort(before)

    def js(rows: Floats) -> float:
        return jensen_shannon(whole, np.histogram(rows, edges)[0] / rows.size)

    parts = chunks(before, now.size)
    own = {NANNYML_KS: [ks_distance(ordered, part) for part in parts], NANNYML_JS: [js(part) for part in parts]}
    found = {NANNYML_KS: ks_distance(ordered, now), NANNYML_JS: js(now)}
    return {name: beyond_chunks(found[name], own[name]) for name in found}


def beyond_chunks(value: float, own: list[float]) -> bool:
    """Whether a distance is beyond the mean and 3 standard deviations of those of the reference's chunks."""
    return bool(value > np.mean(own) + SIGMAS * np.std(own))


def ks_distance(ordered: Floats, now: Floats) -> float:
    """Kolmogorov and Smirnov's, of rows from others in order."""
    rows = np.sort(now)
    f = np.searchsorted(ordered, rows, side="right") / ordered.size
    g = np.arange(1, rows.size + 1) / rows.size
    return float(np.maximum(np.abs(f - g), np.abs(f - g + 1 / rows.size)).max())


def jensen_shannon(p: Floats, q: Floats) -> float:
    """The distance, base 2."""
    middle = (p + q) / 2
    parts = [np.sum(a[a > 0] * np.log2(a[a > 0] / middle[a > 0])) for a in (p, q)]
    return float(np.sqrt(max(0.0, sum(parts) / 2)))
