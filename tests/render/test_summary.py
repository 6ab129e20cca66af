"""The sentences for people who do not read tables: true, short, and no claim that no verdict makes."""

import pytest
from reports import make_run, segmented

from barograph.render.outline import outline
from barograph.render.summary import summary
from barograph.results import Run, Side, Spec, Verdict


def said(run: Run) -> str:
    return " ".join(summary(outline(run)))


def test_what_was_compared_what_is_wrong_what_is_unknown_and_what_to_do() -> None:
    compared, wrong, unknown, then = summary(outline(make_run()))
    assert "5,200 rows" in compared and "104,233 rows" in compared and "2026-03-09 to 2026-03-10" in compared
    assert "4 of 20 columns look different" in wrong and "87.3 %" in wrong and "88.0 %" in wrong
    assert "not known to be fine" in unknown
    assert then.startswith("Next: repair")


@pytest.mark.parametrize(
    ("statuses", "wanted"),
    [
        (["pass"], "Nothing needs to be done."),
        (["pass", "warn"], "Next: look at the warnings"),
        (["unknown"], "Next: supply what was missing"),
        (["error", "fail"], "Next: repair"),
        (["fail"], "Whether the model does worse is not known"),
        ([], "Next: add a check"),
    ],
)
def test_the_next_step_follows_from_the_verdicts(statuses, wanted) -> None:
    verdicts = [Verdict(s, "m", "m < 1", 2.0, 1.0, labels={"column": f"c{i}"}) for i, s in enumerate(statuses)]
    assert wanted in said(Run("r", Side("s", 1), [], verdicts, Side("t", 1)))


def test_nothing_judged_is_never_called_fine() -> None:
    text = said(Run("r", Side("s", 0), [], [Verdict("unknown", "m", "m < 1")]))
    assert "out of bounds" not in text and "Nothing needs" not in text


def test_a_segment_that_fails_is_named_and_all_rows_are_told_apart() -> None:
    assert (
        "Nothing that could be judged of all rows together is out of bounds. 1 of 2 segments is out of bounds: “north”."
        in said(segmented())
    )


def test_names_from_data_stay_on_their_line() -> None:
    spec = Spec("m", "M\u202e", "drift", "")
    verdict = Verdict("fail", spec.name, "m < 1", 2.0, 1.0, labels={"column": "a\nb\u202e" + "x" * 500})
    text = said(Run("r", Side("s\n", 1), [], [verdict], Side("t", 1)))
    assert "\n" not in text and "\u202e" not in text and len(text) < 1000
