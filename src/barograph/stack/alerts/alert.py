"""One alert, and the words that descriptions share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from barograph.stack.alerts.objectives import MINUTE, duration

Severity = Literal["critical", "warning", "info", "none"]
Area = Literal["service", "drift", "quality", "performance", "monitor", "watchdog"]

RUNBOOKS = "docs/runbooks"
"""Where the runbooks are, as a path or an address without a slash at its end."""

KEEP = 15 * MINUTE
"""How long an alert on results outlives them: longer than it takes to find that the monitor is down."""


@dataclass(frozen=True)
class Alert:
    """One alert rule.

    Attributes
    ----------
    name
        In CamelCase; its runbook is `docs/runbooks/NAME.md`.
    severity
        `critical` is for now, `warning` for the next working day, `info` for the next planning, `none` for machines.
    area
        What it is about; a monitor that is down mutes what is about its results.
    expr
        PromQL; its value and labels are the alert's.
    summary, description
        Templates of Prometheus: one line, and what is known with its values.
    wait, keep
        Seconds that it must hold before it fires, and that it goes on firing afterwards.
    """

    name: str
    severity: Severity
    area: Area
    expr: str
    summary: str
    description: str
    wait: int = 0
    keep: int = 0

    def rule(self, runbooks: str = RUNBOOKS, pace: float = 1.0) -> dict[str, Any]:
        """As an entry of a rule file; `pace` scales the times."""
        rule: dict[str, Any] = {"alert": self.name, "expr": self.expr}
        if self.wait:
            rule["for"] = duration(max(1, self.wait * pace))
        if self.keep:
            rule["keep_firing_for"] = duration(max(1, self.keep * pace))
        return rule | {
            "labels": {"severity": self.severity, "area": self.area},
            "annotations": {
                "summary": words(self.summary),
                "description": words(self.description),
                "runbook_url": f"{runbooks}/{self.name}.md",
            },
        }


def record(name: str, expr: str, **labels: str) -> dict[str, Any]:
    """A recording rule."""
    return {"record": name, "expr": expr, **({"labels": labels} if labels else {})}


def words(text: str) -> str:
    """A text of several indented lines as one."""
    return re.sub(r"\s+", " ", text).strip()


def asked(selector: str, *labels: str, of: str = "$labels") -> str:
    """A template's query of the series that shares some labels. They come from data: `%q` quotes as PromQL reads it."""
    series, _, more = selector.partition("{")
    matchers = [*(m for m in [more.rstrip("}")] if m), *(f"{label}=%q" for label in labels)]
    given = " ".join(f"{of}.{label}" for label in labels)
    return f"printf `{series}{{{','.join(matchers)}}}` {given} | query"


def shown(query: str, how: str = "printf `%.3g`") -> str:
    """A template for the first value of a query; nothing where there is none."""
    return f"{{{{ with {query} }}}}{{{{ . | first | value | {how} }}}}{{{{ end }}}}"


def limit(recorded: str, how: str = "humanizePercentage") -> str:
    """A template for one of the user's numbers."""
    return shown(f"query `{recorded}`", how)


PERCENT, SPAN = "{{ $value | humanizePercentage }}", "{{ $value | humanizeDuration }}"
WHOSE = "{{ $labels.model }} {{ $labels.model_version }}"
WHAT = "{{ $labels.metric }}" + "".join(
    f"{{{{ with $labels.{label} }}}}{words} {{{{ . }}}}{{{{ end }}}}"
    for label, words in {"column": " of", "view": ", its", "class": " of class", "average": ", average"}.items()
)
