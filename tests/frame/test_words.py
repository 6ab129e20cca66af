"""Views of texts, against the plain formula on each."""

import re

import numpy as np
import polars as pl
import pytest

from barograph.errors import ParameterError
from barograph.frame import numbers, words
from barograph.frame.words import text_view

TEXTS = [
    "It's 5.30 p.m. Late!", "", "   ", "Ünïcode wörter, 3 Stück?", "中文没有空格。两句。", "no end",
    'Wait... what?! "Yes." ok',
    "</script><b>", "a_b c-d", "👩🏽‍💻 and more", "x" * 300, "line\nbreak. Next line\n", None, "e.g. www.example.com",
]  # fmt: skip


def view(text: str, name: str) -> float | None:
    found = text_view(pl.Series([text], dtype=pl.String), name)
    return found[0]


@pytest.mark.parametrize("text", [t for t in TEXTS if t is not None])
def test_shares_of_characters_are_the_plain_formula(text):
    if not text:
        assert view(text, "non_letters") is None
        return
    letters, spaces = sum(c.isalpha() for c in text), sum(c.isspace() for c in text)
    assert view(text, "non_letters") == pytest.approx(1 - (letters + spaces) / len(text))
    digits, others = view(text, "digits"), view(text, "others")
    assert digits + others == pytest.approx(view(text, "non_letters"))
    assert view(text, "length") == len(text)


@pytest.mark.parametrize("text", [t for t in TEXTS if t and t.isascii()])
def test_words_are_the_plain_formula(text):
    assert view(text, "words") == len(re.findall(r"\w+(?:'\w+)*", text))


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("", 0), ("   ", 0), ("...", 1), ("no end", 1), ("One. Two", 2), ("One. Two.", 2), ("3.14 is pi", 1),
        ("Hm?! Yes.", 2), ('He said: "No." Then left', 2), ("中文没有空格。两句。", 2), ("中文", 1),
        ("Is it (really?) so", 2), ("a.b.c", 1),
        ("Wait... what", 2), ("end.\n", 1), ("Ünïcode wörter!", 1),
    ],
)  # fmt: skip
def test_sentences(text, n):
    assert view(text, "sentences") == n


def test_a_view_that_there_is_not():
    batch = pl.DataFrame({"x": ["a.b", None]})
    for wrong in ("wrods", "regex a", "characters greek", "characters"):
        with pytest.raises(ParameterError, match="there is no"):
            numbers(batch, "x", wrong)


def test_words_of_each_text():
    batch = pl.DataFrame({"x": ["a b a", None, "", "...", "B"]})
    found = words(batch, "x")
    assert found.lengths.tolist() == [3, 0, 0, 1]
    assert found.absent.n_null == 1
    assert np.unique(found.keys).size == 2  # B is b
    assert found.marked(found.keys == found.keys[0]).tolist() == [2, 0, 0, 0]
    assert words(pl.DataFrame({"x": [None, None]}), "x").keys.size == 0
    assert words(pl.DataFrame({"x": [[1.0], [2.0]]}), "x").absent.n_invalid == 2
