"""Arrays as little-endian bytes, and what is refused of what comes back."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.errors import FormatError
from barograph.summaries import wire


@pytest.mark.parametrize(("sort", "dtype"), [("f", "f8"), ("i", "i8"), ("u", "u8"), ("h", "u4"), ("b", "u1")])
def test_the_bytes_do_not_depend_on_the_machine(sort: str, dtype: str):
    """Big-endian and little-endian arrays of equal numbers have equal bytes, and come back native and writable."""
    for order in "<>":
        raw = wire.pack(np.array([1, 2, 250], order + dtype))
        assert raw == np.array([1, 2, 250], "<" + dtype).tobytes()
        back = wire.unpack({"x": raw}, "x", sort, 3)
        assert back.tolist() == [1, 2, 250]
        assert back.dtype.isnative
        assert back.flags.writeable


def test_arrays_that_are_slices():
    """A strided view packs as the numbers that it shows."""
    assert wire.pack(np.arange(6.0)[::2]) == np.array([0.0, 2.0, 4.0]).tobytes()


@pytest.mark.parametrize("value", [True, 1.0, -1, "1", None, 2**62, 10**400, b"1"])
def test_a_count_is_an_integer_that_can_be_added(value: object):
    """No bool, no float, not negative, and not so large that sums of counts leave 64 bits."""
    with pytest.raises(FormatError, match="n:"):
        wire.count({"n": value}, "n")
    assert wire.count({"n": 2**62 - 1}, "n") == 2**62 - 1


def test_an_array_of_counts_can_be_summed():
    """Two counts of 2**61 are too many together."""
    with pytest.raises(FormatError, match="cannot be added"):
        wire.counts({"n": np.array([2**61, 2**61]).tobytes()}, "n")


def test_an_integer_passes_for_a_float_only_if_it_is_one():
    """3 is 3.0; 2**53 + 1 is no float64, nor is True."""
    assert wire.field({"x": 3}, "x", float) == 3.0
    for value in (2**53 + 1, 10**400, True, "3", None):
        with pytest.raises(FormatError, match="x:"):
            wire.field({"x": value}, "x", float)


def test_null_is_not_absent():
    """What may be null must be there to be null."""
    assert not wire.optional({"x": None}, "x")
    assert wire.optional({"x": 0}, "x")
    for state in ({}, None, []):
        with pytest.raises(FormatError, match="x: absent"):
            wire.optional(state, "x")
