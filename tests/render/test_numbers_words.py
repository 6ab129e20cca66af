"""The display may not lie, and text from data stays one visible line."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.render.numbers import apart, bounds, number, share
from barograph.render.words import labelled, moment, plain, span
from barograph.results import Value


@given(st.floats(min_value=0, max_value=1))
def test_a_share_is_shown_as_none_or_all_only_when_it_is(value: float) -> None:
    said = share(value)
    assert (said == "0 %") == (value == 0)
    assert (said == "100 %") == (value == 1)
    if said[0] not in "<>":
        assert not (float(said.removesuffix(" %")) in (0, 100) and value not in (0, 1))


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_every_float_has_a_form(value: float) -> None:
    said = number(value)
    assert said and "nan" not in said and "inf" not in said
    if math.isfinite(value) and value not in (0, 1):
        assert said not in ("0", "1", "−0")


@pytest.mark.parametrize("unit", ["", "ratio", "rows", "columns", "seconds"])
def test_what_is_not_known_is_a_dash(unit) -> None:
    assert number(None, unit) == "–"
    assert number(float("nan"), unit) == "–"


def test_a_value_and_its_threshold_are_seen_apart() -> None:
    assert len(set(apart(0.05000001, 0.05))) == 2
    assert len(set(apart(0.9000001, 0.9, "ratio"))) == 2
    assert apart(None, 0.1) == ("–", "0.1")


def test_bounds_open_at_one_end() -> None:
    assert bounds(Value(1.0, low=0.5)) == "0.5 to ∞"
    assert bounds(Value(1.0, p_value=0.003)) == "p 0.003"


@given(st.text())
def test_plain_text_is_one_printable_line(text: str) -> None:
    said = plain(text)
    assert len(said.splitlines()) <= 1
    said.encode()  # no lone surrogate is left
    assert not set(said) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x00\x1b")
    assert plain(said) == said or len(said) > 120


def test_long_text_says_its_full_length() -> None:
    assert plain("x" * 10_000).endswith("(10,000 characters)")
    assert len(plain("x" * 10_000)) < 130


def test_labels_and_moments() -> None:
    assert labelled({"column": "a", "class": "1"}, {"bins": 3}, without=("column",)) == "class 1 · bins 3"
    assert moment("not a time\n") == "not a time\\n"
    assert span("2026-01-01T00:00:00", None) == "2026-01-01 00:00 to ?"
