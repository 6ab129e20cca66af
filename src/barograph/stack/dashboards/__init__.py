"""Grafana's dashboards, made from the metrics' own definitions; what they make lies in `stack/files/dashboards`."""

from __future__ import annotations

from barograph.stack.dashboards.drift import drift
from barograph.stack.dashboards.health import health
from barograph.stack.dashboards.panels import Json
from barograph.stack.dashboards.performance import performance
from barograph.stack.dashboards.predictions import predictions
from barograph.stack.dashboards.quality import quality
from barograph.stack.dashboards.service import service


def dashboards() -> dict[str, Json]:
    """File name -> dashboard in Grafana's classic JSON, in the order in which they are read."""
    makers = (service, predictions, drift, quality, performance, health)
    return {f"{maker.__name__}.json": maker() for maker in makers}
