"""`barograph.live` as a whole: what it exports, and what importing it costs."""

from __future__ import annotations

import pytest
from services import finished, worker

from barograph import live


def test_every_name_is_there() -> None:
    assert live.__all__ == sorted(live.__all__)
    for name in live.__all__:
        assert getattr(live, name).__name__ == name
    with pytest.raises(AttributeError, match=r"no attribute 'nothing'; it has Monitor, .* rules"):
        live.nothing  # noqa: B018


def test_a_monitor_needs_neither_prometheus_client_nor_a_framework() -> None:
    """What only some need is loaded by those: a batch job that logs rows has none of it installed."""
    code = """
import sys
from barograph import Baseline
from barograph.live import Monitor, Spool, queries, rules
with Monitor(Baseline.of({"age": [1, 2, 3]})) as monitor:
    monitor.log({"age": 2})
assert rules() and queries() and monitor.stats().rows_profiled == 1
print(*sorted({"prometheus_client", "starlette", "fastapi"} & sys.modules.keys()))
"""
    assert finished(worker(code)).split() == []
