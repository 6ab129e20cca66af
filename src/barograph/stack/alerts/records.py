"""Recording rules: the user's numbers, rates of the service, and the monitor's scores under one name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from barograph.stack import names
from barograph.stack.alerts import series
from barograph.stack.alerts.alert import record
from barograph.stack.alerts.objectives import DAY, Objectives, duration, seconds

BURN_WINDOWS = ("5m", "30m", "1h", "6h", "3d")
LATENCY_WINDOWS = ("5m", "30m")
FORGOTTEN_AFTER = "7d"
RESTART = "15m"
"""For how long a verdict is kept while nothing is scraped: as long as its alert outlives it."""

_PROCESS = "job, instance, model_version"
_SCORED = f"{series.VERSION}, column, metric, view"


def objectives(given: Objectives) -> Iterator[dict[str, Any]]:
    """The numbers that are the user's, in one place."""
    said = {
        series.BUDGET: 1 - given.availability,
        series.SLOW_BUDGET: 1 - given.fast_enough,
        series.TRAFFIC: given.traffic,
        series.DRIFTED_LIMIT: given.drifted,
        series.DELAY_LIMIT: seconds(given.label_delay),
        series.AGE_LIMIT: seconds(given.baseline_age),
        series.LEFT_OUT_LIMIT: given.left_out,
    }
    for name, value in said.items():
        yield record(name, f"vector({value:.10g})")


def service(given: Objectives, job: str) -> Iterator[dict[str, Any]]:
    """Rates of predictions by model.

    Predictions bear no model, only a version: the monitor beside them says whose they are. What a process counted
    before it ended belongs to the model still, hence `last_over_time`. One address and version may have served two
    models within a window (a new name, a pod's address that is used again): the value is the time at which it was seen,
    so that the newest is the only owner. With two, nobody's rates could be computed.
    """
    known = f"max by ({_PROCESS}, model) ({names.BASELINE})"
    yield record(series.SERVED, f"topk by ({_PROCESS}) (1, {known}) * time()")
    for window in BURN_WINDOWS:
        all_of, failed = (_rate(names.PREDICTIONS.name, job, window, more) for more in ("", 'status="error"'))
        yield record(series.rate(window), all_of)
        yield record(series.errors(window), f"{failed}\n/ ({series.rate(window)} > 0)")
    for window in LATENCY_WINDOWS:
        count = _rate(names.PREDICTION_SECONDS.count, job, window)
        fast = _rate(names.PREDICTION_SECONDS.bucket, job, window, f'le="{float(given.latency)}"')
        yield record(series.slow(window), f"1 - {fast}\n/ ({count} > 0)")


def _rate(counter: str, job: str, window: str, more: str = "") -> str:
    matchers = ",".join(filter(None, [f'job="{job}"', more]))
    newest = f"topk by ({_PROCESS}) (1, last_over_time({series.SERVED}[{window}]))"
    whose = f"on ({_PROCESS}) group_left (model) group by ({_PROCESS}, model) ({newest})"
    return f"sum by ({series.MODEL}) (rate({counter}{{{matchers}}}[{window}]) * {whose})"


def results() -> Iterator[dict[str, Any]]:
    """Scores, thresholds and what is beyond them, for drift, quality and performance."""
    for group in series.GROUPS:
        yield record(series.score(group), series.values(group))
        yield record(series.threshold(group), series.values(group, thresholds=True))
        yield record(series.failed(group), series.beyond(group))
    yield record(series.LIMIT, limits())
    yield record(series.STANDING, standing())
    yield record(series.STANDING_SHARE, standing_share())


def limits() -> str:
    """What drift of the last complete window was held against; after a restart, of the last there was."""
    last = f'max by ({_SCORED}) ({series.threshold("drift")}{{window="last"}})'
    return f"{last}\nor {_before(series.LIMIT)}"


def standing() -> str:
    """Drift of the last complete window that what has come since does not contradict.

    The running window says so where its score is below the threshold of the whole window. Not its own threshold: that
    of few rows is wide, and each new window would begin with "no drift". Of few rows the score itself is large, so that
    a new window contradicts only once it knows better, and a drift that goes on stands through the change of windows.

    A process that is started anew may have lost its last window. That is no news of the drift: what stood goes on to
    stand until there is a complete window again, or the running one contradicts.
    """
    limit = f'max without (condition, window) ({series.threshold("drift")}{{window="last"}})'
    running = f'{series.score("drift")}{{window="running"}}'
    below = f"{running} < ignoring (window) {limit}"
    known = f'{series.score("drift")}{{window="last"}}'
    return (
        f"max by ({_SCORED}) (\n"
        f'  {series.failed("drift")}{{window="last"}}\n'
        f"  unless ignoring (window, condition) ({below})\n)\n"
        f"or (\n  {_before(series.STANDING)}\n"
        f"  unless on ({series.VERSION}) {known}\n"
        f"  unless (max by ({_SCORED}) ({running}) < {series.LIMIT})\n)"
    )


def standing_share() -> str:
    """Share of the columns whose drift stands: what drifted in the last window, less what is contradicted since."""
    share = f'max by ({series.VERSION}) ({names.DRIFTED}{{window="last"}})'
    columns = f'count by ({series.VERSION}, column) ({series.failed("drift")}{{window="last"}})'
    over = f"{columns} unless on ({series.VERSION}, column) {series.STANDING}"
    fewer = f"{share} * (1 - count by ({series.VERSION}) ({over}) / count by ({series.VERSION}) ({columns}))"
    # after a restart, as long as any of it stands
    lost = f"{_before(series.STANDING_SHARE)} and on ({series.VERSION}) {series.STANDING}"
    return f"{fewer}\nor {share}\nor ({lost})"


def _before(name: str) -> str:
    """What a rule itself said last, of versions that are watched now."""
    return f"last_over_time({name}[{RESTART}]) and on ({series.VERSION}) {names.BASELINE}"


def roles() -> Iterator[dict[str, Any]]:
    """Which columns are no features, whatever instance says so.

    One role for each, which most say: of replicas with two schemas a column had two, and rules of all models failed.
    """
    said = f"count by ({series.VERSION}, column, role) ({names.COLUMN_ROLE})"
    yield record(series.ROLE, f"topk by ({series.VERSION}, column) (1, {said})")


def ages() -> Iterator[dict[str, Any]]:
    """How old references are, and the newest labels.

    A reference ends where the baseline's timestamps say. Of one without, it is known when it was first seen here: the
    rule repeats its own last value while the baseline is in use.
    """
    yield record(series.REFERENCE_END, f"max by ({series.MODEL}, baseline) ({names.REFERENCE_END})")
    used = f"max by ({series.MODEL}, baseline) ({names.BASELINE})"
    before = f"last_over_time({series.FIRST_SEEN}[{FORGOTTEN_AFTER}])"
    yield record(series.FIRST_SEEN, f"{before} and on ({series.MODEL}, baseline) {used}\nor {used} * time()")
    performance = "|".join(spec.name for spec in names.PERFORMANCE)
    of_window = "job, instance, model, model_version, window"
    yield record(
        series.LABELLED,
        f"max by ({series.MODEL}) (\n  {names.WINDOW_END}\n  and on ({of_window})\n"
        f'  ({names.CHECK}{{metric=~"{performance}"}} {series.JUDGED})\n)',
    )


def memory(given: Objectives) -> str:
    """For how long labels that came are remembered: longer than they may take."""
    return duration(3 * max(seconds(given.label_delay), DAY))
