"""Ranks within the stated bound, always; exact up to k rows."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.errors import FormatError, MergeError
from barograph.summaries import Quantiles
from strategies import encoded, numbers, ranks_hold, restored

Q = np.array([0.0, 0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999, 1.0])


def of(*batches: object, k: int = 512) -> Quantiles:
    summary = Quantiles(k=k)
    for batch in batches:
        summary.update(numbers(batch))
    return summary


def rank_errors(summary: Quantiles, ordered: np.ndarray) -> float:
    """Largest error of the rank of any value there is, and of points between."""
    points = np.concatenate([ordered, (ordered[1:] / 2 + ordered[:-1] / 2)])
    truth = np.searchsorted(ordered, points, side="right") / ordered.size
    return float(np.abs(summary.cdf(points) - truth).max())


DRAW = {
    "normal": lambda rng, n: rng.normal(0, 1, n),
    "lognormal": lambda rng, n: rng.lognormal(0, 3, n),
    "ties": lambda rng, n: rng.integers(0, 20, n).astype(float),
    "zero-inflated": lambda rng, n: np.where(rng.random(n) < 0.7, 0.0, rng.lognormal(0, 1, n)),
    "constant": lambda rng, n: np.full(n, 0.1),
    "huge": lambda rng, n: rng.uniform(-1.7, 1.7, n) * 1e308,
    "denormal": lambda rng, n: rng.integers(0, 1000, n) * 5e-324,
    "rising": lambda rng, n: np.arange(n, dtype=float),
}


@pytest.mark.parametrize("draw", DRAW.values(), ids=DRAW)
@pytest.mark.parametrize("n", [1, 2, 3, 511, 512])
def test_exact_up_to_k_rows(draw, n: int):
    """With at most k rows every quantile is numpy's, and the bound says 0."""
    values = draw(np.random.default_rng(n), n)
    summary = of(*np.array_split(values, min(n, 3)))
    # numpy overflows between -1.7e308 and 1.7e308: compare halves there
    half = 4.0 if np.abs(values).max() > 1e307 else 1.0
    want = np.quantile(values / half, Q)
    assert summary.rank_error == 0.0
    np.testing.assert_allclose(
        summary.quantiles(Q) / half, want, rtol=1e-12, atol=max(1e-13 * np.abs(want).max(), 1e-323)
    )
    assert rank_errors(summary, np.sort(values)) < 1e-12
    for q in Q:
        assert summary.bounds(q) == (summary.quantile(q),) * 2


@pytest.mark.parametrize("draw", DRAW.values(), ids=DRAW)
@pytest.mark.parametrize("parts", [1, 100])
def test_a_hundred_thousand_rows(draw, parts: int):
    """The rank error is below what is stated, in one batch and in 100; ends are exact, quantiles within `bounds`."""
    values = draw(np.random.default_rng(parts), 100_000)
    summary = of(*np.array_split(values, parts))
    ordered = np.sort(values)
    assert rank_errors(summary, ordered) <= summary.rank_error + 1e-12
    assert summary.rank_error <= (2 / 512 if parts == 1 else 0.02)
    assert (summary.quantile(0), summary.quantile(1)) == (ordered[0], ordered[-1])
    ranks_hold(summary, values.tolist())


@pytest.mark.parametrize("how", ["one batch", "100 chunks", "1,000 merges", "100 sorted chunks", "1,000 rows of one"])
def test_a_million_rows(how: str):
    """The measured error of a million rows is what the docstring says; the bound holds; 8 k bytes a level."""
    rng = np.random.default_rng(0)
    values = rng.lognormal(0, 2, 1_000_000)
    if how == "one batch":
        summary, limit = of(values), 0.0014
    elif how == "100 chunks":
        summary, limit = of(*np.array_split(values, 100)), 0.0035
    elif how == "100 sorted chunks":
        summary, limit = of(*np.array_split(np.sort(values), 100)), 0.003
    elif how == "1,000 merges":
        summary, limit = Quantiles(), 0.002
        for part in np.array_split(values, 1000):
            summary = summary.merge(of(part))
    else:
        values = values[:1000]
        summary, limit = of(*values[:, None]), 0.003
    ordered = np.sort(values)
    error = rank_errors(summary, ordered)
    assert error <= summary.rank_error + 1e-12
    assert error < limit
    assert summary.n == values.size
    assert all(level.size <= 512 for level in summary.levels)
    assert len(encoded(summary)) < 8 * 512 * 13


