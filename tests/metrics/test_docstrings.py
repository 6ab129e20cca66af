"""Every metric's docstring says what its page in the documentation must say."""

from __future__ import annotations

import re

import pytest
from docs.site.metrics import FAMILIES, metrics_of, page, read_by, source
from docs.site.text import first_sentence, paragraphs

METRICS = [(family, metric) for family in FAMILIES for metric in metrics_of(family)]

SAID = {
    "its range": r"[Rr]ange|Any number|Any range|Any whole|units|Up to 1|Lower is better|in 0 to|From 0|0 or more",
    "what it is when nothing has changed": (
        r"[Uu]nder no (drift|change)|[Ww]ith no change|when nothing (has )?changed|[Uu]nchanged"
        r"|where nothing can be told|same law differ by noise only"
    ),
    "what it is of no rows": r"`None`|is `unknown`|0 of no rows",
    "how exact it is": r"[Ee]xact|[Bb]ound|Off by|error|[Uu]nbiased|sample|closed form|[Oo]therwise as",
}

# What is counted, added up or picked out is its own formula and needs no literature; all else does.
PLAIN = re.compile(
    r"(Shares? of|How many|In how many|How few|Seconds|Pictures only|Arithmetic mean|Sum of|Largest|Smallest|Means over"
    r"|Mean score|Mean number|What each metric)"
)
FORMULA = re.compile(r"[=/|]|\bsum\b|[Mm]ean|[Qq]uantile|[Ss]hare|ratio|[Dd]istance|[Aa]rea|[Cc]orrelation|harmonic")


@pytest.mark.parametrize(("family", "metric"), METRICS, ids=lambda x: x if isinstance(x, str) else x.__name__)
def test_says_everything_its_page_needs(family: str, metric: type) -> None:
    said, example = paragraphs(metric)
    whole = " ".join(" ".join(said).split())
    for what, words in SAID.items():
        assert re.search(words, whole), f"{metric.__name__} does not say {what}"
    assert PLAIN.match(first_sentence(metric)) or FORMULA.search(whole), "no formula"
    assert PLAIN.match(first_sentence(metric)) or source(metric), "its last paragraph names no source with its year"
    assert example.startswith(">>> "), "no example"
    assert read_by(metric) or metric.spec.name == "row_count", "it is not known what it reads, hence not what it costs"
    assert metric.spec.help.endswith(".")


@pytest.mark.parametrize(("family", "metric"), METRICS, ids=lambda x: x if isinstance(x, str) else x.__name__)
def test_its_page_names_a_test_that_is_there(family: str, metric: type) -> None:
    from docs.site.metrics import ROOT, tests

    assert tests()[metric.__name__], "no file under tests/metrics uses it"
    for path in re.findall(r"`((?:src|tests)/[^`]+)`", page(metric, family, tests()[metric.__name__])):
        assert (ROOT / path).exists()


def test_names_are_one_page_each() -> None:
    names = [metric.spec.name for _, metric in METRICS]
    assert len(names) == len(set(names)) > 100
