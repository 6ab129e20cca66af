"""Runs and timelines, hand-built in `reports`."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from reports import HOSTILE, make_run, make_timeline

from barograph.results import Run, Side, Timeline


@pytest.fixture(scope="session")
def run() -> Run:
    return make_run()


@pytest.fixture(scope="session")
def hostile() -> Run:
    return make_run(names=HOSTILE)


@pytest.fixture(scope="session")
def timeline() -> Timeline:
    return make_timeline()


@pytest.fixture(scope="session")
def nothing() -> Run:
    return Run("Empty", Side("today", 0), [], [])
