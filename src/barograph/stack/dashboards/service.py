"""Service: is it up to its traffic? Rate, errors, duration, and what is in flight."""

from __future__ import annotations

from barograph.stack import names
from barograph.stack.dashboards.frame import dashboard, targets, variable
from barograph.stack.dashboards.panels import (
    ORANGE,
    RED,
    TARGETS,
    VERSIONS,
    Json,
    Query,
    lines,
    quantile,
    rate,
    ratio,
    stat,
)

FAILED = f'{TARGETS}, status="5xx"'
SHARE = (0.0, 1.0)


def service() -> Json:
    """The dashboard."""
    versions = f"label_values({names.PREDICTIONS}{{{TARGETS}}}, model_version)"
    return dashboard(
        "service",
        "Requests and predictions of the service, over all chosen instances.",
        [*targets(names.REQUESTS), variable("version", "Version", versions)],
        [("", _now()), ("Traffic", _traffic()), ("Latency", _latency()), ("Errors and load", _errors())],
    )


def _now() -> list[Json]:
    return [
        stat(
            "Predictions per Minute", "Predictions of all versions, however they ended.",
            f"60 * {rate(names.PREDICTIONS, VERSIONS)}", unit="cpm", size=(6, 4),
        ),
        stat(
            "P95 Latency", "95 of 100 requests were answered within this time.",
            quantile(0.95, names.REQUEST_SECONDS, TARGETS), unit="s", size=(6, 4),
        ),
        stat(
            "Error Rate", "Share of the requests that were answered by 5xx.",
            ratio(rate(names.REQUESTS, FAILED), rate(names.REQUESTS, TARGETS)),
            unit="percentunit", span=SHARE, colour=RED, size=(6, 4),
        ),
        stat(
            "In flight", names.IN_PROGRESS.help, f"sum({names.IN_PROGRESS}{{{TARGETS}}})", colour=ORANGE, size=(6, 4)
        ),
    ]  # fmt: skip


def _traffic() -> list[Json]:
    return [
        lines(
            "Request rate", "Answered requests a second by route; /metrics itself is not counted.",
            Query(rate(names.REQUESTS, TARGETS, "route, method"), "{{method}} {{route}}"), unit="reqps",
        ),
        lines(
            "Predictions per minute by version", names.PREDICTIONS.help,
            Query(f"60 * {rate(names.PREDICTIONS, VERSIONS, 'model_version, status')}", "{{model_version}} {{status}}"),
            unit="cpm",
        ),
    ]  # fmt: skip


def _latency() -> list[Json]:
    def three(histogram: names.Name, selector: str) -> list[Query]:
        return [Query(quantile(q, histogram, selector), f"p{q * 100:.0f}") for q in (0.5, 0.95, 0.99)]

    by_version = quantile(0.95, names.PREDICTION_SECONDS, VERSIONS, "model_version")
    by_route = quantile(0.95, names.REQUEST_SECONDS, TARGETS, "route, method")
    return [
        lines(
            "Latency of requests", f"{names.REQUEST_SECONDS.help} Quantiles are interpolated within buckets.",
            *three(names.REQUEST_SECONDS, TARGETS), unit="s",
        ),
        lines(
            "Latency of predictions", f"{names.PREDICTION_SECONDS.help} Quantiles are interpolated within buckets.",
            *three(names.PREDICTION_SECONDS, VERSIONS), unit="s",
        ),
        lines("P95 latency by route", names.REQUEST_SECONDS.help, Query(by_route, "{{method}} {{route}}"), unit="s"),
        lines(
            "P95 latency by version", names.PREDICTION_SECONDS.help, Query(by_version, "{{model_version}}"), unit="s"
        ),
    ]  # fmt: skip


def _errors() -> list[Json]:
    failed = rate(names.PREDICTIONS, f'{VERSIONS}, status="error"', "model_version")
    return [
        lines(
            "Error rate by route", "Share of the requests that were answered by 5xx.",
            Query(
                ratio(rate(names.REQUESTS, FAILED, "route, method"), rate(names.REQUESTS, TARGETS, "route, method")),
                "{{method}} {{route}}",
            ),
            unit="percentunit", span=SHARE,
        ),
        lines(
            "Error rate of predictions", "Share of the predictions that ended in an error; to be rejected is none.",
            Query(ratio(failed, rate(names.PREDICTIONS, VERSIONS, "model_version")), "{{model_version}}"),
            unit="percentunit", span=SHARE,
        ),
        lines(
            "Requests by status", names.REQUESTS.help, Query(rate(names.REQUESTS, TARGETS, "status"), "{{status}}"),
            unit="reqps", size=(8, 8),
        ),
        lines(
            "Exceptions", names.EXCEPTIONS.help,
            Query(rate(names.EXCEPTIONS, TARGETS, "route, method"), "{{method}} {{route}}"), unit="cps", size=(8, 8),
        ),
        lines(
            "In flight by instance", names.IN_PROGRESS.help,
            Query(f"sum by (instance) ({names.IN_PROGRESS}{{{TARGETS}}})", "{{instance}}"), size=(8, 8),
        ),
    ]  # fmt: skip
