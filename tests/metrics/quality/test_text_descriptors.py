"""Texts: descriptors, words outside the vocabulary, patterns; and their drift."""

import re

import numpy as np
import pytest

from barograph import Baseline, Check, Profile, Report, Schema, close_to_reference, no_drift
from barograph.errors import ParameterError
from barograph.metrics.drift import TextDrift
from barograph.metrics.quality import MatchShare, TextDescriptors, UnseenWordShare
from barograph.needs import default_needs

TEXT = Schema(kinds={"note": "text"})
WORDS = [f"word{i}" for i in range(4000)]


def texts(rng: np.random.Generator, n: int, vocabulary: int = 4000, most: int = 12) -> dict[str, list[str]]:
    """Texts of words with frequencies that fall as 1/rank, so that new words always come."""
    share = 1 / np.arange(1, vocabulary + 1)
    drawn = rng.choice(vocabulary, (n, most), p=share / share.sum())
    return {"note": [" ".join(WORDS[i] for i in row[: rng.integers(1, most)]) + "." for row in drawn]}


def test_default_profiles_hold_no_more_than_before():
    views = {need.view for need in default_needs(TEXT, anchored=True)}
    assert views == {"value", "length", "letters", "digits", "spaces", "others"}


def test_means_are_the_plain_formula():
    rows = texts(np.random.default_rng(0), 50)["note"]
    metric = TextDescriptors()
    profile = Profile.of({"note": [*rows, None, ""]}, schema=TEXT, needs=metric.needs)
    found = {v.labels["view"]: v for v in metric.compute(profile, None).values}
    counted = np.array([*(len(re.findall(r"\w+", row)) for row in rows), 0])
    assert found["words"].value == pytest.approx(counted.mean(), rel=1e-12)
    assert found["words"].se == pytest.approx(counted.std(ddof=1) / np.sqrt(51), rel=1e-12)
    assert found["sentences"].value == pytest.approx(50 / 51)
    letters = [1 - sum(c.isalpha() or c.isspace() for c in row) / len(row) for row in rows]
    assert found["non_letters"].value == pytest.approx(np.mean(letters), rel=1e-12)
    assert found["unseen_words"].value is None
    assert "baseline" in found["unseen_words"].note


def test_unseen_words_are_those_of_no_text_that_was_learned_from():
    rng = np.random.default_rng(1)
    reference, now = texts(rng, 400), texts(rng, 100)
    metric = UnseenWordShare()
    base = Baseline.of(reference, schema=TEXT, needs=metric.needs)
    learned = base.profile.get("vocabulary", "note", view="all_words")
    assert 150 < learned.n < 250  # the other half is counted
    everything = {word for text in reference["note"] for word in text.split()}
    value = metric.compute(Profile.of(now, base), base.profile).values[0]
    flat = [word for text in now["note"] for word in text.split()]
    assert value.value >= np.mean([word not in everything for word in flat]) > 0
    assert value.value == pytest.approx(value.reference, abs=4 * np.hypot(value.se, value.reference_se))
    parts = [Profile.of({"note": now["note"][i::3]}, base) for i in range(3)]
    assert metric.compute(sum(parts), base.profile).values[0] == value


def test_standard_error_is_that_of_texts_drawn_again():
    rng = np.random.default_rng(2)
    metric = UnseenWordShare()
    base = Baseline.of(texts(rng, 400), schema=TEXT, needs=metric.needs)
    found = [metric.compute(Profile.of(texts(rng, 80), base), base.profile).values[0] for _ in range(100)]
    assert np.std([v.value for v in found]) == pytest.approx(np.mean([v.se for v in found]), rel=0.25)


@pytest.mark.parametrize("vocabulary", [10, 4000])
def test_texts_of_the_same_law_pass_also_with_ten_words(vocabulary):
    report = Report([Check(TextDrift(), no_drift(0)), Check(UnseenWordShare(), close_to_reference())], alpha=0.05)
    fails = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        run = report.run(texts(rng, 300, vocabulary), texts(rng, 300, vocabulary), schema=TEXT)
        fails += [(seed, v.metric, v.labels) for v in run.verdicts if v.status == "fail"]
    assert len({seed for seed, *_ in fails}) <= 6, fails  # 2 expected


def test_new_words_and_longer_texts_are_found():
    rng = np.random.default_rng(3)
    reference = texts(rng, 300, 100)
    other = {"note": [re.sub(r"word(\d)", r"wort\1", text) for text in texts(rng, 300, 100)["note"]]}
    report = Report([Check(TextDrift(), no_drift()), Check(UnseenWordShare(), close_to_reference(absolute=0.05))])
    failed = {v.labels["view"] for v in report.run(other, reference, schema=TEXT).verdicts if v.status == "fail"}
    assert failed == {"unseen_words", "all_words"}
    longer = {"note": [f"{text} {text}" for text in texts(rng, 300, 100)["note"]]}
    failed = {v.labels["view"] for v in report.run(longer, reference, schema=TEXT).verdicts if v.status == "fail"}
    assert {"length", "words", "sentences"} <= failed
    assert not failed & {"unseen_words", "all_words"}


def test_patterns_against_the_plain_formula():
    rows = {"mail": ["a@x.org", "b@y.com", None, "none", "", "A@X.ORG"], "x": [1.0] * 6}
    for metric, share in (
        (MatchShare("mail", "@", "contains"), 3 / 5), (MatchShare("mail", "a", "begins_with"), 1 / 5),
        (MatchShare("mail", ".org", "ends_with"), 1 / 5), (MatchShare("mail", r"(?i)\.org$"), 2 / 5),
        (MatchShare("mail"), 4 / 5),
    ):  # fmt: skip
        run = Report([metric]).run(rows)
        assert run.value("match_share", column="mail") == pytest.approx(share)
        assert [v.n for v in run.find("match_share")] == [5]
    assert "is numeric" in Report([MatchShare("x")]).run(rows).find("match_share")[0].note
    with pytest.raises(ParameterError, match="no regular expression"):
        MatchShare("mail", "[")
    parts = [Profile.of({"mail": [v]}, needs=MatchShare("mail", "@", "contains").needs) for v in ("a@b", "c")]
    assert MatchShare("mail", "@", "contains").compute(sum(parts), None).values[0].value == 0.5


def test_without_texts_or_words_there_is_a_note():
    base = Baseline.of(texts(np.random.default_rng(4), 50), schema=TEXT, needs=UnseenWordShare().needs)
    for rows, why in (([""], "no text has a word"), ([None], "every value"), ([], "no rows")):
        value = UnseenWordShare().compute(Profile.of({"note": rows}, base), base.profile).values[0]
        assert value.value is None
        assert why in value.note
    plain = Baseline.of({"note": ["a"] * 30}, schema=TEXT)
    assert "holds no" in TextDrift().compute(plain.profile, plain.profile).values[-1].note
    assert TextDrift("x").compute(plain.profile, plain.profile).values[0].value is None
