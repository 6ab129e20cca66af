"""Formats for people who read text."""

import re
import subprocess
import sys

import pytest
from reports import make_run

from barograph.render.markdown import escaped, markdown
from barograph.render.outline import outline, ratio, sentence
from barograph.render.text import text
from barograph.results import SEVERITY, Result, Run, Side, Spec, Value, Verdict


def test_text_begins_with_the_verdict(run) -> None:
    assert text(run).splitlines()[0].startswith("⊘ error  Churn model: 1 of 83 checks could not be computed")


@pytest.mark.parametrize("width", [60, 120, 200])
def test_text_keeps_its_width(width, run) -> None:
    from rich.cells import cell_len

    assert max(cell_len(line) for line in text(run, width).splitlines()) <= width


def test_text_has_no_control_characters(hostile) -> None:
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e\u2066]", text(hostile))
    assert "\x1b[" in text(hostile, colour=True)


def test_text_of_a_timeline_has_a_row_per_window(timeline) -> None:
    said = text(timeline, 160)
    assert sum(line.startswith("gap") for line in said.splitlines()) == 3
    assert all(w.start[:10] in said for w in timeline.windows)
    assert "First failure at 2026-01-22" in said


def test_text_says_unknown_where_nothing_is_known(nothing) -> None:
    assert text(nothing).startswith("? unknown  Empty: Nothing was checked")


def test_markdown_tables_have_even_rows(run, hostile, timeline) -> None:
    for what in (run, hostile, timeline):
        size = None
        for line in markdown(what).splitlines():
            if not line.startswith("|"):
                size = None
                continue
            cells = len(re.findall(r"(?<!\\)\|", line.replace("\\\\", "")))
            assert size in (None, cells), line
            size = cells


def test_markdown_holds_no_markup_from_data(hostile) -> None:
    said = markdown(hostile)
    assert "<img" not in said and "<script" not in said and "<b>" not in said
    assert not re.search(r"(?<!\\)\]\(", said)
    assert set(re.findall(r"<(\w+)", said)) <= {"details", "summary", "sub"}


@pytest.mark.parametrize(
    ("text_", "shown"),
    [("a|b", r"a\|b"), ("`x`", r"\`x\`"), ("a\nb", r"a\\nb"), ("<i>", "&lt;i&gt;"), ("@you", "@\u200byou")],
)
def test_markdown_escapes(text_, shown) -> None:
    assert escaped(text_) == shown


def test_markdown_fits_a_comment() -> None:
    assert len(markdown(make_run(200))) < 65_536


def test_columns_are_in_order_of_drift_and_unknown_stands_apart(run) -> None:
    told = outline(run)
    ratios = [c.ratio for c in told.columns if c.ratio is not None]
    assert ratios == sorted(ratios, reverse=True)
    assert [c.ratio for c in told.columns[: len(ratios)]] == ratios
    assert {c.status for c in told.columns[len(ratios) :]} <= {"unknown", "error"}
    assert [SEVERITY.index(c.status) for c in told.attention] == sorted(
        SEVERITY.index(c.status) for c in told.attention
    )


def test_a_column_without_a_verdict_is_unknown() -> None:
    spec = Spec("m", "M", "quality", "")
    told = outline(Run("r", Side("s", 1), [Result(spec, {}, [Value(1.0, {"column": "a"})])], []))
    assert told.columns[0].status == "unknown"


def test_ratio_knows_where_better_lies() -> None:
    higher = Spec("p", "p", "drift", "", direction="higher")
    assert ratio(0.01, 0.05, higher) == 5
    assert ratio(float("nan"), 0.1, None) is None


def test_sentence_names_each_status() -> None:
    verdicts = [Verdict(s, "m", "m < 1") for s in ("pass", "fail", "unknown")]
    said = sentence(Run("r", Side("s", 1), [], verdicts))
    assert said == "1 of 3 checks failed, 1 could not be judged, 1 passed."


def test_importing_render_is_cheap() -> None:
    code = "import sys, barograph.render; print([m for m in ('jinja2', 'rich', 'altair') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
