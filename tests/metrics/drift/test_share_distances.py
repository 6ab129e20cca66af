"""PSI, Jensen-Shannon, total variation and Hellinger against the plain formulas on raw rows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from drift_oracle import frame, joined_cells, label_cells, number, tabled, value, values
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from barograph.errors import ParameterError
from barograph.metrics.drift import PSI, Hellinger, JensenShannon, TotalVariation


def psi(reference: np.ndarray, current: np.ndarray) -> float:
    p, q = (np.where(c == 0, 0.5, c) / np.where(c == 0, 0.5, c).sum() for c in (reference, current))
    return sum((b - a) * math.log(b / a) for a, b in zip(p, q, strict=True))


def total_variation(reference: np.ndarray, current: np.ndarray) -> float:
    return float(np.abs(reference / reference.sum() - current / current.sum()).sum() / 2)


def hellinger(reference: np.ndarray, current: np.ndarray) -> float:
    overlap = np.sqrt(reference / reference.sum() * current / current.sum()).sum()  # Bhattacharyya's coefficient
    return math.sqrt(max(0.0, 1 - overlap))


def jensen_shannon(reference: np.ndarray, current: np.ndarray) -> float:
    distance = jensenshannon(reference, current, base=2)
    return 0.0 if np.isnan(distance) else float(distance)  # scipy: the root of -1e-17 for like sides


ORACLES = [(PSI, psi), (JensenShannon, jensen_shannon), (TotalVariation, total_variation), (Hellinger, hellinger)]
METRICS = [metric for metric, _ in ORACLES]
each = pytest.mark.parametrize(("metric", "oracle"), ORACLES, ids=[m.__name__ for m in METRICS])

few = st.lists(st.integers(0, 9), min_size=1, max_size=80)
names = st.lists(st.sampled_from(["", "a", "b", "Ä", "日本", "a "]), min_size=1, max_size=80)


@each
@given(reference=few, current=few)
def test_few_values(metric, oracle, reference, current):
    reference, current = reference * 5, current * 5  # repeated, as the values of a discrete column are
    expected = oracle(*tabled(reference, current, lambda value: value))
    assert number(metric("x"), reference, current) == pytest.approx(expected, abs=1e-7)


@each
@given(reference=names, current=names)
def test_labels(metric, oracle, reference, current):
    expected = oracle(*label_cells(reference, current))
    assert number(metric("x"), reference, current) == pytest.approx(expected, abs=1e-7)


@each
@pytest.mark.parametrize("bins", [2, 10, 30])
@pytest.mark.parametrize("shift", [0.0, 0.4, 50.0])
def test_continuous_cells(metric, oracle, bins, shift):
    rng = np.random.default_rng(bins)
    reference, current = rng.lognormal(size=3000), rng.lognormal(size=800) + shift
    expected = oracle(*joined_cells(reference, current, bins))
    assert number(metric("x", bins), reference, current) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@each
def test_close_to_raw_deciles(metric, oracle):
    rng = np.random.default_rng(6)
    reference, current = rng.normal(size=20_000), rng.normal(0.5, 1.2, 5000)
    deciles = np.quantile(reference, np.arange(1, 10) / 10)
    counts = [np.bincount(np.searchsorted(deciles, x), minlength=10).astype(float) for x in (reference, current)]
    assert number(metric("x"), reference, current) == pytest.approx(oracle(*counts), rel=0.02)


@pytest.mark.parametrize("metric", METRICS)
def test_like_sides_are_at_zero_and_disjoint_ones_at_the_end(metric):
    reference = np.random.default_rng(0).normal(size=500)
    assert number(metric("x"), reference, reference) == pytest.approx(0.0, abs=1e-7)
    apart = number(metric("x"), ["a", "b"] * 50, ["c"] * 100)
    end = metric.spec.range[1]
    assert apart == pytest.approx(end) if end else apart > 5


@pytest.mark.parametrize("metric", METRICS)
@given(few, few)
def test_symmetric_where_both_sides_know_all_values(metric, one, other):
    one, other = [*one, *list(range(10)) * 5], [*other, *list(range(10)) * 5]
    forth, back = number(metric("x"), one, other), number(metric("x"), other, one)
    assert forth == pytest.approx(back, abs=1e-9)


@pytest.mark.parametrize("metric", METRICS)
def test_a_share_of_rare_labels_is_kept_apart_from_unseen_ones(metric):
    rare = [f"id{i}" for i in range(5000)]
    rng = np.random.default_rng(8)
    reference = np.concatenate([rng.choice(["a", "b", "c"], 20_000), rare])
    drawn, unseen = rng.choice(reference, 5000), rng.choice(reference, 5000).astype("<U20")
    unseen[:1000] = [f"new{i}" for i in range(1000)]
    assert number(metric("x"), reference, drawn) < 0.05
    assert number(metric("x"), reference, unseen) > max(0.15, 3 * number(metric("x"), reference, drawn))


@pytest.mark.parametrize("metric", METRICS)
def test_one_bin_is_refused(metric):
    with pytest.raises(ParameterError, match="at least 2"):
        metric("x", bins=1)


@pytest.mark.parametrize("metric", METRICS)
def test_nothing_is_said_of_nothing(metric):
    for reference, current in (([1.0, 2.0], [None, None]), ([None, None], [1.0, 2.0])):
        found = values(metric("x"), frame(np.array(reference, float)), frame(np.array(current, float)))
        assert found[0].value is None
        assert found[0].note
    assert "no column 'y'" in values(metric("y"), frame([1.0]), frame([1.0]))[0].note
    assert value(metric("x"), [1.0, 2.0], [1.0]).value is not None
