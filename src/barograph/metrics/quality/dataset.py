"""What the metrics of whole rows share: one number of either side."""

from __future__ import annotations

from collections.abc import Callable

from barograph.metric import Metric
from barograph.metrics.quality.readings import Reading, share
from barograph.needs import Need
from barograph.profile import Profile
from barograph.results import Result
from barograph.summaries import Incomplete, Repeats


def one_number(
    metric: Metric, read: Callable[[Profile], Reading], current: Profile, reference: Profile | None
) -> Result:
    """The result of a metric that reads one number of a profile."""
    now = read(current) if current.n_rows else Reading(None, note="no rows")
    then = read(reference) if reference is not None and reference.n_rows else Reading(None)
    return metric.result([now.beside(then, {})])


def incomplete_share(metric: Metric, field: str, current: Profile, reference: Profile | None) -> Result:
    """A share of rows by what they lack."""

    def read(profile: Profile) -> Reading:
        gaps: Incomplete | None = profile.get("incomplete")
        if gaps is None or gaps.n_rows == 0:
            return Reading(None, note=_not_held(metric, gaps))
        return share(getattr(gaps, field), gaps.n_rows)

    return one_number(metric, read, current, reference)


def repeats_share(metric: Metric, need: Need, part: str, current: Profile, reference: Profile | None) -> Result:
    """A share of rows by how often they occur."""

    def read(profile: Profile) -> Reading:
        return repeats_reading(metric, profile.summaries.get(need), part)

    return one_number(metric, read, current, reference)


def repeats_reading(metric: Metric, repeats: Repeats | None, part: str) -> Reading:
    """One share of a summary of repeated rows, with its bounds where it is estimated."""
    if repeats is None or repeats.n == 0:
        return Reading(None, note=_not_held(metric, repeats))
    found, n = getattr(repeats, part)(), repeats.n
    if not repeats.thinned:
        return share(round(found.value), n)
    return Reading(found.value / n, n, found.low / n, found.high / n, counted=round(found.value))


def _not_held(metric: Metric, summary: object) -> str:
    if summary is not None:
        return "no row has values for it"
    return f"the profile was not asked for {metric.spec.name}; profile the rows with needs=metric.needs, or by a report"
