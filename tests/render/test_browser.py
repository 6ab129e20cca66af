"""The page in a browser: it draws, opens by keyboard, asks for nothing and runs nothing from data."""

import os
import re
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
    seen.page.wait_for_selector("tr.detail.shown .chart svg")
    seen.page.keyboard.press("Space")
    assert not detail.is_visible()


def test_a_failing_check_leads_to_its_column(visit, run) -> None:
    seen = visit(run)
    link = seen.page.locator(".attention a.jump").first
    target = link.get_attribute("href")
    link.focus()
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_selector(f"tr.detail.shown {target}")
    assert seen.page.locator(target).is_visible()


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
    seen.page.locator("tr.detail.shown [data-numbers]").click()
    table = seen.page.locator("tr.detail.shown .tall table")
    assert table.locator("th").all_inner_texts() == ["from", "to", "side", "share"]
    assert table.locator("tbody tr").count() == 80


def test_many_columns_open_quickly(visit) -> None:
    from reports import make_run

    seen = visit(make_run(200))
    drawn = seen.page.locator(".chart svg").count()
    assert drawn < 60  # only what is near the window
    assert seen.page.evaluate("performance.timing.domContentLoadedEventEnd - performance.timing.navigationStart") < 5000


def test_words_find_metrics_too_and_all_can_be_shown_again(visit, run) -> None:
    seen = visit(run)
    seen.page.fill("#find", "income quantiles")
    assert seen.page.locator("tr.column:visible").count() == 1
    seen.page.locator("tr.column:visible button.open").click()
    assert seen.page.locator("tr.detail.shown table.findings tbody tr:visible").count() == 5
    seen.page.locator("#clear").click()
    assert seen.page.locator("tr.column:visible").count() == 20 and not seen.page.locator("#clear").is_visible()


def test_columns_are_sorted(visit, run) -> None:
    seen = visit(run)

    def names() -> list[str]:
        return seen.page.locator("#columns tr.column > th bdi").all_inner_texts()

    drifted = names()
    seen.page.select_option("#sort", "name")
    assert names() == sorted(drifted)
    assert not seen.page.locator(".divider").is_visible()
    seen.page.select_option("#sort", "missing")
    shares = [float(x) for x in seen.page.eval_on_selector_all("tr.column", "all => all.map(e => e.dataset.missing)")]
    assert shares == sorted(shares, reverse=True)
    seen.page.select_option("#sort", "status")
    assert seen.page.locator("tr.column").first.get_attribute("data-status") == "error"
    seen.page.select_option("#sort", "drift")
    assert names() == drifted and seen.page.locator(".divider").is_visible()


def test_findings_by_metric_lead_back_to_the_column(visit, run) -> None:
    seen = visit(run)
    seen.page.select_option("#group", "metric")
    assert not seen.page.locator("#columns").is_visible()
    first = seen.page.locator("#by-metric details").first
    assert "20 values" in first.locator("summary").inner_text()
    first.locator("summary").click()
    assert first.locator("tbody tr:visible").count() == 20
    seen.page.locator(".chip.pass input").uncheck()
    assert first.locator("tbody tr:visible").count() < 20
    link = first.locator("tbody tr:visible a").first
    target = link.get_attribute("href")
    link.click()
    seen.page.wait_for_selector(f"#columns tr.detail.shown {target}")
    assert seen.page.locator(target).is_visible()


def test_an_address_opens_its_finding_and_clears_the_filter_that_hides_it(visit, run) -> None:
    seen = visit(run)
    seen.page.fill("#find", "plan")
    target = seen.page.eval_on_selector("tr.detail:not(.shown)[hidden] tr[id]", "e => e.id")
    seen.page.evaluate("id => { location.hash = id; }", target)
    seen.page.wait_for_selector(f"tr.detail.shown #{target}")
    assert seen.page.locator(f"#{target}").is_visible() and seen.page.input_value("#find") == ""
    seen.page.locator(f"#{target} a.link").focus()
    seen.page.keyboard.press("Enter")
    seen.page.locator(f"#{target} a.link", has_text=re.compile("copied|address")).wait_for()


def test_a_segment_is_shown_alone(visit) -> None:
    from reports import segmented

    seen = visit(segmented())
    for name, status, n_attention in (("south", "pass", 0), ("north", "fail", 1)):
        seen.page.select_option("#segment", label=name)
        assert seen.page.locator("tr[data-segment]:visible").count() == 1
        details = seen.page.locator("details[data-segment]:visible")
        assert details.count() == 1 and details.get_attribute("open") is not None
        assert details.locator("summary").inner_text().split()[1:3] == [status, name]
        assert seen.page.locator(".attention li:visible").count() == n_attention
        assert not seen.page.locator("#columns").is_visible()
    seen.page.locator("#clear").click()
    assert seen.page.locator("tr[data-segment]:visible").count() == 2 and seen.page.locator("#columns").is_visible()


def test_what_fails_in_a_segment_leads_to_the_segment(visit) -> None:
    from reports import segmented

    seen = visit(segmented())
    link = seen.page.locator(".attention a").first
    target = link.get_attribute("href")
    link.click()
    seen.page.locator(f"article{target}").wait_for()
    assert "north" in seen.page.locator(f"details:has(> article{target}) > summary").inner_text()


def test_without_scripts_everything_can_be_read(browser, tmp_path, run) -> None:
    from barograph.render.html import html

    path = tmp_path / "plain.html"
    path.write_bytes(html(run).encode())
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    assert page.locator("tr.detail:visible").count() == 20
    assert not page.locator("#filter").is_visible()
    context.close()


def test_on_paper_everything_is_open_and_drawn(visit, run) -> None:
    seen = visit(run)
    pages = len(re.findall(rb"/Type\s*/Page\b", seen.page.pdf(print_background=True)))
    assert pages > 10  # twenty columns, each with its chart and table
    seen.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert seen.page.locator("tr.detail:visible").count() == 20 and seen.undrawn() == 0
    seen.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert seen.page.locator("tr.detail:visible").count() == 0
