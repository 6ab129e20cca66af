"""What every metric is: a frozen dataclass that says what it needs and turns profiles into a result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar

from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Figure, Result, Spec, Value
from barograph.schema import Schema

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class Metric:
    """One definition, read by every output. Its fields are its parameters; wrong ones fail at construction.

    A metric reads profiles and knows nothing of rows, verdicts or renderers. `column=None` means every column the
    metric is for.
    """

    spec: ClassVar[Spec]

    def needs(self, schema: Schema) -> Iterable[Need]:
        """What `compute` will ask the profiles for."""
        raise NotImplementedError  # pragma: no cover - abstract

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        """The result; of profiles that lack something, values of `None` that say what. Never raises for data."""
        raise NotImplementedError  # pragma: no cover - abstract

    @property
    def params(self) -> dict[str, Any]:
        """Parameters that differ from their defaults: part of the metric's identity, lists of them as text. The column
        is a label instead."""
        instance: DataclassInstance = self  # type: ignore[assignment]
        return {
            f.name: _plain(getattr(self, f.name))
            for f in fields(instance)
            if f.name != "column" and getattr(self, f.name) != f.default
        }

    def result(self, values: Iterable[Value], figures: Iterable[Figure] = (), note: str = "") -> Result:
        """A result of this metric; `unknown` where no value is known and no figure drawn."""
        listed, drawn = list(values), list(figures)
        known = drawn or any(value.value is not None for value in listed)
        if not known and not note:
            note = next((value.note for value in listed if value.note), "nothing to say it from")
        return Result(self.spec, self.params, listed, drawn, "ok" if known else "unknown", note)


def _plain(parameter: Any) -> Any:
    return ", ".join(map(str, parameter)) if isinstance(parameter, tuple) else parameter


def selected(schema: Schema, column: str | None, eligible: Iterable[str] | None = None) -> tuple[str, ...]:
    """The columns a metric speaks of: the one asked for, or all that are eligible (the features)."""
    if column is not None:
        return (column,)
    return schema.features if eligible is None else tuple(eligible)


def label(column: str, view: str = "value") -> dict[str, str]:
    """Labels of a value about a column, or about one view of it."""
    return {"column": column} if view == "value" else {"column": column, "view": view}


def missing_need(profile: Profile, column: str) -> str:
    """Why a profile cannot answer: the column is unknown, or the profile was made for less."""
    if column not in profile.schema.kinds:
        return f"the schema has no column {column!r}"
    for cells in ("bins", "categories"):
        if (cells, column) in profile.reasons:
            return profile.reasons[cells, column]
    if profile.baseline_id is None:
        return "the profile was made without a baseline; drift needs its bins: Profile.of(rows, baseline)"
    return f"the profile holds no counts of {column!r} for this"
