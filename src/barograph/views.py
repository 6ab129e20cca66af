"""Taking columns from a batch as what the schema promises, and in the view that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from barograph import frame
from barograph.needs import AXES
from barograph.schema import Kind, Schema
from barograph.spelling import spellings
from barograph.summaries import Embedding, Vocabulary
from barograph.types import Absent, Floats, Keys, Labels, Numbers, Strings, Vectors, Words

Extract: TypeAlias = Callable[[str, str], Any]
"""Gives a column in a view, as what the summaries of that view take."""

Get: TypeAlias = Callable[..., Any]


def extractor(batch: frame.Batch, schema: Schema, get: Get) -> Extract:
    """Takes columns from a batch as the kind the schema promises.

    `get(summary, column, view=...)` has what a baseline learned, for the views that are seen through it.
    """
    seen: dict[str, Vectors] = {}
    said: dict[str, Words] = {}

    def take(column: str, view: str) -> Any:
        kind = schema.kinds[column]
        if kind is Kind.EMBEDDING:
            learned = get("embedding", column, view="vector") or Embedding()
            if view in ("value", "norm"):
                return frame.norms(batch, column, learned.dimension or None)
            if column not in seen:
                seen[column] = frame.vectors(batch, column, learned.dimension)
            return seen[column] if view == "vector" else _seen(seen[column], view, learned)
        if view in ("all_words", "unseen_words"):
            if column not in said:
                said[column] = frame.words(batch, column)
            return (
                said[column]
                if view == "all_words"
                else _unseen(said[column], get("vocabulary", column, view="all_words"))
            )
        if kind is Kind.TEXT and view == "value":
            return frame.labels(batch, column)
        if kind.ordered or view != "value":
            return frame.numbers(batch, column, view, time=kind is Kind.DATETIME)
        found = frame.labels(batch, column, boolean=kind is Kind.BOOLEAN)
        return as_classes(found, schema.classes) if column in (schema.target, schema.prediction) else found

    return take


def as_classes(labels: Labels, classes: tuple[str, ...]) -> Labels:
    """Labels in the spelling of the classes: `True` is the class 1 to drift as it is to performance."""
    other = {s: c for c in classes for s in spellings(c) if s not in classes}
    if not other or not labels.keys.size:
        return labels
    said, meant = frame.keys_of(list(other)), frame.keys_of(list(other.values()))
    if not np.isin(said, labels.keys).any():
        return labels
    name = dict(zip(meant.tolist(), other.values(), strict=True))
    same = labels.keys.copy()
    for theirs, ours in zip(said, meant, strict=True):
        same[labels.keys == theirs] = ours
    keys, at = np.unique(same, return_inverse=True)
    counts = np.zeros(keys.size, np.int64)
    np.add.at(counts, at, labels.counts)

    def resolve(wanted: Keys) -> Strings:
        rest = iter(labels.resolve(wanted[[k not in name for k in wanted.tolist()]]))
        return [name[k] if k in name else next(rest) for k in wanted.tolist()]

    return Labels(keys, counts, resolve, labels.absent)


def _seen(vectors: Vectors, view: str, learned: Embedding) -> Numbers:
    """One view of vectors; NaN for the cosine of a vector, or to a centroid, of length 0."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        if view == "cosine":
            length = np.linalg.norm(vectors.values, axis=1) * np.linalg.norm(learned.centroid)
            return _numbers(np.clip((vectors.values @ learned.centroid) / length, -1.0, 1.0), vectors.absent)
        axis = learned.axes[AXES.index(view)]
        return _numbers(vectors.values @ axis - learned.centroid @ axis, vectors.absent)


def _unseen(words: Words, vocabulary: Vocabulary) -> Numbers:
    """The share of each text's words that a vocabulary lacks; null for a text without words."""
    some = words.lengths > 0
    share = vocabulary.unseen(words)[some] / words.lengths[some]
    return _numbers(share, replace(words.absent, n_null=words.absent.n_null + int((~some).sum())))


def _numbers(values: Floats, absent: Absent) -> Numbers:
    ascending = np.sort(values)
    finite = ascending[np.isfinite(ascending)]
    odd = replace(
        absent,
        n_nan=absent.n_nan + int(np.isnan(values).sum()),
        n_pos_inf=absent.n_pos_inf + int((values == np.inf).sum()),
        n_neg_inf=absent.n_neg_inf + int((values == -np.inf).sum()),
    )
    return Numbers(finite + 0.0, odd)
