"""What `/metrics` says: series by name and labels, and the questions that are asked of them."""

from __future__ import annotations

import math
from collections.abc import Iterator

from prometheus_client.parser import text_string_to_metric_families

Key = tuple[str, frozenset[tuple[str, str]]]

# each worker evaluates for itself, and flushes go on when nobody asks anything
CLOCKS = (
    "barograph_last_evaluation_timestamp_seconds",
    "barograph_evaluation_duration_seconds",
    "barograph_flushes_total",
    "barograph_last_flush_timestamp_seconds",
)


class Page:
    """One answer to a scrape."""

    def __init__(self, text: str) -> None:
        self.text = text
        families = text_string_to_metric_families(text)
        self.series: dict[Key, float] = {
            (sample.name, frozenset(sample.labels.items())): float(sample.value)
            for family in families
            for sample in family.samples
        }

    def __len__(self) -> int:
        return len(self.series)

    def find(self, name: str, **labels: str) -> Iterator[tuple[dict[str, str], float]]:
        """Labels and values of a name's series with at least these labels."""
        wanted = labels.items()
        for (found, have), value in self.series.items():
            if found == name and wanted <= have:
                yield dict(have), value

    def value(self, name: str, **labels: str) -> float | None:
        """The value of the one such series; `None` where there is none."""
        values = [value for _, value in self.find(name, **labels)]
        if len(values) > 1:
            raise LookupError(f"{len(values)} series {name} with {labels}")
        return values[0] if values else None

    def total(self, name: str, **labels: str) -> float:
        return sum(value for _, value in self.find(name, **labels))

    def window(self, model: str, start: float) -> str | None:
        """Whether the window that starts then is the last or the running one; `None` where it is not shown."""
        windows = self.find("barograph_window_start_timestamp_seconds", model=model)
        return next((labels["window"] for labels, value in windows if value == start), None)

    def differences(self, other: Page) -> list[Key]:
        """Series that two pages do not agree on, other than clocks."""
        return [
            key
            for key in self.series.keys() | other.series.keys()
            if self.series.get(key) != other.series.get(key) and key[0] not in CLOCKS
        ]


def quantile(q: float, name: str, page: Page, before: Page) -> float | None:
    """A quantile of what a histogram counted between two pages, as PromQL's `histogram_quantile` of an `increase`."""
    uptos = {labels["le"] for labels, _ in page.find(f"{name}_bucket")}
    counts = {float(le): page.total(f"{name}_bucket", le=le) - before.total(f"{name}_bucket", le=le) for le in uptos}
    rank = q * max(counts.values(), default=0.0)
    low, below = 0.0, 0.0
    for high in sorted(counts):
        if counts[high] >= rank > 0:
            return low if math.isinf(high) else low + (high - low) * (rank - below) / (counts[high] - below)
        low, below = high, counts[high]
    return None
