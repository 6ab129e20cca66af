"""Result sets, profiles and views: whylogs' classes over a `Profile` of ours or a file of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from barograph import frame
from barograph.baseline import Baseline
from barograph.compat.whylogs.readings import SummaryType, readings
from barograph.errors import MergeError, ParameterError
from barograph.foreign import WhylogsProfile, read
from barograph.metrics.quality import ConditionShare, TypeCounts
from barograph.needs import Need, default_needs
from barograph.profile import Profile
from barograph.schema import Schema

Held = Profile | WhylogsProfile


class ColumnProfileView:
    """One column of a view."""

    def __init__(self, row: dict[str, Any]) -> None:
        self._row = row

    def to_summary_dict(self) -> dict[str, Any]:
        """What is known, by name."""
        return dict(self._row)


class DatasetProfileView:
    """What can be read of a profile. `held` is the profile itself: one of ours, or a file of whylogs."""

    def __init__(self, held: Held) -> None:
        self.held = held

    @cached_property
    def profile_of_ours(self) -> Profile:
        """As a profile of ours, without a baseline."""
        return self.held if isinstance(self.held, Profile) else self.held.profile()

    def rows(self) -> dict[str, dict[str, Any]]:
        """Readings by column."""
        if isinstance(self.held, WhylogsProfile):
            return {
                name: {**column.readings(), "type": SummaryType.COLUMN} for name, column in self.held.columns.items()
            }
        return {column: readings(self.held, column) for column in self.held.columns}

    def to_pandas(self) -> Any:
        """One row a column, under whylogs' names, indexed by `column`.

        Quantiles are interpolated as numpy does (of a whylogs file: by whylogs' rule); cardinalities are exact up to
        512. Raises `MissingExtraError` without pandas.
        """
        rows = self.rows()
        names = sorted({name for row in rows.values() for name in row})
        listed = [{"column": column, **{name: row.get(name) for name in names}} for column, row in rows.items()]
        return frame.to_pandas(listed or [{"column": None}]).set_index("column").iloc[: len(listed)]

    def get_columns(self) -> dict[str, ColumnProfileView]:
        """All columns."""
        return {name: ColumnProfileView(row) for name, row in self.rows().items()}

    def get_column(self, col_name: str) -> ColumnProfileView | None:
        """One column, if there is one of that name."""
        return self.get_columns().get(col_name)

    def merge(self, other: DatasetProfileView) -> DatasetProfileView:
        """Both together; neither is changed. Raises `MergeError` where a column is of two kinds."""
        mine, theirs = self.held, other.held
        if isinstance(mine, WhylogsProfile) and isinstance(theirs, WhylogsProfile):
            return DatasetProfileView(mine.merge(theirs))
        if isinstance(mine, WhylogsProfile) or isinstance(theirs, WhylogsProfile):
            raise MergeError(
                "a whylogs file and a profile of rows do not merge: their sketches differ; compare them instead: "
                "Report().run(current=rows, reference=barograph.read(path))"
            )
        return DatasetProfileView(mine.merge(theirs))

    def write(self, path: str | Path) -> None:
        """Write to a file of our format, which `read` opens; files of whylogs are not written."""
        self.profile_of_ours.write(path)

    @classmethod
    def read(cls, path: str | Path) -> DatasetProfileView:
        """Open a file of ours or of whylogs. Raises `FormatError`."""
        found = read(path)
        return cls(found.profile if isinstance(found, Baseline) else found)


class DatasetProfile:
    """A profile that rows can be added to."""

    def __init__(self, held: Profile) -> None:
        self._held = held

    def track(self, obj: object) -> None:
        """Add a frame or a row."""
        conditions = tuple(need.label for need in self._held.summaries if need.summary == "holds")
        added = profile_of(obj, conditions=conditions)
        if isinstance(self._held, Profile):
            # a column stays what its first values were: others are counted as such that cannot be read
            settled = {c: kind for c, kind in self._held.schema.kinds.items() if self._held.get("counts", c).n_present}
            other = {c: settled[c] for c, kind in added.schema.kinds.items() if settled.get(c, kind) is not kind}
            added = profile_of(obj, Schema(kinds=other), conditions) if other else added
        self._held = self._held.merge(added)

    def view(self) -> DatasetProfileView:
        """What can be read of it."""
        return DatasetProfileView(self._held)

    def write(self, path: str | Path) -> None:
        """Write to a file of our format."""
        self.view().write(path)

    @classmethod
    def read(cls, path: str | Path) -> DatasetProfileView:
        """Open a file of ours or of whylogs. Raises `FormatError`."""
        return DatasetProfileView.read(path)


class ResultSet:
    """What `log` and `read` give."""

    def __init__(self, held: Held) -> None:
        self._held = held

    def view(self) -> DatasetProfileView:
        """What can be read of it."""
        return DatasetProfileView(self._held)

    def profile(self) -> DatasetProfile:
        """A profile that rows can be added to. Raises `ParameterError` for a file of whylogs."""
        if isinstance(self._held, WhylogsProfile):
            raise ParameterError("rows cannot be added to a whylogs file; read it by view(), or as a reference")
        return DatasetProfile(self._held)

    def merge(self, other: ResultSet) -> ResultSet:
        """Both together."""
        return ResultSet(self.view().merge(other.view()).held)

    def write(self, path: str | Path) -> None:
        """Write to a file of our format."""
        self.view().write(path)

    def writer(self, name: str = "local") -> None:
        """Not here: raises `ParameterError`."""
        raise ParameterError(f"there is no writer {name!r}; profiles are files: profile.write(path)")


def profile_of(obj: object, schema: Schema | None = None, conditions: Iterable[str] = ()) -> Profile:
    """Profile of a frame, or of one row as a dict of single values; what it holds by default, types, and conditions."""
    asked = [TypeCounts(), *map(ConditionShare, conditions)]

    def needs(known: Schema) -> Iterator[Need]:
        yield from default_needs(known, anchored=False)
        yield from (need for metric in asked for need in metric.needs(known))

    if isinstance(obj, dict) and all(v is None or isinstance(v, str | int | float | bool) for v in obj.values()):
        return Profile.of({name: [value] for name, value in obj.items()}, schema=schema, needs=needs, name="row")
    return Profile.of(obj, schema=schema, needs=needs)


def view_of(source: object) -> DatasetProfileView:
    """The view of whatever whylogs' callers hand around."""
    if isinstance(source, DatasetProfileView):
        return source
    if isinstance(source, DatasetProfile | ResultSet):
        return source.view()
    if isinstance(source, Profile | WhylogsProfile):
        return DatasetProfileView(source)
    raise ParameterError(f"a profile is needed, such as why.log(df).view(), not a {type(source).__name__}")
