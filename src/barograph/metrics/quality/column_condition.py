"""What metrics share that judge the values of one column by a condition."""

from __future__ import annotations

from collections.abc import Iterator

from barograph import frame
from barograph.metrics.quality.condition_share import held
from barograph.metrics.quality.readings import PerColumn, Reading, lacking
from barograph.needs import Need, condition_need
from barograph.profile import Profile
from barograph.schema import Kind, Schema


class ColumnCondition(PerColumn):
    """A metric that reads the share of a column's values that hold a condition."""

    wanted: str  # what to give, where nothing was given

    def condition(self, value: str) -> str:
        """The condition, given how a column's value is written in it; empty where the parameters ask for nothing."""
        raise NotImplementedError  # pragma: no cover - abstract

    def needs(self, schema: Schema) -> Iterator[Need]:
        for column in self._columns(schema):
            if schema.kinds.get(column) in self.kinds:
                yield Need("counts", (column,))
                if text := self.condition(written(column)):
                    yield condition_need(frame.expression(text).text, (column,))

    def _reading(self, profile: Profile, reference: Profile | None, column: str, kind: Kind) -> Reading:
        counts = profile.get("counts", column)
        if why := lacking(profile, column, "counts", counts):
            return Reading(None, note=why)
        if counts.n_present == 0 and not self.judges_absence:
            return Reading(None, note="every value is missing, infinite or unreadable")
        text = self.condition(written(column))
        return held(profile, text) if text else Reading(None, note=self.wanted)

    judges_absence = False


def written(column: str) -> str:
    """How a condition names a column, whatever its name."""
    return f"col({column!r})"
