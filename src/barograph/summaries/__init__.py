"""Mergeable statistics on numpy arrays, one file each.

Every summary is a commutative monoid with a wire form: an empty one is the identity; `merge` gives a new one that says
of both batches what one over all rows would (exactly, or within the bound its docstring states); the state holds sums,
reading divides.
"""

from __future__ import annotations

from typing import Any, Protocol, Self, TypeVar

from barograph.summaries.agreement import Agreement
from barograph.summaries.bins import Bins
from barograph.summaries.categories import Categories
from barograph.summaries.cellmoments import CellMoments
from barograph.summaries.clock import Clock
from barograph.summaries.columns import Columns
from barograph.summaries.confusion import Confusion
from barograph.summaries.counts import Counts
from barograph.summaries.crossmoments import CrossMoments
from barograph.summaries.density import Density
from barograph.summaries.distinct import Distinct
from barograph.summaries.embedding import Embedding
from barograph.summaries.errorgroups import ErrorGroups
from barograph.summaries.gaps import Gaps
from barograph.summaries.holds import Holds
from barograph.summaries.incomplete import Incomplete
from barograph.summaries.moments import Moments
from barograph.summaries.paircells import PairCells
from barograph.summaries.quantiles import Quantiles
from barograph.summaries.ranking import Ranking
from barograph.summaries.recommended import Recommended
from barograph.summaries.repeats import Repeats
from barograph.summaries.residuals import Residuals
from barograph.summaries.sample import Sample
from barograph.summaries.scores import Scores
from barograph.summaries.slicemoments import SliceMoments
from barograph.summaries.topk import TopK
from barograph.summaries.types import Types
from barograph.summaries.vocabulary import Vocabulary
from barograph.summaries.wire import State

S = TypeVar("S")


class Summary(Protocol):
    """What every summary can do. `update` changes it in place; `merge` makes a new one and changes neither."""

    def update(self, batch: Any) -> None:
        """Add a batch of the type its own signature names."""

    def merge(self, other: Self) -> Self:
        """Both together. Raises `MergeError` where their parameters differ, saying both."""

    def to_state(self) -> State:
        """Plain dicts, lists, numbers, text and bytes."""

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The summary back. Raises `FormatError` for anything `to_state` did not write."""


SUMMARIES: dict[str, type[Any]] = {
    cls.__name__.lower(): cls
    for cls in (
        Agreement, Bins, Categories, CellMoments, Clock, Columns, Confusion, Counts, CrossMoments, Density, Distinct,
        Embedding, ErrorGroups, Gaps, Holds, Incomplete, Moments, PairCells, Quantiles, Ranking, Recommended, Repeats,
        Residuals, Sample, Scores, SliceMoments, TopK, Types, Vocabulary,
    )
}  # fmt: skip


def blank(summary: Any) -> Any:
    """An empty summary with the same cells."""
    if isinstance(summary, Bins | Scores):
        return type(summary)(summary.edges)
    if isinstance(summary, Categories | Embedding | Vocabulary | PairCells | CellMoments | ErrorGroups | SliceMoments):
        return summary.blank()
    return type(summary)()


__all__ = [
    "SUMMARIES",
    "Agreement",
    "Bins",
    "Categories",
    "CellMoments",
    "Clock",
    "Columns",
    "Confusion",
    "Counts",
    "CrossMoments",
    "Density",
    "Distinct",
    "Embedding",
    "ErrorGroups",
    "Gaps",
    "Holds",
    "Incomplete",
    "Moments",
    "PairCells",
    "Quantiles",
    "Ranking",
    "Recommended",
    "Repeats",
    "Residuals",
    "Sample",
    "Scores",
    "SliceMoments",
    "Summary",
    "TopK",
    "Types",
    "Vocabulary",
    "blank",
]  # fmt: skip
