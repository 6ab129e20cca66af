"""Numbers outside the baseline's range: counted, and the id of the last such row is its exemplar."""

from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.openmetrics.exposition import generate_latest

from barograph import Baseline
from barograph.live import Monitor
from barograph.live.outside import OutsideCollector

REFERENCE: dict[str, list[Any]] = {"x": [0.0, 1.0], "y": [5.0, 6.0], "city": ["Ulm", "Bonn"], "empty": [None, None]}


def page(collector: OutsideCollector) -> list[str]:
    registry = CollectorRegistry()
    registry.register(collector)
    return [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]


@pytest.fixture
def watched() -> Any:
    with Monitor(Baseline.of(REFERENCE), model="m", version="7", handle_sigterm=False) as monitor:
        yield monitor, OutsideCollector(monitor)


def test_only_numeric_columns_with_a_range_are_counted_and_they_start_at_zero(watched: Any) -> None:
    assert page(watched[1]) == [
        'barograph_outside_range_total{column="x",model="m",model_version="7"} 0.0',
        'barograph_outside_range_total{column="y",model="m",model_version="7"} 0.0',
    ]


def test_the_last_row_outside_is_the_exemplar(watched: Any) -> None:
    monitor, collector = watched
    for i, x in enumerate([0.5, -1.0, 0.0, 1.0, 3.0, None, float("nan"), float("inf")]):
        monitor.log({"x": x, "city": "Ulm"}, id=f"row-{i}")
    monitor.flush()
    first, second = page(collector)
    assert first.startswith('barograph_outside_range_total{column="x",model="m",model_version="7"} 2.0 # {')
    assert '{prediction_id="row-4"}' in first
    assert second.endswith(" 0.0")
    assert "#" not in page(collector)[0]  # shown once


@pytest.mark.parametrize("identity", ["x" * 500, 'quo"ted', "line\nbreak", "", None])
def test_an_id_that_cannot_be_shown_is_not_and_the_row_counts(watched: Any, identity: object) -> None:
    monitor, collector = watched
    monitor.log({"y": 99}, id=identity)
    monitor.flush()
    assert page(collector)[1].endswith("} 1.0")


def test_rows_of_frames_count_without_an_exemplar(watched: Any) -> None:
    monitor, collector = watched
    monitor.log_batch({"x": [0.5, 7.0, 8.0], "city": ["Ulm"] * 3})
    monitor.flush()
    assert page(collector)[0].endswith("} 2.0")
