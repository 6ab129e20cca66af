"""The page in a browser: it draws, opens by keyboard, asks for nothing and runs nothing from data."""

import os
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
ARGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

try:
    from playwright.sync_api import sync_playwright
except ImportError:
    sync_playwright = None


@pytest.fixture(scope="module")
def browser():
    missing = "playwright" if sync_playwright is None else "" if CHROMIUM.exists() else str(CHROMIUM)
    if missing:
        if os.environ.get("CI"):
            pytest.fail(f"{missing} is missing, and in CI the page must be tried in a browser")
        pytest.skip(f"{missing} is missing")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
        yield browser
        browser.close()


class Visit:
    """A page with a list of everything that should not happen."""

    def __init__(self, browser, path: Path, **options) -> None:
        self.wrong: list[str] = []
        self.page = browser.new_page(**{"viewport": {"width": 1280, "height": 900}, **options})
        self.page.on("console", lambda m: self.wrong.append(f"console {m.type}: {m.text}"))
        self.page.on("pageerror", lambda e: self.wrong.append(f"error: {e}"))
        self.page.on("dialog", lambda d: (self.wrong.append(f"dialog: {d.message}"), d.dismiss()))
        self.page.on("request", lambda r: r.url == path.as_uri() or self.wrong.append(f"request: {r.url}"))
        self.page.goto(path.as_uri())

    def scroll(self) -> None:
        height = self.page.evaluate("document.documentElement.scrollHeight")
        for y in range(0, height, 600):
            self.page.evaluate("y => scrollTo({top: y, behavior: 'instant'})", y)
            self.page.wait_for_timeout(30)
        self.page.wait_for_timeout(150)

    def undrawn(self) -> int:
        return self.page.evaluate(
            "[...document.querySelectorAll('[data-chart]')]"
            ".filter(e => e.offsetParent && !e.querySelector('svg')).length"
        )


@pytest.fixture
def visit(browser, tmp_path):
    from barograph.render.html import html

    made = []

    def open_(what, **options) -> Visit:
        path = tmp_path / "report.html"
        path.write_bytes(html(what).encode())
        made.append(Visit(browser, path, **options))
        return made[-1]

    yield open_
    for one in made:
        one.page.close()
        assert one.wrong == []


@pytest.mark.parametrize("name", ["run", "hostile", "nothing", "timeline"])
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_charts_are_drawn_and_nothing_else_happens(visit, request, name, scheme, width) -> None:
    seen = visit(request.getfixturevalue(name), color_scheme=scheme, viewport={"width": width, "height": 800})
    for button in seen.page.locator("button.open").all():
        button.click()
    seen.scroll()
    assert seen.undrawn() == 0
    assert seen.page.locator("svg").count() == seen.page.locator(".chart").count() + 1
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    assert seen.page.locator("img").count() == 0


def test_details_open_by_keyboard(visit, run) -> None:
    seen = visit(run)
    button = seen.page.locator("button.open").first
    detail = seen.page.locator(f"#{button.get_attribute('aria-controls')}")
    assert not detail.is_visible()
    button.focus()
    seen.page.keyboard.press("Enter")
    assert detail.is_visible() and button.get_attribute("aria-expanded") == "true"
    seen.page.wait_for_selector("tr.detail:not([hidden]) .chart svg")
    seen.page.keyboard.press("Space")
    assert not detail.is_visible()


def test_a_failing_check_leads_to_its_column(visit, run) -> None:
    seen = visit(run)
    link = seen.page.locator(".attention a.jump").first
    target = link.get_attribute("href")
    link.focus()
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector(f"{target} button[aria-expanded=true]")


def test_columns_can_be_found(visit, run) -> None:
    seen = visit(run)
    seen.page.fill("#find", "INCOME")
    assert seen.page.locator("tr.column:visible").count() == 1
    assert "1 of 20" in seen.page.locator("#found").inner_text()
    seen.page.fill("#find", "")
    seen.page.locator(".chip.pass input").uncheck()
    assert seen.page.locator("tr.column[data-status=pass]:visible").count() == 0


def test_theme_follows_the_system_and_the_button(visit, run) -> None:
    seen = visit(run, color_scheme="dark")

    def paper() -> str:
        return seen.page.evaluate("getComputedStyle(document.body).backgroundColor")

    dark = paper()
    assert sum(map(int, dark[4:-1].split(","))) < 150
    seen.page.locator("#theme").click()
    assert paper() != dark
    seen.page.locator("#theme").click()
    assert paper() == dark


def test_the_numbers_behind_a_chart(visit, run) -> None:
    seen = visit(run)
    seen.page.locator("button.open").nth(1).click()
    seen.page.locator("tr.detail:not([hidden]) [data-numbers]").click()
    table = seen.page.locator("tr.detail:not([hidden]) .tall table")
    assert table.locator("th").all_inner_texts() == ["from", "to", "side", "share"]
    assert table.locator("tbody tr").count() == 80


def test_many_columns_open_quickly(visit) -> None:
    from reports import make_run

    seen = visit(make_run(200))
    drawn = seen.page.locator(".chart svg").count()
    assert drawn < 60  # only what is near the window
    assert seen.page.evaluate("performance.timing.domContentLoadedEventEnd - performance.timing.navigationStart") < 5000
