"""Alerts on the monitor: results that are late, old or missing, and whoever makes them."""

from __future__ import annotations

from barograph.stack import names
from barograph.stack.alerts import series
from barograph.stack.alerts.alert import PERCENT, SPAN, WHOSE, Alert, asked, limit
from barograph.stack.alerts.objectives import HOUR, MINUTE, Objectives
from barograph.stack.alerts.records import memory

STALE = "15m"
WATCHED_WITHIN = "3d"
CAUSES = {
    "late": names.ROWS_LATE, "unreadable": names.ROWS_BAD,
    "lost": names.ROWS_LOST, "sampled out": names.ROWS_SAMPLED_OUT,
}  # fmt: skip
FAILURES = {
    "writing profiles": names.FLUSH_ERRORS,
    "evaluating windows": names.EVALUATION_ERRORS,
    "watching the service": names.INTERNAL_ERRORS,
}


def alerts(given: Objectives, job: str) -> list[Alert]:
    """All alerts on the monitor and its inputs."""
    return [*_dead(job), _stale(), _failing(), _rules(), _left_out(), *_late(given), _watchdog()]


def _dead(job: str) -> list[Alert]:
    own = f'up{{job="{job}"}}'
    model = f"max by ({series.MODEL}) ({names.BASELINE})"
    watched = f"max by ({series.MODEL}) (last_over_time({names.BASELINE}[{WATCHED_WITHIN}]))"
    return [
        Alert(
            "MonitorDown", "critical", "monitor",
            # the model is the label by which its other alerts are muted; without any model known, the job must do
            f"({watched} unless {model}) * 0\n"
            f"or on (job) (max by (job) ({own}) == 0 or absent({own}))",
            "The monitor of {{ with $labels.model }}{{ . }}{{ else }}{{ $labels.job }}{{ end }} is down",
            """{{ with $labels.model }}Nothing reports {{ . }} any more.{{ else }}No target of the job {{ $labels.job }}
            answers.{{ end }} What was drifting when it went is not known to be over: alerts on its results are muted,
            and will not be reported as resolved.""",
            wait=5 * MINUTE,
        ),
        Alert(
            "TargetDown", "warning", "monitor",
            f"{own} == 0\nand on (job) (max by (job) ({own}) == 1)",
            "{{ $labels.instance }} does not answer",
            "Prometheus cannot scrape {{ $labels.instance }} of the job {{ $labels.job }}; others answer.",
            wait=10 * MINUTE,
        ),
    ]  # fmt: skip


def _stale() -> Alert:
    on = f"on ({series.MODEL})"
    silent = f"max by ({series.MODEL}) (changes({names.FLUSHED}[{STALE}])) == 0"
    same = f"max by ({series.MODEL}) (changes({names.EVALUATED}[{STALE}])) == 0"
    # rows of a shorter time: those that the last evaluation has seen must be out of sight when it counts as old
    came = f"sum by ({series.MODEL}) (increase({names.ROWS_PROFILED}[5m])) > 0"
    there = f"max by ({series.MODEL}) ({names.WINDOW_ROWS})"
    before = f"max by ({series.MODEL}) (last_over_time({names.WINDOW_ROWS}[1h]))"
    alive = f"max by ({series.MODEL}) ({names.BASELINE})"
    causes = {
        # flushes are the monitor's heartbeat: with rows or without, every few seconds
        "its profiles are not written any more": silent,
        "rows come, and no window is evaluated": f"{same} and {on} ({came})",
        "no window has results any more": f"{before} unless {on} {there} and {on} {alive}",
    }
    evaluated = asked(names.EVALUATED.name, "job", "model")
    at = "{{ . | first | value | humanizeTimestamp }}"
    newest = f"{{{{ with {evaluated} }}}} The last evaluation was at {at}.{{{{ end }}}}"
    return Alert(
        "DriftResultStale", "warning", "monitor",
        "\nor ".join(f'label_replace({expr}, "cause", "{cause}", "", "")' for cause, expr in causes.items()),
        "What is known of {{ $labels.model }} is old: {{ $labels.cause }}",
        f"""For more than {STALE}: {{{{ $labels.cause }}}}. Alerts on its results are muted.{newest}""",
        wait=10 * MINUTE,
    )  # fmt: skip