@pytest.mark.parametrize("n", [1000, 5000, 100_000, 1_000_000])
def test_no_side_is_favoured(n: int):
    """Errors have both signs: in one batch their mean is below a third of the bound, of quantiles as of ranks."""
    ordered = np.arange(n, dtype=float)
    summary = of(ordered)
    shares = np.linspace(0, 1, 2001)
    places = shares * (n - 1)
    limit = max(summary.rank_error / 3, 0.7 / n)
    assert abs((summary.cdf(places) - (np.floor(places) + 1) / n).mean()) < limit
    assert abs((summary.quantiles(shares) - places).mean() / n) < limit


@settings(max_examples=150)
@given(
    st.integers(1, 9),
    st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-3, 3), max_size=30), max_size=8),
    st.booleans(),
)
def test_the_bound_holds_for_any_rows(k: int, batches: list[list[float]], merged: bool):
    """Few places, any values, any batches, updated or merged: no rank is further off than stated."""
    summary = of(*batches, k=k) if not merged else Quantiles(k=k)
    for batch in batches if merged else ():
        summary = summary.merge(of(batch, k=k))
    rows = [v for batch in batches for v in batch]
    ranks_hold(summary, rows)
    ranks_hold(restored(summary), rows)


@pytest.mark.parametrize("n", [513, 1024, 1025, 1026, 5000, 77_777, 600_000])
def test_one_batch_is_within_two_ks(n: int):
    """The stated bound of one batch is below 2/k whatever its size."""
    assert 0 < of(np.arange(n, dtype=float)).rank_error < 2 / 512


def test_nothing_has_no_quantiles():
    """None, not 0 and not NaN; so with nothing but absent values."""
    for summary in (Quantiles(), of([]), of([None, math.nan, math.inf, -math.inf])):
        assert (summary.n, summary.quantile(0.5), summary.bounds(0.5), summary.quantiles(Q)) == (0, None, None, None)
        assert summary.rank_error == 0.0
        assert summary.cdf(np.array([0.0, 1.0])).tolist() == [0.0, 0.0]


def test_quantiles_never_leave_the_ends_and_never_fall():
    """Between -1.7e308 and 1.7e308 interpolation stays finite; a higher share has no lower quantile."""
    for values in ([-1.7e308, 1.7e308], [1e308] * 3, [-1.7e308] * 600 + [1.7e308] * 600):
        got = of(values).quantiles(np.linspace(0, 1, 101))
        assert np.isfinite(got).all()
        assert got.min() >= min(values)
        assert got.max() <= max(values)
        assert (got[1:] >= got[:-1]).all()
    assert of([-1.7e308, 1.7e308]).quantile(0.5) == 0.0


def test_cdf_at_the_ends():
    """Below the smallest value lies nothing; at the largest, everything, though it may not have been kept."""
    summary = of(np.arange(10_000.0))
    assert summary.cdf(np.array([-1.0, -np.inf, 9999.0, np.inf])).tolist() == [0.0, 0.0, 1.0, 1.0]


def test_minus_zero_is_zero():
    """The sign of a zero leaves no trace in the bytes, whichever came first."""
    forth, back = of([0.0] * 600, [-0.0] * 600), of([-0.0] * 600, [0.0] * 600)
    assert encoded(forth) == encoded(back)
    assert b"\x80" + b"\0" * 7 not in encoded(of([-0.0]))


def test_merge_of_unlike_k_names_both():
    """k=64 and k=128 do not merge."""
    with pytest.raises(MergeError, match=r"k=64 and k=128"):
        Quantiles(64).merge(Quantiles(128))


@pytest.mark.parametrize(
    "wrong",
    [{"k": 0}, {"k": 2}, {"n": 5}, {"parity": 8}, {"low": 2.0}, {"high": 1.0}, {"low": math.nan}, {"high": math.inf}],
)
def test_impossible_states_are_refused(wrong: dict[str, float]):
    """Levels above k, weights that do not add up, ends inside the values."""
    state = msgspec.msgpack.decode(encoded(of([1.0, 2.0, 3.0])))
    with pytest.raises(FormatError):
        Quantiles.from_state({**state, **wrong})


def test_unsorted_or_nan_levels_are_refused():
    """A level that does not ascend would give wrong ranks in silence."""
    state = msgspec.msgpack.decode(encoded(of([1.0, 2.0, 3.0])))
    for values in ([1.0, 3.0, 2.0], [1.0, math.nan, 3.0], [math.nan] * 3):
        with pytest.raises(FormatError):
            Quantiles.from_state({**state, "levels": [np.array(values).tobytes()]})
    compacted = msgspec.msgpack.decode(encoded(of(np.arange(600.0))))
    with pytest.raises(FormatError, match="error: 0"):
        Quantiles.from_state({**compacted, "error": 0})
