"""Distribution of each column, as bars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from barograph.metric import Metric, label, selected
from barograph.metrics.quality.display import label_bars, number_bars, value_bars
from barograph.needs import Need, views
from barograph.profile import Profile
from barograph.results import Bars, Result, Spec
from barograph.schema import Kind, Schema


@dataclass(frozen=True)
class Distribution(Metric):
    """Pictures only: the shares of the current values beside those of the reference, at most 40 bars a column and view.

    - at most 40 different values on both sides: a bar for each;
    - more: bars of equal width over the central 99 % of either side; what lies beyond is in the outer bars, whose names
      say so (`< x`, `> y`); shares read from the quantile summaries, off by their rank error (some 0.002);
    - labels: the 20 most frequent of the reference, the other ones together, and those it never saw.

    All columns but identities and the timestamp. Shares are of the present values, in 0 to 1, and the reference's under
    no change. Without a reference (or where it has no values) the current side is drawn alone, and the other way round;
    a column without values has no picture. Without any picture the result is `unknown`.

    >>> from barograph import Baseline, Profile
    >>> base = Baseline.of({"city": ["Ulm", "Bonn", "Ulm", "Ulm"]})
    >>> bars = Distribution("city").compute(Profile.of({"city": ["Ulm", "Kiel"]}, base), base.profile).figures[0]
    >>> bars.cells, bars.series
    (['Ulm', 'Bonn', '(never seen)'], {'reference': [0.75, 0.25, 0.0], 'current': [0.5, 0.0, 0.5]})
    """

    column: str | None = None

    spec: ClassVar[Spec] = Spec(
        name="distribution",
        title="Distribution",
        group="quality",
        help="Shares of the current values beside those of the reference.",
        unit="ratio",
        reference="optional",
    )

    def needs(self, schema: Schema) -> Iterator[Need]:
        for column in self._columns(schema):
            kind = schema.kinds.get(column)
            if kind is None:
                continue
            yield Need("counts", (column,))
            if kind not in (Kind.TEXT, Kind.EMBEDDING):
                yield Need("topk", (column,))
            if kind.ordered:
                yield from (Need("quantiles", (column,), view) for view in views(kind))
            else:
                yield Need("categories", (column,))

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        schema = (reference or current).schema
        figures = [
            bars
            for column in self._columns(schema)
            if column in schema.kinds
            for view in views(schema.kinds[column])
            if (bars := _bars(current, reference, column, view, schema.kinds[column]))
        ]
        return self.result([], figures, "" if figures else "no column has values to draw")

    def _columns(self, schema: Schema) -> Iterable[str]:
        roles = schema.roles
        return selected(
            schema, self.column, (c for c in schema.profiled if roles.get(c) not in ("id", "timestamp", "weight"))
        )


def _bars(current: Profile, reference: Profile | None, column: str, view: str, kind: Kind) -> Bars | None:
    sides = {"reference": reference, "current": current} if reference else {"current": current}
    if not kind.ordered:
        drawn = label_bars(
            {n: (p.get("counts", column), p.get("topk", column), p.get("categories", column)) for n, p in sides.items()}
        )
    else:
        tops = {name: p.get("topk", column) for name, p in sides.items()} if view == "value" else {}
        drawn = value_bars(tops, kind is Kind.DATETIME) or number_bars(
            {name: p.get("quantiles", column, view=view) for name, p in sides.items()}, kind is Kind.DATETIME
        )
    if drawn is None:
        return None
    cells, series, edges = drawn
    axis = column if view == "value" else f"{view} of {column}"
    return Bars(f"Distribution of {axis}", cells, series, edges, label(column, view), axis)
