"""Frequent values: exact up to the capacity, within the stated error beyond."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.errors import FormatError, MergeError
from barograph.summaries import TopK
from strategies import encoded, labels, numbers, tops_hold


def of(*batches: list, capacity: int = 256) -> TopK:
    top = TopK(capacity)
    for batch in batches:
        top.update(labels(batch) if any(isinstance(v, str) for v in batch) else numbers(batch))
    return top


@pytest.mark.parametrize("n", [0, 1, 2, 255, 256])
def test_exact_up_to_the_capacity(n: int):
    """Every value with its true count, most frequent first, equal counts by value."""
    rows = [float(i) for i in range(n) for _ in range(1 + i % 3)]
    top = of(rows, rows[::2])
    want = Counter(rows) + Counter(rows[::2])
    assert (dict(top.items()), top.error, top.exact) == (dict(want), 0, True)
    assert top.items() == sorted(want.items(), key=lambda pair: (-pair[1], pair[0]))
    assert top.items(3) == top.items()[:3]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("parts", [1, 10, 200])
@pytest.mark.parametrize("capacity", [16, 256])
def test_zipf(seed: int, parts: int, capacity: int):
    """Heavy tails: counts bracket the truth, the error is below n / capacity, the heaviest value is found and exact."""
    rng = np.random.default_rng(seed)
    rows = (rng.zipf(1.2, 40_000) % 100_000).astype(float)
    top = of(*(part.tolist() for part in np.array_split(rows, parts)), capacity=capacity)
    tops_hold(top, rows.tolist())
    assert 0 < top.error <= rows.size / capacity
    assert top.items(1) == Counter(rows.tolist()).most_common(1)


@pytest.mark.parametrize("parts", [1, 10, 100])
def test_unique_ids(parts: int):
    """All different: nothing frequent is claimed, and the error stays far below n / capacity."""
    rows = [f"id {i}" for i in range(30_000)]
    top = of(*(rows[i::parts] for i in range(parts)))
    tops_hold(top, rows)
    assert not top.exact
    assert 1 <= top.error <= 30_000 / 256
    assert all(count == 1 for _, count in top.items())


def test_a_batch_has_an_error_below_n_over_capacity():
    """In one batch the error is at most n / (capacity + 1), at the worst with all counts equal."""
    for times in (1, 2, 7):
        rows = [float(i) for i in range(257)] * times
        assert of(rows).error == times == len(rows) // 257


def test_few_new_and_frequent_values_at_a_time():
    """The worst order: each batch brings one new value. The error exceeds n / capacity, is stated, and still bounds."""
    batches = [["a"] * 100 + ["b"] * 100, *([str(i)] * 50 for i in range(20))]
    top = of(*batches, capacity=2)
    assert dict(top.items()) == {"a": 100, "b": 100}
    assert top.error == 1000
    tops_hold(top, [v for batch in batches for v in batch])


@given(
    st.integers(1, 6),
    st.lists(st.lists(st.sampled_from("abcdefghijkl") | st.none(), max_size=30), max_size=7),
    st.booleans(),
)
def test_the_bounds_hold_for_any_labels(capacity: int, batches: list[list[str | None]], merged: bool):
    """Small capacities, any batches, updated or merged from either side."""
    top = TopK(capacity)
    for i, batch in enumerate(batches):
        if merged:
            part = TopK(capacity)
            part.update(labels(batch))
            top = top.merge(part) if i % 2 else part.merge(top)
        else:
            top.update(labels(batch))
    tops_hold(top, [v for batch in batches for v in batch])


def test_labels_keep_their_names():
    """Unicode, empty and look-alike labels come back as they were; labels are looked up only where they are kept."""
    rows = ["", "0", "None", "中文", "</script>", "👩🏽‍💻", "👩🏽‍💻"]
    assert dict(of(rows).items()) == Counter(rows)
    asked = []
    batch = labels([*["often"] * 5, *map(str, range(1000))])
    object.__setattr__(batch, "resolve", lambda keys, inner=batch.resolve: asked.append(keys.size) or inner(keys))
    top = TopK(4)
    top.update(batch)
    assert (asked, top.items()) == ([1], [("often", 5)])


def test_disjoint_ids_of_two_days_are_no_exact_answer():
    """Two disjoint id sets leave nothing in common and say that they are inexact (whylogs: p = 1, no drift)."""
    first, second = of([f"a{i}" for i in range(5000)]), of([f"b{i}" for i in range(5000)])
    assert not first.exact
    assert not second.exact
    assert not first.merge(second).exact


def test_numbers_and_labels_do_not_mix():
    """A column that is numeric on one side only is an error that says so, also where all of a side was pruned."""
    pruned = of([float(i) for i in range(300)])
    assert pruned.keys.size == 0
    for a, b in ((of([1.0]), of(["1"])), (of(["1"]), of([1.0])), (pruned, of(["1"])), (of(["1"]), pruned)):
        with pytest.raises(MergeError, match="numbers and top labels"):
            a.merge(b)


def test_an_empty_side_is_of_either_sort():
    """A day of nulls, read as labels, neither breaks a numeric column nor changes it (and the other way round)."""
    for rows, nulls in (([1.0, 1.0, 2.0], labels([None, None])), (["a", "a", "b"], numbers([None, None]))):
        top, empty = of(rows), TopK()
        before = encoded(top)
        empty.update(nulls)
        assert encoded(top.merge(empty)) == encoded(empty.merge(top)) == before
        top.update(nulls)
        assert encoded(top) == before


def test_what_is_no_value_is_not_counted():
    """NaN, infinities and nulls are not among the frequent; -0.0 is 0.0."""
    top = of([math.nan, math.inf, -math.inf, None, -0.0], [0.0])
    assert top.items() == [(0.0, 2)]
    assert encoded(of([-0.0])) == encoded(of([0.0]))
    assert math.copysign(1, of([-0.0]).items()[0][0]) == 1


def test_extreme_floats_are_their_own_keys():
    """The largest, the smallest and neighbours stay apart."""
    rows = [1.7e308, -1.7e308, 5e-324, -5e-324, 0.1, np.nextafter(0.1, 1).item()]
    assert dict(of(rows, rows).items()) == dict.fromkeys(rows, 2)


def test_impossible_states_are_refused():
    """Duplicate keys, counts of 0, keys of NaN, too many keys, too few names."""
    good = of([1.0, 2.0]).to_state()
    nan = np.sort(np.array([1.0, math.nan]).view(np.uint64)).tobytes()
    for wrong in (
        {"keys": good["keys"][:8] * 2}, {"keys": nan}, {"counts": b"\0" * 16}, {"capacity": 1}, {"names": ["a"]},
        {"names": ["a", 2]}, {"error": -1},
    ):  # fmt: skip
        with pytest.raises(FormatError):
            TopK.from_state({**good, **wrong})
