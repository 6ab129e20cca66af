"""Profiles of whylogs: read, merged, and made into references of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from barograph import codec, frame
from barograph.baseline import BINS, Baseline
from barograph.errors import FormatError
from barograph.foreign import v0, v1
from barograph.foreign.columns import WhylogsColumn
from barograph.foreign.summaries import Summaries
from barograph.profile import NAME_AT_MOST, Profile
from barograph.schema import Schema, complete
from barograph.sketched import counted, frozen
from barograph.spelling import in_order
from barograph.summaries import Columns

TAG = "whylogs.tag."
PERFORMANCE = "performance metrics"


@dataclass(frozen=True)
class WhylogsProfile:
    """What a file of whylogs holds, column by column; profiles of several days merge by `+` and `sum`.

    `Report.run(current=rows, reference=profile)` takes it as it is: counts, moments and frequent items are exact,
    numeric cells are read from the KLL sketch (exact up to about 1,000 values; else off by 0.6 % of the rows at most
    with 99 % confidence), and what the file cannot answer is unknown and says why. `segment` are the keys of the
    segment it is of; `skipped` what was in the file and is not read.
    """

    columns: Mapping[str, WhylogsColumn]
    name: str = ""
    created: str | None = None
    dataset_time: str | None = None
    segment: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()

    @property
    def n_rows(self) -> int:
        """Rows logged: those of the column that has most."""
        return max((column.n_rows for column in self.columns.values()), default=0)

    def merge(self, other: WhylogsProfile) -> WhylogsProfile:
        """The profile of both: counts exactly, sketches within their bound; of the times the earlier one is kept."""
        columns = dict(self.columns)
        for name, theirs in other.columns.items():
            columns[name] = columns[name].merge(theirs) if name in columns else theirs
        segment = {key: value for key, value in self.segment.items() if other.segment.get(key) == value}
        called = self.name if self.name == other.name else " + ".join(n for n in (self.name, other.name) if n)
        return WhylogsProfile(
            columns,
            called if len(called) <= NAME_AT_MOST else called[: NAME_AT_MOST - 1] + "…",
            min(filter(None, (self.created, other.created)), default=None),
            min(filter(None, (self.dataset_time, other.dataset_time)), default=None),
            segment,
            {**other.metadata, **self.metadata},
            tuple(sorted({*self.skipped, *other.skipped})),
        )

    def __add__(self, other: WhylogsProfile) -> WhylogsProfile:
        return self.merge(other) if isinstance(other, WhylogsProfile) else NotImplemented

    def __radd__(self, other: object) -> WhylogsProfile:
        return self if other == 0 else NotImplemented  # sum() starts from 0

    def profile(self, schema: Schema | None = None) -> Profile:
        """A profile of ours with all that our summaries can hold; it merges with its like.

        `schema` gives roles and kinds; what it leaves open follows from the types that whylogs counted. Columns of
        objects (whylogs counts datetimes as such) have no kind, and are left out unless the schema gives them one.

        Raises `SchemaError` where the schema names what is not there.
        """
        held = {name: Summaries(column) for name, column in self.columns.items()}
        traits = {name: summaries.traits() for name, summaries in held.items()}
        given = {} if schema is None else schema.kinds
        traits |= {name: traits[name]._replace(family=held[name].family) for name in given if name in traits}
        known = complete(schema, traits)
        if known.task == "classification":
            labels = {
                label for name in (known.target, known.prediction) if name in held for label in held[name].labels()
            }
            known = complete(schema, traits, in_order(labels))
        found: dict[Any, Any] = {}
        reasons: dict[tuple[str, str], str] = {}
        for name, kind in known.kinds.items():
            made, lacking = held[name].of_kind(name, kind)
            found |= made
            reasons |= lacking
        seen = Columns({name: {summaries.family.value: summaries.n_rows} for name, summaries in held.items()})
        found |= Summaries.columns(seen)
        profile = Profile(known, found, self.n_rows, None, self.name)
        profile.reasons = reasons
        return profile

    def baseline(self, schema: Schema | None = None, bins: int = BINS) -> Baseline:
        """The baseline that current rows can be counted in; write it to a file to convert once and for all.

        Raises `InputError` where there are no rows, and `SchemaError` as `profile`.
        """
        return frozen(self.profile(schema), bins)

    def counted(self, baseline: Baseline) -> Profile:
        """The profile counted in the cells of a baseline, from its sketches: for two whylogs files side by side."""
        kinds = {name: kind for name, kind in baseline.schema.kinds.items() if name in self.columns}
        return counted(self.profile(Schema(kinds=kinds)), baseline)

    def to_dicts(self) -> list[dict[str, Any]]:
        """One row a column, under whylogs' own names such as `counts/n`; absent where it has none."""
        return [{"column": name, **column.readings()} for name, column in self.columns.items()]

    def to_pandas(self) -> Any:
        """`to_dicts` as a pandas frame, indexed by `column`. Raises `MissingExtraError` without pandas."""
        return frame.to_pandas(self.to_dicts()).set_index("column")

    @classmethod
    def read(cls, path: str | Path) -> WhylogsProfile:
        """Read a file. Raises `FormatError`."""
        return cls.from_bytes(codec.read_file(path), str(path))

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "this") -> WhylogsProfile:
        """Read a file's content, of version 1 or 0.

        Raises `FormatError` for what is no profile, truncated, or lies about its lengths, offsets or counts.
        """
        try:
            if data.startswith(v1.MAGIC):
                header, columns = v1.parse(memoryview(data))
                measured = False
            else:
                header, columns, measured = v0.parse(memoryview(data))
        except FormatError as error:
            sort = (
                "whylogs profile that can be read" if data.startswith(v1.MAGIC) else "profile of Barograph or whylogs"
            )
            raise FormatError(f"{name} is no {sort}: {error}") from error
        skipped = {f"{column.name}: {part}" for column in columns for part in column.skipped}
        return cls(
            {column.name: column for column in sorted(columns, key=lambda column: column.name)},
            Path(name).name[:NAME_AT_MOST],
            _moment(header.created_ms),
            _moment(header.dataset_ms),
            {key.removeprefix(TAG): value for key, value in header.tags.items() if key.startswith(TAG)},
            header.metadata,
            tuple(sorted([*skipped, PERFORMANCE] if measured else skipped)),
        )


def _moment(milliseconds: int) -> str | None:
    if not 0 < milliseconds < 253_402_300_800_000:  # the year 10000
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds")
