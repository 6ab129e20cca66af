"""One small session of Spark for all tests, and what tells whether two profiles counted the same."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from barograph import Profile
from barograph.summaries import Moments, Quantiles, TopK

SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.session.timeZone": "America/New_York",
    "spark.log.level": "OFF",
}


@contextmanager
def session() -> Iterator[Any]:
    """A session of local[2] that no other process can reach."""
    with _made("master", SETTINGS) as made:
        yield made


@contextmanager
def connected() -> Iterator[Any]:
    """A session of Spark Connect with a server of its own."""
    with _made("remote", SETTINGS | {"spark.connect.grpc.binding.address": "127.0.0.1"}) as made:
        yield made


@contextmanager
def _made(where: str, settings: dict[str, str]) -> Iterator[Any]:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Spark on pandas 3
        from pyspark.sql import SparkSession

        builder = getattr(SparkSession.builder, where)("local[2]")
        for key, value in settings.items():
            builder = builder.config(key, value)
        made = builder.getOrCreate()
        try:
            yield made
        finally:
            made.stop()


def assert_same(ours: Profile, theirs: Profile) -> None:
    """All counts to the last bit; sums of floats to rounding; sketches within the bound that they state."""
    assert ours.n_rows == theirs.n_rows
    assert ours.schema == theirs.schema
    assert ours.baseline_id == theirs.baseline_id
    assert list(ours.summaries) == list(theirs.summaries)
    for need, mine in ours.summaries.items():
        other = theirs.summaries[need]
        if isinstance(mine, Moments):
            assert (mine.n, mine.smallest, mine.largest) == (other.n, other.smallest, other.largest), need
            np.testing.assert_allclose([mine.mean_, mine.m2], [other.mean_, other.m2], rtol=1e-9, atol=1e-9)
        elif isinstance(mine, Quantiles):
            assert (mine.n, mine.low, mine.high) == (other.n, other.low, other.high), need
            at = np.array([v for level in mine.levels for v in level])
            assert np.all(np.abs(mine.cdf(at) - other.cdf(at)) <= mine.rank_error + other.rank_error + 1e-12), need
        elif isinstance(mine, TopK) and not (mine.exact and other.exact):
            mine_counts, other_counts = dict(mine.items()), dict(other.items())
            for value in mine_counts.keys() & other_counts.keys():
                assert abs(mine_counts[value] - other_counts[value]) <= mine.error + other.error, need
            lost = [count for value, count in mine.items() if value not in other_counts]
            assert all(count <= mine.error + other.error for count in lost), need
        else:
            assert mine.to_state() == other.to_state(), need


def assert_same_segments(ours: Any, theirs: Any) -> None:
    """The same segments, each counted the same."""
    assert ours.keys == theirs.keys
    assert ours.parts.keys() == theirs.parts.keys()
    assert_same(ours.whole, theirs.whole)
    for key, part in theirs.parts.items():
        assert_same(ours.parts[key], part)
