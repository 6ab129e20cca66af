"""In how many different ways values are missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from barograph import frame
from barograph.errors import ParameterError
from barograph.metric import Metric, label, selected
from barograph.metrics.quality.column_condition import written
from barograph.metrics.quality.readings import lacking
from barograph.needs import Need, condition_need
from barograph.profile import Profile
from barograph.results import Result, Scalar, Spec, Table, Value
from barograph.schema import Kind, Schema
from barograph.summaries import Counts, Holds

Marker = str | int | float
MARKERS_AT_MOST = 100

_SORTS = {"null": "n_null", "NaN": "n_nan", "inf": "n_pos_inf", "-inf": "n_neg_inf"}


@dataclass(frozen=True)
class MissingKinds(Metric):
    """In how many different ways the values of a column are missing: null, NaN, inf, -inf, the empty text, and each of
    `markers` that occurs, with a table of how often each does.

    Range 0 to 5 and the number of markers, lower is better: one way to say "unknown" is enough, and two are mostly two
    systems. With no change the reference's number. Exact. Markers are what the user's systems write, such as -999 or
    "N/A"; numbers are compared as numbers, labels as text. A text that was read as null in a column of numbers ("" or
    "NA" in a CSV file that is kept as text) counts as itself where it is a marker, not as null. Rows that have a marker
    but are in range are not missing to any other metric but `blank_share`, which adds them up. No rows or no such
    column: `None`.

    Raises `ParameterError` for over 100 markers.

    >>> from barograph import Profile
    >>> metric = MissingKinds("age", (-999,))
    >>> profile = Profile.of({"age": [31.0, None, -999.0, float("nan"), -999.0]}, needs=metric.needs)
    >>> result = metric.compute(profile, None)
    >>> result.values[0].value, [row[1:3] for row in result.figures[0].rows]
    (3.0, [['null', 1], ['NaN', 1], ['-999', 2]])
    """

    column: str | None = None
    markers: tuple[Marker, ...] = ()

    spec: ClassVar[Spec] = Spec(
        name="missing_kinds",
        title="Kinds of missing values",
        group="quality",
        help="In how many different ways the values of a column are missing.",
        direction="lower",
        range=(0.0, None),
        reference="optional",
    )

    def __post_init__(self) -> None:
        given: Any = self.markers
        listed = (given,) if isinstance(given, str | int | float) else tuple(given)
        if len(listed) > MARKERS_AT_MOST:
            raise ParameterError(f"{len(listed)} markers; give at most {MARKERS_AT_MOST}")
        for marker in listed:
            _need("x", marker)
        object.__setattr__(self, "markers", tuple(dict.fromkeys(listed)))

    def needs(self, schema: Schema) -> Iterator[Need]:
        for column in self._columns(schema):
            if column in schema.kinds:
                yield Need("counts", (column,))
                yield from (_need(column, marker) for marker in self._looked_for(schema.kinds[column]))

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        columns = self._columns((reference or current).schema)
        values: list[Value] = []
        rows: list[list[Scalar]] = []
        for column in columns:
            now = self._found(current, column)
            then = self._found(reference, column) if reference else ""
            before = None if isinstance(then, str) else float(len(then))
            if isinstance(now, str):
                values.append(Value(None, label(column), reference=before, note=now))
                continue
            n = current.get("counts", column).n_rows
            values.append(Value(float(len(now)), label(column), n, reference=before))
            rows += [[column, kind, count, count / n] for kind, count in now.items()]
        table = Table(self.spec.title, ["column", "missing as", "rows", "share of rows"], rows)
        return self.result(values, [table] if rows else [], "" if columns else "there is no column")

    def _columns(self, schema: Schema) -> tuple[str, ...]:
        return selected(schema, self.column, schema.profiled)

    def _looked_for(self, kind: Kind) -> tuple[Marker, ...]:
        return () if kind is Kind.EMBEDDING else ("", *(marker for marker in self.markers if marker != ""))

    def _found(self, profile: Profile, column: str) -> dict[str, int] | str:
        """How often each kind of missing value occurs that does, or why that is not known."""
        kind = profile.schema.kinds.get(column)
        if kind is None:
            return f"the schema has no column {column!r}"
        counts: Counts | None = profile.get("counts", column)
        if counts is None or (why := lacking(profile, column, "counts", counts)):
            return why if counts is not None else lacking(profile, column, "counts", None)
        found = {name: getattr(counts, field) for name, field in _SORTS.items()}
        for marker in self._looked_for(kind):
            held: Holds | None = profile.summaries.get(_need(column, marker))
            if held is None:
                return f"the profile did not look for {marker!r}; profile the rows with needs=metric.needs"
            read_as = frame.read_as_missing(marker) if kind is Kind.NUMERIC else None
            if read_as is not None:
                found[read_as] -= held.n_true
            found[_shown(marker)] = held.n_true
        return {name: n for name, n in found.items() if n > 0}


def _shown(marker: Marker) -> str:
    return "empty text" if marker == "" else f'"{marker}"' if isinstance(marker, str) else str(marker)


def _need(column: str, marker: Marker) -> Need:
    return condition_need(frame.expression(f"{written(column)} in [{marker!r}]").text, (column,))
