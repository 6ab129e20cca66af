"""Performance: is the model still right? And how much of it do we know yet?"""

from __future__ import annotations

from barograph.live.families import STATUS_CODES
from barograph.results import Spec
from barograph.stack import names
from barograph.stack.dashboards import columns
from barograph.stack.dashboards.frame import dashboard, models, variable, window
from barograph.stack.dashboards.panels import (
    MODELS,
    REFERENCE,
    THRESHOLD,
    WINDOWS,
    Json,
    Query,
    lines,
    override,
    stat,
    text,
    timeline,
)

SPECS = [spec for spec in names.PERFORMANCE if spec.direction != "none"]
NAMES = {spec: names.of(spec) for spec in SPECS}
CHECKED = f'{names.CHECK}{{{WINDOWS}, metric=~"{columns.alternatives(SPECS)}"}}'
COVERED = "1d"
SUFFIX = "{{class}} {{average}} {{model_version}} {{instance}}"


def performance() -> Json:
    """The dashboard."""
    any_of = "|".join(name.name for name in NAMES.values())
    shown = f'label_values({{__name__=~"{any_of}", {WINDOWS}}}, __name__)'
    chosen = variable("metric", "Metric", shown, about="What the model's task has", everything="")
    return dashboard(
        "performance",
        "Predictions against outcomes, beside the reference and the threshold; and how many outcomes are known.",
        [*models(), window(), chosen],
        [
            ("", _now()),
            ("Outcomes", _labels()),
            ("Metrics", [_verdicts(), _metric()]),
            ("What they mean", [text("Metrics", _glossary(), (24, 14))]),
        ],
    )


def judged(selector: str) -> str:
    """Verdicts that say how good the model is: those of windows without outcomes are unknown."""
    unknown, error = STATUS_CODES["unknown"], STATUS_CODES["error"]
    return f'({names.CHECK}{{{selector}, metric=~"{columns.alternatives(SPECS)}"}} != {unknown}) != {error}'


def lag() -> str:
    """Age of the newest window whose outcomes are known, from its end; a window that still runs is not old."""
    with_outcomes = (
        f"{names.WINDOW_END}{{{MODELS}}} and on (job, instance, model, model_version, window) ({judged(MODELS)})"
    )
    return f"clamp_min(time() - max by (model_version) ({with_outcomes}), 0)"


def coverage() -> str:
    """Rows of monitors that get outcomes over rows of those that get none, of the same model and version."""
    rows = f"increase({names.ROWS_PROFILED}{{{MODELS}}}[{COVERED}])"
    who = "on (job, instance, model, model_version)"
    known = f"sum by (model_version) ({rows} and {who} ({judged(MODELS)}))"
    return f"{known} / (sum by (model_version) ({rows} unless {who} ({judged(MODELS)})) > 0)"


def _now() -> list[Json]:
    return [
        columns.verdict(SPECS, size=(6, 5)),
        stat("Label lag", "Age of the newest window with outcomes.", f"min({lag()})", unit="s", size=(6, 5)),
        stat("Label coverage", _COVERAGE, f"max({coverage()})", unit="percentunit", size=(6, 5)),
        stat(
            "Rows with outcomes", "Rows of the window, of monitors that get outcomes.",
            f"sum({names.WINDOW_ROWS}{{{WINDOWS}}} and on (job, instance, model, model_version) ({judged(WINDOWS)}))",
            size=(6, 5),
        ),
    ]  # fmt: skip


_COVERAGE = (
    "Rows that came with an outcome in a day, for each row that came without: of two monitors of the same model and "
    "version, one in the service and one where outcomes arrive. Empty where one monitor gets both."
)


def _labels() -> list[Json]:
    return [
        lines(
            "Label lag by version",
            "Time since the end of the newest window whose predictions are held against outcomes; 0 while it runs.",
            Query(lag(), "{{model_version}}"), unit="s",
        ),
        lines("Label coverage by version", _COVERAGE, Query(coverage(), "{{model_version}}"), unit="percentunit"),
    ]  # fmt: skip


def _verdicts() -> Json:
    about = f"The worst verdict on each metric. {names.CHECK.help}"
    return timeline("Verdicts", about, Query(columns.worst(CHECKED, "metric"), "{{metric}}"), size=(24, 8))


def _metric() -> Json:
    """One panel for each metric that the model's task has, in the unit and range of its own Spec."""
    # `$metric` is the name of the series, because only that is known for metrics that no check judges
    value = f'{{__name__=~"$metric", {WINDOWS}}}'
    before, limit = (f'{{__name__=~"(${{metric}})_{end}", {WINDOWS}}}' for end in ("reference", "threshold"))
    return lines(
        "$metric", "In the window, on the reference, and the threshold it is held against (dashed).",
        Query(value, f"$metric {SUFFIX}"), Query(before, f"reference $metric {SUFFIX}"),
        Query(limit, f"threshold $metric {SUFFIX}"),
        unit="none", span=(None, None), overrides=_units(), repeat="metric", repeatDirection="h", maxPerRow=2,
    )  # fmt: skip


def _units() -> list[Json]:
    """Units and ranges by metric, whose name is in the legend."""
    groups: dict[tuple[str, float | None, float | None], list[Spec]] = {}
    for spec, name in NAMES.items():
        groups.setdefault((name.unit, *name.range), []).append(spec)
    found = []
    for (unit, low, high), specs in groups.items():
        ends = {key: value for key, value in (("min", low), ("max", high)) if value is not None}
        pattern = "|".join(NAMES[spec].name for spec in specs)
        found.append(override("byRegexp", f"/^(({THRESHOLD}|{REFERENCE}) )?({pattern}) /", unit=unit, **ends))
    return found


def _glossary() -> str:
    better = {"lower": "lower is better", "higher": "higher is better", "zero": "best at 0"}
    listed = [
        f"- **{spec.title}** (`{name}`): {spec.help} {better[spec.direction].capitalize()}."
        for spec, name in NAMES.items()
    ]
    return "\n".join(listed)
