"""Two or three columns of a batch, row by row: what performance is counted from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from barograph.errors import InputError, ParameterError
from barograph.frame.columns import _as_floats, _hashes, column_of, keys_of
from barograph.frame.text import label_text
from barograph.spelling import spellings
from barograph.types import Classified, Floats, Ints, Numbers, Ranked, Regressed, Scored

Mask = npt.NDArray[np.bool_]


def floats(batch: pl.DataFrame, column: str) -> Floats:
    """A column as float64 in row order, shape `(n_rows,)`; NaN where there is no number."""
    series = column_of(batch, column)
    found = series.cast(pl.Float64) if series.dtype.is_integer() else _as_floats(series)[0].cast(pl.Float64)
    return found.to_numpy() if not found.null_count() else found.fill_null(float("nan")).to_numpy()


def weights(batch: pl.DataFrame, column: str | None) -> tuple[Floats | None, Mask]:
    """Weights in row order and where there is one.

    Raises `InputError` where weights are negative or infinite, saying how many. Null and NaN are "no weight".
    """
    if column is None:
        return None, np.ones(batch.height, np.bool_)
    series = column_of(batch, column)
    values = floats(batch, column)
    present = ~series.is_null().to_numpy()
    bad = present & ~(np.isfinite(values) & (values >= 0.0))
    if bad.any():
        raise InputError(
            f"{int(bad.sum()):,} of {batch.height:,} weights in column {column!r} are negative or not finite; "
            "weights must be finite and at least 0"
        )
    return values, present


def codes(batch: pl.DataFrame, column: str, classes: tuple[str, ...]) -> Ints:
    """Position of each row's label in `classes`, shape `(n_rows,)`; -1 where null or not among them.

    A class may be spelt otherwise in the column: `True`, `"true"` and 1 are one class.
    """
    text = label_text(column_of(batch, column))
    out = np.full(batch.height, -1, np.int64)
    if not classes:
        return out
    others = {other: at for at, c in enumerate(classes) for other in spellings(c) if other not in classes}
    keys = keys_of([*classes, *others])
    position = np.array([*range(len(classes)), *others.values()])
    order = np.argsort(keys)
    hashes = _hashes(text.drop_nulls())
    near = np.minimum(np.searchsorted(keys[order], hashes), keys.size - 1)
    found = np.where(keys[order][near] == hashes, position[order[near]], -1)
    out[text.is_not_null().to_numpy()] = found
    return out


def unclassed(batch: pl.DataFrame, column: str, classes: tuple[str, ...]) -> npt.NDArray[np.intp]:
    """Positions of the rows that have a label, and none of `classes`.

    >>> unclassed(pl.DataFrame({"late": ["true", "maybe", None]}), "late", ("false", "true"))
    array([1])
    """
    return np.flatnonzero((codes(batch, column, classes) < 0) & column_of(batch, column).is_not_null().to_numpy())


def _predicted(score: Floats, threshold: float, positive: str, classes: tuple[str, ...]) -> Ints:
    others = [at for at, name in enumerate(classes) if name != positive]
    if positive not in classes or len(others) != 1:
        raise ParameterError(
            f"a prediction can be made from a score for two classes, one of them {positive!r}; "
            f"the classes are {', '.join(map(repr, classes)) or 'none'}; name a prediction column"
        )
    out = np.where(score >= threshold, classes.index(positive), others[0])
    return np.where(np.isfinite(score), out, -1).astype(np.int64)


def classified(
    batch: pl.DataFrame,
    target: str,
    prediction: str | None,
    classes: tuple[str, ...],
    weight: str | None,
    score: str | None = None,
    threshold: float = 0.5,
    positive: str | None = None,
) -> Classified:
    """Codes into `classes` of target and prediction, row by row.

    Without a prediction column, rows with `score >= threshold` are predicted `positive` and the others the other class.
    Rows where either side is absent or not among `classes`, or whose weight is null, are dropped and counted.

    >>> batch = pl.DataFrame({"y": [1, 0, None], "p": [0.9, 0.8, 0.1]})
    >>> classified(batch, "y", None, ("0", "1"), None, score="p", positive="1").prediction
    array([1, 1])
    """
    actual = codes(batch, target, classes)
    if prediction is not None:
        said = codes(batch, prediction, classes)
    elif score is None or positive is None:
        raise ParameterError("a classification needs a prediction column, or a score column and the positive class")
    else:
        said = _predicted(floats(batch, score), threshold, positive, classes)
    weighing, keep = weights(batch, weight)
    keep = keep & (actual >= 0) & (said >= 0)
    n_dropped = int(keep.size - keep.sum())
    return Classified(classes, actual[keep], said[keep], None if weighing is None else weighing[keep], n_dropped)


def scored(batch: pl.DataFrame, target: str, score: str, positive: str, weight: str | None) -> Scored:
    """Is each row's target `positive`, and its score. Rows without a target, a finite score or a weight are dropped."""
    text = label_text(column_of(batch, target))
    values = floats(batch, score)
    weighing, keep = weights(batch, weight)
    keep = keep & text.is_not_null().to_numpy() & np.isfinite(values)
    is_positive = codes(batch, target, (positive,)) == 0
    n_dropped = int(keep.size - keep.sum())
    return Scored(is_positive[keep], values[keep], None if weighing is None else weighing[keep], n_dropped)


