"""Counts between frozen edges, closed on the right."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.errors import FormatError, MergeError, ParameterError
from barograph.summaries import Bins
from strategies import numbers

FLOATS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-3, 3).map(float)


def of(edges: object, *batches: object) -> Bins:
    bins = Bins(np.array(edges, float))
    for batch in batches:
        bins.update(numbers(batch))
    return bins


@given(st.lists(FLOATS, max_size=8, unique=True).map(sorted), st.lists(FLOATS, max_size=60))
def test_against_the_plain_definition(edges: list[float], rows: list[float]):
    """Each cell is `(lower, upper]`; the first has no lower end, the last no upper."""
    rows += edges
    ends = [-math.inf, *edges, math.inf]
    want = [sum(low < v <= high for v in rows) for low, high in itertools.pairwise(ends)]
    bins = of(edges, rows[::2], rows[1::2])
    assert bins.counts.tolist() == want
    assert bins.n == len(rows)


@pytest.mark.parametrize("seed", range(5))
def test_against_numpy_histogram(seed: int):
    """numpy's cells are closed on the left: mirrored, they are ours; `digitize(right=True)` is ours as it stands."""
    rng = np.random.default_rng(seed)
    edges = np.unique(np.round(rng.normal(0, 3, 40), 1))
    rows = np.round(rng.normal(0, 3, 20_000), 1)
    counts = of(edges, rows).counts
    inside = rows[rows > edges[0]]
    assert counts[1:-1].tolist() == np.histogram(-inside, -edges[::-1])[0][::-1].tolist()
    assert counts.tolist() == np.bincount(np.digitize(rows, edges, right=True), minlength=edges.size + 1).tolist()


@pytest.mark.parametrize("atom", [0.0, 1.0, -3.5, 5e-324, 1e300, 1.7e308])
def test_an_atom_has_a_cell_of_its_own(atom: float):
    """Between the float below a value and the value lies that value alone, and -0.0 with 0.0."""
    below, above = np.nextafter(atom, -np.inf), np.nextafter(atom, np.inf)
    bins = of([below, atom], [atom] * 5 + [below] * 3 + [above] * 2)
    assert bins.counts.tolist() == [3, 5, 2]
    if atom == 0:
        assert of([below, atom], [-0.0, 0.0]).counts.tolist() == [0, 2, 0]


def test_cumulated_cells_are_prometheus_buckets():
    """The running sum at an edge is the number of rows with `value <= edge`."""
    rows = np.random.default_rng(0).exponential(1, 5000).round(2)
    edges = np.array([0.1, 0.5, 1.0, 2.5])
    assert np.cumsum(of(edges, rows).counts)[:-1].tolist() == [int((rows <= e).sum()) for e in edges]


def test_no_edges_and_no_rows():
    """Without edges there is one cell; without rows all are 0; what is not finite is in none."""
    assert of([], [1.0, -1e308]).counts.tolist() == [2]
    assert of([0.0], []).counts.tolist() == [0, 0]
    assert of([0.0], [math.nan, math.inf, -math.inf, None]).counts.tolist() == [0, 0]


def test_edges_as_far_apart_as_floats_go():
    """Their difference overflows; they are edges all the same."""
    assert of([-1.7e308, 1.7e308], [-1.7e308, 0.0, 1.75e308]).counts.tolist() == [1, 1, 1]
    bins = of([-1.7e308, 1.7e308], [0.0])
    assert Bins.from_state(bins.to_state()).counts.tolist() == [0, 1, 0]


@pytest.mark.parametrize("edges", [[1.0, 0.0], [0.0, 0.0], [0.0, -0.0], [math.nan], [0.0, math.inf], [-math.inf, 0.0]])
def test_edges_must_be_finite_and_ascending(edges: list[float]):
    """Made by hand they are a wrong parameter, in a file a wrong format."""
    with pytest.raises(ParameterError, match="ascending"):
        Bins(np.array(edges))
    with pytest.raises(FormatError):
        Bins.from_state({"edges": np.array(edges).tobytes(), "counts": b"\0" * 8 * (len(edges) + 1)})


def test_unlike_edges_of_equal_number_refuse():
    """The same number of edges is not the same edges, not even one float apart."""
    with pytest.raises(MergeError, match="2 and 2 edges, not the same"):
        of([0.0, 1.0]).merge(of([0.0, np.nextafter(1.0, 2)]))
