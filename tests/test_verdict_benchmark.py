"""The benchmark of verdicts, in short: false alarms, days that differ by nature, power beside the rules of others."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks import verdict_rules
from benchmarks.false_alarms import false_alarms
from benchmarks.shares import Rate, interval
from benchmarks.verdict_columns import COLUMNS, Column
from benchmarks.verdict_days import INDEPENDENT, NATURAL, days
from benchmarks.verdict_pictures import lines
from benchmarks.verdict_power import power
from benchmarks.verdicts import INDEPENDENT_LEAST, MEANS, NATURAL_MOST, behind, missed
from scipy import stats


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
@pytest.mark.parametrize(("n", "k", "windows"), [(200, 1, 200), (10_000, 1, 200), (1_000_000, 20, 20)])
def test_nothing_alarms_more_often_than_it_may(column: Column, n: int, k: int, windows: int) -> None:
    rate = false_alarms(column, n, 100_000, k, windows, 7)
    assert not missed(rate, n), rate


def test_days_that_differ_by_nature_alarm_where_rows_are_taken_as_independent_only() -> None:
    found = days(1, 12, 3)
    assert found[INDEPENDENT].interval[0] > INDEPENDENT_LEAST
    assert found[NATURAL].interval[0] <= NATURAL_MOST


def test_shifts_of_the_mean_are_found_as_often_as_by_ks_on_raw_rows() -> None:
    name = next(iter(MEANS))
    counts = power(5_000, 100_000, 25, 5, (name,))[name]
    assert not behind(counts, 25), counts


def test_the_interval_is_that_of_scipy() -> None:
    for found, of in ((0, 10), (3, 40), (40, 40)):
        known = stats.binomtest(found, of).proportion_ci(0.95, "exact")
        assert interval(found, of) == pytest.approx((known.low, known.high))


def test_targets_are_missed_where_the_interval_excludes_them() -> None:
    assert missed(Rate(4000, 90, 0), 50)
    assert missed(Rate(4000, 1, 0), 200)
    assert not missed(Rate(4000, 0, 0), 50)
    assert not missed(Rate(4000, 40, 0), 200)


def test_distances_of_the_other_rules_are_those_of_scipy() -> None:
    from scipy.spatial.distance import jensenshannon

    rng = np.random.default_rng(0)
    before, now = np.sort(rng.normal(size=500)), rng.normal(0.3, 1, 90)
    assert verdict_rules.ks_distance(before, now) == pytest.approx(stats.ks_2samp(before, now).statistic)
    p, q = np.array([0.2, 0.0, 0.8]), np.array([0.1, 0.4, 0.5])
    assert verdict_rules.jensen_shannon(p, q) == pytest.approx(jensenshannon(p, q, 2))


def test_a_picture_is_xml_that_shows_each_series() -> None:
    from xml.etree import ElementTree as ET

    root = ET.fromstring(lines("a < b", ["1", "2"], {"x & y": [0.0, 0.5], "z": [0.1, 1.0]}, 0.01))
    assert len([e for e in root if e.tag.endswith("polyline")]) == 2
