"""What a baseline learns from one part of the reference's rows, to count it on the others.

A centroid fits the rows it was taken from better than any others, and so do principal directions or a vocabulary. Were
the reference counted on the rows that these were learned from, rows of the same law would seem to have drifted. So such
rows (a seeded choice by their place, at most half of all) are left out where the reference is counted in the views that
are seen through what was learned.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from barograph import frame, joint
from barograph.needs import LEARNED, Need, of_reference
from barograph.profile import Profile
from barograph.schema import Schema
from barograph.summaries.distinct import mix
from barograph.summaries.embedding import Embedding, frozen
from barograph.summaries.vocabulary import WORDS_AT_MOST, Vocabulary
from barograph.types import Floats, Ints, Keys
from barograph.views import Extract, extractor

ROWS_AT_MOST = 2048
OUTCOMES_AT_MOST = 1 << 16
SEED = np.uint64(0x6A09E667F3BCC909)
HALF = 1 << 63
THROUGH = {*LEARNED, "all_words"}  # views of what was learned; the mean of the vectors is that of all rows


class Learning:
    """Reads the reference once before it is counted, where there is something to learn."""

    def __init__(self, schema: Schema, wanted: Iterable[Need]) -> None:
        self.schema = schema
        self.needs = [need for need in wanted if need.summary in ("embedding", "vocabulary")]
        self.below: dict[str, int] = {}  # by column: rows whose number is below were learned from

    def learn(self, rows: frame.Rows) -> dict[Need, Embedding | Vocabulary]:
        """Summaries of no rows that hold what was learned."""
        if not self.needs:
            return {}
        lessons = {need: _Vectors() if need.summary == "embedding" else _Words() for need in self.needs}
        start = 0
        for batch in rows.batches():
            numbers = _numbers(start, batch.height)
            for need, lesson in lessons.items():
                lesson.add(batch, need.columns[0], numbers)
            start += batch.height
        self.below = {need.columns[0]: lesson.below for need, lesson in lessons.items()}
        return {need: lesson.learned() for need, lesson in lessons.items()}

    def extractor(self, batch: frame.Batch, start: int, sketch: Profile) -> Extract:
        """Takes columns of the reference, whose first row here is at `start`, without rows that were learned from."""
        whole = extractor(batch, sketch.schema, sketch.get)
        parts: dict[int, Extract] = {}

        def take(column: str, view: str) -> object:
            if view not in THROUGH or column not in self.below:
                return whole(column, view)
            below = self.below[column]
            if below not in parts:
                others = batch[np.flatnonzero(_numbers(start, batch.height) >= np.uint64(below))]
                parts[below] = extractor(others, sketch.schema, sketch.get)
            return parts[below](column, view)

        return take


class Outcomes:
    """Measures outcomes in the cells of columns: of about 65,536 rows where there are more, a seeded choice."""

    def __init__(self, counted: Profile, wanted: Iterable[Need], sketch: Profile) -> None:
        schema = counted.schema
        made = {need: joint.joined(need, schema, sketch.get, counted.get) for need in wanted if of_reference(need)}
        self.profile = Profile(schema, made)
        self.below = None if sketch.n_rows <= OUTCOMES_AT_MOST else (OUTCOMES_AT_MOST << 64) // sketch.n_rows

    def add(self, batch: frame.Batch, start: int) -> None:
        """Measure a batch whose first row is the reference's row number `start`."""
        if not self.profile.summaries:
            return
        if self.below is not None:
            batch = batch[np.flatnonzero(_numbers(start, batch.height) < np.uint64(self.below))]
        self.profile.add(batch)


class _Vectors:
    """The vectors of the rows with the smallest numbers, at most 2,048 and fewer than half of all rows."""

    def __init__(self) -> None:
        self.numbers: Keys = np.zeros(0, np.uint64)
        self.vectors: Floats = np.zeros(
            (0, 0)
        )  # their width is the dimension, that of most in the first batch with any
        self.held: Keys = np.zeros(0, np.uint64)  # the numbers of the rows whose vectors these are
        self.below = HALF

    def add(self, batch: frame.Batch, column: str, numbers: Keys) -> None:
        at = np.flatnonzero(numbers < np.uint64(self.below))
        smallest = np.sort(np.concatenate([self.numbers, numbers[at]]))
        if smallest.size > ROWS_AT_MOST:
            self.below = int(smallest[ROWS_AT_MOST])
            at = at[numbers[at] < np.uint64(self.below)]
        self.numbers = smallest[:ROWS_AT_MOST]
        if not self.vectors.shape[1]:
            self.vectors = np.zeros((0, frame.dimension_of(batch, column)))
        if not self.vectors.shape[1]:
            return
        found = frame.vectors(batch[at], column, self.vectors.shape[1])
        held = np.concatenate([self.held, numbers[at][found.rows]])
        kept = np.flatnonzero(held < np.uint64(self.below))
        self.held = held[kept]
        self.vectors = np.concatenate([self.vectors, found.values])[kept]

    def learned(self) -> Embedding:
        return frozen(self.vectors)


class _Words:
    """The most frequent words of half of all rows."""

    def __init__(self) -> None:
        self.keys: Keys = np.zeros(0, np.uint64)
        self.counts: Ints = np.zeros(0, np.int64)
        self.below = HALF
        self.complete = True

    def add(self, batch: frame.Batch, column: str, numbers: Keys) -> None:
        words = frame.words(batch[np.flatnonzero(numbers < np.uint64(HALF))], column)
        keys, at = np.unique(np.concatenate([self.keys, words.keys]), return_inverse=True)
        counts = np.zeros(keys.size, np.int64)
        np.add.at(counts, at, np.concatenate([self.counts, np.ones(words.keys.size, np.int64)]))
        kept = self._frequent(counts, 10 * WORDS_AT_MOST)  # the rarest are let go, so that memory stays bounded
        self.keys, self.counts = keys[kept], counts[kept]

    def _frequent(self, counts: Ints, most: int) -> Ints:
        if counts.size <= most:
            return np.arange(counts.size)
        self.complete = False
        return np.sort(np.argsort(-counts, kind="stable")[:most])

    def learned(self) -> Vocabulary:
        return Vocabulary(self.keys[self._frequent(self.counts, WORDS_AT_MOST)], self.complete)


def _numbers(start: int, height: int) -> Keys:
    """Seeded numbers of rows by their place, spread evenly over 64 bits."""
    return mix(np.arange(start, start + height, dtype=np.uint64) + SEED)
