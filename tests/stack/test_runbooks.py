"""Every alert has its page, and the page says what an alert asks for."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from promql_names import selectors
from test_alerts import CASES

from barograph.stack import names
from barograph.stack.alerts import RUNBOOKS, alerts, rules

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "docs" / "runbooks"
RULES = [rule for group in rules()["groups"] for rule in group["rules"]]
ALERTS = {alert.name: alert for alert in alerts()}
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.md"))}
SECTIONS = ["Meaning", "First checks", "Silence", "Re-baseline"]


def section(page: str, title: str) -> str:
    return page.partition(f"## {title}\n")[2].partition("\n## ")[0].strip()


def test_each_alert_has_a_page_and_each_page_an_alert() -> None:
    assert set(PAGES) == {*ALERTS, "README"}
    assert ROOT / RUNBOOKS == FOLDER
    for rule in RULES:
        if "alert" in rule:
            assert (ROOT / rule["annotations"]["runbook_url"]).is_file()


@pytest.mark.parametrize("name", ALERTS)
def test_a_page_says_what_to_do(name: str) -> None:
    page = PAGES[name]
    assert page.startswith(f"# {name}\n\nSeverity: {ALERTS[name].severity}. ")
    assert re.findall(r"^## (.*)$", page, re.M) == SECTIONS
    assert all(section(page, title) for title in SECTIONS)
    assert f"[{name}]({name}.md) | {ALERTS[name].severity} |" in PAGES["README"]
    if ALERTS[name].area in ("drift", "quality") and name != "RowsLeftOut":
        assert "(README.md#a-new-reference)" in section(page, "Re-baseline")


@pytest.mark.parametrize("name", ALERTS)
def test_a_silence_fits_its_alert(name: str) -> None:
    """The command silences this alert, by labels that it has."""
    commands = re.findall(r"^amtool silence add .*$", section(PAGES[name], "Silence"), re.M)
    assert len(commands) == 1
    matchers = dict(word.split("=", 1) for word in shlex.split(commands[0])[3:] if not word.startswith("--"))
    assert matchers.pop("alertname") == name
    found: dict[str, Any] = {}
    for case in CASES:
        if case.alert == name:
            found = next(fires for listed in case.fires.expected.values() for fires in listed).labels
    assert set(matchers) <= set(found), f"{name} has no labels {set(matchers) - set(found)}"


@pytest.mark.parametrize("name", PAGES)
def test_queries_are_of_series_that_there_are(name: str) -> None:
    known = {str(fixed) for fixed in names.FIXED} | {rule["record"] for rule in RULES if "record" in rule}
    known |= {f"{fixed}_bucket" for fixed in names.FIXED if fixed.kind == "histogram"}
    for spec in (*names.DRIFT, *names.QUALITY, *names.PERFORMANCE, names.DRIFTED_SHARE):
        known |= {str(names.of(spec)), names.of(spec).threshold, names.of(spec).reference}
    known |= {"up", "ALERTS", "prometheus_rule_evaluation_failures_total", "scrape_duration_seconds"}
    queries = re.findall(r"^ *```promql\n(.*?)^ *```", PAGES[name], re.M | re.S)
    assert queries or name == "README"
    for query in queries:
        exact = {selector.name for selector, _ in selectors(query) if selector.name}
        assert exact <= known, f"{name} asks for {exact - known}"
        for pattern in re.findall(r'__name__=~"([^"]*)"', query):
            assert any(re.fullmatch(pattern, one) for one in known), f"nothing matches {pattern}"
    for quoted in re.findall(r"`((?:barograph|model|column):[\w:]+)`", PAGES[name]):
        assert quoted in known, f"{name} speaks of {quoted}"
