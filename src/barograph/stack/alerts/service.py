"""Alerts on the service itself: errors, latency, silence."""

from __future__ import annotations

from barograph.stack.alerts import series
from barograph.stack.alerts.alert import PERCENT, Alert, asked, limit, shown
from barograph.stack.alerts.objectives import MINUTE, Objectives, seconds

STEADY, HISTORY = "6h", "3h"
ENOUGH = 10
"""Failed predictions that are no chance, however few there were."""


def alerts(given: Objectives) -> list[Alert]:
    """Multi-window burn rates as in the SRE Workbook (2018), chapter 5, over an error budget of 30 days."""
    return [
        _burn("ErrorBudgetBurnFast", "critical", 14.4, "1h", "5m", "at a pace of 2 % of the month's in an hour"),
        _burn("ErrorBudgetBurnSlow", "critical", 6, "6h", "30m", "at a pace of 5 % of the month's in six hours"),
        _burn("ErrorBudgetLeak", "warning", 1, "3d", "6h", "at a pace of 10 % of the month's in three days"),
        Alert(
            "LatencyHigh", "critical", "service",
            f"(\n  {series.slow('30m')} > scalar({series.SLOW_BUDGET})\n"
            f"  and {series.slow('5m')} > scalar({series.SLOW_BUDGET})\n)\n"
            f"and {series.rate('30m')} > scalar({series.TRAFFIC})",
            "{{ $labels.model }} answers too slowly",
            f"""{PERCENT} of the predictions of the last 30 minutes took longer than
            {given.latency:g} s; at most {limit(series.SLOW_BUDGET)} may.""",
            wait=5 * MINUTE,
        ),
        Alert(
            "NoTraffic", "critical", "service",
            f"{series.rate('5m')} == 0\n"
            f"and quantile_over_time(0.5, {series.rate('5m')}[{STEADY}]) > scalar({series.TRAFFIC})\n"
            # what was usual is not known of a trial of ten minutes
            f"and last_over_time({series.rate('5m')}[1h] offset {HISTORY})",
            "{{ $labels.model }} is asked for no predictions any more",
            f"""No prediction for 5 minutes and longer; half of the time of the last {STEADY}, or since it is
            known, there were more than {limit(series.TRAFFIC, 'printf `%.3g`')} a second.""",
            wait=10 * MINUTE,
        ),
    ]  # fmt: skip


def _burn(name: str, severity: str, factor: float, long: str, short: str, cost: str) -> Alert:
    """Both windows: the long one says that it matters, the short one that it goes on.

    The short one must have been filled once: the first requests of a new service are no pace. And so many failures that
    it is not by chance, or so much traffic that they are.
    """
    failures = f"{series.errors(long)} * {series.rate(long)} * {seconds(long)}"
    most = f"{factor:g} * scalar({series.BUDGET})"
    now = shown(asked(series.errors(short), "job", "model"), "humanizePercentage")
    return Alert(
        name, "critical" if severity == "critical" else "warning", "service",
        f"(\n  {series.errors(long)} > {most}\n  and {series.errors(short)} > {most}\n)\n"
        f"and ({series.rate(long)} > scalar({series.TRAFFIC}) or {failures} >= {ENOUGH})\n"
        f"and {series.rate(short)} offset {short}",
        f"{{{{ $labels.model }}}} uses up its error budget {cost}",
        f"""{PERCENT} of the predictions of the last {long} failed, and it goes on
        ({now} in the last {short}); in the long run at most
        {limit(series.BUDGET)} may.""",
        wait=2 * MINUTE,
    )  # fmt: skip
