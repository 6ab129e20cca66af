"""Characters by range of Unicode, against a plain loop over the characters of the raw texts."""

from __future__ import annotations

import statistics

import numpy as np
import pytest

from barograph import Profile, Schema
from barograph.errors import ParameterError
from barograph.metrics.quality import UnicodeRanges

BOUNDS = {
    "basic-latin": (0, 0x7F), "control": (0, 0x1F), "digits": (0x30, 0x39), "emoticon": (0x1F600, 0x1F64F),
    "extended-latin": (0x80, 0x2AF), "latin-lower": (0x61, 0x7A), "latin-upper": (0x41, 0x5A),
    "U+0400-U+04FF": (0x400, 0x4FF),
}  # fmt: skip
PARTS = ["Ulm", "ÄÖÜß", "89073", "\t\n\x00", "Київ", "日本", "😀😎", "🦆", "e\u0301", "\u00e9", " ", "-[]^\\", ""]


def texts(n: int) -> list[str | None]:
    rng = np.random.default_rng(8)
    made = ["".join(PARTS[i] for i in rng.integers(0, len(PARTS), rng.integers(0, 6))) for _ in range(n)]
    return [None if rng.random() < 0.1 else text for text in made]


def found(rows, metric, **known):
    result = metric.compute(Profile.of(rows, needs=metric.needs, **known), None)
    return {v.labels["range"]: v for v in result.values}, result.figures


def test_against_a_loop_over_the_characters():
    rows = texts(800)
    said = [text for text in rows if text is not None]
    metric = UnicodeRanges("s", (*BOUNDS, "unknown"))
    values, (table,) = found({"s": rows}, metric, schema=Schema(kinds={"s": "text"}))
    total = sum(map(len, said))
    for name, (low, high) in BOUNDS.items():
        counts = [sum(low <= ord(c) <= high for c in text) for text in said]
        assert values[name].value == pytest.approx(statistics.fmean(counts))
        assert values[name].n == len(said)
        row = next(row for row in table.rows if row[1] == name)
        truth = [statistics.fmean(counts), statistics.stdev(counts), min(counts), max(counts), sum(counts) / total]
        assert row[2:] == pytest.approx(truth)
    known = [BOUNDS["basic-latin"], BOUNDS["extended-latin"], BOUNDS["emoticon"]]
    unknown = [sum(not any(a <= ord(c) <= b for a, b in known) for c in text) for text in said]
    assert values["unknown"].value == pytest.approx(statistics.fmean(unknown))
    assert values["string_length"].value == pytest.approx(total / len(said))


def test_capitals_are_found_and_letters_stay_whole():
    """whylogs puts texts in lower case before it counts capitals, and takes accents off letters."""
    values, _ = found({"s": ["É", "AB"]}, UnicodeRanges("s"))
    assert values["latin-upper"].value == 1.0
    assert (values["extended-latin"].value, values["unknown"].value) == (0.5, 0.0)


def test_parts_merge():
    rows, metric = texts(300), UnicodeRanges(ranges=("digits", "unknown"))
    known = Schema(kinds={"s": "categorical"})
    parts = [Profile.of({"s": rows[i::3]}, schema=known, needs=metric.needs) for i in range(3)]
    merged = metric.compute(Profile.from_bytes(sum(parts).to_bytes()), parts[0])
    whole, _ = found({"s": rows}, metric, schema=known)
    for value in merged.values:
        assert value.value == pytest.approx(whole[value.labels["range"]].value)
        assert value.reference is not None


def test_what_is_not_known_or_no_range():
    for rows in ({"s": []}, {"s": [None]}, {"t": ["a"]}):
        for value in found(rows, UnicodeRanges("s"))[0].values():
            assert value.value is None
            assert value.note
    assert "needs=" in UnicodeRanges("s").compute(Profile.of({"s": ["a"]}), None).values[0].note
    assert "numeric" in UnicodeRanges("x").compute(Profile.of({"x": [1.5, 2.5]}), None).values[0].note
    wrong = ("", "greek", "U+04FF-U+0400", "U+D000-U+E000", "U+0000-U+110000", "a-z", "U+0041-U+005A]|[x")
    for ranges in (*((name,) for name in wrong), (), tuple(f"U+{i:04X}-U+{i:04X}" for i in range(21))):
        with pytest.raises(ParameterError):
            UnicodeRanges("s", ranges)
