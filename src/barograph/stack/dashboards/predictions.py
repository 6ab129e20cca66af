"""Predictions: what does the model say, and does it say it as often as before?"""

from __future__ import annotations

from barograph.stack import names
from barograph.stack.dashboards.frame import dashboard, models, window
from barograph.stack.dashboards.panels import (
    VERSIONS,
    WINDOWS,
    Json,
    Query,
    heatmap,
    lines,
    quantile,
    rate,
    ratio,
    stat,
)

VALUE = names.PREDICTION_VALUE
ANY = (None, None)
WHOSE = "Predictions bear no model, only a version: where models share versions, choose the instances of one."


def predictions() -> Json:
    """The dashboard."""
    return dashboard(
        "predictions",
        f"Predicted values and classes. {WHOSE}",
        [*models(), window()],
        [
            ("", _now()),
            ("Values", [*_values(), _distribution()]),
            ("Classes, where outcomes are known", _classes()),
        ],
    )


def mean(by: str = "") -> str:
    """Mean predicted value; nothing where prediction_value has negative buckets, for it has no sum then."""
    return ratio(rate(VALUE.sum, VERSIONS, by), rate(VALUE.count, VERSIONS, by))


def _now() -> list[Json]:
    return [
        stat(
            "Predictions per Minute", names.PREDICTIONS.help, f"60 * {rate(names.PREDICTIONS, VERSIONS)}", unit="cpm",
            size=(8, 4),
        ),
        stat("Mean prediction", VALUE.help, mean(), unit=VALUE.unit, span=ANY, size=(8, 4)),
        stat("Median prediction", VALUE.help, quantile(0.5, VALUE, VERSIONS), unit=VALUE.unit, span=ANY, size=(8, 4)),
    ]  # fmt: skip


def _values() -> list[Json]:
    by = "model_version"
    return [
        lines(
            "Mean prediction by version", f"{VALUE.help} Not there where predictions can be negative.",
            Query(mean(by), "{{model_version}}"), unit=VALUE.unit, span=ANY,
        ),
        lines(
            "Value quantiles", f"{VALUE.help} Interpolated within buckets, which end where the reference ends.",
            *(
                Query(quantile(q, VALUE, VERSIONS, by), f"p{q * 100:.0f} {{{{model_version}}}}")
                for q in (0.1, 0.25, 0.5, 0.75, 0.9)
            ),
            unit=VALUE.unit, span=ANY,
        ),
    ]  # fmt: skip


def _distribution() -> Json:
    # one for each version: their buckets may differ, and counts up to unlike edges do not add up
    return heatmap(
        "Prediction distribution: $version", f"{VALUE.help} By bucket; those of numbers are the reference's tenths.",
        VALUE, VERSIONS, repeat="version", repeatDirection="v", size=(24, 8),
    )  # fmt: skip


def _classes() -> list[Json]:
    found = []
    for name in (names.PREDICTED_RATE, names.TARGET_RATE):
        now = Query(
            f"max by (instance, model_version, class) ({name}{{{WINDOWS}}})", "{{class}} {{model_version}} {{instance}}"
        )
        before = Query(
            f"max by (model_version, class) ({name.reference}{{{WINDOWS}}})", "reference {{class}} {{model_version}}"
        )
        about = f"{name.help} Of rows whose outcome is known; without a name it is the positive class."
        found.append(lines(name.title, about, now, before, unit=name.unit, span=name.range))
    return found
