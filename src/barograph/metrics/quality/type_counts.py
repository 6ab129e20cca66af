"""How many values of each type a column has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from barograph.metric import Metric, selected
from barograph.metrics.quality.readings import lacking
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Result, Scalar, Spec, Table, Value
from barograph.schema import Schema
from barograph.summaries import Types
from barograph.summaries.types import NAMES


@dataclass(frozen=True)
class TypeCounts(Metric):
    """How many values of a column are stored as each type, and a table of all columns.

    - `integral`: integers; `whole`: floats without a fraction, such as pandas makes of integers beside a null;
      `fractional`: all other floats and infinities;
    - `boolean`, `string`; `object`: dates, times and durations; `tensor`: lists and arrays of numbers.

    Each 0 or more, neither better; with no change in the same proportions as in the reference. Null and NaN are of no
    type. Exact, and added up over batches: a column that was integers on one day and text on the next has both. Types
    are those of the column as it was stored: a file of text (CSV) is what its columns were read as, and a column of
    Python objects of several types was read as strings. No rows or no such column: `None`.

    >>> from barograph import Profile
    >>> metric = TypeCounts("age")
    >>> days = [{"age": [31, 45]}, {"age": [31.0, None, 45.5]}]
    >>> both = sum(Profile.of(day, needs=metric.needs) for day in days)
    >>> {v.labels["type"]: v.value for v in metric.compute(both, None).values if v.value}
    {'integral': 2.0, 'whole': 1.0, 'fractional': 1.0}
    """

    column: str | None = None

    spec: ClassVar[Spec] = Spec(
        name="type_counts",
        title="Types of values",
        group="quality",
        help="How many values of a column are stored as each type.",
        unit="rows",
        range=(0.0, None),
        reference="optional",
    )

    def needs(self, schema: Schema) -> Iterator[Need]:
        for column in selected(schema, self.column, schema.profiled):
            if column in schema.kinds:
                yield from (Need(name, (column,)) for name in ("counts", "types"))

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        columns = selected((reference or current).schema, self.column, (reference or current).schema.profiled)
        values: list[Value] = []
        rows: list[list[Scalar]] = []
        for column in columns:
            now, why = _types(current, column)
            then = _types(reference, column)[0] if reference else None
            for name in NAMES:
                count = None if now is None else float(getattr(now, name))
                before = None if then is None else float(getattr(then, name))
                n = 0 if now is None else now.n
                values.append(Value(count, {"column": column, "type": name}, n, reference=before, note=why))
            if now is not None:
                rows.append([column, *(getattr(now, name) for name in NAMES)])
        table = Table(self.spec.title, ["column", *NAMES], rows)
        return self.result(values, [table] if rows else [], "" if columns else "there is no column")


def _types(profile: Profile, column: str) -> tuple[Types | None, str]:
    """The types of a column, or why they are not known."""
    if column not in profile.schema.kinds:
        return None, f"the schema has no column {column!r}"
    found: Types | None = profile.get("types", column)
    if found is None and profile.n_rows:
        return None, f"the profile holds no types of column {column!r}; profile the rows with needs=metric.needs"
    why = lacking(profile, column, "counts", profile.get("counts", column))
    return (None, why) if why else (found, "")
