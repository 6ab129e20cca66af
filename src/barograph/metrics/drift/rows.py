"""The rows of two sides, from the samples that profiles were asked to keep."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from barograph.metric import Metric, selected
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Result, Value
from barograph.schema import Kind, Schema
from barograph.special import gamma_tail
from barograph.summaries import Sample
from barograph.summaries.sample import ROWS_AT_MOST
from barograph.types import Floats, Keys

KINDS = (Kind.NUMERIC, Kind.CATEGORICAL, Kind.BOOLEAN, Kind.TEXT, Kind.EMBEDDING)
LABELS_AT_MOST = 20
ROWS_AT_LEAST = 20
REPEATED = 0.1
SEED = 20_121_231
PERMUTATIONS = 500


class Sides(NamedTuple):
    """Rows of both sides as numbers, shapes `(n, p)` and `(m, p)`, and a note."""

    current: Floats
    reference: Floats
    note: str = ""


@dataclass(frozen=True)
class RowComparison(Metric):
    """A comparison of whole rows; of the one column given, or of all features but times.

    A text is its length, words, sentences and share of non-letters, an embedding 16 numbers (its components, or of more
    a random projection).
    """

    column: str | None = None

    def needs(self, schema: Schema) -> Iterable[Need]:
        columns = self._columns(schema)
        return [Need("sample", columns, "rows")] if columns else []

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        if reference is None:
            return self.result([], note="drift needs a reference")
        labels = {"column": self.column} if self.column else {}
        found = self._samples(current, reference)
        if isinstance(found, str):
            return self.result([Value(None, labels, note=found)])
        return self.result([self.compared(found, reference.schema, self._columns(reference.schema), labels)])

    def compared(
        self, samples: tuple[Sample, Sample], schema: Schema, columns: tuple[str, ...], labels: dict[str, str]
    ) -> Value:
        """The value of samples that both hold enough rows."""
        raise NotImplementedError  # pragma: no cover - abstract

    def _columns(self, schema: Schema) -> tuple[str, ...]:
        eligible = (c for c in schema.features if schema.kinds[c] in KINDS)
        return tuple(c for c in selected(schema, self.column, eligible) if schema.kinds.get(c) in KINDS)

    def _samples(self, current: Profile, reference: Profile) -> tuple[Sample, Sample] | str:
        columns = self._columns(reference.schema)
        if not columns:
            return "there is no numeric, categorical, boolean, text or embedding column to compare rows by"
        samples = [profile.get("sample", *columns, view="rows") for profile in (current, reference)]
        if samples[0] is None or samples[1] is None:
            return "the profile holds no sample of rows; ask for it: Baseline.of(rows, needs=metric.needs)"
        for sample, name in zip(samples, ("current side", "reference"), strict=True):
            if sample.n < ROWS_AT_LEAST:
                return f"the {name} has {sample.n} rows; at least {ROWS_AT_LEAST} are needed"
        return samples[0], samples[1]


def drawn(samples: tuple[Sample, Sample]) -> tuple[Keys, Keys, str]:
    """Rows of both sides, at most 512 each, and a note.

    Rows that came once are a fair sample as they are. Where many came more than once, the sample is fair among
    *different* rows only: then both sides are held to the rows below one hash, each as often as it came.
    """
    limits = [np.uint64(2**64 - 1) if s.full else s.keys[-1] for s in samples]
    repeated = any(s.counts.sum() > (1 + REPEATED) * s.counts.size for s in samples)
    note = ""
    if repeated and not all(s.full for s in samples):
        limits = [min(limits)] * 2
        note = "many rows are the same: both sides are held to one random part of all different rows"
    rng = np.random.default_rng(SEED)
    sides = []
    for sample, limit in zip(samples, limits, strict=True):
        kept = sample.keys <= limit if sample.full and limit == 2**64 - 1 else sample.keys < limit
        counts = sample.counts[kept]
        if counts.sum() > ROWS_AT_MOST:
            counts = rng.multivariate_hypergeometric(counts, ROWS_AT_MOST, method="marginals")
        sides.append(np.repeat(sample.rows[kept], counts, axis=0))
    return sides[0], sides[1], note


def encoded(samples: tuple[Sample, Sample], kinds: Iterable[Kind]) -> Sides:
    """Rows of both sides as numbers of like size, by what they are together: exchanging rows changes nothing.

    Numbers by their ranks among all (0 where missing, which has an indicator of its own), labels as indicators of the
    20 most frequent; texts and embeddings by the ranks of each of their numbers.
    """
    ours, theirs, note = drawn(samples)
    both = np.concatenate([ours, theirs])
    columns: list[Floats] = []
    for at, kind in enumerate(by_parts(kinds)):
        columns += _numeric(both[:, at].view(np.float64)) if kind is Kind.NUMERIC else _nominal(both[:, at])
    matrix = np.column_stack(columns) if columns else np.zeros((both.shape[0], 1))
    return Sides(matrix[: ours.shape[0]], matrix[ours.shape[0] :], note)


def by_parts(kinds: Iterable[Kind]) -> list[Kind]:
    """The kind of each number of a row: those that texts and embeddings are made of are numeric.

    >>> [kind.value for kind in by_parts([Kind.BOOLEAN, Kind.TEXT])]
    ['boolean', 'numeric', 'numeric', 'numeric', 'numeric']
    """
    return [Kind.NUMERIC if kind.parts > 1 else kind for kind in kinds for _ in range(kind.parts)]


def _numeric(values: Floats) -> list[Floats]:
    missing = ~np.isfinite(values)
    if missing.all():  # as the last numbers of short vectors are
        return []
    scores = np.zeros(values.size)
    _, back, counts = np.unique(values[~missing], return_inverse=True, return_counts=True)
    if counts.size:
        middle = np.cumsum(counts) - counts / 2  # ranks, ties in their middle
        scores[~missing] = (middle[back] / counts.sum() - 0.5) * np.sqrt(12)
    return [scores, missing.astype(float)] if missing.any() else [scores]


def _nominal(keys: Keys) -> list[Floats]:
    found, counts = np.unique(keys, return_counts=True)
    frequent = found[np.argsort(-counts, kind="stable")[:LABELS_AT_MOST]]
    return [(keys == key).astype(float) for key in frequent]


def p_value(observed: float, permuted: Floats) -> float:
    """Chance of at least `observed` by the permutations; beyond them by a law with their first three moments."""
    beyond = int((permuted >= observed).sum())
    plain = (1 + beyond) / (1 + permuted.size)
    spread = float(permuted.std(ddof=1))
    if beyond >= 10 or spread <= 0:
        return plain
    standard = (permuted - permuted.mean()) / spread
    freedom = 8 / max(float((standard**3).mean()), 0.1) ** 2
    excess = (observed - float(permuted.mean())) / spread
    return min(plain, gamma_tail(freedom / 2, max(freedom + excess * np.sqrt(2 * freedom), 0.0) / 2))


def dealt(n: int, m: int) -> Floats:
    """Which rows are taken for current ones: as they are, and in 500 seeded permutations, shape `(n + m, 501)`."""
    rng = np.random.default_rng(SEED)
    mine = np.concatenate([np.ones(n), np.zeros(m)])
    permuted = rng.permuted(np.repeat(mine[:, None], PERMUTATIONS, axis=1), axis=0)
    return np.column_stack([mine, permuted])
