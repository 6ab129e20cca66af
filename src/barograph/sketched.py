"""Baselines from profiles that have none: cells cut from the sketches, and counted from them."""

from __future__ import annotations

from typing import Any

import numpy as np

from barograph import frame
from barograph.baseline import BINS, FREQUENT_AT_LEAST, Baseline, edges
from barograph.errors import InputError, ParameterError
from barograph.needs import Need, views
from barograph.profile import SKETCHED, Profile
from barograph.schema import Kind
from barograph.summaries import Bins, Categories, Quantiles, TopK
from barograph.types import Ints, Keys, Labels, Strings

LABELS_AT_MOST = 256


def frozen(profile: Profile, bins: int = BINS) -> Baseline:
    """The baseline that a profile without one is good for: for references whose rows are gone.

    Numeric columns are cut and counted by their quantile summary: exact where it still holds every value (or the top
    values do), else each cell's share is off by twice `Quantiles.rank_error` at most. Labels get cells where the top
    values hold all of them; else drift of the column stays unknown.

    Raises
    ------
    InputError
        The profile has no rows.
    ParameterError
        The profile was counted against a baseline: use that one.

    >>> b = frozen(Profile.of({"age": [31, 45, 45, 60]}))
    >>> Profile.of({"age": [45]}, b).get("bins", "age").n, b.profile.get("bins", "age").n
    (1, 4)
    """
    if profile.baseline_id is not None:
        raise ParameterError(f"the profile was counted against baseline {profile.baseline_id}; use that baseline")
    if profile.n_rows == 0:
        raise InputError(f"a baseline needs rows, and {profile.name or 'this profile'} has none")
    held: dict[Need, Any] = dict(profile.summaries)
    sketched: dict[tuple[str, str], str] = {}
    for column, kind in profile.schema.kinds.items():
        top: TopK | None = profile.get("topk", column)
        if not kind.ordered:
            if top is not None and top.exact and top.names is not None:
                held[Need("categories", (column,))] = _categories(top, kind)
            continue
        for view in views(kind):
            quantiles: Quantiles | None = profile.get("quantiles", column, view=view)
            if quantiles is not None:
                seen = top if view == "value" else None
                cells = Bins(edges(quantiles, seen, bins))
                held[Need("bins", (column,), view)] = _binned(cells, quantiles, seen)
                if quantiles.error and not _all_of(quantiles, seen):
                    sketched[SKETCHED, column] = f"each share is off by {2 * quantiles.rank_error:.1%} at most"
    made = Profile(profile.schema, held, profile.n_rows, None, profile.name)
    made.reasons = profile.reasons | sketched
    return Baseline(made)


def counted(profile: Profile, baseline: Baseline) -> Profile:
    """A profile without a baseline, counted in one's cells from its sketches, with their error.

    Columns that are of another kind there are left out, and what cannot be counted stays unknown.
    """
    held: dict[Need, Any] = {}
    for need, theirs in baseline.profile.summaries.items():
        if len(need.columns) == 1 and profile.schema.kinds.get(need.columns[0]) is not baseline.schema.kinds.get(
            need.columns[0]
        ):
            continue
        if need in profile.summaries:
            held[need] = profile.summaries[need]
            continue
        top = profile.get("topk", *need.columns)
        quantiles = profile.get("quantiles", *need.columns, view=need.view)
        if need.summary == "bins" and quantiles is not None:
            held[need] = _binned(Bins(theirs.edges), quantiles, top if need.view == "value" else None)
        elif need.summary == "categories" and top is not None and top.exact and top.names is not None:
            same = theirs.blank()
            same.update(labels_of(top))
            held[need] = same
    made = Profile(baseline.schema, held, profile.n_rows, baseline.id, profile.name)
    made.reasons = dict(profile.reasons)
    return made


def _binned(cells: Bins, quantiles: Quantiles, top: TopK | None) -> Bins:
    """Counts in the cells: of the top values where they are all there are, else of the weighted items."""
    values, weights = quantiles.weighted()
    if top is not None and _all_of(quantiles, top):
        values, weights = top.keys.view(np.float64), top.counts.astype(float)
        order = np.argsort(values)
        values, weights = values[order], weights[order]
    upto = np.concatenate([[0.0], np.cumsum(weights)])[np.searchsorted(values, cells.edges, side="right")]
    counts: Ints = np.diff(upto, prepend=0.0, append=weights.sum()).astype(np.int64)
    return Bins(cells.edges, counts)


def _all_of(quantiles: Quantiles, top: TopK | None) -> bool:
    """Whether the top values are all values."""
    return top is not None and top.exact and top.names is None and int(top.counts.sum()) == quantiles.n


def _categories(top: TopK, kind: Kind) -> Categories:
    """Cells as a baseline of rows has them: of very many labels only the frequent ones have one of their own."""
    if kind is Kind.BOOLEAN:
        keys = frame.keys_of(["false", "true"])
        order = np.argsort(keys)
        both = Categories(keys[order], [("false", "true")[i] for i in order])
        both.update(labels_of(top))
        return both
    alone = top.counts >= (FREQUENT_AT_LEAST if top.keys.size > LABELS_AT_MOST else 0)
    names = [name for name, kept in zip(top.names or [], alone, strict=True) if kept]
    rare: Keys = top.keys[~alone]
    upper = np.unique((rare >> np.uint64(32)).astype(np.uint32))
    singles, doubles = (int((top.counts[~alone] == times).sum()) for times in (1, 2))
    cells = Categories(top.keys[alone], names, upper, complete=True, singles=singles, doubles=doubles)
    cells.update(labels_of(top))
    return cells


def labels_of(top: TopK) -> Labels:
    """Top labels as a batch to count, where they are all there are."""
    names = dict(zip(top.keys.tolist(), top.names or [], strict=True))

    def resolve(keys: Keys) -> Strings:
        return [names[key] for key in keys.tolist()]

    return Labels(top.keys, top.counts, resolve)
