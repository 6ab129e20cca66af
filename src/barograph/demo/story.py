"""What a user of Barograph would write: freeze a baseline, run reports. Everything else in this folder is the show."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from barograph.baseline import Baseline
from barograph.demo.flights import months, read
from barograph.demo.models import AFTERWARDS, Served, air_times, delays
from barograph.metrics import performance
from barograph.profile import Profile
from barograph.report import Report, ReportRun, ReportTimeline
from barograph.schema import Schema

# Presets say what to look at; metrics and checks of one's own may stand beside them. Nothing names a threshold: the
# checks take theirs from the baseline and the number of rows.
DELAYS = Report(["data_drift", "target_drift", "data_quality", "classification"], title="Will a flight be late?")
AIR_TIMES = Report(["data_drift", "target_drift", "regression"], title="How long will a flight be in the air?")


class Story(NamedTuple):
    """All that was found."""

    baseline: Baseline
    march: ReportRun
    months: ReportTimeline
    july: ReportRun
    december: ReportTimeline
    without_weather: ReportRun
    air_times: ReportTimeline


def follow(step: Callable[[str], None]) -> Story:
    """Train on January and February, freeze March, watch April to December. `step` is told what comes next."""
    step("Reading the flights that left New York City in 2013, with the weather")
    flights = read()

    step("Training on January and February: will a flight be more than 15 minutes late?")
    served = delays(flights)

    step("Freezing March as the baseline")
    baseline = Baseline.of(months(served.rows, 3), schema=roles(served), name="March 2013")

    step("Watching April to December, month by month")
    by_month = DELAYS.timeline(months(served.rows, 4, 12), baseline, every="1mo")

    step("March against itself, for comparison, and July in detail")
    march = DELAYS.run(baseline.profile, baseline)  # a profile is enough: the rows are not needed again
    july = DELAYS.run(Profile.of(months(served.rows, 7), baseline, name="July 2013"), baseline)

    step("The data of December, day by day")
    by_day = Report("data_quality", title="Data of December").timeline(months(served.rows, 12), baseline, every="1d")

    step("The same model without weather, in July")
    other = delays(flights, weather=())
    without_weather = Report([performance.Recall()]).run(months(other.rows, 7), schema=roles(other))

    step("The opposite case: a model of the minutes in the air")
    flown = air_times(flights)
    flying = Schema(target="air_time", prediction="air_time_pred", timestamp="ts")
    frozen = Baseline.of(months(flown, 3), schema=flying, name="March 2013")
    in_the_air = AIR_TIMES.timeline(months(flown, 4, 12), frozen, every="1mo")

    return Story(baseline, march, by_month, july, by_day, without_weather, in_the_air)


def roles(served: Served) -> Schema:
    """What the columns are for; those without a role are inputs."""
    return Schema(
        target="late",
        prediction="late_pred",
        score="score",
        timestamp="ts",
        threshold=served.threshold,
        ignore=AFTERWARDS,
    )