def regressed(batch: pl.DataFrame, target: str, prediction: str, weight: str | None) -> Regressed:
    """Target and prediction as float64, row by row. Rows lacking a finite one of them, or a weight, are dropped."""
    actual, said = floats(batch, target), floats(batch, prediction)
    weighing, keep = weights(batch, weight)
    keep = keep & np.isfinite(actual) & np.isfinite(said)
    n_dropped = int(keep.size - keep.sum())
    return Regressed(actual[keep], said[keep], None if weighing is None else weighing[keep], n_dropped)


def ranked(
    batch: pl.DataFrame, user: str, item: str, prediction: str, target: str | None = None, *, by_rank: bool = False
) -> Ranked:
    """Recommendations, user after user, the highest score first (or the lowest rank, with `by_rank`).

    Equal scores are ordered by a hash of the item, which neither the order of the rows nor the target moves. Rows
    lacking user, item or a finite prediction are dropped. A target that is no number above 0 is not relevant.

    >>> batch = pl.DataFrame({"u": ["a", "b", "a"], "i": [1, 1, 2], "s": [0.1, 0.5, 0.9], "y": [1, 0, 0]})
    >>> found = ranked(batch, "u", "i", "s", "y")
    >>> found.lengths.sum(), found.relevance.sum()
    (np.int64(3), np.float64(1.0))
    """
    who, what = (label_text(column_of(batch, name)) for name in (user, item))
    said = floats(batch, prediction)
    gain = np.full(batch.height, np.nan) if target is None else floats(batch, target)
    keep = who.is_not_null().to_numpy() & what.is_not_null().to_numpy() & np.isfinite(said)
    users, items = (_hashes(text.filter(pl.Series(keep))) for text in (who, what))
    said, gain = said[keep], gain[keep]
    known = np.isfinite(gain)
    order = np.lexsort((items, said if by_rank else -said, users))
    users = users[order]
    starts = np.flatnonzero(np.concatenate([[True], users[1:] != users[:-1]])) if users.size else np.zeros(0, np.int64)
    return Ranked(
        users[starts],
        np.diff(starts, append=users.size).astype(np.int64),
        items[order],
        np.where(known & (gain > 0), gain, 0.0)[order],
        int(keep.size - keep.sum()),
        int(known.size - known.sum()),
    )


__all__ = ["classified", "codes", "floats", "ranked", "regressed", "scored", "weights"]


def percentage_errors(rows: Regressed) -> Numbers:
    """|prediction - target| / |target|, ascending; rows whose target is 0 have none, nor those where it overflows.

    >>> percentage_errors(Regressed(np.array([-2.0, 0.0, 4.0]), np.array([-3.0, 1.0, 4.0]))).values
    array([0. , 0.5])
    """
    some = rows.target != 0
    with np.errstate(over="ignore"):
        found = np.abs(rows.prediction[some] - rows.target[some]) / np.abs(rows.target[some])
    return Numbers(np.sort(found[np.isfinite(found)]))


__all__ = ["classified", "codes", "floats", "percentage_errors", "regressed", "scored", "weights"]
