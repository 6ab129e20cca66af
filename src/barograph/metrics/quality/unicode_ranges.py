"""What ranges of Unicode the characters of texts are from."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from barograph import frame
from barograph.errors import ParameterError
from barograph.metric import Metric, selected
from barograph.metrics.quality.readings import lacking
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Result, Scalar, Spec, Table, Value
from barograph.schema import Kind, Schema
from barograph.summaries import Moments

RANGES_AT_MOST = 20
LENGTH = "string_length"
_KINDS = (Kind.TEXT, Kind.CATEGORICAL)


@dataclass(frozen=True)
class UnicodeRanges(Metric):
    """Mean number of characters a text has in each range of Unicode, and its mean length (`string_length`).

    - `control` U+0000 to U+001F, `basic-latin` to U+007F, `extended-latin` U+0080 to U+02AF;
    - `digits` 0 to 9, `latin-lower` a to z, `latin-upper` A to Z, `emoticon` U+1F600 to U+1F64F;
    - `unknown`: what is in none of these. Others are given as `"U+0400-U+04FF"`, at most 20 in all.

    Each 0 or more, neither better; with no change the reference's. A character counts in every range that has it, as it
    stands: nothing is put in lower case or taken apart before, so that capitals are found, and an accented letter is
    extended Latin however many marks it could be written with. The table has the mean, spread and ends of each, and the
    share of all characters. Exact up to rounding; `se` = std / sqrt(n). Nulls are left out; no texts: `None`. Cost: one
    search a range over the texts, only where this metric is asked for; five numbers are kept for each.

    Raises `ParameterError` for a range that is none.

    >>> from barograph import Profile
    >>> metric = UnicodeRanges("name", ("digits", "U+0400-U+04FF"))
    >>> profile = Profile.of({"name": ["Ulm 89073", "Київ", None]}, needs=metric.needs)
    >>> {v.labels["range"]: v.value for v in metric.compute(profile, None).values}
    {'digits': 2.5, 'U+0400-U+04FF': 2.0, 'string_length': 6.5}
    """

    column: str | None = None
    ranges: tuple[str, ...] = (
        "basic-latin", "control", "digits", "emoticon", "extended-latin", "latin-lower", "latin-upper", "unknown",
    )  # fmt: skip

    spec: ClassVar[Spec] = Spec(
        name="unicode_ranges",
        title="Characters by range of Unicode",
        group="quality",
        help="Mean number of characters that texts have in each range of Unicode.",
        range=(0.0, None),
        reference="optional",
    )

    def __post_init__(self) -> None:
        given: Any = self.ranges
        listed = (given,) if isinstance(given, str) else tuple(dict.fromkeys(given))
        if not 0 < len(listed) <= RANGES_AT_MOST:
            raise ParameterError(f"{len(listed)} ranges of characters; give 1 to {RANGES_AT_MOST}")
        for name in listed:
            frame.character_range(name)
        object.__setattr__(self, "ranges", listed)

    def needs(self, schema: Schema) -> Iterator[Need]:
        for column in self._columns(schema):
            if schema.kinds.get(column) in _KINDS:
                yield Need("counts", (column,))
                yield from (Need("moments", (column,), view) for view in self._views.values())

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        columns = self._columns((reference or current).schema)
        values: list[Value] = []
        rows: list[list[Scalar]] = []
        for column in columns:
            now = {name: _read(current, column, view) for name, view in self._views.items()}
            length = now[LENGTH]
            for name, moments in now.items():
                then = _read(reference, column, self._views[name]) if reference else ""
                values.append(_value(column, name, moments, then))
                if isinstance(moments, Moments) and isinstance(length, Moments):
                    of = length.mean_ * length.n
                    share = min(moments.mean_ * moments.n / of, 1.0) if of else None
                    rows.append([column, name, moments.mean, moments.std, moments.minimum, moments.maximum, share])
        heads = ["column", "range", "mean", "standard deviation", "least", "most", "share of characters"]
        note = "" if columns else "there is no text or categorical column"
        return self.result(values, [Table(self.spec.title, heads, rows)] if rows else [], note)

    @property
    def _views(self) -> dict[str, str]:
        return {**{name: f"characters {name}" for name in self.ranges}, LENGTH: "length"}

    def _columns(self, schema: Schema) -> tuple[str, ...]:
        kinds, roles = schema.kinds, schema.roles
        return selected(
            schema, self.column, (c for c in schema.profiled if kinds[c] in _KINDS and roles.get(c) != "id")
        )


def _value(column: str, name: str, now: Moments | str, then: Moments | str) -> Value:
    before = then.mean if isinstance(then, Moments) else None
    before_se = _error(then) if isinstance(then, Moments) else None
    labels = {"column": column, "range": name}
    if isinstance(now, str):
        return Value(None, labels, reference=before, reference_se=before_se, note=now)
    return Value(now.mean, labels, now.n, se=_error(now), reference=before, reference_se=before_se)


def _error(moments: Moments) -> float | None:
    return None if moments.std is None else moments.std / math.sqrt(moments.n)


def _read(profile: Profile, column: str, view: str) -> Moments | str:
    """The moments of how many characters texts have in a range, or why they are not known."""
    kind = profile.schema.kinds.get(column)
    if kind is None:
        return f"the schema has no column {column!r}"
    if kind not in _KINDS:
        return f"column {column!r} is {kind.value}; unicode_ranges is for text and categories"
    moments: Moments | None = profile.get("moments", column, view=view)
    if moments is None and profile.n_rows:
        return f"the profile did not count these characters of {column!r}; profile the rows with needs=metric.needs"
    why = lacking(profile, column, "moments", moments)
    if why or moments is None or moments.n == 0:
        return why or "no text to tell it from"
    return moments
