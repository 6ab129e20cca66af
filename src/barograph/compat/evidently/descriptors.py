"""Evidently's descriptors of texts that need no model, each a number of ours on a column of texts.

>>> from barograph.compat.evidently.descriptors import Contains, TextLength
>>> TextLength().of("note").spec.name, Contains(items=["refund", "money back"]).of("note").pattern
('text_descriptors', '(?i)(refund|money\\\\ back)')
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from barograph.errors import ParameterError
from barograph.metric import Metric
from barograph.metrics import quality


@dataclass(frozen=True)
class Descriptor:
    """One descriptor: `of` makes the metric of a column; `view` is which of its numbers it is, where it has several."""

    name: str
    of: Callable[[str], Metric]
    view: str | None = None


def _view(name: str, view: str) -> Callable[..., Descriptor]:
    def make(display_name: str | None = None) -> Descriptor:
        return Descriptor(display_name or name, quality.TextDescriptors, view)

    return make


def _found(name: str, pattern: Callable[..., str]) -> Callable[..., Descriptor]:
    def make(*given: Any, display_name: str | None = None, **named: Any) -> Descriptor:
        written = pattern(*given, **named)
        return Descriptor(display_name or name, lambda column: quality.MatchShare(column, written))

    return make


def _listed(items: Any, case_sensitive: bool = False, mode: str = "any") -> str:
    if mode != "any":
        raise ParameterError(f"mode is {mode!r}; here one of the items is enough: give a RegExp for more")
    return f"{'' if case_sensitive else '(?i)'}({'|'.join(map(re.escape, items))})"


def _words(words_list: Any, mode: str = "any", lemmatize: bool = False) -> str:
    if lemmatize:
        raise ParameterError("lemmas need a model of the language; give the words in the forms they may have")
    return rf"(?i)\b{_listed(words_list, case_sensitive=True, mode=mode)}\b"


def _at(before: str, after: str) -> Callable[..., str]:
    return lambda text, case_sensitive=True: f"{'' if case_sensitive else '(?i)'}{before}{re.escape(text)}{after}"


CLASSES: dict[str, Callable[..., Descriptor]] = {
    "TextLength": _view("TextLength", "length"),
    "WordCount": _view("WordCount", "words"),
    "SentenceCount": _view("SentenceCount", "sentences"),
    "NonLetterCharacterPercentage": _view("NonLetterCharacterPercentage", "non_letters"),
    "OOV": _view("OOV", "unseen_words"),
    "OOVWordsPercentage": _view("OOVWordsPercentage", "unseen_words"),
    "RegExp": _found("RegExp", lambda reg_exp: reg_exp),
    "Contains": _found("Contains", _listed),
    "TriggerWordsPresence": _found("TriggerWordsPresence", _words),
    "IncludesWords": _found("IncludesWords", _words),
    "BeginsWith": _found("BeginsWith", _at("^", "")),
    "EndsWith": _found("EndsWith", _at("", "$")),
}


def __getattr__(name: str) -> Any:
    """A descriptor by its old name; what needs a model says our way."""
    if name in CLASSES:
        return CLASSES[name]
    if not name[0].isupper():
        raise AttributeError(name)
    raise ParameterError(
        f"there is no descriptor {name!r} here: there are {', '.join(CLASSES)}; write the numbers of others, such "
        "as a model's, into a column of the rows, and it is watched as every column is"
    )
