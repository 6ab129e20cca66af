"""Exact up to 512 values; beyond within the standard error; a function of the set alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.errors import FormatError
from barograph.frame.columns import number_keys
from barograph.summaries import Distinct
from barograph.summaries.distinct import REGISTERS, mix
from barograph.types import Keys, Labels
from strategies import encoded, labels, numbers, whole

STANDARD_ERROR = 1.04 / math.sqrt(REGISTERS)


def of(*batches: object) -> Distinct:
    distinct = Distinct()
    for batch in batches:
        distinct.update(batch if isinstance(batch, Labels) else numbers(batch))
    return distinct


def hashes(seed: int, n: int) -> Labels:
    """n labels by their hashes alone."""
    keys: Keys = np.unique(np.random.default_rng(seed).integers(0, 2**64, n, np.uint64))
    return Labels(keys, np.ones(keys.size, np.int64), lambda keys: ["" for _ in keys])


@pytest.mark.parametrize("n", [0, 1, 2, 100, 511, 512])
def test_exact_up_to_512(n: int):
    """The number itself, however often each occurs and however the rows are batched."""
    values = np.arange(n, dtype=float) - 7.5
    for distinct in (of(values), of(values, values[::-1]), of(*np.array_split(np.repeat(values, 3), 9))):
        assert (distinct.estimate, distinct.exact, distinct.bounds) == (n, True, (n, n))
    words = of(labels([f"w{i}" for i in range(n)] * 2))
    assert (words.estimate, words.exact) == (n, True)


def test_more_than_512_never_reads_as_less():
    """From 513 on it is an estimate, says so, and is at least 513."""
    for seed in range(30):
        distinct = of(hashes(seed, 513))
        assert not distinct.exact
        assert distinct.estimate >= 513
        assert distinct.bounds[0] >= 513


@pytest.mark.parametrize(
    ("n", "seeds"), [(600, 40), (1000, 40), (5000, 40), (20_000, 30), (100_000, 20), (1_000_000, 4)]
)
def test_within_the_standard_error(n: int, seeds: int):
    """Of many seeds none is 5 standard errors off, their root mean square is about one, and they are not biased."""
    errors = np.array([of(hashes(seed, n)).estimate / n - 1 for seed in range(seeds)])
    assert np.abs(errors).max() < 5 * STANDARD_ERROR
    assert np.sqrt((errors**2).mean()) < 1.5 * STANDARD_ERROR
    assert abs(errors.mean()) < 4 * STANDARD_ERROR / math.sqrt(seeds)


@pytest.mark.parametrize(
    "values",
    [
        np.arange(50_000.0),
        np.arange(50_000) / 100,
        np.arange(50_000) * 5e-324,
        np.linspace(-1, 1, 50_000) * 1.7e308,
        np.random.default_rng(1).lognormal(0, 3, 50_000),
        1.6e9 + np.arange(50_000.0) * 86_400,
    ],
    ids=["whole", "cents", "denormal", "huge", "lognormal", "days"],
)
def test_regular_numbers_are_spread_as_well(values: np.ndarray):
    """Bits of floats are no hashes; mixed they are: within 5 standard errors for patterns as for chance."""
    distinct = of(values)
    assert abs(distinct.estimate / values.size - 1) < 5 * STANDARD_ERROR
    low, high = distinct.bounds
    assert low < distinct.estimate < high


@given(st.lists(st.integers(0, 1500), max_size=900), st.integers(1, 9), st.randoms(use_true_random=False))
def test_the_state_depends_on_the_set_alone(values: list[int], parts: int, random):
    """Order, repetition and batching leave no trace, also across the switch at 512."""
    whole_batch = encoded(of(values))
    shuffled = values + values[: len(values) // 2]
    random.shuffle(shuffled)
    pieces = [shuffled[i::parts] for i in range(parts)]
    assert encoded(of(*pieces)) == whole_batch
    merged = Distinct()
    for piece in pieces:
        merged = of(piece).merge(merged)
    assert encoded(merged) == whole_batch
    assert merged.exact == (len(set(values)) <= 512)


def test_merge_is_idempotent():
    """The same values twice are the same values."""
    for n in (5, 512, 513, 40_000):
        distinct = of(np.arange(n, dtype=float))
        assert encoded(distinct.merge(distinct)) == encoded(distinct)


def test_blocks_of_a_large_batch_leave_no_trace():
    """A batch above the block size gives the state of its parts."""
    values = np.random.default_rng(0).normal(size=100_000)
    assert encoded(of(values)) == encoded(of(*np.array_split(values, 13)))


def test_integers_that_floats_cannot_tell_apart():
    """2**53 and 2**53 + 1 are one float and two values; 2**64 - 1 is none that wraps."""
    distinct = Distinct()
    distinct.update(whole([2**53 + i for i in range(10)] + [-(2**63), 2**63 - 1]))
    assert distinct.estimate == 12
    many = Distinct()
    many.update(whole([2**60 + i for i in range(30_000)]))
    assert abs(many.estimate / 30_000 - 1) < 5 * STANDARD_ERROR


def test_a_value_has_one_key_whichever_way_it_came():
    """An integer day and a float day hold the same {1, 2, 3} (whylogs counted 6), and -0.0 is 0.0."""
    values = np.array([0.0, 1.0, 2.0, 3.0, 2.0**53])
    assert number_keys(values).tolist() == mix(values.view(np.uint64)).tolist()
    assert of([1.0, 2.0, 3.0], [3.0, math.nan, None, 1.0, 2.0]).estimate == 3
    assert of([0.0], [-0.0]).estimate == of([-0.0, 0.0]).estimate == 1
    assert encoded(of([-0.0])) == encoded(of([0.0]))


def test_nan_and_infinities_are_not_values():
    """They are counted by `Counts`; here they are not distinct values (whylogs counted NaN as one)."""
    assert of([math.nan, math.inf, -math.inf, None, 1.0]).estimate == 1


def test_long_labels_stay_apart():
    """Labels that differ after their first thousand characters are different (whylogs cut at 128)."""
    assert of(labels(["x" * 1000 + str(i) for i in range(50)])).estimate == 50


def test_full_registers_have_a_reading():
    """A state no rows could give but a file could: huge, not an error."""
    distinct = Distinct.from_state({"keys": b"", "registers": b"\x35" * REGISTERS})
    assert distinct.estimate >= 2**63
    assert distinct.bounds[1] > distinct.estimate


def test_impossible_states_are_refused():
    """Too many keys, unsorted keys, keys beside registers, registers of nothing or too high."""
    keys = np.arange(3, dtype="<u8").tobytes()
    registers = b"\1" * REGISTERS
    for state in (
        {"keys": np.arange(513, dtype="<u8").tobytes(), "registers": None},
        {"keys": keys[::-1], "registers": None},
        {"keys": keys[:8] * 2, "registers": None},
        {"keys": keys, "registers": registers},
        {"keys": b"", "registers": b"\0" * REGISTERS},
        {"keys": b"", "registers": b"\x36" + registers[1:]},
        {"keys": b"", "registers": registers[1:]},
    ):
        with pytest.raises(FormatError):
            Distinct.from_state(state)
