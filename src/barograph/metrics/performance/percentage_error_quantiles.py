"""Quantiles of the percentage error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.metrics.performance.error_quantiles import ErrorQuantiles
from barograph.metrics.performance.estimates import Estimate
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Spec
from barograph.schema import Schema
from barograph.summaries import Quantiles


@dataclass(frozen=True)
class PercentageErrorQuantiles(ErrorQuantiles):
    """Quantiles of |prediction - target| / |target| as a ratio (0.1 is 10 %), and a histogram.

    One value each (label `quantile`); the median of it hardly minds the targets near 0 that carry `mape` away. Rows
    whose target is 0 have none and are left out on both sides alike. Range 0 to infinity, lower is better; unchanged
    when nothing has changed. Otherwise as `error_quantiles`: exact up to 512 rows, of rows without their weights. It
    needs a summary that profiles keep only when asked: `Profile.of(rows, needs=PercentageErrorQuantiles().needs)`, or
    the metric in a report. No rows: `None`.

    Armstrong & Collopy (1992) on medians of percentage errors.

    >>> from barograph import Profile, Schema
    >>> rows = {"y": [1.0, -2.0, 4.0], "said": [1.5, -2.0, 3.0]}
    >>> metric = PercentageErrorQuantiles((0.5, 1.0))
    >>> schema = Schema(target="y", prediction="said", task="regression")
    >>> profile = Profile.of(rows, schema=schema, needs=metric.needs)
    >>> [v.value for v in metric.compute(profile, None).values]
    [0.25, 0.5]
    """

    spec: ClassVar[Spec] = Spec(
        name="percentage_error_quantiles",
        title="Percentage error quantiles",
        group="performance",
        help="Quantiles of |prediction - target| / |target|, 0.1 being 10 %.",
        direction="lower",
        range=(0.0, None),
        reference="optional",
    )
    drawn: ClassVar[tuple[str, str]] = "Percentage errors", "|prediction - target| / |target|"

    def sources(self, schema: Schema) -> tuple[Need, ...] | str:
        found = super().sources(schema)
        return found if isinstance(found, str) else (Need("quantiles", found[0].columns, "percentage_error"),)

    def sketch(self, profile: Profile, schema: Schema) -> tuple[Quantiles, str, Estimate | None]:
        needs = self.sources(schema)
        assert not isinstance(needs, str)
        found: Quantiles = profile.summaries[needs[0]]
        note = "no rows with a prediction and a target other than 0"
        return found, "", None if found.n else Estimate(None, note=note)
