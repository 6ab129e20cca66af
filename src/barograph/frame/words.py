"""Texts -> numbers that describe them.

length, letters, digits, spaces, others    characters, and the shares (0..1) of sorts among them, null for ""
non_letters                                the share of characters that are neither letters nor spaces
words, sentences                           how many there are
contains x, begins_with x, ends_with x     1 where a text does so with `x` as it is written, else 0
regex x                                    1 where the regular expression `x` matches anywhere
"""

from __future__ import annotations

import polars as pl

from barograph.errors import ParameterError

WORD = r"[\p{L}\p{M}\p{N}_]+(?:['’][\p{L}\p{M}\p{N}_]+)*"
PATTERNS = ("regex", "contains", "begins_with", "ends_with")
PATTERN_LENGTH = 256

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
    by, _, pattern = view.partition(" ")
    if by in PATTERNS and pattern:
        return _matches(text, by, pattern)
    if view not in _VIEWS:
        known = ", ".join((*_VIEWS, *(f"{by} ..." for by in PATTERNS)))
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


def _matches(text: pl.Series, by: str, pattern: str) -> pl.Series:
    if by == "begins_with":
        found = text.str.starts_with(pattern)
    elif by == "ends_with":
        found = text.str.ends_with(pattern)
    else:
        found = text.str.contains(pattern, literal=by == "contains")
    return found.cast(pl.Float64)


def check_pattern(by: str, pattern: str) -> None:
    """Raise `ParameterError` where a pattern cannot be used: empty, too long, or no regular expression (of Rust's)."""
    if by not in PATTERNS:
        raise ParameterError(f"a text cannot be matched by {by!r}; it can by {', '.join(PATTERNS)}")
    if not 0 < len(pattern) <= PATTERN_LENGTH:
        raise ParameterError(f"a pattern of {len(pattern)} characters; give 1 to {PATTERN_LENGTH}")
    if by != "regex":
        return
    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.PolarsError as error:
        raise ParameterError(f"{pattern!r} is no regular expression: {str(error).strip().splitlines()[0]}") from error


__all__ = ["PATTERNS", "WORD", "check_pattern", "text_view"]
