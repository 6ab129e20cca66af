"""Share of rows that hold a condition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from barograph import frame
from barograph.errors import ParameterError
from barograph.metric import Metric
from barograph.metrics.quality.readings import Reading, share
from barograph.needs import Need, condition_need
from barograph.profile import Profile
from barograph.results import Result, Spec, Table
from barograph.schema import Schema
from barograph.summaries import Holds
from barograph.summaries.holds import EXAMPLES_AT_MOST


@dataclass(frozen=True)
class ConditionShare(Metric):
    """Share of rows that hold a condition, of those that can be judged by it: n_true / (n_true + n_false).

    Range 0 to 1, higher is better; with no change the reference's share. Exact; `se` is binomial. The condition is text
    in a small safe language, `frame.expression`: `arr_delay >= dep_delay - 60`, `matches(zip, "[0-9]{5}")`,
    `col("unit price") > 0 and currency in ["EUR", "USD"]`, `ordered_at <= shipped_at`. It is three-valued (Kleene): a
    row is not judged where what it needs is null, NaN or unreadable, or is divided by 0, and the note says how many are
    not; `x is not None` judges the absence itself. No rows, a column that is not there, or no row that can be judged:
    `None`, so that nothing passes for want of data.

    `examples=5` (at most 20; 0 by default) keeps a few rows that break it and shows them. **That puts raw values into
    profiles, baselines and reports**: leave it off where the columns are not for every reader of those files.

    A text that is no condition raises `ParameterError`.

    >>> from barograph import Profile
    >>> rows = {"arr_delay": [5, -90, 30, None], "dep_delay": [0, 10, 40, 3]}
    >>> late = ConditionShare("arr_delay >= dep_delay - 60")
    >>> value = late.compute(Profile.of(rows, needs=late.needs), None).values[0]
    >>> round(value.value, 3), value.n, value.note
    (0.667, 3, '1 of 4 rows cannot be judged')
    """

    condition: str = ""
    examples: int = 0

    spec: ClassVar[Spec] = Spec(
        name="condition_share",
        title="Rows that hold a condition",
        group="quality",
        help="Share of the rows that hold a condition, of those that can be judged by it.",
        unit="ratio",
        direction="higher",
        range=(0.0, 1.0),
        reference="optional",
    )

    def __post_init__(self) -> None:
        if self.condition:
            frame.expression(self.condition)
        if isinstance(self.examples, bool) or not 0 <= self.examples <= EXAMPLES_AT_MOST:
            raise ParameterError(f"examples is {self.examples!r}; keep 0 to {EXAMPLES_AT_MOST} rows that break it")

    def needs(self, schema: Schema) -> Iterable[Need]:
        found = frame.expression(self.condition) if self.condition else None
        if found is None or not set(found.columns) <= set(schema.kinds):
            return []
        return [condition_need(found.text, found.columns, self.examples)]

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        if not self.condition:
            return self.result([], note="no condition was given")
        now = held(current, self.condition, self.examples)
        then = held(reference, self.condition, self.examples) if reference else Reading(None)
        broken = shown(current, self.condition, self.examples)
        table = Table("Rows that break it", ["row"], [[text] for text in broken])
        return self.result([now.beside(then, {})], [table] if broken else [])


def held(profile: Profile, condition: str, examples: int = 0) -> Reading:
    """Share of the rows of a profile that hold a condition, or why it is not known."""
    text, columns = frame.expression(condition).text, frame.expression(condition).columns
    if unknown := [column for column in columns if column not in profile.schema.kinds]:
        return Reading(None, note=f"the schema has no column {unknown[0]!r}")
    if profile.n_rows == 0:
        return Reading(None, note="no rows")
    found: Holds | None = profile.summaries.get(condition_need(text, columns, examples))
    if found is None:
        return Reading(
            None,
            note="the profile did not count this condition; profile the rows with needs=metric.needs, or by a report",
        )
    if found.n_judged == 0:
        absent = found.n_null == 0
        note = f"the rows lack {' or '.join(map(repr, columns))}" if absent else "every row lacks a value that it needs"
        return Reading(None, note=note)
    left = profile.n_rows - found.n_judged
    note = f"{left:,} of {profile.n_rows:,} rows cannot be judged" if left > 0 else ""
    return share(found.n_true, found.n_judged, note=note)


def shown(profile: Profile, condition: str, examples: int) -> tuple[str, ...]:
    """The rows that break a condition, as far as they were kept."""
    found = frame.expression(condition)
    summary: Holds | None = profile.summaries.get(condition_need(found.text, found.columns, examples))
    return summary.examples if summary is not None else ()
