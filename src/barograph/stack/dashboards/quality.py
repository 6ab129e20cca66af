"""Quality: are the data fit to be predicted from?"""

from __future__ import annotations

from barograph.stack import names
from barograph.stack.dashboards import columns
from barograph.stack.dashboards.frame import dashboard, feature, models, report, window
from barograph.stack.dashboards.panels import (
    STATUS_COLOURS,
    WINDOWS,
    Json,
    Query,
    from_zero,
    lines,
    override,
    stat,
)

SPECS = names.QUALITY
CHECKED = f'{names.CHECK}{{{WINDOWS}, metric=~"{columns.alternatives(SPECS)}"}}'


def quality() -> Json:
    """The dashboard."""
    return dashboard(
        "quality",
        "Missing, impossible and unknown values, and changes of the schema.",
        [*models(), window(), feature(columns.alternatives(SPECS)), report()],
        [
            ("", _now()),
            ("Which columns", [
                columns.states("Quality by column", SPECS, "drift"),
                columns.top("Top columns", SPECS, "drift"),
                _checks(),
            ]),
            ("How much", [columns.scored(name) for name in (names.MISSING, names.OUT_OF_RANGE, names.UNSEEN)]),
            ("The whole window", _whole()),
        ],
    )  # fmt: skip


def _now() -> list[Json]:
    return [
        columns.failing(
            "Columns failing", "Columns with a failed quality check.", SPECS, size=(6, 5), defaults=from_zero()
        ),
        stat(
            "Changes of the schema", names.CHANGED.help, f"max({names.CHANGED}{{{WINDOWS}}})", size=(6, 5),
            defaults=from_zero(),
        ),
        stat(
            names.WINDOW_ROWS.title, f"{names.WINDOW_ROWS.help} Of all chosen instances together.",
            f"sum({names.WINDOW_ROWS}{{{WINDOWS}}})", size=(6, 5),
        ),
        columns.verdict(SPECS, size=(6, 5)),
    ]  # fmt: skip


def _checks() -> Json:
    colours = [
        override("byName", status, color={"mode": "fixed", "fixedColor": colour})
        for status, colour in STATUS_COLOURS.items()
    ]
    return lines(
        "Checks by verdict", f"{names.CHECKS.help} Of drift, quality and performance.",
        Query(f"sum by (status) ({names.CHECKS}{{{WINDOWS}}})", "{{status}}"), overrides=colours, size=(12, 10),
    )  # fmt: skip


def _whole() -> list[Json]:
    found = []
    for name in (names.EMPTY, names.CONSTANT, names.CHANGED):
        now = Query(f"max by (instance, model_version) ({name}{{{WINDOWS}}})", "{{model_version}} {{instance}}")
        limit = f"min by (instance, model_version) ({name.threshold}{{{WINDOWS}}})"
        held = Query(limit, "threshold {{model_version}} {{instance}}")
        found.append(lines(name.title, name.help, now, held, unit=name.unit, span=name.range, size=(8, 7)))
    return found
