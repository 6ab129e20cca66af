"""Drift: do the inputs and outputs look as they did in the reference?"""

from __future__ import annotations

from barograph.metrics import drift as metrics
from barograph.stack import names
from barograph.stack.dashboards import columns
from barograph.stack.dashboards.frame import dashboard, feature, models, report, window
from barograph.stack.dashboards.panels import WINDOWS, Json, Query, from_zero, lines, stat

SPECS = names.DRIFT
CHECKED = f'{names.CHECK}{{{WINDOWS}, metric=~"{columns.alternatives(SPECS)}"}}'


def drift() -> Json:
    """The dashboard."""
    return dashboard(
        "drift",
        "Distances of the window's rows from the reference, each held against a threshold for so many rows.",
        [*models(), window(), feature(columns.alternatives(SPECS)), report()],
        [
            ("", _now()),
            ("Which columns", [
                columns.states("Drift by column", SPECS, "quality"),
                columns.top("Top features", SPECS, "quality"),
                columns.nearest("Scores as multiples of their thresholds", SPECS),
            ]),
            ("How much", _scores()),
        ],
    )  # fmt: skip


def _now() -> list[Json]:
    drifted = names.DRIFTED
    return [
        stat(
            "Share drifted", drifted.help, f"max({drifted}{{{WINDOWS}}})", unit=drifted.unit, span=drifted.range,
            size=(4, 5), defaults=from_zero(),
        ),
        columns.failing(
            "Columns drifted", "Columns with a failed drift check.", SPECS, size=(4, 5), defaults=from_zero()
        ),
        columns.verdict(SPECS, size=(4, 5)),
        stat(
            names.EVIDENCE.title, names.EVIDENCE.help, f"min({names.EVIDENCE}{{{WINDOWS}}})",
            unit=names.EVIDENCE.unit, span=names.EVIDENCE.range, size=(3, 5), defaults={"decimals": 4},
        ),
        stat(
            "Real but small", "Calibrated checks beyond chance, of too little to matter.",
            f'max({names.FINDINGS}{{{WINDOWS}, finding="real but small"}})', size=(3, 5),
        ),
        lines(
            "Share of drifted columns", drifted.help,
            Query(f"max by (instance, model_version) ({drifted}{{{WINDOWS}}})", "{{model_version}} {{instance}}"),
            unit=drifted.unit, span=drifted.range, size=(6, 5),
        ),
    ]  # fmt: skip


def _scores() -> list[Json]:
    """Of each chosen feature a panel; PSI and missing values are what the presets judge of any kind of column."""
    psi = columns.scored(names.of(metrics.PSI), size=(12, 7), repeat="feature", repeatDirection="h", maxPerRow=3)
    psi["title"] = f"$feature: {names.PSI.title}"
    return [psi, columns.scored(names.MISSING_DRIFT, size=(24, 8))]
