"""Alerts on what the monitor finds: drift, broken data, performance.

Values of several instances are one alert, with the worst value: instances come and go, and an alert that bore their
name would begin anew with each.
"""

from __future__ import annotations

from barograph.metrics import drift, quality
from barograph.stack import names
from barograph.stack.alerts import series
from barograph.stack.alerts.alert import KEEP, PERCENT, WHAT, WHOSE, Alert, asked, limit, shown
from barograph.stack.alerts.objectives import MINUTE
from barograph.stack.alerts.series import Group

COUNTED = "|".join(made.spec.name for made in (quality.EmptyColumns, quality.ConstantColumns, quality.RowCount))
"""Not calibrated: of the first rows of a window they say "fail" too easily. They are read of complete windows only."""

KNOWS_BETTER = 10
"""Part of the last window's rows with which the running one may contradict it."""

UNSEEN = quality.UnseenShare.spec.name
_COLUMN = (*series.VERSION.split(", "), "column", "metric")


def alerts() -> list[Alert]:
    """All alerts on results."""
    return [*_drift(), *_quality(), _performance()]


def _drift() -> list[Alert]:
    on = f"on ({series.VERSION}, column)"
    held = shown(asked(series.LIMIT, *_COLUMN))
    # none after a restart that lost the window
    counted = asked(f'{names.WINDOW_ROWS}{{window="last"}}', *series.VERSION.split(", "))
    rows = f"{{{{ with {counted} }}}} of {{{{ . | first | value | printf `%.0f` }}}} rows{{{{ end }}}}"
    told = f"""{WHAT} is {{{{ $value | printf `%.3g` }}}} in the last complete window{rows}; its threshold is
    {held}. What has come since does not look better."""
    missing = f'{series.STANDING}{{metric="{drift.MissingDrift.spec.name}"}}'
    target = f'{series.ROLE}{{role="target"}}'
    return [
        Alert(
            "FeatureDrift", "warning", "drift",
            f"{series.STANDING}\nunless {on} {series.ROLE}",
            f"{WHOSE}: the feature {{{{ $labels.column }}}} has drifted",
            told, wait=15 * MINUTE, keep=KEEP,
        ),
        Alert(
            "PredictionDrift", "warning", "drift",
            # labels that are not there yet are no drift of the target
            f"({series.STANDING}\n  unless ({missing} and {on} {target})\n"
            f") * {on} group_left (role) ({series.ROLE} > bool 0)",
            f"{WHOSE}: the {{{{ $labels.role }}}} has drifted",
            told, wait=15 * MINUTE, keep=KEEP,
        ),
        Alert(
            "ManyFeaturesDrifted", "critical", "drift",
            f"{series.STANDING_SHARE} > scalar({series.DRIFTED_LIMIT})",
            f"{WHOSE}: {PERCENT} of its columns have drifted",
            f"""{PERCENT} of the columns drifted in the last complete window{rows}, and do
            not look better since; at most {limit(series.DRIFTED_LIMIT)}
            may. Rather than each feature by itself, something upstream or the population has changed.""",
            wait=10 * MINUTE, keep=KEEP,
        ),
    ]  # fmt: skip


def _quality() -> list[Alert]:
    no_target = f'unless on ({series.VERSION}, column) {series.ROLE}{{role="target"}}'
    broken = (
        f'({series.failed("quality")}{{window="last",metric!="{UNSEEN}"}}\n  {_mended()})\n'
        f'  or {series.failed("quality")}{{window="running",metric!~"{UNSEEN}|{COUNTED}"}}'
    )
    of_unseen = f'{series.failed("quality")}{{window="%s",metric="{UNSEEN}"}}'
    unseen = f"({of_unseen % 'last'}\n  {_mended()})\n  or {of_unseen % 'running'}"
    return [
        Alert(
            "DataQualityBroken", "critical", "quality",
            f"max by ({series.VERSION}, column, metric) (\n  {broken}\n)\n{no_target}",
            f"{WHOSE}: {WHAT} is not what it was in the reference",
            _told("quality"), wait=10 * MINUTE, keep=KEEP,
        ),
        Alert(
            "UnseenCategories", "warning", "quality",
            f"max by ({series.VERSION}, column, metric) (\n  {unseen}\n)\n{no_target}",
            f"{WHOSE}: {{{{ $labels.column }}}} has values that the model has never seen",
            _told("quality") + " The report of the window names examples.", wait=10 * MINUTE, keep=KEEP,
        ),
    ]  # fmt: skip


def _mended() -> str:
    """Unless the running window passes, of enough rows to know better than the one before it."""
    by = "on (job, instance, model, model_version)"
    rows = f'{names.WINDOW_ROWS}{{window="running"}} >= {by} ({names.WINDOW_ROWS}{{window="last"}} / {KNOWS_BETTER})'
    passes = f'{names.CHECK}{{window="running",metric!~"{COUNTED}"}} == {names.STATUSES["pass"]}'
    return f"unless ignoring (window, condition) ({passes}\n    and {by} ({rows}))"


def _performance() -> Alert:
    return Alert(
        "PerformanceDown", "critical", "performance",
        f"max by ({series.VERSION}, metric, average, class) ({series.failed('performance')})",
        f"{WHOSE}: {WHAT} is worse than it may be",
        _told("performance"), wait=15 * MINUTE, keep=KEEP,
    )  # fmt: skip


def _told(group: Group) -> str:
    """Values and thresholds of both windows, as far as they are beyond."""
    mine = [*series.VERSION.split(", "), "metric", *(["column"] if group == "quality" else [])]
    failing = asked(series.failed(group), *mine)
    held = asked(series.threshold(group), "instance", "window", *mine, of=".Labels")
    return (
        f"{WHAT} is beyond its threshold:{{{{ range {failing} }}}} {{{{ .Value | printf `%.3g` }}}} in the "
        f"{{{{ .Labels.window }}}} window (threshold {shown(held)}){{{{ end }}}}."
    )
