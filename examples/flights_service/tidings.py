"""How alerts are printed: a line under the month in which they came, then what they come to, in words."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from examples.flights_service.hearing import FIRING, RESOLVED, Alert, News, Told
from rich.table import Table
from rich.text import Text

from barograph.demo.screen import Screen
from barograph.demo.words import listed

COLOURS = {FIRING: "red", RESOLVED: "green"}
WIDTHS = {"status": 8, "severity": 8, "name": 19, "model": 16}
NAMED_AT_MOST = 6


def tell(screen: Screen, news: Iterable[News]) -> None:
    """Print what came, a line each: when, whether it fires or is over, how urgent, what, of which model, about what."""
    for one in news:
        screen.console.print(_row(screen, one))


def _row(screen: Screen, one: News) -> Table:
    row = Table.grid(padding=(0, 1, 0, 0))  # so that a second line stands under the first
    row.add_column(width=10, justify="right")
    for width in WIDTHS.values():
        row.add_column(width=width, no_wrap=True)
    row.add_column(ratio=1)
    first = one.first
    cells = Text(one.status, COLOURS.get(one.status, "")), first.severity, first.name, first.model, about(one.alerts)
    row.add_row(f"{one.at - screen.began:.1f} s", *(Text(c) if isinstance(c, str) else c for c in cells))
    return row


def about(alerts: Iterable[Alert]) -> str:
    """What alerts are about: columns by metric, else the metric, else what they say.

    >>> about([Alert({"metric": "psi", "column": column}) for column in ("temp", "dewp")])
    'psi of dewp, temp'
    """
    by_metric: dict[str, set[str]] = {}
    for alert in alerts:
        found = by_metric.setdefault(alert.labels.get("metric", alert.said), set())
        found |= {alert.labels[label] for label in ("column", "class") if label in alert.labels}
    said = [metric + (f" of {', '.join(sorted(of))}" if of else "") for metric, of in sorted(by_metric.items())]
    return ("; " if any(by_metric.values()) else ", ").join(said)


def plain(told: Told, began: float) -> str:
    """All that was told, as lines of a file."""
    lines = [
        f"{one.at - began:6.1f} s  {one.month:<9}  {one.status:<8}  {one.first.severity:<8}  {one.first.name:<19}  "
        f"{one.first.model:<16}  {about(one.alerts)}"
        for one in told.news
    ]
    return "\n".join([*lines, ""])


def words(told: Told) -> list[str]:
    """What the alerts come to."""
    return [*_first(told), *_muted(told), *_resolved(told), *_standing(told)]


def _first(told: Told) -> list[str]:
    fired = [one for one in told.news if one.status == FIRING]
    if not fired:
        return ["No alert arrived."]
    first = min(fired, key=attrgetter("at"))
    said = [
        f"The first alert comes in {first.month}: {first.first.name} of {first.first.model}, {about(first.alerts)}."
    ]
    drift = next((one for one in fired if one.first.labels.get("area") == "drift"), None)
    if drift is not None and drift is not first:
        what = f"{drift.first.name} of {drift.first.model}, {about(drift.alerts)}"
        said.append(f"Drift is told of complete months, and so first in {drift.month}: {what}.")
    return said


def _muted(told: Told) -> list[str]:
    """What Alertmanager kept to itself."""
    found = _by_name(told.muted.values())
    return [f"Alertmanager kept to itself what another alert says already: {found}."] if found else []


def _resolved(told: Told) -> list[str]:
    over = [last for last in told.last.values() if last.status == RESOLVED]
    months = dict.fromkeys(one.month for one in told.news)
    by_month = {month: _by_name(last.alert for last in over if last.month == month) for month in months}
    said = [f"in {month} {found}" for month, found in by_month.items() if found]
    return [f"Resolved, and so it stayed: {'; '.join(said)}."] if said else []


def _standing(told: Told) -> list[str]:
    found = _by_name(last.alert for last in told.last.values() if last.status == FIRING)
    if not found:
        return []
    why = f"An alert holds until a complete month is good, and {told.month} is not complete before a later flight comes"
    return [f"Firing at the end: {found}. {why}."]


def _by_name(alerts: Iterable[Alert]) -> str:
    """Names of alerts, each with what it is about."""
    by_name: dict[str, set[str]] = {}
    for alert in alerts:
        what = alert.labels.get("column", alert.labels.get("metric"))
        by_name.setdefault(alert.name, set()).update({what} if what else set())
    return listed([f"{name} ({_few(sorted(what))})" if what else name for name, what in sorted(by_name.items())])


def _few(found: list[str]) -> str:
    more = len(found) - NAMED_AT_MOST
    return ", ".join(found) if more <= 0 else f"{', '.join(found[:NAMED_AT_MOST])} and {more} more"
