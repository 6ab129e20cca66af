"""Reading `/metrics`."""

from __future__ import annotations

from typing import Any

from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_families
from prometheus_client.parser import text_string_to_metric_families

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


def series(text: str, *, openmetrics: bool = False) -> Series:
    families = open_families(text) if openmetrics else text_string_to_metric_families(text)
    found: Series = {}
    for family in families:
        for sample in family.samples:
            key = sample.name, frozenset(sample.labels.items())
            assert key not in found, f"{key} is there twice"
            found[key] = float(sample.value)
    return found


def value(found: Series, name: str, **labels: Any) -> float | None:
    return found.get((name, frozenset((k, str(v)) for k, v in labels.items())))


def total(found: Series, name: str, **labels: Any) -> float:
    """Sum over the series of a name with at least these labels."""
    wanted = {(k, str(v)) for k, v in labels.items()}
    return sum(v for (n, have), v in found.items() if n == name and wanted <= have)
