"""Share of values that match a pattern."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from barograph import frame
from barograph.metrics.quality.readings import PerColumn, Reading, share
from barograph.profile import Profile
from barograph.results import Spec
from barograph.schema import Kind
from barograph.summaries import Moments


@dataclass(frozen=True)
class MatchShare(PerColumn):
    r"""Share of the present values of a text or categorical column that match a pattern.

    `by` is how: `"regex"` (matches anywhere; Rust's syntax, `(?i)` in front ignores case), `"contains"`,
    `"begins_with"` or `"ends_with"` (the pattern as it is written). As it stands: the share of values that are not
    blank. Range 0 to 1, neither better; the reference's under no change. Exact; `se` is binomial. Nulls are left out,
    the empty string is a value. No values: `None`. Cost: one search a value, only where this metric is asked for.

    Raises `ParameterError` for a pattern that is empty, over 256 characters, or no regular expression.

    >>> from barograph import Profile
    >>> rows = {"mail": ["a@x.org", "b@y.com", None, "none"]}
    >>> metric = MatchShare("mail", "@", by="contains")
    >>> profile = Profile.of(rows, needs=metric.needs)
    >>> round(metric.compute(profile, None).values[0].value, 3)
    0.667
    """

    column: str | None = None
    pattern: str = r"\S"
    by: Literal["regex", "contains", "begins_with", "ends_with"] = "regex"

    summary = "moments"
    kinds = (Kind.TEXT, Kind.CATEGORICAL)
    without = ("id",)
    spec: ClassVar[Spec] = Spec(
        name="match_share",
        title="Values that match a pattern",
        group="quality",
        help="Share of the present values that match the pattern.",
        unit="ratio",
        range=(0.0, 1.0),
        reference="optional",
    )

    def __post_init__(self) -> None:
        frame.check_pattern(self.by, self.pattern)

    def read(self, summary: Moments, profile: Profile, reference: Profile | None, column: str) -> Reading:
        return share(round(summary.mean_ * summary.n), summary.n)

    def _view(self, kind: Kind) -> str:
        return f"{self.by} {self.pattern}"
