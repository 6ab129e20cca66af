"""How soon a stream of small windows shows a small shift, and how far apart false alarms are: evidence that adds up,
beside rules that look at each window alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from barograph.sequential import Detector
from barograph.types import Floats
from benchmarks.false_alarms import ALPHA
from benchmarks.verdict_rules import SIGMAS, chunks, ks_distance

CELLS = 16
ROWS, REFERENCE = 500, 100_000
OURS, KS_ALONE, NANNYML = "Barograph, windows together", "KS at 1 % of each window", "NannyML, KS of each window"
RULES = OURS, KS_ALONE, NANNYML
KS_AT_1 = 1.6276  # Kolmogorov's law, at 1 %


class Stream:
    """One column: a reference of its own, and what each rule says of window after window."""

    def __init__(self, rng: np.random.Generator) -> None:
        before = rng.standard_normal(REFERENCE)
        self.rng, self.ordered = rng, np.sort(before)
        self.edges = self.ordered[np.arange(1, CELLS) * REFERENCE // CELLS]
        counts = np.bincount(np.searchsorted(self.edges, before), minlength=CELLS)
        self.detector = Detector([np.concatenate([[0], counts])], [True], ALPHA)
        self.at_1 = KS_AT_1 * np.sqrt(1 / ROWS + 1 / REFERENCE)
        own = np.array([ks_distance(self.ordered, part) for part in chunks(before, ROWS)])
        self.beyond = own.mean() + SIGMAS * own.std()

    def windows(self, shift: float) -> Iterator[dict[str, bool]]:
        """Whether each rule alarms, window after window."""
        while True:
            now: Floats = self.rng.normal(shift, 1, ROWS)
            counts = np.bincount(np.searchsorted(self.edges, now), minlength=CELLS)
            self.detector.update(np.concatenate([[0], counts])[None].astype(float))
            distance = ks_distance(self.ordered, now)
            yield {
                OURS: self.detector.detected[0] is not None,
                KS_ALONE: distance > self.at_1,
                NANNYML: distance > self.beyond,
            }


def delays(shift: float, streams: int, most: int, seed: int) -> dict[str, list[int | None]]:
    """Of each rule, in which window of each stream it first alarms; `None` of none in `most`."""
    rng = np.random.default_rng((seed, round(1000 * shift)))
    found: dict[str, list[int | None]] = {rule: [] for rule in RULES}
    for _ in range(streams):
        first: dict[str, int] = {}
        for at, alarms in zip(range(1, most + 1), Stream(rng).windows(shift), strict=False):
            first |= {rule: at for rule, alarmed in alarms.items() if alarmed and rule not in first}
            if len(first) == len(RULES):
                break
        for rule in RULES:
            found[rule].append(first.get(rule))
    return found


def run_length(lengths: list[int | None], most: int) -> float:
    """Windows between false alarms, at least: all windows by all alarms, one more than there were."""
    return sum(length or most for length in lengths) / (sum(length is not None for length in lengths) + 1)
