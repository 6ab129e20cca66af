"""What the first k recommendations of all users are, item by item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from barograph.errors import ParameterError
from barograph.metric import Metric
from barograph.metrics.performance.estimates import Estimate, paired
from barograph.metrics.ranking.at_k import SPLIT_AT_MOST
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Result
from barograph.schema import Schema
from barograph.summaries import Recommended
from barograph.summaries.recommended import DEPTHS, ITEMS_AT_MOST
from barograph.types import Ints


@dataclass(frozen=True)
class OfItems(Metric):
    """A number of the items that users got among their first `k` (1, 5, 10, 20, 50 or 100).

    The reference says which items there are and how popular they were; without one, the current rows say which there
    are.
    """

    k: int = 10

    popular: ClassVar[bool] = False  # whether it asks how popular items were in the reference
    labelled: ClassVar[bool] = False  # whether it asks what was relevant in the rows themselves

    def __post_init__(self) -> None:
        if self.k not in DEPTHS or isinstance(self.k, bool):
            depths = ", ".join(map(str, DEPTHS))
            raise ParameterError(f"{self.spec.name} of the first {self.k!r} is not kept; give a k of {depths}")

    def needs(self, schema: Schema) -> tuple[Need, ...]:
        found = recommended_need(schema)
        return () if isinstance(found, str) else (found,)

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        schema = (reference or current).schema
        need = recommended_need(schema)
        if isinstance(need, str):
            return self.result([], note=need)
        if self.popular and reference is None:
            return self.result([], note=f"{self.spec.name} needs a reference: it says how popular items are")
        ours = current.summaries.get(need)
        theirs = reference.summaries.get(need) if reference is not None else None
        if ours is None or (reference is not None and theirs is None):
            return self.result([], note=f"the profile was made without recommended of {' and '.join(need.columns)}")
        before = None if theirs is None else self.of(theirs, theirs)
        return self.result([paired((), self.of(ours, theirs), before)])

    def of(self, recommended: Recommended, reference: Recommended | None) -> Estimate:
        """The number of one side."""
        why = unknown(recommended, "rows") or (unknown(reference, "reference") if reference else "")
        if not why and self.labelled and recommended.n_unlabelled == recommended.n_rows:
            why = "no recommendation has a target yet"
        if not why and self.popular and reference is not None and not reference.relevant.any():
            why = "the reference has no relevant rows, so no item is known to be popular"
        if why:
            return Estimate(None, recommended.n_users, note=why)
        other = recommended if reference is None else reference
        items = np.union1d(recommended.catalogue, other.catalogue)
        shown, hits, relevant = (np.zeros(items.size, np.int64) for _ in range(3))
        at = np.searchsorted(items, recommended.catalogue)
        depth = DEPTHS.index(self.k)
        shown[at], hits[at] = recommended.shown[:, depth], recommended.hits[:, depth]
        relevant[np.searchsorted(items, other.catalogue)] = other.relevant
        counted = Items(shown, hits, relevant, np.isin(items, other.catalogue), recommended.n_users, other.n_users)
        value = self.statistic(counted)
        note = _noted(recommended) if value is not None else "too few users or items to say it from"
        return Estimate(value, recommended.n_users, note=note)

    def statistic(self, items: Items) -> float | None:
        """Its value for the counts at hand."""
        raise NotImplementedError  # pragma: no cover - abstract


@dataclass(frozen=True)
class Items:
    """By item: users who got it among their first k, to how many it was relevant, its relevant rows in the reference,
    and whether the reference has it; numbers of users on either side."""

    shown: Ints
    hits: Ints
    relevant: Ints
    known: npt.NDArray[np.bool_]
    n_users: int
    n_before: int


def recommended_need(schema: Schema) -> Need | str:
    """What recommendations are counted from, or which role the schema lacks."""
    if schema.task not in (None, "ranking"):
        return f"the task is {schema.task}, and this is for ranking: name the columns of users and items"
    roles = {name: getattr(schema, name) for name in ("user_id", "item_id", "prediction")}
    for name, column in roles.items():
        if column is None:
            return f'the schema names no {name}; name its column: Schema({name}="...")'
    return Need("recommended", (*roles.values(), *([schema.target] if schema.target else [])))


def unknown(recommended: Recommended, side: str) -> str:
    """Why nothing can be said, or nothing where it can."""
    if recommended.n_users == 0:
        return f"the {side} are empty" if side == "rows" else "the reference has no recommendations"
    if not recommended.complete:
        return f"there are over {ITEMS_AT_MOST:,} items in the {side}: not all are counted"
    if recommended.split_share > SPLIT_AT_MOST:
        return f"about {recommended.split_share:.0%} of the users have rows in several batches; sort the rows by user"
    return ""


def _noted(recommended: Recommended) -> str:
    n = recommended.n_dropped
    return f"{n:,} rows without a user, an item or a prediction are left out" if n else ""
