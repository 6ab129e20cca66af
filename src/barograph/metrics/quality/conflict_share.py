"""Share of rows whose features come with different outcomes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

from barograph.errors import ParameterError
from barograph.metric import Metric
from barograph.metrics.quality.dataset import repeats_share
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Result, Spec, Value
from barograph.schema import Schema


@dataclass(frozen=True)
class ConflictShare(Metric):
    """Share of rows whose features occur with more than one target (or prediction) among the rows.

    Range 0 to 1, lower is better; with no change the reference's share, for windows of like size. No model can be right
    on all of such rows; of predictions, a conflict says that the model reads something that the rows do not hold. Equal
    features are all columns without a role, missing values equal each other; rows without an outcome are left out.
    Exact (but for hash collisions) up to 16,384 different rows of features; beyond that read from a uniform sample of
    these, `low` and `high` three standard errors away, and a conflict in very few, very frequent rows can escape it.
    No rows with an outcome, or the schema has none: `None`.

    Cochran (1977) for the error of the ratio.

    >>> from barograph import Profile, Schema
    >>> metric = ConflictShare()
    >>> rows = {"a": [1, 1, 2, 3], "y": ["no", "yes", "no", "no"]}
    >>> profile = Profile.of(rows, schema=Schema(target="y"), needs=metric.needs)
    >>> metric.compute(profile, None).values[0].value
    0.5
    """

    of: Literal["target", "prediction"] = "target"

    spec: ClassVar[Spec] = Spec(
        name="conflict_share",
        title="Equal rows with different outcomes",
        group="quality",
        help="Share of rows whose features occur with more than one target or prediction.",
        unit="ratio",
        direction="lower",
        range=(0.0, 1.0),
        reference="optional",
    )

    def __post_init__(self) -> None:
        if self.of not in ("target", "prediction"):
            raise ParameterError(f"conflicts are of 'target' or 'prediction', not {self.of!r}")

    def needs(self, schema: Schema) -> Iterable[Need]:
        outcome = getattr(schema, self.of)
        return [Need("repeats", (), label=outcome)] if outcome and schema.features else []

    def compute(self, current: Profile, reference: Profile | None) -> Result:
        schema = (reference or current).schema
        needs = list(self.needs(schema))
        if not needs:
            lacks = "features" if getattr(schema, self.of) else self.of
            return self.result([Value(None, n=0, note=f"the schema has no {lacks}")])
        return repeats_share(self, needs[0], "conflicting", current, reference)
