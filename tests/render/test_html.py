"""The page as text: budget, escaping, policy, structure."""

import base64
import hashlib
import html as entities
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from reports import HOSTILE, make_run, make_timeline

from barograph.render.html import html
from barograph.results import Run, Side, Verdict


class Page(HTMLParser):
    """Tags, and what stands in scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.scripts: list[tuple[dict, str]] = []
        self._inside: list | None = None
        self.feed(text)

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = [dict(attrs), ""] if tag == "script" else None

    def handle_data(self, data) -> None:
        if self._inside is not None:
            self._inside[1] += data

    def handle_endtag(self, tag) -> None:
        if tag == "script" and self._inside is not None:
            self.scripts.append(tuple(self._inside))
            self._inside = None


@pytest.fixture(params=["run", "hostile", "nothing", "timeline"])
def page(request) -> str:
    return html(request.getfixturevalue(request.param))


def test_size_is_within_budget() -> None:
    sizes = {n: len(html(make_run(n, bins=60)).encode()) for n in (20, 120)}
    assert sizes[20] < 1_500_000
    assert (sizes[120] - sizes[20]) / 100 < 15_000


def test_two_hundred_columns_stay_under_four_megabytes() -> None:
    assert len(html(make_run(200, bins=60)).encode()) < 4_000_000


def test_findings_keep_their_anchors_from_report_to_report() -> None:
    few, many = (set(re.findall(r' id="(f-[^"]+)"', html(make_run(n)))) for n in (3, 12))
    assert len(few) > 20 and few < many


def test_a_page_without_charts_carries_no_runtime(nothing) -> None:
    assert len(html(nothing)) < 40_000


def test_scripts_are_allowed_by_hash_only(page) -> None:
    found = Page(page)
    policy = next(a["content"] for t, a in found.tags if t == "meta" and a.get("http-equiv"))
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert "unsafe" not in rules["script-src"]
    run = [text for attrs, text in found.scripts if attrs.get("type") != "application/json"]
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in run]
    assert rules["script-src"].split() == [f"'sha256-{d}'" for d in digests]


def test_nothing_is_loaded_and_nothing_listens(page) -> None:
    for tag, attrs in Page(page).tags:
        assert tag not in ("link", "iframe", "object", "embed", "img", "base", "audio", "video"), tag
        assert "src" not in attrs
        assert not [a for a in attrs if a.startswith("on")]
        assert attrs.get("href", "#").startswith("#")


def test_ids_are_unique_and_never_from_data(page) -> None:
    ids = [attrs["id"] for _, attrs in Page(page).tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)?|[cdfs]-[0-9a-f]{8}(-\d+)?|[wv]\d+", i) for i in ids)


def test_headings_are_in_order_and_headers_have_a_scope(page) -> None:
    tags = Page(page).tags
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert all("scope" in attrs for tag, attrs in tags if tag == "th")
    assert all(attrs["aria-label"] for _, attrs in tags if attrs.get("role") == "img")
    assert {"main", "header", "footer"} <= {tag for tag, _ in tags}


def test_hostile_names_stay_text(hostile) -> None:
    text = html(hostile)
    visible = re.sub(r"<script.*?</script>", "", text, flags=re.S)
    assert "<img" not in visible and "alert(1)&gt;" in visible
    assert "49" not in re.findall(r"quoted&#34;(.*?)raw", visible)[0]
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e\u2066]", visible)
    assert "(10,000 characters)" in visible and "x" * 200 not in visible
    assert text.count("</script>") == html(make_run(len(HOSTILE))).count("</script>")


def test_the_verdict_comes_first_with_both_sides(run) -> None:
    text = entities.unescape(re.sub(r"<[^>]+>", " ", html(run).split("<main", 1)[1]))
    head = re.sub(r"\s+", " ", text)[:1500]
    for part in ("1 of 83 checks could not be computed", "5,200", "104,233", "b3c1f0a94d7e21885f6a0c", "2026-03-09"):
        assert part in head


@pytest.mark.parametrize("status", ["unknown", "error"])
def test_what_is_not_known_is_never_green(status) -> None:
    verdict = Verdict(status, "psi", "psi < 0.1", None, 0.1, labels={"column": "a"})
    text = html(Run("r", Side("s", 1), [], [verdict])).split("</head>")[1]
    assert 'class="badge pass' not in text and "verdict pass" not in text
    assert f'class="verdict {status}"' in text


def test_long_timelines_stay_small() -> None:
    text = html(make_timeline(300, [f"c{i}" for i in range(40)]))
    assert len(text) < 3_000_000
    assert "of 41 series" not in text
