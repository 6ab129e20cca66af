"""Verdicts as JUnit XML, for CI servers: one test case per verdict.

A failed check is a failure; an error is an error, and so is what could not be judged, because a green build would claim
that it was. A warning passes and says so in `system-out`.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable

from barograph.render.outline import outline, side_line
from barograph.render.timeline import window_name
from barograph.render.words import labelled, paragraph, plain
from barograph.results import Result, Run, Side, Timeline, Verdict


def junit(run: Run | Timeline) -> str:
    """The verdicts as JUnit XML: a suite for a run, a suite a window for a timeline. No verdict at all is an error.

    >>> from barograph.results import Side
    >>> moved = Verdict("fail", "psi", "psi < 0.1", 0.2, 0.1, labels={"column": "age"})
    >>> run = Run("Churn", Side("today", 10), [], [moved])
    >>> print(junit(run))
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="Churn" tests="1" failures="1" errors="0">
      <testsuite name="today, 10 rows" tests="1" failures="1" errors="0">
        <testcase classname="psi" name="column age: psi &lt; 0.1">
          <failure message="0.2 against psi &lt; 0.1" type="fail">value 0.2, threshold 0.1, expected –</failure>
        </testcase>
      </testsuite>
    </testsuites>
    <BLANKLINE>
    """
    root = ET.Element("testsuites", name=plain(run.title))
    if isinstance(run, Timeline):
        suites = [(window_name(w), w.run) for w in run.windows if w.run]
        suites += [("all windows together", _together(run))] if run.streams else []
    else:
        suites = [(side_line(run.current), run)]
    for name, one in suites:
        _suite(root, name, one)
    if not suites:
        _nothing(ET.SubElement(root, "testsuite", name="no window holds any rows"))
    totals = [_count(suite) for suite in root]
    for suite, counts in zip(root, totals, strict=True):
        _set(suite, counts)
    _set(root, tuple(sum(column) for column in zip(*totals, strict=True)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(root: ET.Element, name: str, run: Run) -> None:
    suite = ET.SubElement(root, "testsuite", name=name)
    told = outline(run)
    for check in told.checks:
        verdict = check.verdict
        case = ET.SubElement(suite, "testcase", classname=plain(verdict.metric), name=_case_name(verdict))
        body = f"value {check.value}, threshold {check.threshold}, expected {check.expected}"
        if check.n is not None:
            body += f", n {check.n:,}"
        if verdict.status in ("fail", "error", "unknown"):
            tag = "failure" if verdict.status == "fail" else "error"
            found = ET.SubElement(case, tag, message=paragraph(check.reason), type=verdict.status)
            found.text = body
        elif verdict.status == "warn":
            ET.SubElement(case, "system-out").text = f"warning: {paragraph(check.reason)} ({body})"
    if not told.checks:
        _nothing(suite)


def _together(timeline: Timeline) -> Run:
    """The streams of a timeline as if one run had made them."""
    results = [Result(s.spec, values=[v for v in s.values if v][-1:]) for s in timeline.streams]
    side = Side("all windows", sum(window.n_rows for window in timeline.windows))
    return Run(timeline.title, side, results, [s.verdict for s in timeline.streams])


def _nothing(suite: ET.Element) -> None:
    """A suite without cases is green on most servers; nothing may pass because nothing was checked."""
    case = ET.SubElement(suite, "testcase", classname="barograph", name="something was checked")
    ET.SubElement(case, "error", message="no check was made", type="unknown")


def _case_name(verdict: Verdict) -> str:
    labels = labelled(verdict.labels, verdict.params)
    condition = plain(verdict.condition)
    return f"{labels}: {condition}" if labels else condition


def _count(suite: ET.Element) -> tuple[int, ...]:
    return len(suite.findall("testcase")), len(suite.findall("*/failure")), len(suite.findall("*/error"))


def _set(element: ET.Element, counts: Iterable[int]) -> None:
    for key, n in zip(("tests", "failures", "errors"), counts, strict=True):
        element.set(key, str(n))
