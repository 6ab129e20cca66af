"""Alert and recording rules for Prometheus, made from the metrics' own definitions.

`alerts()` are the alerts, `rules()` is the rule file. Verdicts come from the monitor with their thresholds; the user's
own numbers (`Objectives`) are recording rules. No rule names a metric that is not in `barograph.stack.names`.
"""

from __future__ import annotations

from typing import Any

from barograph.errors import ParameterError
from barograph.stack.alerts import monitor, records, results, service
from barograph.stack.alerts.alert import RUNBOOKS, Alert
from barograph.stack.alerts.objectives import Objectives
from barograph.stack.settings import JOB

GROUP_OF = {"service": "service", "monitor": "monitor", "watchdog": "monitor"}

__all__ = ["JOB", "RUNBOOKS", "Alert", "Objectives", "alerts", "rules"]


def alerts(objectives: Objectives | None = None, *, job: str = JOB) -> list[Alert]:
    """All alerts, those on the service first."""
    given = objectives or Objectives()
    return [*service.alerts(given), *results.alerts(), *monitor.alerts(given, job)]


def rules(
    objectives: Objectives | None = None,
    *,
    job: str = JOB,
    runbooks: str = RUNBOOKS,
    interval: str | None = None,
    pace: float = 1.0,
) -> dict[str, Any]:
    """A rule file of Prometheus, as plain data.

    Parameters
    ----------
    job
        Name of the scrape job of the watched services.
    runbooks
        Where `docs/runbooks` is, as a path or an address.
    interval
        Between two evaluations, where it is not Prometheus' own.
    pace
        Scales how long alerts wait and stay: less than 1 for a trial that should not take an hour.

    Raises `ParameterError`.
    """
    given = objectives or Objectives()
    if not job or any(not (c.isalnum() or c in "_-./:") for c in job):
        raise ParameterError(f"{job!r} is no name of a scrape job")
    if not 0 < pace < float("inf"):
        raise ParameterError(f"pace is {pace!r}; it is a positive number")
    # alerts after the records they read, in one group: it is evaluated in this order, at one time
    groups = {
        "objectives": list(records.objectives(given)),
        "service": list(records.service(given, job)),
        "results": [*records.roles(), *records.results()],
        "monitor": list(records.ages()),
    }
    for alert in alerts(given, job=job):
        groups[GROUP_OF.get(alert.area, "results")].append(alert.rule(runbooks, pace))
    timed = {} if interval is None else {"interval": interval}
    return {"groups": [{"name": f"barograph-{name}", **timed, "rules": made} for name, made in groups.items()]}