def _failing() -> Alert:
    failures = "\nor ".join(
        f'label_replace(sum by (job, instance) (increase({name}[{STALE}])) > 0, "at", "{what}", "", "")'
        for what, name in FAILURES.items()
    )
    return Alert(
        "MonitorErrors", "warning", "monitor", failures,
        "The monitor in {{ $labels.instance }} fails at {{ $labels.at }}",
        f"""{{{{ $value | printf `%.0f` }}}} failures in the last {STALE} at {{{{ $labels.at }}}}, and they go on. The
        service is not disturbed by them; what is known of its model may be.""",
        wait=15 * MINUTE,
    )  # fmt: skip


def _rules() -> Alert:
    """Prometheus tells of itself whether it can evaluate rules; who scrapes it does not matter."""
    failed = 'prometheus_rule_evaluation_failures_total{rule_group=~".*barograph-.*"}'
    return Alert(
        "RulesFailing", "critical", "monitor",
        f"sum by (job, instance, rule_group) (increase({failed}[{STALE}])) > 0",
        "Rules of Barograph cannot be evaluated by {{ $labels.instance }}",
        f"""{{{{ $value | printf `%.0f` }}}} failed evaluations in the last {STALE} in {{{{ $labels.rule_group }}}}:
        its alerts are not to be relied on, whatever they say.""",
        wait=5 * MINUTE,
    )  # fmt: skip


def _left_out() -> Alert:
    on = f"on ({series.VERSION})"
    causes = "\n  or ".join(
        f'label_replace(sum by ({series.VERSION}) (increase({name}[1h])), "cause", "{cause}", "", "")'
        for cause, name in CAUSES.items()
    )
    logged = f"sum by ({series.VERSION}) ({{}}({names.ROWS_LOGGED}[1h]))"
    return Alert(
        "RowsLeftOut", "warning", "quality",
        f"(\n  (\n  {causes}\n  )\n  / {on} group_left () ({logged.format('increase')} > 0)\n"
        f"  > scalar({series.LEFT_OUT_LIMIT})\n)\nand {on} ({logged.format('rate')} > scalar({series.TRAFFIC}))",
        f"{WHOSE}: rows are not counted, as they are {{{{ $labels.cause }}}}",
        f"""{PERCENT} of the rows logged in the last hour are {{{{ $labels.cause }}}}; at most
        {limit(series.LEFT_OUT_LIMIT)} may.
        Everything else is said of the other rows.""",
        wait=15 * MINUTE,
    )  # fmt: skip


def _late(given: Objectives) -> list[Alert]:
    return [
        Alert(
            "LabelsLate", "warning", "monitor",
            f"time() - last_over_time({series.LABELLED}[{memory(given)}]) > scalar({series.DELAY_LIMIT})",
            f"{{{{ $labels.model }}}}: no labels for {SPAN}",
            f"""The newest window with labels ended {SPAN} ago; they may take
            {limit(series.DELAY_LIMIT, 'humanizeDuration')}. Until
            they come nobody knows how good the predictions are.""",
            wait=HOUR,
        ),
        Alert(
            "BaselineOutdated", "info", "monitor",
            # both are recorded of baselines in use only
            f"time() - ({series.REFERENCE_END} or {series.FIRST_SEEN}) > scalar({series.AGE_LIMIT})",
            f"{{{{ $labels.model }}}}: its reference is {SPAN} old",
            f"""The reference {{{{ $labels.baseline }}}} ended, or was first seen here, {SPAN}
            ago; it may be {limit(series.AGE_LIMIT, 'humanizeDuration')} old. Drift is measured from it.""",
            wait=HOUR,
        ),
    ]  # fmt: skip


def _watchdog() -> Alert:
    return Alert(
        "Watchdog", "none", "watchdog", "vector(1)",
        "Alerts are being delivered",
        """This alert always fires. Whoever receives it should be alarmed when it stops coming: then Prometheus,
        Alertmanager or the way between them is broken.""",
    )  # fmt: skip
