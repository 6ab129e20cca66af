"""Share of the most frequent value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.quality.readings import PerColumn, Reading, share
from barograph.overview import iso
from barograph.profile import Profile
from barograph.results import Spec
from barograph.schema import Kind
from barograph.summaries import Counts, TopK


@dataclass(frozen=True)
class TopShare(PerColumn):
    """Share of the most frequent value among the present ones; the note names the value.

    Range above 0 to 1 (a constant column), neither better; with no change the reference's share. Exact with at most 256
    distinct values and where every batch is one; else at least the value, and at most `high`. `se` is binomial. For all
    columns but text and identities. No values: `None`.

    Misra & Gries (1982); Agarwal et al. (2013).

    >>> from barograph import Profile
    >>> value = TopShare("city").compute(Profile.of({"city": ["Ulm", "Ulm", "Bonn", "Ulm", None]}), None).values[0]
    >>> value.value, value.note
    (0.75, 'most frequent: Ulm')
    """

    column: str | None = None

    summary = "topk"
    kinds = tuple(kind for kind in Kind if kind not in (Kind.TEXT, Kind.EMBEDDING))
    without = ("id",)
    spec: ClassVar[Spec] = Spec(
        name="top_share",
        title="Share of the most frequent value",
        group="quality",
        help="Share of the most frequent value among the present ones.",
        unit="ratio",
        range=(0.0, 1.0),
        reference="optional",
    )

    def read(self, summary: TopK, profile: Profile, reference: Profile | None, column: str) -> Reading:
        counts: Counts | None = profile.get("counts", column)
        if counts is None:
            return Reading(None, note=f"the profile holds no counts of column {column!r}")
        n, top = counts.n_present, summary.items(1)
        name, count = top[0] if top else (None, 1)
        most = min(n, (count if top else 0) + summary.error)
        note = (
            "no value occurs often enough to be kept"
            if name is None
            else f"most frequent: {_shown(name, profile, column)}"
        )
        if most <= count:
            return share(count, n, note=note)
        return share(count, n, count / n, most / n, note)


def _shown(value: float | str, profile: Profile, column: str) -> str:
    if isinstance(value, str):
        return value
    return iso(value) if profile.schema.kinds.get(column) is Kind.DATETIME else f"{value:.10g}"
