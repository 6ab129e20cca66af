"""How well current rows lie in the reference's principal directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barograph.errors import ParameterError
from barograph.metrics.drift.rows import RowComparison, by_parts, dealt, drawn, p_value
from barograph.results import Spec, Value
from barograph.schema import Kind, Schema
from barograph.summaries import Sample
from barograph.types import Floats, Keys

LABELS_AT_MOST = 20
FURTHEST = 1e3  # standard deviations: beyond them one row is as odd as any


@dataclass(frozen=True)
class PCAReconstruction(RowComparison):
    """Relative change of the error with which principal directions of the reference reconstruct rows: |e / e0 - 1|.

    Of up to 512 rows a side, from the sample that it asks profiles to keep (raw rows, texts and embeddings as numbers:
    see `Sample`). Half of the reference's rows give mean, scale and the fewest directions that hold `variance` of
    theirs; e0 is the mean distance between a row and its reconstruction on the other half, e that of the current rows.
    So rows of the same law differ by noise only. Missing numbers are taken for the mean; labels are indicators of the
    20 most frequent. Range 0 to infinity, lower is better; the note tells e / e0. It sees what breaks the linear ties
    between columns, and nothing that moves along them. `p_value` from 500 permutations of the errors with a fixed seed.
    Fewer than two columns' worth of numbers, fewer than 20 rows on either side, no error at all on the reference, or no
    sample: `None`.

    Pearson (1901).

    >>> import numpy as np
    >>> from barograph import Baseline, Profile
    >>> rng = np.random.default_rng(0)
    >>> x, y = rng.normal(size=(2, 300))
    >>> base = Baseline.of({"x": x, "y": x + rng.normal(size=300) / 9}, needs=PCAReconstruction().needs)
    >>> value = PCAReconstruction().compute(Profile.of({"x": x, "y": y}, base), base.profile).values[0]
    >>> value.value > 5, value.p_value < 1e-6
    (True, True)
    """

    variance: float = 0.65

    spec: ClassVar[Spec] = Spec(
        name="pca_reconstruction",
        title="Reconstruction from principal directions",
        group="drift",
        help="Relative change of the error with which the reference's principal directions reconstruct rows.",
        direction="lower",
        range=(0.0, None),
        reference="required",
    )

    def __post_init__(self) -> None:
        if not 0 < self.variance < 1:
            raise ParameterError(f"variance is {self.variance!r}; it is a share between 0 and 1, such as 0.65")

    def compared(
        self, samples: tuple[Sample, Sample], schema: Schema, columns: tuple[str, ...], labels: dict[str, str]
    ) -> Value:
        ours, theirs, note = drawn(samples)
        kinds = by_parts(schema.kinds[column] for column in columns)
        fit, other = theirs[::2], theirs[1::2]  # rows come in the order of their hashes
        if min(len(ours), len(fit), len(other)) < 2:
            return Value(None, labels, note=note or "too few rows")
        numbers = [_numbers(rows, fit, kinds) for rows in (fit, other, ours)]
        scale = numbers[0].std(axis=0)
        used = scale > 0
        if used.sum() < 2:
            return Value(None, labels, note="fewer than two columns that are not constant in the reference")
        mean = numbers[0].mean(axis=0)
        with np.errstate(over="ignore"):
            standard = [((rows - mean) / np.where(used, scale, 1.0))[:, used] for rows in numbers]
        fitted, held, current = (np.clip(rows, -FURTHEST, FURTHEST) for rows in standard)
        directions = _directions(fitted, self.variance)
        before, now = (_errors(rows, directions) for rows in (held, current))
        if not before.mean() > 1e-9:
            return Value(None, labels, len(ours), note="the reference's rows are reconstructed without any error")
        ratio = float(now.mean() / before.mean())
        mine = dealt(len(now), len(before))
        errors = np.concatenate([now, before])
        gaps = np.abs(errors @ mine / len(now) - errors @ (1 - mine) / len(before))
        told = f"{ratio:.3g} times the reference's error" + (f"; {note}" if note else "")
        return Value(abs(ratio - 1), labels, len(ours), p_value=p_value(float(gaps[0]), gaps[1:]), note=told)


def _numbers(rows: Keys, fit: Keys, kinds: list[Kind]) -> Floats:
    """Rows as numbers, by what the rows that are fitted to hold."""
    columns: list[Floats] = []
    for at, kind in enumerate(kinds):
        if kind is Kind.NUMERIC:
            values, known = rows[:, at].view(np.float64), fit[:, at].view(np.float64)
            finite = known[np.isfinite(known)]
            with np.errstate(over="ignore", divide="ignore"):  # by the largest, so that no sum overflows
                largest = np.abs(finite).max(initial=0.0) or 1.0
                middle = (finite / largest).mean() if finite.size else 0.0
                columns.append(
                    np.clip(np.where(np.isfinite(values), values / largest, middle), -(FURTHEST**2), FURTHEST**2)
                )
        else:
            found, counts = np.unique(fit[:, at], return_counts=True)
            frequent = found[np.argsort(-counts, kind="stable")[:LABELS_AT_MOST]]
            columns += [(rows[:, at] == key).astype(float) for key in frequent]
    return np.column_stack(columns)


def _directions(rows: Floats, variance: float) -> Floats:
    """The fewest principal directions that hold this share of the variance, and not all there are."""
    values, found = np.linalg.eigh(rows.T @ rows)
    held = np.cumsum(values[::-1]) / values.sum()
    n = min(int(np.searchsorted(held, variance)) + 1, len(values) - 1)
    return np.asarray(found[:, ::-1][:, :n])


def _errors(rows: Floats, directions: Floats) -> Floats:
    return np.asarray(np.linalg.norm(rows - rows @ directions @ directions.T, axis=1))
