"""Columns that came, went, or changed their type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from barograph.metric import Metric
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Result, Spec, Table, Value
from barograph.schema import Family, Schema


class Finding(NamedTuple):
    """One thing about one column that differs from the reference."""

    column: str
    finding: str
    reference: str
    current: str


@dataclass(frozen=True)
class SchemaChanges(Metric):
    """How many columns differ from the reference in what they are; the table says how.

    - missing column: the reference has it, no current row does;
    - partly missing: only some of the current batches have it;
    - new column: the reference has it not;
    - other type: stored as another family (number, boolean, time, string) than ever in the reference, e.g. numbers then
      and strings now; a batch of nulls only has no family and is no finding;
    - unreadable values: some cannot be read as the column's kind, and in the reference all could.

    Range 0 to the number of columns, lower is better; 0 under no change. Exact. Ignored columns are left out; one of
    lists or structs is of the type `unsupported`. No rows on either side: `None`. Never raises for data.

    Other tools: Evidently 0.7.23 passes over a column that the current rows lack, and over columns of the types Int64,
    Float64, boolean and uint8, without a word.

    >>> from barograph import Baseline, Profile
    >>> base = Baseline.of({"age": [31, 45], "city": ["Ulm", "Bonn"]})
    >>> result = SchemaChanges().compute(Profile.of({"age": ["31", "old"]}, base), base.profile)
    >>> result.values[0].value
    2.0
    >>> for row in result.figures[0].rows: print(row)
    ['age', 'other type', 'number', 'string']
    ['age', 'unreadable values', '0 of 2 rows', '1 of 2 rows']
    ['city', 'missing column', '2 of 2 rows', '0 of 2 rows']
    """

    spec: ClassVar[Spec] = Spec(
        name="schema_changes",
        title="Changed columns",
        group="quality",
        help="How many columns are missing, new, of another type, or hold values that cannot be read.",
        unit="columns",
        direction="lower",
        range=(0.0, None),
        reference="required",
    )

    def needs(self, schema: Schema) -> Iterable[Need]:
        return [Need("columns"), *(Need("counts", (column,)) for column in schema.profiled)]

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        why = _unknown(current, reference)
        if why or reference is None:
            return self.result([Value(None, n=current.n_rows, note=why)])
        found = list(_findings(current, reference))
        columns = list(dict.fromkeys(finding.column for finding in found))
        table = Table("Changed columns", list(Finding._fields), [list(finding) for finding in found])
        value = Value(float(len(columns)), n=current.n_rows, reference=0.0, note=", ".join(columns[:5]))
        return self.result([value], [table] if found else [])


def _unknown(current: Profile, reference: Profile | None) -> str:
    if reference is None:
        return "schema_changes needs a reference"
    for profile, name in ((current, "current"), (reference, "reference")):
        if profile.n_rows == 0:
            return f"the {name} side has no rows"
        if profile.get("columns") is None:
            return f"the {name} profile does not hold which columns its rows had"
    return ""


def _findings(current: Profile, reference: Profile) -> Iterator[Finding]:
    ours, theirs = current.seen.seen, reference.seen.seen
    ignored = {*reference.schema.ignore, *current.schema.ignore}
    if reference.schema.target and not ours.get(reference.schema.target):
        ignored.add(reference.schema.target)  # what happened is often known later only
    expected = dict.fromkeys([*reference.schema.profiled, *sorted(theirs)])
    for column in expected:
        if column not in ignored:
            yield from _known(column, current, reference)
    for column, families in sorted(ours.items()):  # a profile read from a file holds them in order
        if column not in expected and column not in ignored:
            yield Finding(column, "new column", "", _named(families) or "no values")


def _known(column: str, current: Profile, reference: Profile) -> Iterator[Finding]:
    now, then = current.seen.seen.get(column, {}), reference.seen.seen.get(column, {})
    n_now, n_then = sum(now.values()), sum(then.values())
    had = _of(n_then, reference.n_rows)
    if n_now == 0:
        if n_then:
            yield Finding(column, "missing column", had, _of(0, current.n_rows))
        return
    if n_now < current.n_rows and n_then == reference.n_rows:
        yield Finding(column, "partly missing", had, _of(n_now, current.n_rows))
    other = {family: rows for family, rows in now.items() if family not in then}
    if _named(other) and _named(then):
        yield Finding(column, "other type", _named(then), _named(now))
    ours, theirs = current.get("counts", column), reference.get("counts", column)
    if ours and theirs and ours.n_invalid and not theirs.n_invalid:
        unread = [_of(counts.n_invalid, counts.n_rows) for counts in (theirs, ours)]
        yield Finding(column, "unreadable values", *unread)


def _named(families: dict[str, int]) -> str:
    """Families with rows, as text; nulls only are of none."""
    return ", ".join(sorted(f for f, rows in families.items() if rows and f != Family.UNKNOWN.value))


def _of(n: int, n_rows: int) -> str:
    return f"{n:,} of {n_rows:,} rows"
