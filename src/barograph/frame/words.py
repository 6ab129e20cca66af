"""Texts -> numbers that describe them.

length, letters, digits, spaces, others    characters, and the shares (0..1) of sorts among them, null for ""
non_letters                                the share of characters that are neither letters nor spaces
words, sentences                           how many there are
characters x                               how many lie in the range `x` of Unicode: one of `RANGES`, or U+0400-U+04FF
"""

from __future__ import annotations

import re

import polars as pl

from barograph.errors import ParameterError

WORD = r"[\p{L}\p{M}\p{N}_]+(?:['’][\p{L}\p{M}\p{N}_]+)*"
RANGES = {
    "basic-latin": r"\x{0}-\x{7F}", "control": r"\x{0}-\x{1F}", "digits": "0-9", "emoticon": r"\x{1F600}-\x{1F64F}",
    "extended-latin": r"\x{80}-\x{2AF}", "latin-lower": "a-z", "latin-upper": "A-Z",
    "unknown": r"^\x{0}-\x{2AF}\x{1F600}-\x{1F64F}",
}  # fmt: skip
"""Ranges of characters by name; unknown is all that none of the others has."""
_RANGE = re.compile(r"U\+([0-9A-Fa-f]{4,6})-U\+([0-9A-Fa-f]{4,6})")

_SORTS = {"letters": r"\p{L}", "digits": r"\p{Nd}", "spaces": r"\s"}
_VIEWS = ("length", *_SORTS, "others", "non_letters", "words", "sentences")
# a sentence ends at its marks before a space or the end (in Chinese and Japanese anywhere), or with the text
_ENDS = r"[.!?…]+[\"'”’»)\]]*(?:\s|$)|[。！？]+"
_UNENDED = r"[\p{L}\p{N}][^.!?…。！？]*$"


def text_view(text: pl.Series, view: str) -> pl.Series:
    """One view of texts as Float64, null where there is no text.

    Raises `ParameterError` for a view that there is not.

    >>> text_view(pl.Series(["It is 5.30. Late!", "", None]), "sentences").to_list()
    [2.0, 0.0, None]
    """
    if view.startswith("characters "):
        return text.str.count_matches(f"[{character_range(view.removeprefix('characters '))}]").cast(pl.Float64)
    if view not in _VIEWS:
        known = ", ".join((*_VIEWS, "characters ..."))
        raise ParameterError(f"there is no view {view!r} of a column; the views are value, seconds, {known}")
    if view == "words":
        return text.str.count_matches(WORD).cast(pl.Float64)
    if view == "sentences":
        ended = text.str.count_matches(_ENDS).cast(pl.Float64)
        return ended + text.str.contains(_UNENDED).cast(pl.Float64)
    length = text.str.len_chars().cast(pl.Float64)
    if view == "length":
        return length
    filled = length.set(length == 0.0, None)
    if view in _SORTS:
        count = text.str.count_matches(_SORTS[view])
    else:
        but = _SORTS.values() if view == "others" else (_SORTS["letters"], _SORTS["spaces"])
        count = length - text.str.count_matches("|".join(but))
    return count.cast(pl.Float64) / filled


def character_range(name: str) -> str:
    """A range of Unicode as what a regular expression has between brackets.

    Raises `ParameterError` where it is none.

    >>> character_range("U+0400-U+04FF")
    '\\\\x{0400}-\\\\x{04FF}'
    """
    if name in RANGES:
        return RANGES[name]
    found = _RANGE.fullmatch(name)
    if found is None or not int(found[1], 16) <= int(found[2], 16) <= 0x10FFFF:
        raise ParameterError(f"there is no range {name!r} of characters; give U+0400-U+04FF or {', '.join(RANGES)}")
    if int(found[2], 16) >= 0xD800 and int(found[1], 16) <= 0xDFFF:
        raise ParameterError(f"the range {name!r} holds surrogates (U+D800 to U+DFFF), which are no characters")
    return rf"\x{{{found[1]}}}-\x{{{found[2]}}}"


__all__ = ["RANGES", "WORD", "character_range", "text_view"]
