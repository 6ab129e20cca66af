"""Monitor health: can what the other dashboards say be believed?"""

from __future__ import annotations

from barograph.stack import names
from barograph.stack.dashboards.frame import dashboard, models
from barograph.stack.dashboards.panels import (
    MODELS,
    RATE,
    TARGETS,
    Json,
    Query,
    from_zero,
    lines,
    override,
    rate,
    stat,
    table,
)
from barograph.stack.names import Name

ALL_WINDOWS = "model_version, instance"
WHO = "{{model_version}} {{instance}}"
FATES = (
    names.ROWS_PROFILED, names.ROWS_SAMPLED_OUT, names.ROWS_LATE, names.ROWS_BAD, names.ROWS_LOST,
)  # fmt: skip
TROUBLES = (names.EVALUATION_ERRORS, names.FLUSH_ERRORS, names.INTERNAL_ERRORS)

SINCE_EVALUATION = "Time since a window was last evaluated: it grows while no rows come, or where evaluation fails."
SINCE_FLUSH = "Time since profiles were last written to the spool: more than the time between flushes is a fault."


def health() -> Json:
    """The dashboard."""
    return dashboard(
        "health",
        "The monitor itself: is it scraped, does it evaluate, what becomes of the rows, and which baseline it holds.",
        models(),
        [
            ("", _now()),
            ("Freshness", _fresh()),
            ("Rows", _rows()),
            ("Trouble", _troubles()),
            ("Baseline", [_baselines()]),
        ],
    )


def age(name: Name, by: str = "") -> str:
    """Time since a timestamp, of the newest window: a complete one is rightly evaluated no more."""
    grouped = f" by ({by})" if by else ""
    return f"time() - max{grouped} ({name}{{{MODELS}}})"


def of_last_hour(*counters: Name) -> str:
    """The sum of several counters' increases. One selector of many names would make series that differ by name only."""
    return " + ".join(f"sum(increase({counter}{{{MODELS}}}[1h]))" for counter in counters)


def _now() -> list[Json]:
    return [
        stat("Targets up", "Instances that Prometheus can scrape.", f"sum(up{{{TARGETS}}})"),
        stat(
            "Targets down", "Instances that Prometheus cannot scrape.", f"sum(1 - up{{{TARGETS}}})",
            defaults=from_zero(),
        ),
        stat("Since evaluation", SINCE_EVALUATION, age(names.EVALUATED), unit="s"),
        stat("Since flush", SINCE_FLUSH, age(names.FLUSHED), unit="s"),
        stat(
            "Rows left out", "Rows of the last hour that are in no profile: sampled out, late, unreadable or lost.",
            of_last_hour(*FATES[1:]), defaults=from_zero("orange"),
        ),
        stat(
            "Failures", "Evaluations and flushes of the last hour that failed.",
            of_last_hour(*TROUBLES[:2]), defaults=from_zero(),
        ),
    ]  # fmt: skip


def _fresh() -> list[Json]:
    return [
        *(
            lines(title, about, Query(age(name, ALL_WINDOWS), WHO), unit="s", size=(8, 8))
            for title, about, name in (
                ("Time since evaluation", SINCE_EVALUATION, names.EVALUATED),
                ("Time since flush", SINCE_FLUSH, names.FLUSHED),
            )
        ),
        lines(
            "Time to evaluate", names.EVALUATION_SECONDS.help,
            Query(f"max by (window, {ALL_WINDOWS}) ({names.EVALUATION_SECONDS}{{{MODELS}}})", "{{window}} " + WHO),
            unit="s", size=(8, 8),
        ),
    ]  # fmt: skip


def _rows() -> list[Json]:
    return [
        lines(
            "Rows logged", names.ROWS_LOGGED.help, Query(rate(names.ROWS_LOGGED, MODELS, ALL_WINDOWS), WHO),
            unit="rowsps",
        ),
        lines(
            "What became of them", "Profiled, or left out, and why.",
            *(Query(rate(name, MODELS), name.title) for name in FATES), unit="rowsps",
        ),
        lines(
            "Rows profiled under load", names.SAMPLING.help,
            Query(f"min by ({ALL_WINDOWS}) ({names.SAMPLING}{{{MODELS}}})", WHO),
            unit=names.SAMPLING.unit, span=names.SAMPLING.range, size=(8, 8),
        ),
        lines(
            "Rows waiting", names.BUFFER_ROWS.help,
            Query(f"max by ({ALL_WINDOWS}) ({names.BUFFER_ROWS}{{{MODELS}}})", WHO), size=(8, 8),
        ),
        lines(
            "Rows of the window", names.WINDOW_ROWS.help,
            Query(f"max by (window, {ALL_WINDOWS}) ({names.WINDOW_ROWS}{{{MODELS}}})", "{{window}} " + WHO),
            size=(8, 8),
        ),
    ]  # fmt: skip


def _troubles() -> list[Json]:
    scopes = {names.INTERNAL_ERRORS: TARGETS}
    flushed = f"sum by ({ALL_WINDOWS}) (increase({names.FLUSHES}{{{MODELS}}}[{RATE}]))"
    left_out = f"max by (window, {ALL_WINDOWS}) ({names.LEFT_OUT}{{{MODELS}}})"
    return [
        lines(
            "Failures of the monitoring", "None of them reaches the service; the log says what went wrong first.",
            *(Query(f"sum(increase({name}{{{scopes.get(name, MODELS)}}}[{RATE}]))", name.title) for name in TROUBLES),
            size=(8, 8),
        ),
        lines("Flushes", names.FLUSHES.help, Query(flushed, WHO), size=(8, 8)),
        lines("Columns without room", names.LEFT_OUT.help, Query(left_out, "{{window}} " + WHO), size=(8, 8)),
    ]  # fmt: skip


def _baselines() -> Json:
    labels = "model, model_version, baseline, name, rows, start, end"
    return table(
        "Baselines in use", "The reference each version is held against: its rows, and the time they are from.",
        {"model": "Model", "model_version": "Version", "baseline": "Baseline", "name": "Name", "rows": "Rows",
         "start": "From", "end": "To"},
        {"Instances": f"count by ({labels}) ({names.BASELINE}{{{MODELS}}})"},
        overrides=[override("byName", "Rows", unit="none")], size=(24, 7),
    )  # fmt: skip
