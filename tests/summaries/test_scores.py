"""Score cells, log loss and Brier score against scikit-learn."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, log_loss

from barograph.errors import FormatError, MergeError, ParameterError
from barograph.summaries import Scores
from barograph.summaries.scores import grid
from barograph.types import Scored
from strategies import encoded, restored


def drawn(seed: int, n: int, edges: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth, scores (a share of them exactly 0 and 1) and weights."""
    rng = np.random.default_rng(seed)
    score = np.where(rng.random(n) < edges, np.round(rng.random(n)), rng.beta(1, 3, n))
    return rng.random(n) < score, score, rng.gamma(2, 1, n)


def of(y, score, weight=None, parts: int = 1, edges: np.ndarray | None = None) -> Scores:
    scores = Scores() if edges is None else Scores(edges)
    for i in range(parts):
        w = None if weight is None else np.asarray(weight, float)[i::parts]
        scores.update(Scored(np.asarray(y, bool)[i::parts], np.asarray(score, float)[i::parts], w))
    return scores


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("parts", [1, 5])
@pytest.mark.parametrize("ends", [0.0, 0.3])
def test_losses_against_sklearn(weighted: bool, parts: int, ends: float):
    """Log loss and Brier score are scikit-learn's, also weighted and with scores exactly 0 and 1, right and wrong."""
    y, score, weight = drawn(parts, 5000, ends)
    if ends:
        y = y ^ (np.random.default_rng(0).random(y.size) < 0.1)
    scores = of(y, score, weight if weighted else None, parts)
    w = weight if weighted else None
    assert scores.logloss / scores.weight == pytest.approx(log_loss(y, score, sample_weight=w), rel=1e-9)
    assert scores.brier / scores.weight == pytest.approx(brier_score_loss(y, score, sample_weight=w), rel=1e-12)
    assert scores.weight == pytest.approx(weight.sum() if weighted else 5000, rel=1e-12)
    assert (scores.n, scores.n_outside) == (5000, 0)


def test_second_moments_against_numpy():
    """The squares kept for standard errors are the weighted sums of squared losses."""
    y, score, weight = drawn(3, 2000)
    scores = of(y, score, weight)
    loss = -np.log(np.where(y, score, 1 - score))
    assert scores.logloss2 == pytest.approx(np.dot(weight, loss**2), rel=1e-12)
    assert scores.brier2 == pytest.approx(np.dot(weight, (score - y) ** 4.0), rel=1e-12)
    assert scores.positive2.sum() + scores.negative2.sum() == pytest.approx((weight**2).sum(), rel=1e-12)
    assert scores.shrink == pytest.approx(weight.sum() / (weight**2).sum(), rel=1e-12)
    assert scores.total.sum() == pytest.approx(np.dot(weight, score), rel=1e-12)


@pytest.mark.parametrize("threshold", [0.01, 0.07, 0.29, 0.5, 0.57, 0.99, 1.0, 0.123456789, 1 / 3, 1e-12])
def test_thresholds_are_exact_at_the_edge(threshold: float):
    """`score >= threshold` counts the threshold itself and not the float below it."""
    edges = grid(0.123456789, 1 / 3, 1e-12)
    below, above = np.nextafter(threshold, -1), np.nextafter(threshold, 2)
    y, score, _ = drawn(1, 500)
    score = np.concatenate([score.round(2), [below] * 3, [threshold] * 5, [above] * 7])
    y = np.concatenate([y, np.arange(15) % 2 == 0])
    scores = of(y, score, edges=edges)
    cell = int(np.searchsorted(edges, below)) + 1
    assert edges[cell - 1] == below
    assert scores.positive[cell:].sum() == (score[y] >= threshold).sum()
    assert scores.negative[cell:].sum() == (score[~y] >= threshold).sum()


def test_the_grid_ascends_and_holds_its_thresholds():
    """All hundredths and every threshold asked for, just below their numbers; fit for `Scores` as they are."""
    edges = grid(0.5, 0.123)
    assert (np.diff(edges) > 0).all()
    assert {np.nextafter(t, -1) for t in (*np.arange(1, 101) / 100, 0.123)} <= set(edges.tolist())
    assert Scores(edges).positive.size == edges.size + 1


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), max_size=50))
def test_cells_against_the_plain_definition(rows: list[tuple[bool, float]]):
    """Each row is in one cell, closed on the right, on the side of its truth."""
    edges = np.array([0.1, 0.5, np.nextafter(1.0, 0)])
    scores = of([y for y, _ in rows], [s for _, s in rows], edges=edges)
    ends = [-math.inf, *edges, math.inf]
    for cell, (low, high) in enumerate(itertools.pairwise(ends)):
        inside = [(y, s) for y, s in rows if low < s <= high]
        assert scores.positive[cell] == sum(y for y, _ in inside)
        assert scores.negative[cell] == sum(not y for y, _ in inside)
        assert scores.total[cell] == pytest.approx(math.fsum(s for _, s in inside), rel=1e-12)


@pytest.mark.parametrize("y", [True, False])
def test_one_class_only(y: bool):
    """All of one class: the other side's cells are 0."""
    scores = of([y] * 10, np.linspace(0, 1, 10))
    assert (scores.positive.sum(), scores.negative.sum()) == (10 * y, 10 * (not y))


def test_scores_that_are_no_probabilities_are_counted():
    """Below 0 and above 1, as margins are; no warning, whatever their size; the state comes back."""
    scores = of([True, False, True, False, True], [-0.1, 1.1, 1.7e308, -1.7e308, 0.5], [1.0, 2.0, 1e200, 1e-5, 1.0])
    assert scores.n_outside == 4
    assert encoded(restored(scores)) == encoded(scores)
    assert encoded(scores.merge(scores)) == encoded(restored(scores).merge(scores))


def test_minus_zero_and_denormals_are_probabilities():
    """-0.0 is 0, and the smallest float above it is in the first cell too."""
    scores = of([False] * 3, [-0.0, 0.0, 5e-324])
    assert (scores.n_outside, scores.negative[0]) == (0, 3)
    assert scores.logloss == pytest.approx(0.0, abs=1e-14)


def test_nothing_and_dropped_rows():
    """No rows: all sums 0 and no division; dropped rows add."""
    scores = of([], [])
    scores.update(Scored(np.zeros(0, bool), np.zeros(0), np.zeros(0), 3))
    assert (scores.n, scores.weight, scores.shrink, scores.n_dropped, scores.logloss) == (0, 0.0, 1.0, 3, 0.0)


@pytest.mark.parametrize("edges", [[0.5, 0.5], [0.6, 0.5], [math.nan], [0.5, math.inf]])
def test_edges_must_be_finite_and_ascending(edges: list[float]):
    """Made by hand they are a wrong parameter, in a file a wrong format."""
    with pytest.raises(ParameterError, match="ascending"):
        Scores(np.array(edges))
    state = Scores(np.linspace(0.1, 0.2, len(edges))).to_state()
    with pytest.raises(FormatError):
        Scores.from_state({**state, "edges": np.array(edges).tobytes()})


def test_unlike_edges_refuse():
    """Thresholds at other places cannot be added, though there are as many."""
    with pytest.raises(MergeError, match="1 and 1 edges, not the same"):
        Scores(np.array([0.5])).merge(Scores(np.array([0.4])))


def test_more_outside_than_rows_is_refused():
    """A part larger than the whole."""
    with pytest.raises(FormatError, match="n_outside"):
        Scores.from_state({**of([True], [0.5]).to_state(), "n_outside": 2})
