"""Panels that drift and quality share: scores beside thresholds, verdicts over time, the worst columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from barograph.live.families import STATUS_CODES
from barograph.results import Spec
from barograph.stack import names
from barograph.stack.dashboards.frame import feature_links
from barograph.stack.dashboards.panels import (
    COLUMNS,
    WINDOWS,
    Json,
    Query,
    lines,
    override,
    stat,
    table,
    timeline,
    verdicts,
)
from barograph.stack.names import Name

CELLS = "instance, model_version, column, view"
WHO = "{{column}} {{view}} {{model_version}} {{instance}}"
AT_MOST = 20


def alternatives(specs: Sequence[Spec]) -> str:
    """A regular expression for the label `metric` of checks."""
    return "|".join(spec.name for spec in specs)


def scored(name: Name, **more: Any) -> Json:
    """A score and what it is held against, of each chosen column; instances apart, each judges its own rows."""
    return lines(
        name.title, f"{name.help} Dashed: the threshold; one that is calibrated is wider for fewer rows.",
        Query(f"max by ({CELLS}) ({name}{{{COLUMNS}}})", WHO),
        Query(f"min by ({CELLS}) ({name.threshold}{{{COLUMNS}}})", f"threshold {WHO}"),
        unit=name.unit, span=name.range, **more,
    )  # fmt: skip


def worst(checked: str, by: str = "") -> str:
    """The worst verdict, in all or by some labels.

    It is "unknown" where nobody could judge, and not where another instance could, such as that where outcomes arrive.
    """
    one = "max by (column, metric)"
    known = f"{one} ({checked} != {STATUS_CODES['unknown']}) or {one} ({checked})"
    return f"max{f' by ({by})' if by else ''} ({known})"


def verdict(specs: Sequence[Spec], **more: Any) -> Json:
    """The worst verdict on anything that checks of these metrics judge."""
    expr = worst(f'{names.CHECK}{{{WINDOWS}, metric=~"{alternatives(specs)}"}}')
    settings = {"unit": "none", "span": names.CHECK.range, "defaults": verdicts(), **more}
    return stat("Worst verdict", names.CHECK.help, expr, **settings)


def urgency(specs: Sequence[Spec]) -> str:
    """Scores as multiples of their thresholds, whatever the metric: 1 is at the threshold. Not where that is 0.

    The metric's name becomes a label, or scores of two metrics would be one series.
    """
    scores = [
        f'label_replace({name}{{{COLUMNS}}} / ({name.threshold}{{{COLUMNS}}} > 0), "metric", "{spec.name}", "", "")'
        for spec in specs
        if (name := names.of(spec))
    ]
    return f"max by (column, metric) ({' or '.join(scores)})"


def nearest(title: str, specs: Sequence[Spec]) -> Json:
    """The columns that are nearest to their thresholds, or farthest beyond."""
    return lines(
        title, f"The {AT_MOST // 2} highest at each time, of the instance where it is highest. 1 is at the threshold.",
        Query(f"topk({AT_MOST // 2}, {urgency(specs)})", "{{column}} {{metric}}"), unit="none",
    )  # fmt: skip


def states(title: str, specs: Sequence[Spec], *dashboards: str) -> Json:
    """The worst verdict on each column, over time."""
    expr = worst(f'{names.CHECK}{{{COLUMNS}, metric=~"{alternatives(specs)}"}}', "column")
    links = feature_links("__field.labels.column", *dashboards)
    about = f"The worst verdict on each column. {names.CHECK.help}"
    return timeline(title, about, Query(expr, "{{column}}"), defaults={"links": links}, size=(24, 10))


def top(title: str, specs: Sequence[Spec], *dashboards: str) -> Json:
    """The most urgent columns with their verdicts, now."""
    checked = f'{names.CHECK}{{{COLUMNS}, metric=~"{alternatives(specs)}"}}'
    urgent = f"topk({AT_MOST}, {urgency(specs)})"
    columns = {"Times its threshold": urgent, "Verdict": worst(checked, "column, metric")}
    links = [override("byName", "Column", links=feature_links("__value.text", *dashboards))]
    coloured = override("byName", "Verdict", **verdicts(), **{"custom.cellOptions": {"type": "color-background"}})
    return table(
        title, f"The {AT_MOST} that are nearest to their thresholds or farthest beyond; click one for its report.",
        {"column": "Column", "metric": "Metric"}, columns,
        overrides=[*links, coloured, override("byName", "Times its threshold", decimals=2)],
        options={"sortBy": [{"displayName": "Times its threshold", "desc": True}]}, size=(12, 10),
    )  # fmt: skip


def failing(title: str, about: str, specs: Sequence[Spec], **more: Any) -> Json:
    """How many columns have a failed check of these."""
    code = STATUS_CODES["fail"]
    checked = f'{names.CHECK}{{{WINDOWS}, metric=~"{alternatives(specs)}", column!=""}}'
    return stat(title, about, f"count(max by (column) ({checked} == {code})) or sum({checked}) * 0", **more)
