"""The page of links that a run leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from urllib.parse import quote

PAGE = "index.html"
ABOUT = {
    "metrics.txt": "the last page of /metrics",
    "alerts.txt": "the alerts that arrived",
    "server.log": "the service's own words",
    "prometheus.log": "Prometheus' own words",
    "alertmanager.log": "Alertmanager's own words",
}
_HEAD = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>A year of flights</title>
<style>body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }</style>
<h1>A year of flights</h1>
"""


def write(folder: Path, running: Mapping[str, str] | None = None) -> Path:
    """Write the page for what is in a folder, and for what runs: addresses, and what is there."""
    stack = folder / "stack"
    generated = [path for path in sorted(stack.rglob("*")) if path.is_file() and stack / "data" not in path.parents]
    dashboards = [path for path in generated if path.parent.name == "dashboards" and path.suffix == ".json"]
    reports = [path for path in sorted(folder.glob("*.html")) if path.name != PAGE]
    parts = [
        _HEAD,
        _section("Running now", (_link(address, what) for address, what in (running or {}).items())),
        _section("What was seen", (_file(folder, folder / name, what) for name, what in ABOUT.items())),
        _section("Reports", (_file(folder, path) for path in reports)),
        _section("Dashboards for Grafana", (_file(folder, path) for path in dashboards)),
        _section("The stack's files", (_file(folder, path) for path in generated if path not in dashboards)),
    ]
    page = folder / PAGE
    page.write_text("".join(parts), encoding="utf-8")
    return page


def _section(title: str, entries: Iterable[str]) -> str:
    found = "".join(f"<li>{entry}\n" for entry in entries if entry)
    return f"<h2>{escape(title)}</h2>\n<ul>\n{found}</ul>\n" if found else ""


def _link(address: str, what: str) -> str:
    return f'<a href="{escape(address)}">{escape(address)}</a> {escape(what)}'


def _file(folder: Path, path: Path, what: str = "") -> str:
    """A link relative to the page; nothing where there is no such file."""
    if not path.is_file():
        return ""
    name = path.relative_to(folder).as_posix()
    return f'<a href="{escape(quote(name))}">{escape(name)}</a> {escape(what)}'.rstrip()
