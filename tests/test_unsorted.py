"""Large columns without a sort: every answer is that of the sorted column, whatever the distribution."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.frame import keys_of, labels, numbers
from barograph.summaries import Bins, Categories, Distinct, Moments, Quantiles, TopK
from barograph.types import Absent, Floats, Numbers
from barograph.unsorted import CROWD, MANY, Scale, UnsortedLabels, UnsortedNumbers, sample, tally, unsorted

N = MANY + 4321
RNG = np.random.default_rng(7)
FLAT = RNG.random(N)
SHAPES: dict[str, Floats] = {
    "normal": RNG.normal(size=N),
    "uniform": FLAT,
    "lognormal": RNG.lognormal(sigma=3, size=N),
    "pareto": RNG.pareto(0.7, N) + 1,
    "both signs of many orders": RNG.normal(size=N) * 10.0 ** RNG.integers(-200, 200, N),
    "normal and a few far away": np.where(FLAT < 1e-4, 1e300, RNG.normal(size=N)),
    "half zero": np.where(FLAT < 0.5, -0.0, RNG.normal(size=N)),
    "one value of each twenty": np.where(FLAT < 0.05, 2.5, RNG.normal(size=N)),
    "two decimals": np.round(RNG.normal(scale=20, size=N), 2),
    "ends of float64": np.where(FLAT < 0.5, -1.7e308, 1.7e308) * RNG.random(N),
    "subnormal": RNG.integers(0, 2**40, N) * 5e-324,
    "ascending": np.arange(N) + 0.5,
    "next to each other": 1.0 + np.arange(N) * np.finfo(float).eps,
}


def pair(values: Floats) -> tuple[Numbers, Numbers]:
    return unsorted(values, Absent()), Numbers(np.sort(values) + 0.0)


@pytest.mark.parametrize("shape", SHAPES)
def test_answers_are_those_of_the_sorted_column(shape: str) -> None:
    fast, slow = pair(SHAPES[shape])
    assert isinstance(fast, UnsortedNumbers)
    assert (fast.size, fast.n_rows, fast.low, fast.high) == (N, N, slow.low, slow.high)
    ranks = np.unique(np.concatenate([np.arange(50), RNG.integers(0, N, 500), [N - 1]]))
    assert np.array_equal(fast.ranked(ranks), slow.values[ranks])
    edges = np.unique(np.concatenate([slow.values[RNG.integers(0, N, 300)], [-1e308, -0.0, 0.3, 2.5, 1e308]]))
    assert np.array_equal(fast.upto(edges), slow.upto(edges))
    assert np.array_equal(fast.values, slow.values)


@pytest.mark.parametrize("shape", SHAPES)
def test_summaries_are_those_of_the_sorted_column(shape: str) -> None:
    fast, slow = pair(SHAPES[shape])
    edges = slow.values[:: N // 200][1:]
    made: list[tuple[Quantiles | Bins | Distinct, ...]] = [
        (Quantiles(), Quantiles()),
        (Bins(np.unique(edges)), Bins(np.unique(edges))),
        (Distinct(), Distinct()),
    ]
    for ours, theirs in made:
        ours.update(fast)
        theirs.update(slow)
        assert ours.to_state() == theirs.to_state()
    moments = Moments(), Moments()
    for summary, batch in zip(moments, (fast, slow), strict=True):
        summary.update(batch)
    assert (moments[0].n, moments[0].low, moments[0].high) == (moments[1].n, moments[1].low, moments[1].high)
    for reading in ("mean", "std"):
        ours, theirs = (getattr(m, reading) for m in moments)
        assert (ours is None) == (theirs is None)  # what overflows float64
        if ours is not None:
            assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12 * max(abs(slow.low), abs(slow.high)))


@pytest.mark.parametrize("shape", SHAPES)
def test_frequent_values_keep_their_bound(shape: str) -> None:
    """Of a value that is kept the count is true, no other has more than the error; one in 4,096 rows is found."""
    values = SHAPES[shape]
    top = TopK()
    top.update(pair(values)[0])
    distinct, counts = np.unique(values + 0.0, return_counts=True)
    kept = np.isin(distinct, top.keys.view(np.float64))
    assert dict(zip(distinct[kept], counts[kept], strict=True)) == dict(top.items())
    assert counts[~kept].max(initial=0) <= top.error <= N / (top.capacity + 1)
    frequent = counts > max(N // CROWD, np.sort(counts)[-min(257, counts.size)])
    assert kept[frequent].all()


def test_what_is_no_number_is_counted_apart() -> None:
    values: list[float | None] = RNG.normal(size=N).tolist()
    values[:8] = [None, None, None, float("nan"), float("nan"), float("inf"), float("-inf"), float("-inf")]
    batch = pl.DataFrame({"x": values})
    found = numbers(batch, "x")
    assert isinstance(found, UnsortedNumbers)
    assert found.absent == Absent(3, 2, 1, 2)
    assert np.array_equal(found.values, np.sort(np.array(values[8:])))
    text = pl.DataFrame({"x": ["abc", None, *map(str, values[8:])]})
    assert numbers(text, "x").absent == Absent(n_null=1, n_invalid=1)
    small = numbers(batch.with_columns(pl.col("x").cast(pl.Float32)), "x")
    assert np.array_equal(small.values, np.sort(np.array(values[8:], np.float32)).astype(float))
    few = pl.DataFrame({"x": [float("nan")] * N + [2.0, 1.0]})
    assert (numbers(few, "x").values.tolist(), numbers(few, "x").absent.n_nan) == ([1.0, 2.0], N)


@pytest.mark.parametrize(
    "whole",
    [
        RNG.integers(-500, 500, N),
        RNG.integers(0, 200, N).astype(np.uint8),
        RNG.integers(-128, 128, N).astype(np.int8),
        RNG.integers(0, 1000, N).astype(np.uint64) + np.uint64(2**64 - 1000),
        RNG.integers(0, 1000, N) + 2**53 - 500,
        RNG.integers(-(2**63), -(2**63) + 1000, N),
        RNG.integers(0, 2**52, N),
        RNG.integers(-(2**63), 2**63 - 1, N),
        np.where(FLAT < 0.5, 3, 2**40),
    ],
    ids=["small", "u8", "i8", "end of u64", "end of float64", "end of i64", "wide", "all", "two"],
)
def test_integers_are_those_of_the_sorted_column(whole: np.ndarray) -> None:
    found = numbers(pl.DataFrame({"n": whole}), "n")
    assert np.array_equal(found.values, np.sort(whole).astype(float))
    distinct, counts = np.unique(whole.astype(float), return_counts=True)
    if not isinstance(found, UnsortedNumbers):
        assert np.array_equal(found.distinct, distinct)
        assert np.array_equal(found.counts, counts)
        assert np.array_equal(found.starts, np.cumsum(counts) - counts)
    seen = Distinct()
    seen.update(found)
    each = Distinct()
    for part in np.array_split(np.unique(whole), 300):
        each.update(numbers(pl.DataFrame({"n": part}), "n"))
    assert seen.to_state() == each.to_state()
    if found.ends is not None:
        assert found.ends == (int(whole.min()), int(whole.max()))


@pytest.mark.parametrize("some", [5, 3_000, 10**9], ids=["few", "some", "all different"])
def test_labels_are_those_of_the_sorted_column(some: int) -> None:
    text = [None, *(f"v{i}" for i in RNG.integers(0, some, N))] + ["often"] * 2_000
    found = labels(pl.DataFrame({"s": text}), "s")
    distinct, counts = np.unique(np.array(text[1:]), return_counts=True)
    keys = keys_of(distinct.tolist())
    order = np.argsort(keys)
    assert isinstance(found, UnsortedLabels) == (some > 5)
    assert found.differ_at_least <= distinct.size
    assert (found.n_rows, found.absent) == (len(text), Absent(n_null=1))
    some_keys = np.sort(keys[:40])
    assert found.resolve(some_keys) == [distinct[keys.tolist().index(k)] for k in some_keys.tolist()]
    assert found.resolve(some_keys[::-1]) == found.resolve(some_keys)[::-1]
    with pytest.raises(KeyError, match="not in this column"):
        found.resolve(np.array([1, int(some_keys[0])], np.uint64))
    assert np.array_equal(found.counted(np.sort(keys[:9])), counts[:9][np.argsort(keys[:9])])
    assert np.array_equal(found.bucketed(64), np.bincount((keys & np.uint64(63)).astype(int), counts, 64).astype(int))
    top = TopK()
    top.update(found)
    assert top.items(1) == [("often", 2_000)] or some == 5
    assert np.array_equal(found.keys, keys[order])
    assert np.array_equal(found.counts, counts[order])
    for complete in (True, False):
        plain = labels(pl.DataFrame({"s": text[:9]}), "s")
        cells = Categories(plain.keys, plain.resolve(plain.keys), complete=complete)
        cells.update(found)
        assert cells.n == len(text) - 1
        assert cells.counts.tolist() == [text.count(name) for name in cells.names]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 60_000), st.integers(1, 5_000))
def test_a_tally_is_exact(seed: int, most: int, n: int) -> None:
    """Keys that meet in one place of the table are told apart."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 2**63, most).astype(np.uint64)[rng.integers(0, most, n)]
    rows[::3] >>= np.uint64(rng.integers(0, 60))
    found = tally(rows)
    keys, counts = np.unique(rows, return_counts=True)
    assert np.array_equal(found.keys, keys)
    assert np.array_equal(found.counts, counts)
    assert np.array_equal(rows[found.rows], keys)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_scale_keeps_the_order(shape: str) -> None:
    ascending = np.sort(SHAPES[shape])
    scale = Scale.of(sample(SHAPES[shape]))
    assert (np.diff(scale.places(ascending).astype(int)) >= 0).all()


def test_few_different_values_are_counted() -> None:
    """Also where the sample misses that there are more, or -0.0 stands beside 0.0."""
    values = np.where(FLAT < 0.3, -0.0, np.round(FLAT, 1))
    values[17] = 0.123456
    fast, slow = pair(values)
    assert not isinstance(fast, UnsortedNumbers)
    assert np.array_equal(fast.values, slow.values)
    assert not np.signbit(fast.values).any()
    assert np.array_equal(fast.distinct, slow.distinct)
    assert np.array_equal(fast.counts, slow.counts)
