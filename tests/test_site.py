"""The documentation as a site: built without a warning, every link leads somewhere, nothing is from elsewhere."""

from __future__ import annotations

import posixpath
import re
import subprocess
import sys
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from docs.site.metrics import FAMILIES, metrics_of

from barograph.checks import Check
from barograph.cli import app
from barograph.presets import PRESETS
from barograph.summaries import SUMMARIES

ROOT = Path(__file__).parent.parent
LOADING = {("img", "src"), ("script", "src"), ("iframe", "src"), ("source", "src"), ("object", "data")}
LOADED_RELS = {"stylesheet", "icon", "preload", "modulepreload", "preconnect", "dns-prefetch", "manifest"}


class Page(HTMLParser):
    """What a page links to, what it loads, and what can be linked to on it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.add(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "link" and LOADED_RELS & set(given.get("rel", "").split()):
            self.loads.append(given["href"])
        self.loads += [given[name] for of, name in LOADING if of == tag and name in given]


def test_the_site(tmp_path: Path) -> None:
    """One test, for building takes most of a minute and workers share nothing."""
    out = tmp_path / "docs"
    done = subprocess.run(
        [sys.executable, "-m", "docs.site", str(out)], cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr, done.stderr
    assert str(out / "index.html") in done.stdout
    pages = {
        path.relative_to(out).as_posix(): Page(path.read_text(encoding="utf-8"))
        for path in out.glob("**/*.html")
        if "_static" not in path.parts
    }
    every_link_and_anchor_leads_somewhere(out, pages)
    nothing_is_loaded_from_elsewhere(out, pages)
    every_metric_check_preset_summary_and_command_has_its_place(pages)
    every_guide_and_runbook_is_in_the_site(pages)


def every_link_and_anchor_leads_somewhere(site: Path, pages: dict[str, Page]) -> None:
    wrong = defaultdict(set)
    for name, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                assert parts.scheme in ("http", "https", "mailto"), link
                assert parts.scheme == "mailto" or re.fullmatch(r"[\w.-]+(:\d+)?", parts.netloc), link
                continue
            target = (
                posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path))) if parts.path else name
            )
            if (target not in pages and not (site / target).is_file()) or (
                parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids
            ):
                wrong[link].add(name)
    assert not wrong


def nothing_is_loaded_from_elsewhere(site: Path, pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        for link in page.loads:
            assert not urlsplit(link).netloc, f"{name} loads {link}"
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), urlsplit(link).path))
            assert urlsplit(link).scheme == "data" or (site / target).is_file(), f"{name} loads {link}"
    for style in site.glob("_static/**/*.css"):
        for link in re.findall(r"(?:url\(|@import\s+)[\"']?([^\"')\s]+)", style.read_text(encoding="utf-8")):
            assert link.startswith("data:") or not urlsplit(link).netloc, f"{style.name} loads {link}"


def every_metric_check_preset_summary_and_command_has_its_place(pages: dict[str, Page]) -> None:
    for family in FAMILIES:
        for metric in metrics_of(family):
            name = f"metrics/{family}/{metric.spec.name}.html"
            assert name in pages
            assert any(link.endswith(f"{metric.spec.name}.html") for link in pages["metrics/index.html"].links)
            assert {"what-it-says", "parameters", "example", "cost", "source"} <= pages[name].ids
    conditions = {"lt", "lte", "gt", "gte", "eq", "between", "is-in", "no-drift", "close-to-reference", "p-at-least"}
    assert conditions | {"better-than-dummy", Check.__name__.lower()} <= pages["checks.html"].ids
    assert {name.replace("_", "-") for name in PRESETS} <= pages["presets.html"].ids
    assert set(SUMMARIES) <= pages["summaries.html"].ids
    named = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert {f"barograph-{name}" for name in named} | {"barograph-stack-init"} <= pages["commands.html"].ids


def every_guide_and_runbook_is_in_the_site(pages: dict[str, Page]) -> None:
    for path in (ROOT / "docs").glob("**/*.md"):
        assert path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() in pages
    listed = pages["index.html"].links
    assert {"quickstart.html", "choosing.html", "reading.html", "ci.html", "metrics/index.html"} <= set(listed)
