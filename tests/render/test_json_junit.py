"""Formats for programs."""

import json
import math
import xml.etree.ElementTree as ET

import pytest
from jsonschema import Draft202012Validator
from reports import HOSTILE

from barograph.errors import ParameterError
from barograph.render import format_for, render
from barograph.render.json import json_schema, to_json
from barograph.render.junit import junit
from barograph.results import Bars, Result, Run, Side, Spec, Timeline, Value, Verdict


def no_constant(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


@pytest.mark.parametrize("name", ["run", "hostile", "nothing", "timeline"])
def test_json_follows_its_schema(name, request) -> None:
    what = request.getfixturevalue(name)
    schema = json_schema(Timeline if name == "timeline" else Run)
    Draft202012Validator.check_schema(schema)
    found = json.loads(to_json(what), parse_constant=no_constant)
    Draft202012Validator(schema).validate(found)
    assert found["summary"]["status"] == what.status
    assert next(iter(found)) == "summary"


def test_json_has_no_infinities() -> None:
    edges = [-math.inf, 0.0, math.inf]
    figure = Bars("a", ["low", "high"], {"current": [0.5, math.nan]}, edges)
    result = Result(Spec("m", "M", "quality", ""), {}, [Value(math.nan)], [figure])
    run = Run("r", Side("s", 1), [result], [])
    found = json.loads(to_json(run), parse_constant=no_constant)
    assert found["results"][0]["figures"][0]["edges"] == [None, 0.0, None]
    Draft202012Validator(json_schema()).validate(found)


def test_json_keeps_hostile_names(hostile) -> None:
    text = to_json(hostile, indent=1)
    text.encode()
    found = json.loads(text)
    assert {v["labels"]["column"] for v in found["verdicts"] if v.get("labels")} == set(HOSTILE)


def test_a_schema_refuses_what_is_not_a_report() -> None:
    assert not Draft202012Validator(json_schema()).is_valid({"title": "x"})


def test_junit_has_a_case_per_verdict(run) -> None:
    root = ET.fromstring(junit(run))
    cases = root.findall(".//testcase")
    assert len(cases) == len(run.verdicts) == int(root.get("tests"))
    by_status = {s: sum(v.status == s for v in run.verdicts) for s in ("fail", "error", "unknown", "warn")}
    assert int(root.get("failures")) == len(root.findall(".//failure")) == by_status["fail"]
    assert int(root.get("errors")) == by_status["error"] + by_status["unknown"]
    assert sum(e.get("type") == "unknown" for e in root.iter("error")) == by_status["unknown"]
    assert len(root.findall(".//system-out")) == by_status["warn"]


def test_junit_of_hostile_names_parses(hostile) -> None:
    root = ET.fromstring(junit(hostile).encode())
    assert any("</script>" in case.get("name") for case in root.iter("testcase"))


def test_junit_of_nothing_is_not_green(nothing) -> None:
    assert ET.fromstring(junit(nothing)).get("errors") == "1"
    assert ET.fromstring(junit(Timeline("t", "1d", []))).get("errors") == "1"


def test_junit_has_a_suite_per_window(timeline) -> None:
    root = ET.fromstring(junit(timeline))
    assert len(root) == sum(w.run is not None for w in timeline.windows)
    assert int(root.get("tests")) == sum(int(suite.get("tests")) for suite in root)


def test_junit_of_a_window_without_checks() -> None:
    run = Run("r", Side("s", 1), [], [Verdict("pass", "m", "m < 1")])
    assert ET.fromstring(junit(run)).get("errors") == "0"


@pytest.mark.parametrize("name", ["run", "hostile", "nothing", "timeline"])
@pytest.mark.parametrize("format_", ["text", "json", "markdown", "junit", "html"])
def test_every_format_is_pure_and_encodable(name, format_, request) -> None:
    what = request.getfixturevalue(name)
    made = render(what, format_)
    assert made == render(what, format_)
    made.encode()


def test_formats_by_suffix() -> None:
    suffixes = {"a.html": "html", "b/c.JSON": "json", "d.md": "markdown", "e.xml": "junit", "f.txt": "text"}
    assert {path: format_for(path) for path in suffixes} == suffixes
    with pytest.raises(ParameterError, match=r"\.html.*\.json.*\.md"):
        format_for("report.pdf")
    with pytest.raises(ParameterError, match="html, json, junit, markdown, text"):
        render(Run("r", Side("s", 1), [], []), "pdf")
