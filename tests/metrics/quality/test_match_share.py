"""The share of values that match a pattern, against Python's own `re` and `str` on the raw values."""

from __future__ import annotations

import re

import numpy as np
import pytest

from barograph import Profile, Schema
from barograph.errors import ParameterError
from barograph.metrics.quality import ConditionShare, MatchShare

META = ["a.b", "ab", "A.B", "", "x(y)[z]{1}|^$*+?\\d", "#& ~-\n\t\"'", "Ünï", "\\A", "\x00", "aa", None]


def share(metric, rows, **known):
    (value,) = metric.compute(Profile.of({"x": rows}, needs=metric.needs, **known), None).values
    return value.value


@pytest.mark.parametrize("pattern", ["a.b", "(?i)^a", "^$", r"\d", "a.?b", "b$", "[xyz]", "Ü"])
def test_regular_expressions(pattern):
    said = [text for text in META if text is not None]
    truth = np.mean([bool(re.search(pattern, text)) for text in said])
    for kind in ("text", "categorical"):
        assert share(MatchShare("x", pattern), META, schema=Schema(kinds={"x": kind})) == pytest.approx(truth)


@pytest.mark.parametrize("pattern", [text for text in META if text] + ["a", "\\", "]", " ", "B"])
@pytest.mark.parametrize("by", ["contains", "begins_with", "ends_with"])
def test_patterns_as_they_are_written(pattern, by):
    """Whatever means something in a regular expression means itself here."""
    how = {"contains": str.__contains__, "begins_with": str.startswith, "ends_with": str.endswith}[by]
    truth = np.mean([how(text, pattern) for text in META if text is not None])
    assert share(MatchShare("x", pattern, by), META) == pytest.approx(truth)


def test_it_is_the_condition_it_says():
    metric = MatchShare("x", r"^[ab]")
    condition = ConditionShare('contains(col("x"), "^[ab]")')
    assert set(condition.needs(Schema(kinds={"x": "text"}))) < set(metric.needs(Schema(kinds={"x": "text"})))


def test_what_is_no_pattern():
    for pattern, by in (("(", "regex"), ("", "regex"), ("", "contains"), ("x", "like"), ("(?<=a)b", "regex")):
        with pytest.raises(ParameterError):
            MatchShare("x", pattern, by)
    (value,) = MatchShare("x").compute(Profile.of({"x": [1.5, 2.5]}), None).values
    assert value.note == "column 'x' is numeric; match_share is for text and categorical"
